/**
 * Dropping bodies. What is kept of a body is made by the linker, here; the database replaces only what is not forgotten yet. The old row
 * stays in the table's file until VACUUM FULL, and in the write-ahead log as long as that is kept (README).
 */
import type { Linker, Position } from '@refold/core';
import type { Connections } from './connections.ts';
import { outcomeKnown } from './outcome.ts';
import type { LogSql } from './sql.ts';

/** Bodies that are looked at and replaced in one transaction. */
const forgottenAtOnceMax = 256;

export async function forgetBodies(connections: Connections, sql: LogSql, { positions, reason, linker, nowMs }: { readonly positions: readonly Position[]; readonly reason: string; readonly linker: Linker | undefined; readonly nowMs: number }): Promise<number> {
  const wanted = [...new Set(positions)];
  let dropped = 0;
  for (let first = 0; first < wanted.length; first += forgottenAtOnceMax) {
    const rows = (await connections.ask(sql.statement('bodiesOf', [`{${wanted.slice(first, first + forgottenAtOnceMax).join(',')}}`]))) as unknown as readonly [Position, string, Uint8Array][];
    if (rows.length === 0) continue;
    const kept = rows.map(([, id, body]) => linker?.remainder({ id, body }) ?? new Uint8Array());
    const starts = kept.map((_, index) => 1 + kept.slice(0, index).reduce((sum, bytes) => sum + bytes.length, 0));
    const values = [`{${rows.map(([position]) => position).join(',')}}`, `{${starts.join(',')}}`, `{${kept.map((bytes) => bytes.length).join(',')}}`, Buffer.concat(kept), reason, nowMs];
    const [[row]] = (await connections.withConnection((connection) => outcomeKnown(() => connection.send([sql.statement('forget', values)])))) as [[[number]]];
    dropped += row[0];
  }
  return dropped;
}
