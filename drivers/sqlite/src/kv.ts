/** Compare-and-set over named values. A deleted key keeps its row without a value, so that no rev is ever used twice (S18). */
import type { Connection } from './database.ts';

export interface KvReader {
  get(key: string): { readonly value: Uint8Array; readonly rev: number } | null;
  list(prefix: string, after: string | undefined, limit: number): readonly { readonly key: string; readonly rev: number }[];
}

export interface KvWriter {
  /** Inside an immediate transaction of the caller's. */
  put(key: string, value: Uint8Array | null, expect: number | 'absent'): number | 'conflict';
}

export function createKvReader(db: Connection): KvReader {
  const find = db.prepare<[string], [value: Buffer | null, rev: number]>('SELECT value, rev FROM kv WHERE key = ?').raw();
  const listFrom = db.prepare<[string], [key: string, rev: number]>('SELECT key, rev FROM kv WHERE key >= ? AND value IS NOT NULL ORDER BY key').raw();
  return {
    get(key) {
      const [value, rev] = find.get(key) ?? [null, 0];
      return value === null ? null : { value: new Uint8Array(value), rev };
    },
    list(prefix, after, limit) {
      const found: { readonly key: string; readonly rev: number }[] = [];
      // Keys with one prefix stand together in the order of bytes, so the first other one ends the list.
      for (const [key, rev] of listFrom.iterate(laterOf(prefix, after))) {
        if (found.length >= limit || !key.startsWith(prefix)) break;
        if (key !== after) found.push({ key, rev });
      }
      return found;
    },
  };
}

export function createKvWriter(db: Connection): KvWriter {
  const find = db.prepare<[string], [rev: number, isLive: number]>('SELECT rev, value IS NOT NULL FROM kv WHERE key = ?').raw();
  const put = db.prepare<[string, number, Uint8Array | null]>('INSERT INTO kv (key, rev, value) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET rev = excluded.rev, value = excluded.value');
  return {
    put(key, value, expect) {
      const [rev, isLive] = find.get(key) ?? [0, 0];
      if ((isLive === 1 ? rev : 'absent') !== expect) return 'conflict';
      put.run(key, rev + 1, value);
      return rev + 1;
    },
  };
}

/** The later of two places in the order of UTF-8 bytes, which is the order of the table. */
export function laterOf(prefix: string, after: string | undefined): string {
  return after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0 ? prefix : after;
}
