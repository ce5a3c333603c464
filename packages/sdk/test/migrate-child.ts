/** Copies a log until it is killed: `node migrate-child.ts FROM TO`. Says when the first event was copied, in one write that nothing can hold back. */
import { writeSync } from 'node:fs';
import { migrateStore } from '@refold/sdk';

const [from = '', to = ''] = process.argv.slice(2);
let isTold = false;
await migrateStore({
  from,
  to,
  onProgress({ step, done }) {
    if (step !== 'copy' || isTold) return;
    isTold = true;
    writeSync(1, `${done}\n`);
  },
});
