/** Compare-and-set over named values, and the directory of streams: the small tables. A rev is used once per key, for ever (S18). */
import type { LogDriver, StreamInfo, StreamsRequest } from '@refold/core';
import type { Connections, Row } from './connections.ts';
import { isKeepable, keepableStart } from './keepable.ts';
import { outcomeKnown } from './outcome.ts';
import type { LogSql } from './sql.ts';

export type Kv = Pick<LogDriver, 'kvGet' | 'kvPut' | 'kvList'>;

export function createKv(connections: Connections, sql: LogSql): Kv {
  return {
    async kvGet(key) {
      const [row] = isKeepable(key) ? await connections.ask(sql.statement('kvGet', [key])) : [];
      return row === undefined ? null : { value: row[0] as Uint8Array, rev: row[1] as number };
    },
    async kvPut(key, value, expect) {
      const bytes = value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      const put = expect === 'absent' ? sql.statement('kvPutAbsent', [key, bytes]) : sql.statement('kvPut', [key, bytes, expect]);
      const [[row]] = (await connections.withConnection((connection) => outcomeKnown(() => connection.send([put])))) as [readonly Row[]];
      return (row?.[0] as number | null | undefined) ?? 'conflict';
    },
    async kvList(prefix, after, limit = Infinity) {
      if (!isKeepable(prefix)) return [];
      const rows = await connections.ask(sql.statement('kvList', [prefix, endOf(prefix), after === undefined ? null : keepableStart(after), limitOf(limit)]));
      return rows.filter(([key]) => (key as string).startsWith(prefix)).map(([key, rev]) => ({ key: key as string, rev: rev as number }));
    },
  };
}

export async function listStreams(connections: Connections, sql: LogSql, { prefix = '', after = '', limit = Infinity }: StreamsRequest): Promise<readonly StreamInfo[]> {
  if (!isKeepable(prefix)) return [];
  const rows = await connections.ask(sql.statement('streams', [prefix, endOf(prefix), keepableStart(after), limitOf(limit)]));
  return rows.filter(([stream]) => (stream as string).startsWith(prefix)).map(([stream, revision, first, last]) => ({ stream, revision, first, last }) as StreamInfo);
}

/** Behind every name that begins with the prefix, in the order of bytes: what follows the prefix is below the last code point twice. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}\u{10ffff}`;
/** No limit is NULL in SQL. */
const limitOf = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);
