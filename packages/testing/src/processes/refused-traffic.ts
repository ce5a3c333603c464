/** What `load-until-refused` sends, so that its parent can say which commits must be there. */
import type { Commit } from '@refold/core';
import { createTraffic } from '../conformance/traffic.ts';

export const refusedTrafficSeed = 7;
export const refusedBodyBytes = 20_000;

export function refusedCommits(count: number): readonly Commit[] {
  const traffic = createTraffic(refusedTrafficSeed);
  return Array.from({ length: count }, () => traffic.commit([{ body: new Uint8Array(refusedBodyBytes) }]));
}
