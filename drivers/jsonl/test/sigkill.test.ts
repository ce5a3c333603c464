import { join } from 'node:path';
import { openJsonlLog } from '@refold/driver-jsonl';
import { faultCycles, sigkillCycles, temporaryFolder } from '@refold/testing';
import { expect, it } from 'vitest';
import { segmentBytesMax } from './small-segments-worker.ts';

const folder = temporaryFolder();
const { cycles, seed } = faultCycles('F1 jsonl', 25);

it('F1, X-015, A-189: SIGKILL at random moments loses no acknowledged event, doubles none and breaks no chain', { timeout: 60_000 + cycles * 20_000 }, async () => {
  const figures = await sigkillCycles({
    module: new URL('./small-segments-worker.ts', import.meta.url),
    argument: (log) => join(folder, `log-${log}`),
    open: (path, linker) => openJsonlLog({ path, linker, segmentBytesMax }),
    cycles,
    seed,
  });
  console.info(`F1 jsonl: ${JSON.stringify(figures)}, 0 lost, 0 doubled`);
  expect(figures.acknowledged).toBeGreaterThan(0);
});
