/** Faults of a disk, as every engine in files meets them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { fileFaults, temporaryFolder } from '@refold/testing';
import { quickCheck } from './quick-check.ts';

fileFaults(
  {
    name: 'sqlite',
    module: new URL('./sqlite-worker.ts', import.meta.url),
    path: (folder) => {
      mkdirSync(folder, { recursive: true });
      return join(folder, 'log.db');
    },
    open: (path, linker) => openSqliteLog({ path, ...(linker === undefined ? {} : { linker }) }),
    acknowledgedBy: '/log.db-wal',
    check: quickCheck,
  },
  temporaryFolder(),
);
