/**
 * Dropping bodies. A segment that holds some of them is written anew beside the old one, with what the linker keeps in their
 * place, synced, and renamed over it; then the sidecar learns where its events stand now. A crash before the rename leaves
 * the old segment, one after it a sidecar that no longer fits and is made again: at no moment is a line half of each.
 *
 * Hashes of lines tell torn writes and are made again; leaves, which prove what was recorded, stay (decision 0024).
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Linker, Position } from '@refold/core';
import type { Connection } from './database.ts';
import type { SegmentFiles } from './files.ts';
import { compressedName, segmentName, syncFolder, writeWhole } from './folder.ts';
import type { Folder } from './folder.ts';
import { decodeLine, encodeLine, encodeSeal, hashStart, placedCommit } from './line.ts';
import type { EventSpan, PlacedCommit } from './line.ts';
import { readLines } from './line-reader.ts';
import type { Kv } from './kv.ts';
import type { EventRows } from './rows.ts';
import { openPlainSource, openSegment } from './segment-source.ts';
import type { SegmentSource } from './segment-source.ts';
import type { SegmentWriter } from './segments.ts';

export interface ForgetParts {
  readonly folder: Folder;
  readonly db: Connection;
  readonly files: SegmentFiles;
  readonly rows: EventRows;
  readonly segments: SegmentWriter;
  readonly kv: Kv;
  readonly linker: Linker | undefined;
  readonly nowMs: () => number;
}

/** Where the lines of a segment stand after it was written anew. */
interface Rewritten {
  readonly bytes: number;
  readonly hash: string;
  readonly spans: readonly (EventSpan & { readonly position: Position })[];
}

export function createForgetter(parts: ForgetParts): (positions: readonly Position[], reason: string) => number {
  const { db, kv, rows, nowMs } = parts;
  const segmentOf = db.prepare<[number], number>('SELECT segment FROM event WHERE position = ?').pluck();

  return (positions, reason) => {
    const standing = [...new Set(positions)].filter((position) => isWhole(position));
    const bySegment = Map.groupBy(standing, (position) => segmentOf.get(position)!);
    // The account comes first: a crash may leave a reason for a body that is still there, never a hole without a reason.
    if (standing.length > 0) kv.noteForgotten(standing, reason, nowMs());
    for (const [segment, chosen] of bySegment) rewrite(parts, segment, new Set(chosen));
    return standing.length;
  };

  function isWhole(position: Position): boolean {
    const [event] = rows.read(rows.between(position - 1, position), { bodies: false });
    return event !== undefined && event.forgotten !== true;
  }
}

function rewrite(parts: ForgetParts, segment: Position, chosen: ReadonlySet<Position>): void {
  const { folder, db, files, rows, segments, linker } = parts;
  const isLive = segments.live.first === segment;
  const path = isLive ? folder.live : join(folder.global, segmentName(segment));
  const made: { bytes: number; hash: string; spans: (EventSpan & { position: Position })[] } = { bytes: 0, hash: hashStart, spans: [] };
  writeWhole(path, rewrittenLines(isLive ? openPlainSource(path) : openSegment(folder, segment), path, chosen, linker, made));
  files.forget(segment);
  if (!isLive) {
    // What was packed has the bodies still; the plain segment beside it counts from its renaming on.
    rmSync(join(folder.global, compressedName(segment)), { force: true });
    syncFolder(folder.global);
  }
  if (isLive) segments.replaced(made.bytes, made.hash);
  learn(db, segment, made, isLive);
  rows.writtenAnew();
}

function* rewrittenLines(source: SegmentSource, path: string, chosen: ReadonlySet<Position>, linker: Linker | undefined, made: { bytes: number; hash: string; readonly spans: (EventSpan & { position: Position })[] }): Generator<Buffer> {
  try {
    for (const { bytes } of readLines(source, path)) {
      const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
      if (text === '') continue;
      const parsed = decodeLine(text);
      const line = 'seal' in parsed ? { ...encodeSeal(parsed.seal, made.hash), spans: [] } : encodeLine(withoutBodies(placedCommit(Buffer.from(text), parsed.commit), chosen, linker), made.hash);
      const first = 'seal' in parsed ? 0 : parsed.commit.position;
      line.spans.forEach((span, place) => made.spans.push({ ...span, start: made.bytes + span.start, position: first + place }));
      made.bytes += line.bytes.length;
      made.hash = line.hash;
      yield line.bytes;
    }
  } finally {
    source.close();
  }
}

function withoutBodies(commit: PlacedCommit, chosen: ReadonlySet<Position>, linker: Linker | undefined): PlacedCommit {
  if (!commit.events.some((_, place) => chosen.has(commit.position + place))) return commit;
  const events = commit.events.map((event, place) => (chosen.has(commit.position + place) ? { ...event, body: linker?.remainder({ id: event.id, body: event.body }) ?? new Uint8Array(), isForgotten: true } : event));
  return { ...commit, events };
}

function learn(db: Connection, segment: Position, { bytes, hash, spans }: Rewritten, isLive: boolean): void {
  const move = db.prepare<[number, number, number, number]>('UPDATE event SET start = ?, head = ?, length = ? WHERE position = ?');
  db.transaction(() => {
    for (const { start, head, length, position } of spans) move.run(start, head, length, position);
    if (isLive) db.prepare('UPDATE state SET "end" = ?, hash = ?').run(bytes, hash);
    else db.prepare('UPDATE segment SET bytes = ?, hash = ? WHERE first = ?').run(bytes, hash, segment);
  }).immediate();
}
