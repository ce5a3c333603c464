/**
 * Reading: a lazy walk over the matching events in the wanted direction, cut into pages.
 *
 * The head is taken once, when the reading starts, and bounds it: appends in between do not move the end, so a reading is
 * finite and every page is complete up to the head it names (S15). Elements below the head never move, so the walk may be
 * paused between pages for as long as the reader likes.
 */
import { lastPositionAt, matchesQuery, positionsFromTo, positionsWithin } from '@refold/core';
import type { Page, Position, ReadRequest, Recorded } from '@refold/core';
import { eventAt, headOf } from './state.ts';
import type { LogState } from './state.ts';

/** A page ends at the first bound it reaches; one event alone may be larger than the bound on bytes. */
export interface PageBounds {
  readonly pageEventsMax: number;
  readonly pageBytesMax: number;
}

export async function* readPages(state: LogState, request: ReadRequest, bounds: PageBounds, signal?: AbortSignal): AsyncGenerator<Page> {
  const head = headOf(state);
  const walk = walkMatches(state, request, head);
  const placeOf = (event: Recorded): number => (request.stream === undefined ? event.position : event.revision);
  let left = request.limit ?? Infinity;
  let upcoming = walk.next();
  do {
    signal?.throwIfAborted();
    const events: Recorded[] = [];
    let bytes = 0;
    while (!upcoming.done && left > 0 && events.length < bounds.pageEventsMax && (events.length === 0 || bytes + upcoming.value.body.length <= bounds.pageBytesMax)) {
      bytes += upcoming.value.body.length;
      // Looked up again: the body may have been forgotten while the reader rested on the page before.
      events.push(handOut(eventAt(state, upcoming.value.position), request.bodies ?? true));
      left -= 1;
      upcoming = walk.next();
    }
    // What comes next is known already, so the last page says so and nobody asks for an empty one.
    const last = events.at(-1);
    const step = request.direction === 'backward' ? -1 : 0;
    yield { events, next: upcoming.done || last === undefined ? null : placeOf(last) + step, head };
  } while (!upcoming.done && left > 0);
}

/** Matching events between the bounds, in the direction asked for. */
function* walkMatches(state: LogState, request: ReadRequest, head: Position): Generator<Recorded, undefined> {
  const places = placesOf(state, request, head);
  const timeCut = request.upToTime === undefined ? head : lastPositionAt(request.upToTime, head, (position) => Date.parse(eventAt(state, position).recordedAt));
  const isBackward = request.direction === 'backward';
  for (let step = 0; step < places.count; step += 1) {
    const position = places.at(isBackward ? places.count - 1 - step : step);
    if (position > timeCut) {
      if (isBackward) continue;
      return;
    }
    const event = eventAt(state, position);
    if (request.query === undefined || matchesQuery(request.query, event)) yield event;
  }
}

/** Rising positions, by index, so that a long range needs no array of its own. */
interface Places {
  readonly count: number;
  at(index: number): Position;
}

function placesOf(state: LogState, request: ReadRequest, head: Position): Places {
  const after = request.after ?? 0;
  if (request.stream !== undefined) {
    const positions = state.streams.get(request.stream) ?? [];
    const last = Math.min(request.upTo ?? Infinity, countUpTo(positions, head));
    return { count: Math.max(0, last - after), at: (index) => positions[after + index] ?? 0 };
  }
  const upTo = Math.min(request.upTo ?? Infinity, head);
  if (request.ids !== undefined || request.commits !== undefined) {
    const positions = request.ids === undefined ? positionsOfCommits(state, request.commits ?? []) : request.ids.flatMap((id) => state.eventPositions.get(id) ?? []);
    const rising = positionsWithin(positions, { after, upTo }, 'forward');
    return { count: rising.length, at: (index) => rising[index] ?? 0 };
  }
  return { count: Math.max(0, upTo - after), at: (index) => after + index + 1 };
}

function positionsOfCommits(state: LogState, commits: readonly string[]): readonly Position[] {
  return commits.flatMap((id) => {
    const receipt = state.commits.get(id)?.receipt;
    return receipt === undefined ? [] : positionsFromTo([receipt.first, receipt.last]);
  });
}

/** How many of the rising positions stand at or below the head. */
function countUpTo(positions: readonly Position[], head: Position): number {
  let count = positions.length;
  while (count > 0 && (positions[count - 1] ?? 0) > head) count -= 1;
  return count;
}

/** A copy of its own for each reader: what one does to the bytes, no other sees. */
function handOut(event: Recorded, withBody: boolean): Recorded {
  return { ...event, body: withBody ? event.body.slice() : new Uint8Array() };
}
