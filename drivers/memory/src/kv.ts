/** Compare-and-set over named values: cursors, snapshots, tiles, leases. A rev is used once per key, for ever (S18). */
import { compareBytes } from './byte-order.ts';
import type { LogState } from './state.ts';

type Kv = LogState['kv'];

export function kvGet(kv: Kv, key: string): { readonly value: Uint8Array; readonly rev: number } | null {
  const entry = kv.get(key);
  return entry === undefined || entry.value === null ? null : { value: entry.value.slice(), rev: entry.rev };
}

export function kvPut(kv: Kv, key: string, value: Uint8Array | null, expect: number | 'absent'): number | 'conflict' {
  const entry = kv.get(key);
  const current = entry === undefined || entry.value === null ? 'absent' : entry.rev;
  if (current !== expect) return 'conflict';
  const rev = (entry?.rev ?? 0) + 1;
  kv.set(key, { value: value?.slice() ?? null, rev });
  return rev;
}

export function kvList(kv: Kv, prefix: string, after: string | undefined, limit: number): readonly { readonly key: string; readonly rev: number }[] {
  return [...kv]
    .filter(([key, entry]) => entry.value !== null && key.startsWith(prefix) && (after === undefined || compareBytes(key, after) > 0))
    .map(([key, entry]) => ({ key, rev: entry.rev }))
    .toSorted((left, right) => compareBytes(left.key, right.key))
    .slice(0, limit);
}
