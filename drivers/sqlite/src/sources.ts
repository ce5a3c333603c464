/**
 * Where the rows of a reading come from: the whole log, a stream, a query, or places that are known. Each is a function that
 * gives the next rows in reading order and remembers how far it has come.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import { lastPositionAt, openMatches, positionsFromTo, positionsWithin } from '@refold/core';
import type { Direction, OpenPostings, Position, Query, ReadRange, ReadRequest } from '@refold/core';
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
  const timeAt = db.prepare<[number], number>('SELECT f.recorded_ms FROM event e CROSS JOIN event f ON f.position = e.position - e.place WHERE e.position = ?').pluck();
  const recordedMs = (position: Position): number => timeAt.get(position) ?? 0;

  return (request, { head, indexed }, signal) => {
    const { stream, query, ids, commits, direction = 'forward' } = request;
    const cut = request.upToTime === undefined ? head : lastPositionAt(request.upToTime, head, recordedMs);
    const range = { after: request.after ?? 0, upTo: request.upTo ?? Number.MAX_SAFE_INTEGER };
    if (stream !== undefined) {
      const id = numbering.streamOf(stream);
      return id === null ? nothing : streamSource(id, range, cut, direction, run);
    }
    range.upTo = Math.min(range.upTo, cut);
    if (ids !== undefined) return listSource(positionsWithin(ids.flatMap((id) => findEvent.get(id) ?? []), range, direction), run);
    if (commits !== undefined) return listSource(positionsWithin(commits.flatMap((id) => positionsFromTo(findCommit.get(id))), range, direction), run);
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

const nothing: RowSource = async () => [];

function logSource(range: ReadRange, direction: Direction, run: Statements): RowSource {
  const statement = direction === 'forward' ? run.logForward : run.logBackward;
  return async (count) => {
    const rows = translated(() => statement.all(range.after, range.upTo, count));
    moveOn(range, rows.at(-1)?.[0], direction);
    return rows;
  };
}

function streamSource(stream: number, range: ReadRange, cut: Position, direction: Direction, run: Statements): RowSource {
  const statement = direction === 'forward' ? run.streamForward : run.streamBackward;
  return async (count) => {
    const rows = translated(() => statement.all(stream, range.after, range.upTo, cut, count));
    moveOn(range, rows.at(-1)?.[3], direction);
    return rows;
  };
}

function moveOn(range: ReadRange, last: number | undefined, direction: Direction): void {
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

function querySource(query: Query, range: ReadRange, direction: Direction, open: OpenPostings, run: Statements, signal?: AbortSignal): RowSource {
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
