/** What a replay goes over: a stretch of a stream or a chain, fixed when the replay begins, and the plan of it. */
import { LogError, parseFilter, planReplay, reconstruct, streamNotFound, testsOf } from '@refold/core';
import type { EntityRef, EventEnvelope, EventTest, JsonObject, ReplayPlan, State } from '@refold/core';
import { replayControlTypes } from '@refold/catalog';
import type { OperationContext } from './define.ts';
import { pages } from './relations.ts';
import { replaySettingsOf } from './replay-settings.ts';
import { selectEvents } from './select-events.ts';
import { travelParts } from './travel-parts.ts';

export interface ReplayTarget {
  readonly correlationId?: string | undefined;
  readonly issueKey?: string | undefined;
  readonly streamType?: string | undefined;
  readonly streamId?: string | undefined;
}

export interface ReplaySet {
  readonly fromSequence?: number | undefined;
  readonly toSequence?: number | undefined;
  readonly filter?: string | JsonObject | undefined;
  readonly allowTypes?: readonly string[] | undefined;
}

export const isChain = ({ type }: EntityRef): boolean => type === 'correlation';

/** @throws LogError BAD_REQUEST `target` unless exactly one is named. */
export function targetOf({ correlationId, issueKey, streamType, streamId }: ReplayTarget): EntityRef {
  const targets: EntityRef[] = [];
  if (correlationId !== undefined) targets.push({ type: 'correlation', id: correlationId });
  if (issueKey !== undefined) targets.push({ type: 'orchestration', id: issueKey });
  if (streamType !== undefined && streamId !== undefined) targets.push({ type: streamType, id: streamId });
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw new LogError('BAD_REQUEST', 'A replay is of one thing.', { details: { reason: 'target' }, hint: 'Give one of correlationId, issueKey, or streamType with streamId.' });
  return target;
}

/** What the set was fixed against. */
export interface Standing {
  /** Newest revision of the stream now; of a chain, position of the log. */
  readonly head: number;
  /** How the replay of this id began, when it goes on. */
  readonly earlier: EventEnvelope | null;
}

/**
 * @throws LogError BAD_REQUEST `range`; NOT_FOUND `replay`; TOO_LARGE `replay`; as `parseFilter`.
 */
export async function planOf(context: OperationContext, input: ReplaySet, target: EntityRef, { head, earlier }: Standing): Promise<ReplayPlan> {
  const { registry, limits } = context.log;
  const settings = replaySettingsOf(context);
  // The set was fixed when the replay began: what it has appended since is no part of it (K-049).
  const bounds = (earlier?.data ?? {}) as { readonly from_sequence?: number; readonly to_sequence?: number };
  const fromSequence = Math.max(1, input.fromSequence ?? bounds.from_sequence ?? 1);
  const newest = bounds.to_sequence ?? head;
  const toSequence = Math.min(input.toSequence ?? newest, newest);
  if (fromSequence > toSequence) throw new LogError('BAD_REQUEST', `There is nothing from ${fromSequence} to ${toSequence}.`, { details: { reason: 'range', fromSequence, toSequence }, hint: 'Begin at or before the newest event.' });
  const filter = input.filter === undefined ? undefined : testOf(input.filter, context);
  return await planReplay(setOf(context, target, fromSequence, toSequence), {
    registry,
    target,
    fromSequence,
    toSequence,
    hasHandler: (type) => settings.handlers.has(type),
    allowTypes: [...settings.allowTypes, ...(input.allowTypes ?? [])],
    nonRepeatable: settings.nonRepeatable,
    control: replayControlTypes,
    environment: settings.environment,
    allowOverrideInProduction: settings.allowOverrideInProduction,
    eventsMax: limits.replayEventsMax,
    ...(filter === undefined ? {} : { filter }),
  });
}

/** @throws LogError NOT_FOUND `stream`. */
export async function headOf({ log }: OperationContext, target: EntityRef): Promise<number> {
  if (isChain(target)) return (await log.head()).position;
  const stream = `${target.type}/${target.id}`;
  const info = await log.stream(stream);
  if (info === null) throw streamNotFound(stream);
  return info.revision;
}

/** Where the stream stood when the set was fixed: now, or when the replay that goes on began. */
export async function knownRevision(context: OperationContext, target: EntityRef, { toSequence }: ReplayPlan, { head, earlier }: Standing): Promise<number> {
  if (isChain(target)) return 0;
  if (earlier === null) return head;
  let known = toSequence;
  for await (const batch of pages(context, { stream: `${target.type}/${target.id}`, after: toSequence }))
    for (const { position, revision } of batch) {
      if (position > earlier.position) return known;
      known = revision;
    }
  return known;
}

/** A stream by revision; a chain by position. */
async function* setOf(context: OperationContext, target: EntityRef, first: number, last: number): AsyncGenerator<readonly EventEnvelope[]> {
  if (!isChain(target)) return yield* pages(context, { stream: `${target.type}/${target.id}`, after: first - 1, upTo: last });
  const { batches, residue } = await selectEvents(context, { correlationId: target.id }, { from: first - 1 });
  for await (const batch of batches) yield batch.filter((event) => event.position <= last && (residue === null || residue(event)));
}

/** A text is an expression. */
export const filterObject = (filter: string | JsonObject): JsonObject => (typeof filter === 'string' ? { expression: filter } : filter);

function testOf(filter: string | JsonObject, { log }: OperationContext): EventTest {
  const tests = [...testsOf(parseFilter(filterObject(filter)), log.registry).values()];
  return (event) => tests.every((test) => test(event));
}

/** The state that the first event meets; null for a chain, which runs through several streams. */
export async function stateBefore(context: OperationContext, target: EntityRef, fromSequence: number): Promise<State | null> {
  if (isChain(target)) return null;
  if (fromSequence === 1) return context.log.fold.initial(target.type, target.id);
  return (await reconstruct(travelParts(context), { streamType: target.type, streamId: target.id }, { kind: 'revision', revision: fromSequence - 1 })).state;
}

export const stateNow = async (context: OperationContext, target: EntityRef): Promise<State> => (await reconstruct(travelParts(context), { streamType: target.type, streamId: target.id }, { kind: 'end' })).state;
