/** What every live answer says beside what it is about, and how it is kept up. */
import type { FollowState, LogError } from '@refold/client';
import type { Feed, Shown } from './feeds.ts';
import { defaultHookLimits } from './limits.ts';
import type { Watch } from './transport.ts';

export interface Live extends Shown {
  /** It is shown as it happens; false before the first connection, while one is looked for, and at the end. */
  readonly connected: boolean;
  readonly connection: FollowState;
  /** Why there is no connection, or no answer; null when all is well. */
  readonly error: LogError | null;
}

export const notYet: Live = { connected: false, connection: 'connecting', error: null };

export const watchOf = <S extends Live>({ signal, change }: Feed<S>): Watch => ({
  signal,
  onState: (connection, error) => change((before) => ({ ...before, connected: connection === 'live', connection, error })),
});

/** A list that keeps its newest items and counts those that went. */
export interface Kept<T> {
  readonly items: readonly T[];
  readonly dropped: number;
}

export function keep<T>({ items, dropped }: Kept<T>, more: readonly T[], itemsMax: number = defaultHookLimits.itemsMax): Kept<T> {
  const all = [...items, ...more];
  const surplus = Math.max(0, all.length - itemsMax);
  return { items: all.slice(surplus), dropped: dropped + surplus };
}
