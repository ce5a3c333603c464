/** Durations as people write them: `90d`, `12h`, `5m`, `30s`, `250ms`. A number without a unit names no duration. */
import { LogError } from '@refold/core';

const unitMs: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** @returns milliseconds; null when the text is no duration. */
export function readDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text);
  return match === null ? null : Number(match[1]) * unitMs[match[2]!]!;
}

/** @throws LogError BAD_REQUEST `duration`. */
export function durationMs(text: string, flag: string): number {
  const ms = readDuration(text);
  if (ms === null) throw new LogError('BAD_REQUEST', `${flag} takes a duration, not "${text}".`, { details: { reason: 'duration' }, hint: 'Write a number with a unit: 90d, 12h, 5m, 30s.' });
  return ms;
}
