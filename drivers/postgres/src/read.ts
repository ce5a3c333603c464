/**
 * Reading in pages. The head is taken once, when the reading starts, and bounds it: positions at or below it never change, so no
 * transaction is held between pages, nothing is kept at the server, and yet every page is complete up to the head it names (S4, S15).
 */
import { LogError } from '@refold/core';
import type { Instant, Page, Position, ReadRequest, Recorded } from '@refold/core';
import type { Connections, Row } from './connections.ts';
import { isKeepable } from './keepable.ts';
import { labelsOf } from './query-labels.ts';
import type { QueryLabels } from './query-labels.ts';
import { eventsOf } from './rows.ts';
import type { EventRows } from './rows.ts';
import type { LogSql, StatementName } from './sql.ts';

/** A page ends at the first bound it reaches; one event alone may be larger than the bound on bytes. */
export interface PageBounds {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

export type ReadPages = (request: ReadRequest, signal?: AbortSignal) => AsyncGenerator<Page>;

/** Up to `count` further events, in reading order, cut by bytes; and how many there were. */
type Source = (count: number) => Promise<EventRows>;

/** What is left to read: `after` exclusive, `upTo` inclusive; revisions with a stream, else positions. */
interface Range {
  after: number;
  upTo: number;
}

/** Keys tried in one statement when looking for matches. */
const matchStepsMax = 20_000;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function createReader(connections: Connections, sql: LogSql, bounds: PageBounds): ReadPages {
  const ask = (name: StatementName, values: readonly unknown[]): Promise<readonly Row[]> => connections.ask(sql.statement(name, values));

  return async function* readPages(request, signal) {
    signal?.throwIfAborted();
    const [[head]] = (await ask('standing', [])) as unknown as [[Position, number | null]];
    const source = await openSource(request, head, signal);
    const placeOf = (event: Recorded): number => (request.stream === undefined ? event.position : event.revision);
    const step = request.direction === 'backward' ? -1 : 0;
    let left = request.limit ?? Infinity;
    for (;;) {
      const countMax = Math.min(left, bounds.eventsMax);
      // One more is asked for, so the last page says that it is the last, and nobody asks for an empty one.
      const { events: found, total } = await source(countMax + 1);
      const events = found.slice(0, countMax);
      left -= events.length;
      const last = events.at(-1);
      const next = last === undefined || events.length === total ? null : placeOf(last) + step;
      signal?.throwIfAborted();
      yield { events, next, head };
      if (next === null || left <= 0) return;
      signal?.throwIfAborted();
    }
  };

  async function openSource(request: ReadRequest, head: Position, signal: AbortSignal | undefined): Promise<Source> {
    const { stream, query, ids, commits } = request;
    const cut = request.upToTime === undefined ? head : await positionAt(request.upToTime, head);
    const range: Range = { after: request.after ?? 0, upTo: request.upTo ?? Number.MAX_SAFE_INTEGER };
    if (stream !== undefined) {
      const [row] = isKeepable(stream) ? await ask('streamNumber', [stream]) : [];
      return row === undefined ? nothing : ranged(request, range, (count) => [row[0], range.after, range.upTo, cut, count]);
    }
    range.upTo = Math.min(range.upTo, cut);
    if (ids !== undefined) {
      const rows = await ask('positionsOfIds', [ids.filter((id) => uuidPattern.test(id))]);
      return listed(request, within(rows.map(([position]) => position as Position), range, request));
    }
    if (commits !== undefined) {
      const rows = (await ask('boundsOfCommits', [commits.filter(isKeepable)])) as unknown as readonly [Position, Position][];
      return listed(request, within(rows.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index)), range, request));
    }
    const labels = query === undefined ? null : labelsOf(query);
    if (labels !== null) return matching(request, labels, range, signal);
    return ranged(request, range, (count) => [range.after, range.upTo, count]);
  }

  /** Neighbouring places of the log or of a stream. */
  function ranged(request: ReadRequest, range: Range, values: (count: number) => readonly unknown[]): Source {
    const isBackward = request.direction === 'backward';
    const name: StatementName = `${request.stream === undefined ? 'log' : 'stream'}${isBackward ? 'Backward' : 'Forward'}${request.bodies === false ? 'Bare' : ''}`;
    return async (count) => {
      const rows = eventsOf(await ask(name, [...values(count), ...bytesBound(request)]), request.tags !== false);
      const taken = rows.events.slice(0, count - 1).at(-1);
      const place = request.stream === undefined ? taken?.position : taken?.revision;
      if (place !== undefined && isBackward) range.upTo = place - 1;
      else if (place !== undefined) range.after = place;
      return rows;
    };
  }

  /** Places that are known already, in their order. */
  function listed(request: ReadRequest, positions: readonly Position[]): Source {
    let at = 0;
    return async (count) => {
      const rows = await readPlaces(request, positions.slice(at, at + count));
      at += Math.min(rows.events.length, count - 1);
      return rows;
    };
  }

  function matching(request: ReadRequest, labels: QueryLabels, range: Range, signal: AbortSignal | undefined): Source {
    const isBackward = request.direction === 'backward';
    const end = isBackward ? -(range.after + 1) : range.upTo;
    let key = isBackward ? -range.upTo : range.after + 1;
    let ahead: readonly Position[] = [];
    return async (count) => {
      while (ahead.length < count && key <= end) {
        signal?.throwIfAborted();
        const [row] = (await ask('matches', [...labels, key, end, count - ahead.length, matchStepsMax])) as unknown as [[readonly Position[], number]];
        const sign = isBackward ? -1 : 1;
        ahead = [...ahead, ...row[0].toSorted((left, right) => (left - right) * sign)];
        key = row[1];
      }
      const rows = await readPlaces(request, ahead.slice(0, count));
      ahead = ahead.slice(Math.min(rows.events.length, count - 1));
      return rows;
    };
  }

  async function readPlaces(request: ReadRequest, positions: readonly Position[]): Promise<EventRows> {
    if (positions.length === 0) return { events: [], total: 0 };
    return eventsOf(await ask(request.bodies === false ? 'placesBare' : 'places', [`{${positions.join(',')}}`, ...bytesBound(request)]), request.tags !== false);
  }

  function bytesBound(request: ReadRequest): readonly number[] {
    return request.bodies === false ? [] : [bounds.bytesMax];
  }

  async function positionAt(instant: Instant, head: Position): Promise<Position> {
    const limitMs = Date.parse(instant);
    if (Number.isNaN(limitMs)) throw new LogError('BAD_TIMESTAMP', 'upToTime is not an instant', { hint: 'Give RFC 3339 in UTC, for example 2026-01-31T12:00:00.000Z.' });
    const [row] = await ask('lastPositionAt', [limitMs, head]);
    return row![0] as Position;
  }
}

const nothing: Source = async () => ({ events: [], total: 0 });

/** Each once, between the bounds, in reading order. */
function within(positions: readonly Position[], { after, upTo }: Range, { direction }: ReadRequest): readonly Position[] {
  const sign = direction === 'backward' ? -1 : 1;
  return [...new Set(positions)].filter((position) => position > after && position <= upTo).toSorted((left, right) => (left - right) * sign);
}
