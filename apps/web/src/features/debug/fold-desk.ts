/**
 * The desk at which a run is folded: it keeps the stretch of history around the cursor, fetches the next one when the cursor leaves
 * it, and answers about any place of it without asking the server.
 *
 * A jump in a long run first fetches one state and a few events, so that it is shown at once; when the cursor rests, the stretch
 * is widened, and then says which event set a value further back. A short run is fetched whole.
 */
import { LogError, compileExpression, createFold, diff, instantMs, parsePlace, parsePointer, valueAt } from '@refold/core';
import type { EventEnvelope, Expression, Json, Patch, Registry, State } from '@refold/core';
import type { Client } from '@refold/client';
import { createStretch } from './fold-stretch.ts';
import type { Stretch } from './fold-stretch.ts';
import type { ChangeLine, DiffBase, ExpressionValue, PlaceAnswer, PlaceQuestion, SettersAnswer } from './fold-messages.ts';
import { shownValue, treeOf } from './state-tree.ts';

export interface FoldDesk {
  setHead(head: number): void;
  place(question: PlaceQuestion, signal: AbortSignal): Promise<PlaceAnswer>;
  setters(revision: number, pointers: readonly string[], signal: AbortSignal): Promise<SettersAnswer>;
  value(revision: number, pointer: string, signal: AbortSignal): Promise<{ readonly json: string; readonly isWhole: boolean }>;
  evaluate(revision: number, expression: string, signal: AbortSignal): Promise<ExpressionValue>;
  /** Goes on after an event whose definition failed, in this view only. */
  skip(revision: number): void;
}

export type DeskClient = Pick<Client, 'stateAt' | 'streamEvents'>;

/** A run of at most so many events is fetched whole. */
const wholeMax = 1_000;
/** Events fetched after a jump, and on both sides once the cursor rests. */
const nearEvents = 32;
const wideEvents = 256;
/** Questions in a row about a place of a run that is folded for the first time, of ten seconds each. */
const foldTurnsMax = 30;
const changesMax = 2_000;
const valueCharactersMax = 2_000_000;
const expressionsKept = 200;

export function createFoldDesk(client: DeskClient, registry: Registry, address: { readonly streamType: string; readonly streamId: string }): FoldDesk {
  const fold = createFold(registry);
  const skipped = new Set<number>();
  const compiled = new Map<string, Expression>();
  let head = 0;
  let stretch: Stretch | null = null;
  /** The base of a diff that is not the event before. */
  let base: { readonly of: DiffBase; readonly state: State } | null = null;

  async function stateAt(revision: number, signal: AbortSignal): Promise<State> {
    if (revision === 0) return fold.initial(address.streamType, address.streamId);
    return await askState({ ...address, revision }, signal);
  }

  /** A run that nobody folded yet may take longer than one question may. What was folded is kept by the server, and the next one goes on from there. */
  async function askState(question: Parameters<DeskClient['stateAt']>[0], signal: AbortSignal): Promise<State> {
    for (let turn = 1; ; turn++)
      try {
        return (await client.stateAt(question, { signal })).state as unknown as State;
      } catch (error) {
        if (!(error instanceof LogError) || error.code !== 'QUERY_TIMEOUT' || turn === foldTurnsMax) throw error;
        signal.throwIfAborted();
      }
  }

  async function fetchStretch(from: number, to: number, signal: AbortSignal): Promise<Stretch> {
    const [state, events] = await Promise.all([stateAt(from, signal), eventsOf(client, address, from + 1, to, signal)]);
    return createStretch(fold, state, events, skipped);
  }

  /** The stretch that a place stands in, with the event before it. */
  async function stretchAt(revision: number, signal: AbortSignal): Promise<Stretch> {
    if (stretch !== null && stretch.covers(revision) && (stretch.first < revision || revision === 0)) return stretch;
    const isShort = head <= wholeMax;
    const [from, to] = isShort ? [0, head] : [Math.max(0, revision - 1), Math.min(head, revision + nearEvents)];
    const fetched = await fetchStretch(from, to, signal);
    signal.throwIfAborted();
    stretch = fetched;
    return fetched;
  }

  /** Wide enough to say who set what, once somebody asks for that. */
  async function wideStretchAt(revision: number, signal: AbortSignal): Promise<Stretch> {
    const near = await stretchAt(revision, signal);
    if (near.first === 0 || revision - near.first >= wideEvents / 2) return near;
    const wide = await fetchStretch(Math.max(0, revision - wideEvents), Math.min(head, revision + wideEvents), signal);
    signal.throwIfAborted();
    stretch = wide;
    return wide;
  }

  async function baseState(of: Exclude<DiffBase, 'previous'>, signal: AbortSignal): Promise<State> {
    if (base?.of === of) return base.state;
    const state = typeof of === 'string' ? await stateOfPlace(of, signal) : stretch !== null && stretch.covers(of) ? fold.copy(stretch.at(of).state) : await stateAt(of, signal);
    base = { of, state };
    return state;
  }

  async function stateOfPlace(text: string, signal: AbortSignal): Promise<State> {
    const { streamType, streamId } = parsePlace(text);
    const at = text.lastIndexOf('@');
    return await askState({ streamType, streamId, ...(at < 0 ? {} : { place: text.slice(at + 1) }) }, signal);
  }

  function expressionOf(source: string): Expression {
    let expression = compiled.get(source);
    if (expression === undefined) {
      expression = compileExpression(source, { scope: 'debug' });
      if (compiled.size >= expressionsKept) compiled.clear();
      compiled.set(source, expression);
    }
    return expression;
  }

  function valueOf(source: string, here: Stretch, revision: number): ExpressionValue {
    try {
      const expression = expressionOf(source);
      const before = revision > here.first ? here.at(revision - 1) : null;
      const earlier = revision - 1 > here.first ? here.at(revision - 2).state : null;
      const step = here.at(revision);
      const now = expression.evaluate(valuesAt(step.event, step.state, before?.state ?? null));
      const previous = before === null ? null : expression.evaluate(valuesAt(before.event, before.state, earlier));
      return { expression: source, value: now.ok ? now.value : null, previous: previous?.ok === true ? previous.value : null, error: now.ok ? null : now.error.message };
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return { expression: source, value: null, previous: null, error: error.message };
    }
  }

  return {
    setHead(known) {
      // A whole run that grew is fetched anew where it is next looked at beyond its end.
      head = known;
    },
    async place(question, signal) {
      const { revision } = question;
      const here = await stretchAt(revision, signal);
      const against = question.base === 'previous' ? null : await baseState(question.base, signal);
      const values = question.expressions.map((source) => valueOf(source, here, revision));
      const step = here.at(revision);
      const patches = against === null ? (revision === 0 ? [] : step.patches) : diff(against, step.state);
      const shown = (patches ?? []).filter(({ path }) => !bookkeeping.has(path));
      return {
        revision,
        base: question.base,
        event: step.event,
        tree: treeOf(step.state, { open: new Set(question.open), patches: shown, from: question.from, to: question.to, search: question.search }),
        changes: shown.slice(0, changesMax).map(lineOf),
        counts: patches === null ? null : countsOf(shown),
        values,
        failure: step.failure,
        anomalies: step.event === null ? [] : step.state.anomalies.filter(({ eventId }) => eventId === step.event!.id).map(({ code, detail }) => ({ code, detail })),
        status: typeof step.state['status'] === 'string' ? step.state['status'] : null,
      };
    },
    async setters(revision, pointers, signal) {
      const wide = await wideStretchAt(revision, signal);
      return { setBy: wide.setBy(revision, pointers), since: wide.first };
    },
    async value(revision, pointer, signal) {
      const here = await stretchAt(revision, signal);
      const json = JSON.stringify(valueAt(here.at(revision).state, parsePointer(pointer)) ?? null, null, 2);
      return { json: json.slice(0, valueCharactersMax), isWhole: json.length <= valueCharactersMax };
    },
    async evaluate(revision, expression, signal) {
      expressionOf(expression);
      return valueOf(expression, await stretchAt(revision, signal), revision);
    },
    skip(revision) {
      skipped.add(revision);
      stretch = null;
      base = null;
    },
  };
}

const eventsPerPage = 1_000;

async function eventsOf(client: DeskClient, address: { readonly streamType: string; readonly streamId: string }, fromRevision: number, toRevision: number, signal: AbortSignal): Promise<readonly EventEnvelope[]> {
  if (fromRevision > toRevision) return [];
  const { items } = await client.streamEvents({ ...address, fromRevision, toRevision, limit: Math.min(eventsPerPage, toRevision - fromRevision + 1) }, { signal });
  return items;
}

/** What every event sets, and what is said of the event itself beside the state. */
const bookkeeping: ReadonlySet<string> = new Set(['/revision', '/lastEventId', '/lastEventAt', '/updatedAt', '/eventCount']);

const lineOf = ({ op, path, before, after }: Patch): ChangeLine => ({ op, path, before: op === 'add' ? '' : lineText(before), after: op === 'remove' ? '' : lineText(after) });

const lineCharactersMax = 1_000;

/** Small values are written out, since a person wants to see what came. */
function lineText(value: Json): string {
  if (typeof value !== 'object' || value === null) return shownValue(value);
  const text = Object.keys(value).length <= 50 ? JSON.stringify(value) : '';
  return text === '' || text.length > lineCharactersMax ? shownValue(value) : text;
}

function countsOf(patches: readonly Patch[]): PlaceAnswer['counts'] {
  const count = (op: Patch['op']): number => patches.filter((patch) => patch.op === op).length;
  return { added: count('add'), removed: count('remove'), changed: count('replace') };
}

const valuesAt = (event: EventEnvelope | null, state: State, previous: State | null): Parameters<Expression['evaluate']>[0] => ({
  state,
  after: state,
  previous,
  before: previous,
  ...(event === null ? {} : { event, now: instantMs(event.occurredAt) ?? Number.NaN }),
});
