/** Faults of a disk, as every engine in files meets them. */
import { join } from 'node:path';
import { openJsonlLog } from '@refold/driver-jsonl';
import { fileFaults, temporaryFolder } from '@refold/testing';

fileFaults(
  {
    name: 'jsonl',
    module: new URL('./jsonl-worker.ts', import.meta.url),
    path: (folder) => join(folder, 'log'),
    open: (path, linker) => openJsonlLog({ path, ...(linker === undefined ? {} : { linker }) }),
    acknowledgedBy: '/global/events.jsonl',
  },
  temporaryFolder(),
);
