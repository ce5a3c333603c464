/**
 * Where the rows of a reading come from: the whole log, a stream, a query, or places that are known. Each is a function that
 * gives the next rows in reading order and remembers how far it has come.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import { lastPositionAt, openMatches, positionsFromTo, positionsWithin } from '@refold/core';
import type { Direction, OpenPostings, Position, PostingTail, Query, ReadRange, ReadRequest } from '@refold/core';
import type { Connection } from './database.ts';
import { translated } from './engine-error.ts';
import type { Names } from './names.ts';
import { openPostingReader } from './postings.ts';
import { eventColumns, withCommit } from './rows.ts';
import type { EventRow } from './rows.ts';

/** Up to `count` further rows; fewer only at the end. */
export type RowSource = (count: number) => Promise<readonly EventRow[]>;

export type OpenSource = (request: ReadRequest, head: Position, waiting: () => PostingTail, signal?: AbortSignal) => RowSource;

/** Keys tried in one go when looking for matches: about 10 ms. */
const matchStepsMax = 20_000;

export function createSources(db: Connection, names: Names): OpenSource {
  const run = prepareQueries(db);
  const openPostings = openPostingReader(db, names);
  const findEvent = db.prepare<[string], number>('SELECT position FROM event WHERE id = ?').pluck();
  const findCommit = db.prepare<[string], [first: number, last: number]>('SELECT first, last FROM "commit" WHERE id = ?').raw();
  const timeAt = db.prepare<[number], number>('SELECT recorded_ms FROM "commit" WHERE first <= ? ORDER BY first DESC LIMIT 1').pluck();
  const recordedMs = (position: Position): number => timeAt.get(position) ?? 0;

  return (request, head, waiting, signal) => {
    const { stream, query, ids, commits, direction = 'forward' } = request;
    const cut = request.upToTime === undefined ? head : lastPositionAt(request.upToTime, head, recordedMs);
    const range: ReadRange = { after: request.after ?? 0, upTo: request.upTo ?? Number.MAX_SAFE_INTEGER };
    if (stream !== undefined) {
      const id = names.streamOf(stream);
      return id === null ? nothing : walkSource(range, 2, direction, (after, upTo, count) => run[direction].stream.all(id, after, upTo, cut, count));
    }
    range.upTo = Math.min(range.upTo, cut);
    if (ids !== undefined) return listSource(positionsWithin(ids.flatMap((id) => findEvent.get(id) ?? []), range, direction), run.positions);
    if (commits !== undefined) return listSource(positionsWithin(commits.flatMap((id) => positionsFromTo(findCommit.get(id))), range, direction), run.positions);
    if (query !== undefined && query.items.length > 0) return querySource(query, range, direction, openPostings(waiting()), run.positions, signal);
    return walkSource(range, 0, direction, (after, upTo, count) => run[direction].log.all(after, upTo, count));
  };
}

interface Statement {
  all(...values: readonly unknown[]): readonly EventRow[];
}

function prepareQueries(db: Connection) {
  const prepare = (sql: string): Statement => db.prepare<unknown[], EventRow>(`SELECT ${eventColumns} FROM ${sql}`).raw();
  const from = `event e ${withCommit} WHERE`;
  const log = (order: string): Statement => prepare(`${from} e.position > ? AND e.position <= ? ORDER BY e.position${order} LIMIT ?`);
  // The plus keeps the bound on position out of the choice of an index.
  const stream = (order: string): Statement => prepare(`${from} e.stream = ? AND e.revision > ? AND e.revision <= ? AND +e.position <= ? ORDER BY e.revision${order} LIMIT ?`);
  return {
    forward: { log: log(''), stream: stream('') },
    backward: { log: log(' DESC'), stream: stream(' DESC') },
    // In the order of the list.
    positions: prepare(`json_each(?) wanted CROSS JOIN event e ON e.position = wanted.value ${withCommit}`),
  };
}

const nothing: RowSource = async () => [];

/** @param place  Column of the row that the range is about: 0 = position, 2 = revision. */
function walkSource(range: ReadRange, place: 0 | 2, direction: Direction, fetch: (after: number, upTo: number, count: number) => readonly EventRow[]): RowSource {
  return async (count) => {
    const rows = translated(() => fetch(range.after, range.upTo, count));
    const last = rows.at(-1)?.[place];
    if (last === undefined) range.upTo = range.after;
    else if (direction === 'forward') range.after = last;
    else range.upTo = last - 1;
    return rows;
  };
}

/** Rows at positions that are known already, in their order. */
function listSource(positions: readonly Position[], statement: Statement): RowSource {
  let at = 0;
  return async (count) => {
    const wanted = positions.slice(at, at + count);
    at += wanted.length;
    return translated(() => statement.all(JSON.stringify(wanted)));
  };
}

function querySource(query: Query, range: ReadRange, direction: Direction, open: OpenPostings, statement: Statement, signal?: AbortSignal): RowSource {
  const matches = openMatches(query, { low: range.after + 1, high: range.upTo }, direction, open);
  return async (count) => {
    const found: Position[] = [];
    for (;;) {
      const { positions, isDone } = translated(() => matches.take(count - found.length, matchStepsMax));
      found.push(...positions);
      if (isDone || found.length >= count) break;
      await letOthersWork();
      signal?.throwIfAborted();
    }
    return translated(() => statement.all(JSON.stringify(found)));
  };
}
