/**
 * The engine under the servers of these tests: memory, or what REFOLD_TEST_STORE says (`sqlite`, `jsonl`, `postgres`), so that every
 * answer can be held against every engine. `npm run test:engines` runs them so.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Linker, LogDriver, Ports } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';
import { openMemoryLog } from '@refold/driver-memory';
import { openPostgresLog } from '@refold/driver-postgres';
import { openSqliteLog } from '@refold/driver-sqlite';

export const testStore = process.env['REFOLD_TEST_STORE'] ?? 'memory';

/** A new log; what it leaves behind goes when it is closed. */
export async function openTestLog(linker: Linker, { clock }: Ports): Promise<LogDriver> {
  switch (testStore) {
    case 'memory':
      return openMemoryLog({ linker, clock });
    case 'sqlite':
      return inFolder((folder) => openSqliteLog({ path: join(folder, 'log.db'), linker, clock }));
    case 'jsonl':
      return inFolder((folder) => openJsonlLog({ path: folder, linker, clock }));
    case 'postgres':
      // Set up by test/engine-setup.ts.
      return openPostgresLog({ url: process.env['REFOLD_TEST_STORE_URL']!, log: `test_${randomUUID()}`, linker, clock });
    default:
      throw new Error(`REFOLD_TEST_STORE is ${testStore}; sqlite, jsonl and postgres are known`);
  }
}

function inFolder(open: (folder: string) => LogDriver): LogDriver {
  const folder = mkdtempSync(join(tmpdir(), 'refold-server-'));
  const driver = open(folder);
  const close = driver.close.bind(driver);
  return Object.assign(driver, {
    async close() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
