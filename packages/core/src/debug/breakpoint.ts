/**
 * Where a run stops, or writes a line of a log: at events of a type, where a condition holds, where a value of the state
 * changed, where an expression changed its truth or ceased to hold, where the fold found something odd, at the Nth of such places; all
 * that is given must hold.
 *
 * Whether a breakpoint holds at a place depends on the place alone, never on the way there: that is why going back finds
 * exactly the places that going forward finds. Two kinds need to know more of the history than the place (the Nth place,
 * the changes of truth); they are looked up once, before the run, and kept (`resolve`).
 */
import { LogError } from '../errors.ts';
import { compileExpression } from '../expression/expression.ts';
import { absent, parsePointer, valueAt } from '../fold/pointer.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Flip } from '../travel/flip.ts';
import { resolveTypes } from '../query/match.ts';
import { matchesGlob } from '../query/glob.ts';
import type { Registry } from '../schema/registry.ts';
import { compileLogTemplate } from './log-template.ts';
import { asksForState, placeValues } from './place-values.ts';
import type { AskedPlace } from './place-values.ts';

export interface BreakpointInput {
  /** Canonical name, any alias, or a glob: `agent_run.f*`. */
  readonly eventType?: string | undefined;
  /** CEL that is true or false; document 002's spelling included: `event_data.get('reward', 0) > 0.8`. */
  readonly condition?: string | undefined;
  /** JSON pointer into the state: where the value there is another one than before the event. */
  readonly path?: string | undefined;
  /** CEL: where it changes between true and false (travel/flips.ts). */
  readonly flip?: string | undefined;
  /** CEL that should hold throughout: where it ceases to, from true to false. */
  readonly invariant?: string | undefined;
  /** Where the fold notes an anomaly of the event. */
  readonly anomaly?: boolean | undefined;
  /** Only the Nth place of the stream where all else holds; 1 = the first. */
  readonly nth?: number | undefined;
  /** Makes it a logpoint: text with `${expression}`, written instead of stopping. */
  readonly log?: string | undefined;
  /** Default true. */
  readonly enabled?: boolean | undefined;
}

/** A breakpoint as it is shown. */
export interface BreakpointView {
  readonly id: string;
  readonly eventType: string | null;
  readonly condition: string | null;
  readonly path: string | null;
  readonly flip: string | null;
  readonly invariant: string | null;
  readonly anomaly: boolean;
  readonly nth: number | null;
  readonly log: string | null;
  readonly enabled: boolean;
  /** How often a run stopped, or logged, because of it. */
  readonly hits: number;
  /** Places where the condition could not be evaluated: no match. Counted once per place and run. */
  readonly notEvaluated: number;
  readonly lastError: string | null;
}

export interface Breakpoint {
  readonly view: BreakpointView;
  /** True when it has to be asked with states. */
  readonly needsState: boolean;
  /** Told apart from `enabled`: does it hold at this place? Counts what cannot be evaluated. */
  holds(place: AskedPlace & { readonly event: EventEnvelope }): boolean;
  /** Looks up what depends on the whole history, as far as it is there now. */
  resolve(history: BreakpointHistory): Promise<void>;
  /** The line of a logpoint; null for a breakpoint. */
  line(place: AskedPlace): string | null;
  enable(enabled: boolean): void;
  countHit(): void;
}

/** What a breakpoint may ask of the history as a whole. */
export interface BreakpointHistory {
  readonly head: Revision;
  /** Lowest place; places after it count. */
  readonly first: Revision;
  /** Goes through places in order until `visit` answers true. */
  scan(after: Revision, upTo: Revision, needsState: boolean, visit: (place: AskedPlace & { readonly event: EventEnvelope }) => boolean): Promise<void>;
  /** Where, after `after`, the truth of an expression flips, and to what. */
  flips(source: string, after: Revision): Promise<readonly Pick<Flip, 'revision' | 'to'>[]>;
}

/**
 * Makes a breakpoint.
 *
 * @throws LogError BAD_EXPRESSION (bad-input C1 to C10); BAD_REQUEST `path` for a pointer that is none, `nth`, `breakpoint` when
 *         it says nothing about where.
 */
export function createBreakpoint(id: string, input: BreakpointInput, streamType: string, registry: Registry): Breakpoint {
  refuseEmpty(input);
  const test = placeTest(input, streamType, registry);
  const template = input.log === undefined ? null : compileLogTemplate(input.log);
  const nth = input.nth === undefined ? null : createNth(input.nth);
  const turns = [
    ...(input.flip === undefined ? [] : [createTurnPlaces(input.flip, () => true)]),
    ...(input.invariant === undefined ? [] : [createTurnPlaces(input.invariant, (to) => to === false)]),
  ];
  let enabled = input.enabled ?? true;
  let [hits, notEvaluated] = [0, 0];
  let lastError: string | null = null;

  function base(place: AskedPlace & { readonly event: EventEnvelope }): boolean {
    if (turns.some((places) => !places.has(place.event.revision))) return false;
    const answer = test.holds(place);
    if (typeof answer === 'boolean') return answer;
    notEvaluated++;
    lastError = answer.message;
    return false;
  }

  return {
    get view() {
      const { eventType = null, condition = null, path = null, flip = null, invariant = null, anomaly = false, nth: only = null, log = null } = input;
      return { id, eventType, condition, path, flip, invariant, anomaly, nth: only, log, enabled, hits, notEvaluated, lastError };
    },
    needsState: test.needsState || (template?.expressions.some(asksForState) ?? false),
    holds: (place) => (nth === null ? base(place) : nth.is(place.event.revision)),
    async resolve(history) {
      for (const places of turns) await places.resolve(history);
      await nth?.resolve(history, test.needsState, base);
    },
    line: (place) => template?.render(placeValues(place)) ?? null,
    enable: (value) => void (enabled = value),
    countHit: () => void hits++,
  };
}

function refuseEmpty({ eventType, condition, path, flip, invariant, anomaly = false, nth }: BreakpointInput): void {
  if (nth !== undefined && (!Number.isSafeInteger(nth) || nth < 1))
    throw new LogError('BAD_REQUEST', `There is no ${nth}th place.`, { details: { reason: 'nth', pointer: '/nth' }, hint: 'Count from 1.' });
  if (eventType === undefined && condition === undefined && path === undefined && flip === undefined && invariant === undefined && !anomaly)
    throw new LogError('BAD_REQUEST', 'The breakpoint does not say where to stop.', { details: { reason: 'breakpoint' }, hint: 'Give an event type, a condition, a path, a flip, an invariant, or anomaly.' });
}

interface PlaceTest {
  readonly needsState: boolean;
  /** An error when the condition cannot be evaluated. */
  holds(place: AskedPlace & { readonly event: EventEnvelope }): boolean | LogError;
}

/** Cheap questions first: most events are of another type. */
function placeTest({ eventType, condition, path, anomaly = false }: BreakpointInput, streamType: string, registry: Registry): PlaceTest {
  const types = eventType === undefined ? null : resolveTypes([eventType], streamType, registry);
  const pointer = path === undefined ? null : parsePointer(path);
  const expression = condition === undefined ? null : compileExpression(condition, { scope: 'debug', result: 'bool' });
  return {
    needsState: anomaly || pointer !== null || (expression !== null && asksForState(expression)),
    holds(place) {
      const { type } = place.event;
      if (types !== null && !types.names.has(type) && !types.globs.some((glob) => matchesGlob(glob, type))) return false;
      // Whoever asks about the state is given it.
      if (anomaly && !place.state!.anomalies.some(({ eventId }) => eventId === place.event.id)) return false;
      if (pointer !== null && isSame(valueAt(place.previous, pointer), valueAt(place.state, pointer))) return false;
      if (expression === null) return true;
      const answer = expression.evaluate(placeValues(place));
      return answer.ok ? answer.value : answer.error;
    },
  };
}

/** Equality of JSON values; the first difference ends it. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === absent || b === absent || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}

/** The Nth place of the whole stream; found once, and looked for again only behind what was looked through. */
function createNth(wanted: number): { is(revision: Revision): boolean; resolve(history: BreakpointHistory, needsState: boolean, holds: Breakpoint['holds']): Promise<void> } {
  let place: Revision | null = null;
  let count = 0;
  let lookedThrough: Revision | null = null;
  return {
    is: (revision) => revision === place,
    async resolve(history, needsState, holds) {
      const after = lookedThrough ?? history.first;
      if (place !== null || after >= history.head) return;
      await history.scan(after, history.head, needsState, (asked) => {
        lookedThrough = asked.event.revision;
        if (!holds(asked) || ++count < wanted) return false;
        place = asked.event.revision;
        return true;
      });
    },
  };
}

/** Where the truth of an expression turns to what counts. */
function createTurnPlaces(source: string, counts: (to: Flip['to']) => boolean): { has(revision: Revision): boolean; resolve(history: BreakpointHistory): Promise<void> } {
  compileExpression(source, { scope: 'debug', result: 'bool' });
  const places = new Set<Revision>();
  let lookedThrough: Revision | null = null;
  return {
    has: (revision) => places.has(revision),
    async resolve(history) {
      const after = lookedThrough ?? history.first;
      if (after >= history.head) return;
      for (const { revision, to } of await history.flips(source, after)) if (counts(to)) places.add(revision);
      lookedThrough = history.head;
    },
  };
}
