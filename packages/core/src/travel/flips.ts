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
 */
import type { State } from '../fold/aggregate.ts';
import type { Evaluation, Expression } from '../expression/expression.ts';
import { compileExpression } from '../expression/expression.ts';
import { operandsOf } from '../expression/operands.ts';
import type { Operands } from '../expression/operands.ts';
import { plainValue } from '../expression/plain-value.ts';
import type { ExpressionValues } from '../expression/scope.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { createPace } from '../pace.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { eventAt, headOf } from './stream-reader.ts';

export type Truth = boolean | 'unknown';

/**
 * flip: true became false or the other way. first: the first place where it is known, when it was not known before the range.
 * unknown: from here on it cannot be evaluated. known: it can again, and is what it was before.
 */
export type FlipKind = 'flip' | 'first' | 'unknown' | 'known';

export interface Flip {
  readonly kind: FlipKind;
  readonly revision: Revision;
  readonly eventId: string;
  readonly type: string;
  /** When it happened. */
  readonly at: Instant;
  /** For a flip the last truth that was known; for the others the truth of the event before. */
  readonly from: Truth;
  readonly to: Truth;
  /** Values that the expression looks at, by their text: `state.coverage`. A long collection is told by its size. */
  readonly values: { readonly [operand: string]: FlipValue };
  /** Why it cannot be evaluated; only for `unknown`. */
  readonly error?: string;
}

/** null: nothing is there. */
export interface FlipValue {
  readonly before: Json;
  readonly after: Json;
}

export interface FlipsSummary {
  /** Events evaluated. */
  readonly events: number;
  /** Changes between true and false. */
  readonly flips: number;
  /** Events over which the expression could not be evaluated. */
  readonly unknown: number;
  /** Truth before the first event of the range, and after the last. */
  readonly start: Truth;
  readonly end: Truth;
  /** First of the reasons for `unknown`. */
  readonly firstError: string | null;
}

export interface FlipsOptions {
  /** Exclusive lower and inclusive upper bound. Default: the whole stream. */
  readonly after?: Revision;
  readonly upTo?: Revision;
  /** Milliseconds since the epoch that `now` stands for; without it `now` is null. */
  readonly now?: number;
  /** Told after every page. */
  readonly onProgress?: (progress: { readonly events: number; readonly revision: Revision; readonly upTo: Revision }) => void;
  readonly signal?: AbortSignal;
}

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
  const pace = createPace(parts.clock);
  const watch = await startWatch(parts, address, expression, after, options.now);

  if (after < upTo)
    for await (const page of parts.reader.pages(stream, { after, upTo })) {
      signal?.throwIfAborted();
      for (const event of page) {
        const flip = watch.step(event);
        if (flip !== null) yield flip;
        if (pace.isDue()) await pace.turn(signal);
      }
      options.onProgress?.({ events: watch.summary().events, revision: page.at(-1)?.revision ?? after, upTo });
    }
  return watch.summary();
}

interface Watch {
  /** One event further; the change of truth that it made. */
  step(event: EventEnvelope): Flip | null;
  summary(): FlipsSummary;
}

const stateNames = ['state', 'after'] as const;
const previousNames = ['previous', 'before'] as const;

async function startWatch(parts: TravelParts, address: StreamAddress, expression: Expression<boolean>, after: Revision, now: number | undefined): Promise<Watch> {
  const uses = (names: readonly string[]): boolean => names.some((name) => expression.names.has(name));
  const stateAt = async (revision: Revision): Promise<State> => (await reconstruct(parts, address, { kind: 'revision', revision })).state;
  const drafts: Drafts = {
    state: uses(stateNames) ? await stateAt(after) : null,
    previous: uses(previousNames) ? await stateAt(Math.max(0, after - 1)) : null,
    last: after === 0 ? null : await eventAt(parts.reader, formatStreamAddress(address), after),
  };
  // With `previous` the state one event behind is brought to its place by the first step.
  const values: { -readonly [K in keyof ExpressionValues]: ExpressionValues[K] } = { state: drafts.state, after: drafts.state, previous: drafts.previous, before: drafts.previous };
  if (now !== undefined) values.now = now;
  if (drafts.last !== null) values.event = drafts.last;
  return createWatch(parts, expression, drafts, values);
}

interface Drafts {
  state: State | null;
  previous: State | null;
  /** The event that `previous` is behind. */
  last: EventEnvelope | null;
}

function createWatch({ fold }: TravelParts, expression: Expression<boolean>, drafts: Drafts, values: { -readonly [K in keyof ExpressionValues]: ExpressionValues[K] }): Watch {
  const trail = createTrail(operandsOf(expression.source, 'debug'));
  let answer: Evaluation<boolean> | null = null;
  const start = startTruth(expression, values);
  let truth: Truth = start;
  let lastKnown: Truth = start;
  let [events, flipCount, unknown] = [0, 0, 0];
  let firstError: string | null = null;
  trail.step(values);

  function advance(event: EventEnvelope): void {
    if (drafts.previous !== null && drafts.last !== null) drafts.previous = fold.evolveDraft(drafts.previous, drafts.last);
    if (drafts.state !== null) drafts.state = fold.evolveDraft(drafts.state, event);
    drafts.last = event;
    values.event = event;
    values.state = drafts.state;
    values.after = drafts.state;
    values.previous = drafts.previous;
    values.before = drafts.previous;
  }

  function change(event: EventEnvelope, answer: Evaluation<boolean>): Flip {
    const to: Truth = answer.ok ? answer.value : 'unknown';
    const kind: FlipKind = to === 'unknown' ? 'unknown' : lastKnown === 'unknown' ? 'first' : to === lastKnown ? 'known' : 'flip';
    const from = kind === 'flip' ? lastKnown : truth;
    if (kind === 'flip') flipCount++;
    return { kind, revision: event.revision, eventId: event.id, type: event.type, at: event.occurredAt, from, to, values: trail.values(), ...(answer.ok ? {} : { error: answer.error.message }) };
  }

  return {
    step(event) {
      advance(event);
      const hasChanged = trail.step(values);
      if (answer === null || hasChanged) answer = expression.evaluate(values);
      events++;
      if (!answer.ok) {
        unknown++;
        firstError ??= answer.error.message;
      }
      const now: Truth = answer.ok ? answer.value : 'unknown';
      if (now === truth) return null;
      const flip = change(event, answer);
      truth = now;
      if (now !== 'unknown') lastKnown = now;
      return flip;
    },
    summary: () => ({ events, flips: flipCount, unknown, start, end: truth, firstError }),
  };
}

/** Before the first event there is a state but no event: what asks for one is not known yet. */
function startTruth(expression: Expression<boolean>, values: ExpressionValues): Truth {
  const placeNames: ReadonlySet<string> = new Set(['state', 'after', 'now']);
  if (values.event === undefined && [...expression.names].some((name) => !placeNames.has(name))) return 'unknown';
  const answer = expression.evaluate(values);
  return answer.ok ? answer.value : 'unknown';
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
