/**
 * A scan for changes of truth over columns: an expression is evaluated once for all places where what it looks at is the same,
 * and no event is read. So a question over a million events costs a look at the changes of its values, and one evaluation for
 * each combination of them.
 *
 * An expression qualifies when it looks at nothing but paths that are written out, whose values have no parts. Loops, computed
 * keys, whole records and look-ups of entities do not, nor values of which no column is kept: these are answered by a scan of
 * the events (flips.ts), as is what was appended since. The answer is the same, errors and their counts included.
 */
import type { Evaluation, Expression } from '../expression/expression.ts';
import type { Operand, Operands } from '../expression/operands.ts';
import { plainValue } from '../expression/plain-value.ts';
import { nameReader, pathInEvent, variableFor } from '../expression/scope.ts';
import type { Revision } from '../log/driver.ts';
import type { Json } from '../log/event.ts';
import { missing, record } from './column.ts';
import type { Column, ColumnCursor } from './column.ts';
import type { StreamColumns } from './column-index.ts';
import type { EventSpine } from './event-spine.ts';
import { flipOf } from './flip.ts';
import type { Flip, FlipValue } from './flip.ts';
import { createTally, truthOf } from './truth-tally.ts';
import type { Truth, TruthTally } from './truth-tally.ts';

/** An operand and the columns along its path. */
interface Track {
  readonly operand: Operand;
  /** Null for `now`, which is the same at every place. */
  readonly columns: readonly Column[] | null;
  /** Keys of the path that the operand's first name stands for: two for `actorId`. */
  readonly shift: number;
  /** `previous` looks at the columns of `state`, one event behind. */
  readonly lag: 0 | 1;
}

export interface ColumnSet {
  /** Newest revision that all of the columns tell of. */
  readonly upTo: Revision;
  readonly tracks: readonly Track[];
  readonly spine: EventSpine;
}

/** The columns that an expression can be answered from; null when it cannot be. */
export function columnsFor({ list, isAll, hasLoops }: Operands, { events, states, spine }: StreamColumns): ColumnSet | null {
  if (!isAll || hasLoops || list.some(({ keys }) => keys.includes('__proto__'))) return null;
  // The names of the events that turned it are of as many as the events' columns.
  let { upTo } = events;
  const tracks: Track[] = [];
  for (const operand of list) {
    const { root, keys } = operand;
    const lag = root === 'previous' || root === 'before' ? 1 : 0;
    const ofState = lag === 1 || root === 'state' || root === 'after';
    const path = ofState ? [] : pathInEvent(root);
    const columns = path === null ? null : (ofState ? states : events).along([...path, ...keys]);
    if (columns === null && root !== 'now') return null;
    if (ofState) upTo = Math.min(upTo, states.upTo);
    tracks.push({ operand, columns, shift: path?.length ?? 0, lag });
  }
  return { upTo, tracks, spine };
}

export interface ColumnScan {
  readonly tally: TruthTally;
  /** Last revision that was looked at. */
  readonly revision: Revision;
  /** The next changes of truth; none when there are no more, or the pause came first. */
  take(isPauseDue: () => boolean): readonly Flip[];
}

export interface ColumnScanOptions {
  readonly after: Revision;
  /** At most what the columns tell of. */
  readonly upTo: Revision;
  readonly now: number | undefined;
  /** Truth before the first event, when it is known by itself. */
  readonly start: Truth | null;
}

/** Changes that are taken at once, and places that are passed between two looks at the clock. */
const [flipsPerTake, placesPerLook] = [256, 1_024];

export function scanColumns(expression: Expression<boolean>, { tracks, spine }: ColumnSet, { after, upTo, now, start }: ColumnScanOptions): ColumnScan {
  const walk = createColumnWalk(expression, tracks, after, now);
  const tally = createTally(start ?? truthOf(walk.answer()));
  let next = after + 1;

  return {
    tally,
    get revision() {
      return Math.min(next - 1, upTo);
    },
    take(isPauseDue) {
      const flips: Flip[] = [];
      for (let places = 1; next <= upTo && flips.length < flipsPerTake; places++) {
        const here = next;
        walk.moveTo(here);
        next = walk.next;
        const turn = tally.step(walk.answer(), Math.min(next, upTo + 1) - here);
        if (turn !== null) flips.push(flipOf(spine.at(here), turn, walk.values(here)));
        if ((places % placesPerLook === 0 || walk.hasEvaluated) && isPauseDue()) break;
      }
      return flips;
    },
  };
}

interface Digit {
  readonly column: Column;
  readonly cursor: ColumnCursor;
  readonly lag: 0 | 1;
}

interface ColumnWalk {
  /** Where one of the values changes next; Infinity when none does. */
  readonly next: Revision;
  moveTo(revision: Revision): void;
  answer(): Evaluation<boolean>;
  /** The last answer was not one that is remembered. */
  readonly hasEvaluated: boolean;
  /** What an event changed, where the walk has come to it. */
  values(revision: Revision): Flip['values'];
}

const seenHere = ({ cursor }: Digit): unknown => cursor.value;

function createColumnWalk(expression: Expression<boolean>, tracks: readonly Track[], after: Revision, now: number | undefined): ColumnWalk {
  const digits: Digit[] = [];
  const constants = now === undefined ? {} : { now };
  const instant = nameReader('debug', 'now')(constants);
  const remembered = createMemory<Evaluation<boolean>>();
  let hasEvaluated = false;

  function digitOf(column: Column, lag: 0 | 1): Digit {
    const known = digits.find((digit) => digit.column === column && digit.lag === lag);
    if (known !== undefined) return known;
    const digit: Digit = { column, lag, cursor: column.cursorAt(Math.max(0, after - lag)) };
    digits.push(digit);
    return digit;
  }

  const sights = tracks.map(({ operand, columns, shift, lag }): SightTrack => ({ operand, shift, digits: columns?.map((column) => digitOf(column, lag)) ?? null }));
  /** Those that rest all the way say nothing about where they are. */
  const moving = digits.filter(({ cursor }) => cursor.next !== Infinity);

  function evaluate(): Evaluation<boolean> {
    const names: { [name: string]: unknown } = { now: instant };
    for (const { operand, shift, digits: along } of sights) if (along !== null) putSight(names, operand, sightOf(shift, along, seenHere));
    return expression.evaluateNames(names);
  }

  const shown = (value: unknown): Json => (typeof value === 'object' && value !== null ? 'object' : plainValue(value));

  function valueAt({ operand, shift, digits: along }: SightTrack, seen: (digit: Digit) => unknown): Json {
    if (along === null) return shown(operand.read(constants));
    const { depth, value } = sightOf(shift, along, seen);
    return plainValue(depth === operand.keys.length && value !== missing ? value : undefined);
  }

  return {
    get next() {
      let next = Infinity;
      for (const { cursor, lag } of moving) next = Math.min(next, cursor.next + lag);
      return next;
    },
    get hasEvaluated() {
      return hasEvaluated;
    },
    moveTo(revision) {
      for (const { cursor, lag } of moving) while (cursor.next + lag <= revision) cursor.forward();
    },
    answer() {
      const key = remembered.key(moving);
      const known = key === null ? undefined : remembered.get(key);
      hasEvaluated = known === undefined;
      if (known !== undefined) return known;
      const answer = evaluate();
      if (key !== null) remembered.set(key, answer);
      return answer;
    },
    values(revision) {
      // The state before the first event never became what it is.
      const seenBefore = ({ cursor, lag }: Digit): unknown => (cursor.since > 0 && cursor.since + lag === revision ? cursor.before : cursor.value);
      const values: { [operand: string]: FlipValue } = {};
      for (const track of sights) values[track.operand.text] = { before: valueAt(track, seenBefore), after: valueAt(track, seenHere) };
      return values;
    },
  };
}

interface SightTrack extends Pick<Track, 'operand' | 'shift'> {
  readonly digits: readonly Digit[] | null;
}

/** Where an operand leads: how many of its keys were followed, and what stands there; `missing`: a record without the next key. */
interface Sight {
  readonly depth: number;
  readonly value: unknown;
}

function sightOf(shift: number, digits: readonly Digit[], seen: (digit: Digit) => unknown): Sight {
  let depth = -shift;
  for (const digit of digits) {
    const value = seen(digit);
    if (value === missing) break;
    depth++;
    if (value !== record) return depth <= 0 ? { depth: 0, value: (depth === 0 ? value : null) ?? null } : { depth, value };
  }
  // A name without a value is null; what is not there below one is nothing.
  return depth < 0 ? { depth: 0, value: null } : { depth, value: missing };
}

/**
 * Puts what columns saw below one name back into a record of the same shape: for an expression that looks at nothing but
 * these paths it is as good as what it was read from.
 */
function putSight(names: { [name: string]: unknown }, { root, keys }: Operand, { depth, value }: Sight): void {
  let [holder, key] = [names, variableFor(root)];
  for (let index = 0; index < depth; index++) {
    const inner = holder[key];
    holder = isRecord(inner) ? inner : (holder[key] = {});
    key = keys[index]!;
  }
  if (value !== missing) holder[key] = value;
  else if (!isRecord(holder[key])) holder[key] = {};
}

const isRecord = (value: unknown): value is { [key: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);

const answersMax = 65_536;

/** Answers by the values that they follow from; numbers that come once only are not remembered. */
function createMemory<T>() {
  const answers = new Map<number, T>();
  /** Numbers of the combinations of the first two digits, the first three, and so on. */
  const pairs = new Map<number, number>();

  return {
    /** null: one of the values is not to be remembered. */
    key(digits: readonly Digit[]): number | null {
      if (Math.max(answers.size, pairs.size) > answersMax) {
        answers.clear();
        pairs.clear();
      }
      let key = 0;
      for (const [index, { cursor }] of digits.entries()) {
        if (cursor.code === null) return null;
        const pair = key * 65_536 + (cursor.code & 65_535);
        key = index === 0 ? pair : numberOf(pair);
      }
      return key;
    },
    get: (key: number): T | undefined => answers.get(key),
    set(key: number, answer: T): void {
      answers.set(key, answer);
    },
  };

  function numberOf(pair: number): number {
    let number = pairs.get(pair);
    if (number === undefined) pairs.set(pair, (number = pairs.size));
    return number;
  }
}
