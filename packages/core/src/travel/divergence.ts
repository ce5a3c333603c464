/**
 * Where does a run leave the one that worked? Both are aligned by cause and by place in the agent tree, what may differ is
 * ignored by rules, and the first difference is told with its kind:
 *
 *  - structure: something happened in one run only;
 *  - input: the same step was given something else;
 *  - output: the same step, given the same, brought something else (or failed);
 *  - state: every event agrees, and still the states differ.
 *
 * How: the equal beginning is passed in lockstep and not kept; from the first mismatch on, up to `eventsMax` small records of
 * each run are aligned (align-runs.ts). In memory: those, and one node per entity.
 */
import { diff } from '../fold/diff.ts';
import { absent, valueAt } from '../fold/pointer.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { alignRuns } from './align-runs.ts';
import type { Difference } from './align-runs.ts';
import type { EventMark } from './entity-tree.ts';
import { factsOf } from './facts.ts';
import { defaultIgnoreRules } from './ignore-rules.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { createRunReader } from './run-records.ts';
import type { RunReader, RunRecord } from './run-records.ts';
import { eventAt, headOf } from './stream-reader.ts';

export type DivergenceReason = 'EVENT_MISSING' | 'EVENT_EXTRA' | 'TYPE_DIFFERS' | 'DATA_DIFFERS' | 'STATE_DIFFERS' | 'OUTCOME_DIFFERS';
export type DivergenceKind = 'structure' | 'input' | 'output' | 'state';

/** An event and where it stands in its run's agent tree. */
export interface DivergenceSide extends EventMark {
  /** `session > agent_run[1] > tool_call[3]`. */
  readonly place: string;
}

/** One difference. The first six fields are the wire's Divergence; revision and event are those of the run, not of the reference. */
export interface Divergence {
  /** null: the run lacks the event. */
  readonly atRevision: Revision | null;
  readonly eventId: string | null;
  /** JSON pointer into the payload, or into the state. */
  readonly path: string | null;
  /** In the reference, and in the run. */
  readonly expected: Json;
  readonly actual: Json;
  readonly reason: DivergenceReason;
  readonly kind: DivergenceKind;
  readonly run: DivergenceSide | null;
  readonly reference: DivergenceSide | null;
}

export interface DivergenceReport {
  readonly equal: boolean;
  readonly first: Divergence | null;
  /** Differences after the first; they may follow from it. At least so many when `truncated`. */
  readonly later: number;
  /** Events read, events compared and found equal. */
  readonly compared: { readonly run: number; readonly reference: number; readonly equal: number };
  /** Compared events around the first difference, in the order of each run. */
  readonly context: { readonly run: readonly DivergenceSide[]; readonly reference: readonly DivergenceSide[] };
  readonly rules: IgnoreRules;
  /** States are compared only when all events agree and none of them, and no part of one, was left out of the comparison by number or by rule. */
  readonly states: 'equal' | 'differ' | 'not_compared';
  /** A run has more than `eventsMax` events after the first mismatch; what lies behind was not compared. */
  readonly truncated: boolean;
}

export interface DivergenceOptions {
  /** Changes of the default rules. */
  readonly ignore?: Partial<IgnoreRules>;
  /** causal: by the agent tree. index: by the log's order alone. Default causal. */
  readonly align?: 'causal' | 'index';
  /** Compared events to show before and after. Default 3. */
  readonly context?: number;
  /** Newest revision of each run that is looked at. Default: the whole run. */
  readonly upTo?: Revision;
  readonly referenceUpTo?: Revision;
  /** Records of each run after the first mismatch. Default 100,000. */
  readonly eventsMax?: number;
}

/**
 * Compares a run with a reference.
 *
 * @throws LogError NOT_FOUND for a stream that does not exist; as `reconstruct` when all events agree and the states are compared.
 */
export async function divergence(parts: TravelParts, run: StreamAddress, reference: StreamAddress, options: DivergenceOptions = {}): Promise<DivergenceReport> {
  const rules = { ...defaultIgnoreRules, ...options.ignore };
  const sides = [await openSide(parts, run, options.upTo, rules), await openSide(parts, reference, options.referenceUpTo, rules)] as const;
  try {
    const found = await compareRuns(sides, options);
    const [first] = found.differences;
    const event = first === undefined ? null : await describe(parts, sides, first);
    const comparesStates = event === null && !found.truncated && areStatesComparable(sides, rules);
    const state = comparesStates ? await compareStates(parts, sides) : null;
    return {
      equal: event === null && state === null,
      first: event ?? state?.first ?? null,
      later: event === null ? (state?.later ?? 0) : found.differences.length - 1,
      compared: { run: sides[0].records.read, reference: sides[1].records.read, equal: found.equal },
      context: found.context,
      rules,
      states: !comparesStates ? 'not_compared' : state === null ? 'equal' : 'differ',
      truncated: found.truncated,
    };
  } finally {
    for (const { records } of sides) await records.close();
  }
}

interface Side {
  readonly address: StreamAddress;
  readonly upTo: Revision;
  readonly records: RunReader;
}

async function openSide(parts: TravelParts, address: StreamAddress, upTo: Revision | undefined, rules: IgnoreRules): Promise<Side> {
  const stream = formatStreamAddress(address);
  const head = await headOf(parts.reader, stream);
  const last = Math.min(upTo ?? head, head);
  return { address, upTo: last, records: createRunReader(parts.reader.pages(stream, { upTo: last }), address, parts.fold.registry, rules) };
}

interface Comparison {
  readonly differences: readonly Difference[];
  readonly equal: number;
  readonly context: DivergenceReport['context'];
  readonly truncated: boolean;
}

async function compareRuns([run, reference]: readonly [Side, Side], { align = 'causal', context = 3, eventsMax = 100_000 }: DivergenceOptions): Promise<Comparison> {
  const before: [RunRecord, RunRecord][] = [];
  let equal = 0;
  let [a, b] = [await run.records.next(), await reference.records.next()];
  while (a !== null && b !== null && agree(a, b)) {
    equal++;
    before.push([a, b]);
    if (before.length > context) before.shift();
    [a, b] = [await run.records.next(), await reference.records.next()];
  }

  const [runRest, referenceRest] = [await rest(run.records, a, eventsMax), await rest(reference.records, b, eventsMax)];
  const alignment = alignRuns(runRest.records, referenceRest.records, { flat: align === 'index' });
  const [first] = alignment.differences;
  const around = (prefix: readonly RunRecord[], records: readonly RunRecord[], centre: RunRecord | null | undefined): readonly DivergenceSide[] => {
    const all = [...prefix, ...records.slice(0, 10_000)];
    const at = centre === null || centre === undefined ? prefix.length : all.indexOf(centre);
    return first === undefined || at < 0 ? [] : all.slice(Math.max(0, at - context), at + context + 1).map(sideOf);
  };
  return {
    differences: alignment.differences,
    equal: equal + alignment.equal,
    context: {
      run: around(before.map(([record]) => record), runRest.records, first?.a),
      reference: around(before.map(([, record]) => record), referenceRest.records, first?.b),
    },
    truncated: runRest.hasMore || referenceRest.hasMore,
  };
}

const agree = (a: RunRecord, b: RunRecord): boolean => a.hash === b.hash && a.type === b.type && a.node.path === b.node.path;

async function rest(records: RunReader, first: RunRecord | null, eventsMax: number): Promise<{ readonly records: readonly RunRecord[]; readonly hasMore: boolean }> {
  const collected: RunRecord[] = [];
  for (let record = first; record !== null; record = await records.next()) {
    if (collected.length >= eventsMax) return { records: collected, hasMore: true };
    collected.push(record);
  }
  return { records: collected, hasMore: false };
}

const sideOf = ({ eventId, revision, type, at, node }: RunRecord): DivergenceSide => ({ eventId, revision, type, at, place: node.path });

async function describe({ reader }: TravelParts, [run, reference]: readonly [Side, Side], { a, b }: Difference): Promise<Divergence> {
  const eventOf = (side: Side, record: RunRecord | null): Promise<EventEnvelope | null> => (record === null ? Promise.resolve(null) : eventAt(reader, formatStreamAddress(side.address), record.revision));
  const [actualEvent, expectedEvent] = [await eventOf(run, a), await eventOf(reference, b)];
  const sides = { run: a === null ? null : sideOf(a), reference: b === null ? null : sideOf(b), atRevision: a?.revision ?? null, eventId: a?.eventId ?? null };
  if (a === null || b === null)
    return { ...sides, path: null, expected: expectedEvent?.data ?? null, actual: actualEvent?.data ?? null, reason: a === null ? 'EVENT_MISSING' : 'EVENT_EXTRA', kind: 'structure' };
  if (a.type !== b.type) return { ...sides, path: null, expected: b.type, actual: a.type, reason: 'TYPE_DIFFERS', kind: a.isEnd && b.isEnd ? 'output' : 'structure' };

  const [actual, expected] = [actualEvent?.data ?? {}, expectedEvent?.data ?? {}];
  // An id that became an entity's later was compared as the text it was then.
  const [patch = diff(expected, actual)[0]] = diff(reference.records.form.of(expected, b.type), run.records.form.of(actual, a.type));
  const path = patch?.path ?? null;
  return { ...sides, path, expected: shown(expected, path, patch?.before), actual: shown(actual, path, patch?.after), reason: 'DATA_DIFFERS', kind: isOutput(a) ? 'output' : 'input' };
}

/**
 * What ends something, what its definition calls an outcome, and what something in the run caused is what came out; what
 * begins something, and what nobody in the run caused, is what went in.
 */
const isOutput = ({ isStart, isEnd, isOutcome, isCaused }: RunRecord): boolean => !isStart && (isEnd || isOutcome || isCaused);

/** The value as recorded; a path through a normalised key falls back to what was compared. */
function shown(data: unknown, path: string | null, compared: Json | undefined): Json {
  const value = path === null ? absent : valueAt(data, path);
  return value === absent ? (compared ?? null) : (value as Json);
}

/**
 * Ignored events and values may well count in a state, so states say something only where nothing in the events was passed over.
 */
const areStatesComparable = ([run, reference]: readonly [Side, Side], rules: IgnoreRules): boolean =>
  run.address.streamType === reference.address.streamType && run.records.read === reference.records.read && rules.types.length === 0 && rules.pointers.length === 0;

async function compareStates(parts: TravelParts, [run, reference]: readonly [Side, Side]): Promise<{ readonly first: Divergence; readonly later: number } | null> {
  const factsAt = async ({ address, upTo, records }: Side): Promise<Json> => {
    const { state } = await reconstruct(parts, address, { kind: 'revision', revision: upTo });
    const { streamId: _streamId, correlationChain: _chain, ...facts } = factsOf(state);
    return records.form.of({ ...facts, anomalies: state.anomalies.map(({ code, detail }) => ({ code, detail })) }, '');
  };
  const [patch, ...others] = diff(await factsAt(reference), await factsAt(run));
  if (patch === undefined) return null;
  return { first: { atRevision: run.upTo, eventId: null, path: patch.path, expected: patch.before, actual: patch.after, reason: 'STATE_DIFFERS', kind: 'state', run: null, reference: null }, later: others.length };
}
