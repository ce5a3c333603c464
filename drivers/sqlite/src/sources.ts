/**
 * Where the rows of a reading come from: the whole log, a stream, a query, or places that are known. Each is a function that
 * gives the next rows in reading order and remembers how far it has come.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import { LogError, openMatches } from '@refold/core';
import type { Direction, Instant, OpenPostings, Position, Query, ReadRequest } from '@refold/core';
import type { Connection } from './database.ts';
import { translated } from './engine-error.ts';
import { createNumbering } from './names.ts';
import { openPostingReader, openUnindexed } from './postings.ts';
import { eventQueries } from './rows.ts';
import type { EventQueries, EventRow } from './rows.ts';

/** Up to `count` further rows; fewer only at the end. */
export type RowSource = (count: number) => Promise<readonly EventRow[]>;

/** Where the log and its index stood when the reading began. */
export interface Standing {
  readonly head: Position;
  readonly indexed: Position;
}

export type OpenSource = (request: ReadRequest, standing: Standing, signal?: AbortSignal) => RowSource;

/** Keys tried in one go when looking for matches: about 10 ms. */
const matchStepsMax = 20_000;

export function createSources(db: Connection): OpenSource {
  const numbering = createNumbering(db);
  const openPostings = openPostingReader(db, numbering);
  const unindexed = openUnindexed(db);
  const run = prepareQueries(db, eventQueries());
  const findEvent = db.prepare<[string], number>('SELECT position FROM event WHERE id = ?').pluck();
  const findCommit = db.prepare<[string], [first: number, last: number]>('SELECT first, last FROM "commit" WHERE id = ?').raw();
  const lastPositionAt = createTimeCut(db);

  return (request, { head, indexed }, signal) => {
    const { stream, query, ids, commits, direction = 'forward' } = request;
    const cut = request.upToTime === undefined ? head : lastPositionAt(request.upToTime, head);
    const range = { after: request.after ?? 0, upTo: request.upTo ?? Number.MAX_SAFE_INTEGER };
    if (stream !== undefined) {
      const id = numbering.streamOf(stream);
      return id === null ? nothing : streamSource(id, range, cut, direction, run);
    }
    range.upTo = Math.min(range.upTo, cut);
    if (ids !== undefined) return listSource(within(ids.flatMap((id) => findEvent.get(id) ?? []), range, direction), run);
    if (commits !== undefined) return listSource(within(commits.flatMap((id) => spread(findCommit.get(id))), range, direction), run);
    if (query !== undefined && query.items.length > 0) return querySource(query, range, direction, openPostings(unindexed.upTo(indexed, head)), run, signal);
    return logSource(range, direction, run);
  };
}

type Statements = { readonly [Name in keyof EventQueries]: { all(...values: readonly unknown[]): readonly EventRow[] } };

function prepareQueries(db: Connection, queries: EventQueries): Statements {
  const prepare = (sql: string) => db.prepare<unknown[], EventRow>(sql).raw();
  return {
    logForward: prepare(queries.logForward),
    logBackward: prepare(queries.logBackward),
    streamForward: prepare(queries.streamForward),
    streamBackward: prepare(queries.streamBackward),
    positions: prepare(queries.positions),
  };
}

/** What is left to read: `after` exclusive, `upTo` inclusive; revisions with a stream, else positions. */
interface Range {
  after: number;
  upTo: number;
}

const nothing: RowSource = async () => [];

function logSource(range: Range, direction: Direction, run: Statements): RowSource {
  const statement = direction === 'forward' ? run.logForward : run.logBackward;
  return async (count) => {
    const rows = translated(() => statement.all(range.after, range.upTo, count));
    moveOn(range, rows.at(-1)?.[0], direction);
    return rows;
  };
}

function streamSource(stream: number, range: Range, cut: Position, direction: Direction, run: Statements): RowSource {
  const statement = direction === 'forward' ? run.streamForward : run.streamBackward;
  return async (count) => {
    const rows = translated(() => statement.all(stream, range.after, range.upTo, cut, count));
    moveOn(range, rows.at(-1)?.[3], direction);
    return rows;
  };
}

function moveOn(range: Range, last: number | undefined, direction: Direction): void {
  if (last === undefined) range.upTo = range.after;
  else if (direction === 'forward') range.after = last;
  else range.upTo = last - 1;
}

/** Rows at positions that are known already, in their order. */
function listSource(positions: readonly Position[], run: Statements): RowSource {
  let at = 0;
  return async (count) => {
    const wanted = positions.slice(at, at + count);
    at += wanted.length;
    return translated(() => run.positions.all(JSON.stringify(wanted)));
  };
}

function querySource(query: Query, range: Range, direction: Direction, open: OpenPostings, run: Statements, signal?: AbortSignal): RowSource {
  const matches = translated(() => openMatches(query, { low: range.after + 1, high: range.upTo }, direction, open));
  return async (count) => {
    const found: Position[] = [];
    for (;;) {
      const { positions, isDone } = translated(() => matches.take(count - found.length, matchStepsMax));
      found.push(...positions);
      if (isDone || found.length === count) break;
      await letOthersWork();
      signal?.throwIfAborted();
    }
    return translated(() => run.positions.all(JSON.stringify(found)));
  };
}

/** Each once, between the bounds, in reading order. */
function within(positions: readonly Position[], { after, upTo }: Range, direction: Direction): readonly Position[] {
  const sign = direction === 'forward' ? 1 : -1;
  return [...new Set(positions)].filter((position) => position > after && position <= upTo).sort((left, right) => (left - right) * sign);
}

function spread(bounds: readonly [first: Position, last: Position] | undefined): readonly Position[] {
  if (bounds === undefined) return [];
  const [first, last] = bounds;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Last position recorded at or before an instant. Times never decrease, so halving finds it without an index. */
function createTimeCut(db: Connection): (instant: Instant, head: Position) => Position {
  const timeAt = db.prepare<[number], number>('SELECT f.recorded_ms FROM event e CROSS JOIN event f ON f.position = e.position - e.place WHERE e.position = ?').pluck();
  return (instant, head) => {
    const limitMs = Date.parse(instant);
    if (Number.isNaN(limitMs)) throw new LogError('BAD_TIMESTAMP', 'upToTime is not an instant', { hint: 'Give RFC 3339 in UTC, for example 2026-01-31T12:00:00.000Z.' });
    let low = 0;
    let high = head;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((timeAt.get(middle) ?? 0) <= limitMs) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
