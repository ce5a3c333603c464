/**
 * Appends until it is killed and acknowledges every commit with one byte. The byte is written to the descriptor itself and
 * waits for room: `process.stdout` would queue it in this process once the reader is slow, and a queued acknowledgement was
 * given to nobody.
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { numberedCommit, numberedLinker } from './numbered-commits.ts';
import { argumentsOfParent, openLogOfParent } from './opened-log.ts';

const [run = ''] = argumentsOfParent;
// Whoever is killed writes no cache on the way out.
flushCompileCache();
const log = await openLogOfParent({ linker: numberedLinker });
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
