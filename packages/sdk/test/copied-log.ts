/** A log in SQLite with the documents' files beside it, packed, as a test and the process that it kills open it. */
import { join } from 'node:path';
import type { Ports } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';

export const openCopied = (root: string, ports: Partial<Ports>): Promise<OpenedStore> => openStore(`sqlite:${join(root, 'log.db')}`, { ports, compressClosed: true, layout: { folder: join(root, 'files'), snapshotEvery: 5 } });
