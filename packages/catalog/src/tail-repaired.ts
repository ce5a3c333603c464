/** The record of a torn end that an engine cut off when it was opened: nothing of it was ever acknowledged. */
import type { EventInput } from '@refold/core';

export interface RepairedTail {
  readonly file: string;
  readonly bytes: number;
  readonly lines: number;
  /** Where the bytes were put. */
  readonly quarantine: string;
}

/** Null when nothing was cut. */
export function tailRepaired(repair: RepairedTail | null): EventInput | null {
  if (repair === null) return null;
  const { file, bytes, lines, quarantine } = repair;
  return { streamType: 'store', streamId: 'log', type: 'store.tail_repaired', actor: { type: 'system', id: 'refold' }, correlationId: 'store', data: { file, bytes, lines, quarantine } };
}
