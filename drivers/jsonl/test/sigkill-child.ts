/**
 * Appends until it is killed and acknowledges every commit with one byte. The byte is written to the descriptor itself and
 * waits for room: `process.stdout` would queue it in this process once the reader is slow, and a queued acknowledgement was
 * given to nobody.
 */
import { writeSync } from 'node:fs';
import { openJsonlLog } from '@refold/driver-jsonl';
import { numberedCommit, numberedLinker } from './numbered-commits.ts';

const [path = '', run = ''] = process.argv.slice(2);
const log = openJsonlLog({ path, linker: numberedLinker, segmentBytesMax: 100_000 });
for (let number = 1; ; number += 1) {
  const [result] = await log.append([numberedCommit(run, number)]);
  if (result?.ok !== true) throw new Error(`refused: ${JSON.stringify(result)}`);
  acknowledge();
}

function acknowledge(): void {
  for (;;) {
    try {
      writeSync(1, '.');
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
