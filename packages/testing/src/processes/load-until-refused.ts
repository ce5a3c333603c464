/** Appends until the disk refuses, says how it went in one line, and reads once more. */
import { isLogError } from '@refold/core';
import { createTraffic } from '../conformance/traffic.ts';
import { openLogOfParent } from './opened-log.ts';

const log = await openLogOfParent();
const traffic = createTraffic(7);
let acknowledged = 0;
try {
  for (;;) {
    await log.append([traffic.commit([{ body: new Uint8Array(20_000) }])]);
    acknowledged += 1;
  }
} catch (error) {
  const { code, reason } = isLogError(error) ? { code: error.code, reason: error.details.reason } : { code: String(error), reason: undefined };
  const { position } = await log.head();
  console.log(JSON.stringify({ acknowledged, code, reason, head: position }));
}
