/**
 * When did it become true? Every change of truth of an expression over a stream's history, all of them, in order.
 *
 * Truth has three values: where the expression cannot be evaluated (a key is not there yet) it is `unknown`, never false.
 * A change between true and false is a `flip`, also when places that could not be evaluated lie between; what is unknown is
 * told in kinds of its own.
 *
 * One pass, nothing copied per event: the expression is compiled once, evaluated over the draft that the fold changes, and
 * only where something that it looks at has changed; the state is not folded at all when no name asks for it. `previous`
 * is a second fold, one event behind, rather than a copy of the state per event. In memory: one page, one state (two with
 * `previous`), and the values of the last event.
 *
 * Where columns are kept, the question is answered from them (column-scan.ts), and the pass begins where they end; it leaves
 * in them what it reads.
 */
import type { State } from '../fold/aggregate.ts';
import type { Evaluation, Expression } from '../expression/expression.ts';
import { compileExpression } from '../expression/expression.ts';
import { operandsOf } from '../expression/operands.ts';
import type { Operands } from '../expression/operands.ts';
import { plainValue } from '../expression/plain-value.ts';
import type { ExpressionValues } from '../expression/scope.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { createPace } from '../pace.ts';
import type { StreamColumns } from './column-index.ts';
import { columnsFor, scanColumns } from './column-scan.ts';
import { flipOf } from './flip.ts';
import type { Flip, FlipsOptions } from './flip.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { eventAt, headOf } from './stream-reader.ts';
import { asksForEvent, createTally, truthOf } from './truth-tally.ts';
import type { FlipsSummary, Truth, TruthTally } from './truth-tally.ts';

/**
 * Finds every change of truth.
 *
 * @param source  CEL in the scope `debug`: the event's names, `state` (after it), `previous` (before it); `after` and `before`
 *                are the same two, because here the entity is the stream.
 * @returns       Changes as they are found; the generator's return value is the summary.
 * @throws LogError BAD_EXPRESSION (bad-input C1 to C10) before the first event; NOT_FOUND; INCOMPLETE_HISTORY and FOLD_FAILED at
 *         their place, after the changes before it; the signal's reason.
 */
export async function* flips(parts: TravelParts, address: StreamAddress, source: string, options: FlipsOptions = {}): AsyncGenerator<Flip, FlipsSummary> {
  const expression = compileExpression(source, { scope: 'debug', result: 'bool' });
  const stream = formatStreamAddress(address);
  const { after = 0, signal } = options;
  const head = await headOf(parts.reader, stream);
  const upTo = Math.min(options.upTo ?? head, head);
  const operands = operandsOf(source, 'debug');
  const columns = parts.columns?.of(stream, head) ?? null;
  const kept = columns === null ? null : columnsFor(operands, columns);
  const covered = Math.min(upTo, kept?.upTo ?? 0);
  const pace = createPace(parts.clock);
  const scan = kept !== null && covered > after ? scanColumns(expression, kept, { after, upTo: covered, now: options.now, start: after === 0 && asksForEvent(expression) ? 'unknown' : null }) : null;
  while (scan !== null && scan.revision < covered) {
    signal?.throwIfAborted();
    for (const flip of scan.take(pace.isDue)) yield flip;
    if (pace.isDue()) await pace.turn(signal);
    options.onProgress?.({ events: scan.tally.summary().events, revision: scan.revision, upTo });
  }
  if (scan !== null && covered === upTo) return scan.tally.summary();

  const from = scan === null ? after : covered;
  const watch = await startWatch(parts, address, { expression, operands, columns, tally: scan?.tally ?? null, now: options.now }, from);
  if (from < upTo)
    for await (const page of parts.reader.pages(stream, { after: from, upTo })) {
      signal?.throwIfAborted();
      for (const event of page) {
        const flip = watch.step(event);
        if (flip !== null) yield flip;
        if (pace.isDue()) await pace.turn(signal);
      }
      options.onProgress?.({ events: watch.tally.summary().events, revision: page.at(-1)?.revision ?? from, upTo });
    }
  return watch.tally.summary();
}

interface Watch {
  readonly tally: TruthTally;
  /** One event further; the change of truth that it made. */
  step(event: EventEnvelope): Flip | null;
}

interface Question {
  readonly expression: Expression<boolean>;
  readonly operands: Operands;
  /** What the scan leaves for the next one. */
  readonly columns: StreamColumns | null;
  /** Of the places before, when they were looked at already. */
  readonly tally: TruthTally | null;
  readonly now: number | undefined;
}

const stateNames = ['state', 'after'] as const;
const previousNames = ['previous', 'before'] as const;

async function startWatch(parts: TravelParts, address: StreamAddress, question: Question, after: Revision): Promise<Watch> {
  const { expression, now } = question;
  const uses = (names: readonly string[]): boolean => names.some((name) => expression.names.has(name));
  const stateAt = async (revision: Revision): Promise<State> => (await reconstruct(parts, address, { kind: 'revision', revision })).state;
  const drafts: Drafts = {
    state: uses(stateNames) ? await stateAt(after) : null,
    previous: uses(previousNames) ? await stateAt(Math.max(0, after - 1)) : null,
    last: after === 0 ? null : await eventAt(parts.reader, formatStreamAddress(address), after),
  };
  // With `previous` the state one event behind is brought to its place by the first step.
  const values: WritableValues = { state: drafts.state, after: drafts.state, previous: drafts.previous, before: drafts.previous };
  if (now !== undefined) values.now = now;
  if (drafts.last !== null) values.event = drafts.last;
  const empty = drafts.state ?? drafts.previous;
  if (after === 0 && empty !== null) question.columns?.begin(empty);
  return createWatch(parts, question, drafts, values);
}

type WritableValues = { -readonly [K in keyof ExpressionValues]: ExpressionValues[K] };

interface Drafts {
  state: State | null;
  previous: State | null;
  /** The event that `previous` is behind. */
  last: EventEnvelope | null;
}

function createWatch({ fold }: TravelParts, { expression, operands, columns, ...question }: Question, drafts: Drafts, values: WritableValues): Watch {
  const trail = createTrail(operands);
  const tally = question.tally ?? createTally(startTruth(expression, values));
  let answer: Evaluation<boolean> | null = null;
  trail.step(values);

  function advance(event: EventEnvelope): void {
    if (drafts.previous !== null && drafts.last !== null) {
      drafts.previous = fold.evolveDraft(drafts.previous, drafts.last);
      columns?.add(drafts.last, drafts.previous);
    }
    if (drafts.state !== null) drafts.state = fold.evolveDraft(drafts.state, event);
    columns?.add(event, drafts.state);
    drafts.last = event;
    values.event = event;
    values.state = drafts.state;
    values.after = drafts.state;
    values.previous = drafts.previous;
    values.before = drafts.previous;
  }

  return {
    tally,
    step(event) {
      advance(event);
      const hasChanged = trail.step(values);
      if (answer === null || hasChanged) answer = expression.evaluate(values);
      const turn = tally.step(answer, 1);
      return turn === null ? null : flipOf(event, turn, trail.values());
    },
  };
}

/** Before the first event there is a state but no event: what asks for one is not known yet. */
function startTruth(expression: Expression<boolean>, values: ExpressionValues): Truth {
  return values.event === undefined && asksForEvent(expression) ? 'unknown' : truthOf(expression.evaluate(values));
}

interface ValueTrail {
  /** False when the answer to the expression cannot have changed. */
  step(values: ExpressionValues): boolean;
  values(): Flip['values'];
}

/** Keeps what each operand was at the last two events. A collection goes on changing in the draft, so only its size is kept. */
function createTrail({ list, isAll }: Operands): ValueTrail {
  const before: unknown[] = list.map(() => null);
  const after: unknown[] = list.map(() => null);
  /** What is there and has no parts is all that equal values tell of; where nothing is, the answer depends on how much is missing. */
  const tells: boolean[] = list.map(() => false);
  return {
    step(values) {
      let hasChanged = !isAll;
      for (let index = 0; index < list.length; index++) {
        const value = list[index]!.read(values);
        const isObject = typeof value === 'object' && value !== null;
        const isPlain = !isObject && value !== undefined;
        hasChanged ||= !isPlain || !tells[index]! || value !== after[index];
        before[index] = after[index];
        after[index] = isObject ? sizeOf(value) : value;
        tells[index] = isPlain;
      }
      return hasChanged;
    },
    values: () => Object.fromEntries(list.map(({ text }, index) => [text, { before: plainValue(before[index]), after: plainValue(after[index]) }])),
  };
}

/** Counting the keys of a large record at every event would cost more than the evaluation; what a person needs is its kind. */
const sizeOf = (value: object): string => (Array.isArray(value) ? `${value.length} items` : 'object');
