/**
 * Appends until the disk refuses, or so many commits, and says how it went in one line: reads once more, and sends the commit that
 * was refused again.
 */
import { isLogError } from '@refold/core';
import type { Commit } from '@refold/core';
import { createTraffic } from '../conformance/traffic.ts';
import { argumentsOfParent, openLogOfParent } from './opened-log.ts';
import { refusedBodyBytes, refusedTrafficSeed } from './refused-traffic.ts';

const commitsMax = Number(argumentsOfParent[0] ?? Infinity);
const log = await openLogOfParent();
const traffic = createTraffic(refusedTrafficSeed);
let acknowledged = 0;
let answer: { readonly code: string | null; readonly reason?: unknown; readonly again?: string } = { code: null };
while (acknowledged < commitsMax && answer.code === null) {
  const commit = traffic.commit([{ body: new Uint8Array(refusedBodyBytes) }]);
  const outcome = await send(commit);
  if (outcome === null) acknowledged += 1;
  else answer = { ...outcome, again: (await send(commit))?.code ?? 'accepted' };
}
const { position } = await log.head();
console.log(JSON.stringify({ acknowledged, ...answer, head: position }));

async function send(commit: Commit): Promise<{ readonly code: string; readonly reason: unknown } | null> {
  try {
    const [result] = await log.append([commit]);
    return result?.ok === true ? null : { code: 'refused', reason: result };
  } catch (error) {
    return isLogError(error) ? { code: error.code, reason: error.details.reason } : { code: String(error), reason: undefined };
  }
}
