import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { faultCycles, sigkillCycles, temporaryFolder } from '@refold/testing';
import { expect, it } from 'vitest';
import { quickCheck } from './quick-check.ts';

const folder = temporaryFolder();
const { cycles, seed } = faultCycles('F1 sqlite', 25);

it('F1, X-015, A-189: SIGKILL at random moments loses no acknowledged event, doubles none and breaks no chain', { timeout: 60_000 + cycles * 20_000 }, async () => {
  const figures = await sigkillCycles({
    module: new URL('./sqlite-worker.ts', import.meta.url),
    argument: (log) => join(folder, `log-${log}.db`),
    open: (path, linker) => openSqliteLog({ path, linker }),
    check: quickCheck,
    cycles,
    seed,
  });
  console.info(`F1 sqlite: ${JSON.stringify(figures)}, 0 lost, 0 doubled`);
  expect(figures.acknowledged).toBeGreaterThan(0);
});
