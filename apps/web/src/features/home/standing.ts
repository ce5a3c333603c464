/** Runs by how they stand: failed, waiting for somebody, or under way. Pure. */
import { toneOf } from '../../status.ts';

export interface Standing<R> {
  readonly failed: readonly R[];
  readonly waiting: readonly R[];
  readonly running: readonly R[];
}

export function standingOf<R extends { readonly status: string }>(runs: readonly R[]): Standing<R> {
  const of = (tones: readonly string[]): readonly R[] => runs.filter(({ status }) => tones.includes(toneOf(status)));
  return { failed: of(['error', 'critical']), waiting: of(['warn', 'waiting']), running: of(['running']) };
}
