/**
 * A scan for changes of truth over columns: only where a value that the expression looks at changes is it evaluated, and only
 * the events that changed the truth are read.
 *
 * An expression qualifies when it looks at nothing but paths that are written out, whose values have no parts. Loops, computed
 * keys, whole records and look-ups of entities do not; what a column could not keep ends it, and the scan of events goes on
 * from there. So the answer is the same with and without columns, errors and their counts included.
 */
import type { Expression } from '../expression/expression.ts';
import type { Operand, Operands } from '../expression/operands.ts';
import { plainValue } from '../expression/plain-value.ts';
import { nameReader, variableFor } from '../expression/scope.ts';
import type { ExpressionValues } from '../expression/scope.ts';
import { LogError } from '../errors.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import { createPace } from '../pace.ts';
import type { Column, ColumnCursor, Sight } from './column.ts';
import { putSight } from './column.ts';
import type { ColumnIndex } from './column-index.ts';
import { flipOf } from './flip.ts';
import type { Flip, FlipsOptions } from './flip.ts';
import type { TravelParts } from './reconstruct.ts';
import type { StreamReader } from './stream-reader.ts';
import { asksForEvent, createTally, truthOf } from './truth-tally.ts';
import type { Turn, TruthTally } from './truth-tally.ts';

export interface ColumnSet {
  /** Newest revision that all columns tell of; 0 when one of them tells of none. */
  readonly upTo: Revision;
  /** Leaves what is seen at a revision. */
  record(revision: Revision, values: ExpressionValues): void;
  readonly operands: readonly Operand[];
  readonly tracks: readonly Track[];
}

/** A column under one operand. `previous` looks at the column of `state`, one event behind. */
interface Track {
  readonly operand: Operand;
  readonly column: Column;
  readonly lag: 0 | 1;
  readonly read: (values: ExpressionValues) => unknown;
}

/** The columns that an expression can be answered from; null when it cannot be. */
export function columnsOf(index: ColumnIndex | undefined, stream: string, { list, isAll, hasLoops }: Operands): ColumnSet | null {
  const moving = list.filter(({ root }) => root !== 'now');
  if (index === undefined || !isAll || hasLoops || moving.length === 0 || moving.some(({ keys }) => keys.includes('__proto__'))) return null;
  const tracks = moving.map((operand): Track => {
    const { root, keys } = operand;
    const lag = root === 'previous' || root === 'before' ? 1 : 0;
    return { operand, column: index.of(stream, lag === 1 || root === 'after' ? 'state' : root, keys), lag, read: nameReader('debug', root) };
  });
  return {
    get upTo() {
      return Math.max(0, Math.min(...tracks.map(({ column, lag }) => column.upTo + lag)));
    },
    record(revision, values) {
      for (const { column, lag, read } of tracks) if (column.upTo === revision - lag - 1) column.add(revision - lag, read(values));
    },
    operands: list,
    tracks,
  };
}

/** Changes that are looked for before the events that made them are read. */
const turnsPerRead = 256;

/** @returns  Where the truth stands at `upTo`, which the columns tell of. */
export async function* scanColumns(parts: TravelParts, stream: string, expression: Expression<boolean>, columns: ColumnSet, options: FlipsOptions & { readonly after: Revision; readonly upTo: Revision }): AsyncGenerator<Flip, TruthTally> {
  const { after, upTo, signal, onProgress } = options;
  const walk = createColumnWalk(expression, columns, options);
  const tally = createTally(after === 0 && asksForEvent(expression) ? 'unknown' : truthOf(walk.evaluate()));
  const pace = createPace(parts.clock);
  for (let revision = after + 1; revision <= upTo; ) {
    const turns: ColumnTurn[] = [];
    for (; revision <= upTo && turns.length < turnsPerRead; revision = walk.next) {
      walk.moveTo(revision);
      const turn = tally.step(walk.evaluate(), Math.min(walk.next, upTo + 1) - revision);
      if (turn !== null) turns.push({ revision, turn, values: walk.values(revision) });
      if (pace.isDue()) await pace.turn(signal);
    }
    signal?.throwIfAborted();
    const events = await eventsAt(parts.reader, stream, turns.map((turn) => turn.revision));
    for (const { revision: at, turn, values } of turns) yield flipOf(events.get(at)!, turn, values);
    onProgress?.({ events: tally.summary().events, revision: Math.min(revision - 1, upTo), upTo });
  }
  return tally;
}

interface ColumnTurn {
  readonly revision: Revision;
  readonly turn: Turn;
  readonly values: Flip['values'];
}

interface ColumnWalk {
  /** Where one of the values changes next; Infinity when none does. */
  readonly next: Revision;
  moveTo(revision: Revision): void;
  evaluate(): ReturnType<Expression<boolean>['evaluateNames']>;
  /** What an event changed, where the walk has come to it. */
  values(revision: Revision): Flip['values'];
}

function createColumnWalk(expression: Expression<boolean>, { operands, tracks }: ColumnSet, { after, now }: { readonly after: Revision; readonly now?: number }): ColumnWalk {
  const cursors = tracks.map(({ column, lag }) => column.cursorAt(Math.max(0, after - lag)));
  const constants: ExpressionValues = now === undefined ? {} : { now };
  const instant = nameReader('debug', 'now')(constants);
  const nextOf = (cursor: ColumnCursor, index: number): Revision => cursor.next + tracks[index]!.lag;

  function shown(operand: Operand, revision: Revision): { readonly before: Json; readonly after: Json } {
    const index = tracks.findIndex((track) => track.operand === operand);
    if (index === -1) {
      const value = operand.read(constants);
      const constant = typeof value === 'object' && value !== null ? 'object' : plainValue(value);
      return { before: constant, after: constant };
    }
    const { sight, since, before } = cursors[index]!;
    const valueOf = ({ depth, value }: Sight): Json => plainValue(depth === operand.keys.length ? value : undefined);
    return { before: valueOf(since + tracks[index]!.lag === revision ? (before ?? sight) : sight), after: valueOf(sight) };
  }

  return {
    get next() {
      return Math.min(...cursors.map(nextOf));
    },
    moveTo(revision) {
      for (const [index, cursor] of cursors.entries()) while (nextOf(cursor, index) <= revision) cursor.forward();
    },
    evaluate() {
      const names: { [name: string]: unknown } = { now: instant };
      for (const [index, { operand }] of tracks.entries()) putSight(names, variableFor(operand.root), operand.keys, cursors[index]!.sight);
      return expression.evaluateNames(names);
    },
    values: (revision) => Object.fromEntries(operands.map((operand) => [operand.text, shown(operand, revision)])),
  };
}

/** Neighbours no further apart than this are read as one stretch. */
const stretchGap = 8;

async function eventsAt(reader: StreamReader, stream: string, revisions: readonly Revision[]): Promise<ReadonlyMap<Revision, EventEnvelope>> {
  const wanted = new Set(revisions);
  const found = new Map<Revision, EventEnvelope>();
  for (let first = 0; first < revisions.length; ) {
    let last = first;
    while (last + 1 < revisions.length && revisions[last + 1]! - revisions[last]! <= stretchGap) last++;
    for await (const page of reader.pages(stream, { after: revisions[first]! - 1, upTo: revisions[last]! })) for (const event of page) if (wanted.has(event.revision)) found.set(event.revision, event);
    first = last + 1;
  }
  const lost = revisions.find((revision) => !found.has(revision));
  if (lost !== undefined) throw new LogError('INCOMPLETE_HISTORY', `Revision ${lost} of ${stream} is missing.`, { details: { stream, expected: lost, found: null }, hint: 'Verify the log; no state is guessed from an incomplete history.' });
  return found;
}
