/**
 * Replay: what would be done again, and doing it. One operation, because a plan and its execution are asked in the same
 * words; which of the two it is decides what the caller must be allowed.
 */
import { LogError, dryRun, executeReplay, parseFilter, planReplay, reconstruct, testsOf } from '@refold/core';
import type { EntityRef, EventEnvelope, EventTest, JsonObject, ReplayPlan, ReplayReport, ReplayStep, State } from '@refold/core';
import { replayControlTypes } from '@refold/catalog';
import { z } from 'zod';
import { actingAs, actorInput } from './acting.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag, texts, wholeNumber } from './inputs.ts';
import { preconditionsOf } from './replay-preconditions.ts';
import { replaySettingsOf } from './replay-settings.ts';
import { purpose, replayReport } from './replay-shapes.ts';
import { pages } from './relations.ts';
import { selectEvents } from './select-events.ts';
import { jsonObject } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const stepsShown = 1_000;

/** An expression may hold a comma, so a text is one condition. */
const conditions = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

const replayInput = z.object({
  correlationId: z.string().optional().meta({ description: 'A chain of events; else an issue key, else a stream.' }),
  issueKey: z.string().optional().meta({ description: 'The orchestration of this issue.' }),
  streamType: z.string().optional(),
  streamId: z.string().optional(),
  fromSequence: wholeNumber.optional().meta({ description: 'First revision (of a chain: position) of the set; default the first.' }),
  toSequence: wholeNumber.optional().meta({ description: 'Last one; default where it stands now. What the replay appends is never in the set.' }),
  filter: z.union([z.string(), jsonObject]).optional().meta({ description: 'An expression over the event, or a filter; the rest is left out.' }),
  dryRun: flag.default(true).meta({ description: 'Default true: shows what would be done, and does nothing.' }),
  confirm: z.string().optional().meta({ description: 'To execute: the address of what is replayed, type/id.' }),
  replayId: z.string().min(1).optional().meta({ description: 'Names the execution; under the id of one that was left off, it goes on.' }),
  purpose: purpose.default('recovery'),
  allowTypes: texts.optional().meta({ description: 'Costly types that may be done again: names, aliases, globs.' }),
  preconditions: conditions.optional().meta({ description: 'stream_unchanged, chain_valid, state_matches (these three by default), git_sha_matches, handler_available, checkpoint_exists, or expressions.' }),
  params: jsonObject.optional().meta({ description: 'Kept on record beside the replay.' }),
  stopOnError: flag.optional().meta({ description: 'Default true: the first failure ends it.' }),
  stepLimit: wholeNumber.default(stepsShown).meta({ description: 'Steps in the answer; all are counted.' }),
  ...actorInput,
});

export type ReplayInput = z.infer<typeof replayInput>;

export const replayEvents = defineOperation({
  name: 'replayEvents',
  doc: 'Walks recorded events again: a dry run shows what each would do and why not, an execution calls the handlers that this installation has, by effect class, and records itself.',
  scope: 'replay:dry',
  scopeFor: (input) => (input.dryRun ? 'replay:dry' : 'replay:execute'),
  input: replayInput,
  output: replayReport,
  http: { method: 'POST', path: '/events/replay', aliases: ['/api/orchestration/events/replay'] },
  run: (context, input) => runReplay(context, input),
});

export interface ReplayAnswer extends ReplayReport {
  readonly summary: readonly { readonly action: ReplayStep['action']; readonly reason: string | null; readonly effect: string; readonly type: string; readonly count: number }[];
  readonly stepsTotal: number;
}

/**
 * As the operation.
 *
 * @param onStep  Told of every step of an execution.
 * @throws LogError PRECONDITION_FAILED `confirm`, and {name} for a condition that does not hold (bad-input N7); BAD_REQUEST
 *         `target`, `range`, `replay_id`; NOT_FOUND `stream`, `replay`; TOO_LARGE `replay`; REVISION_CONFLICT when the same
 *         replay runs elsewhere.
 */
export async function runReplay(context: OperationContext, input: ReplayInput, onStep?: (step: ReplayStep) => void): Promise<ReplayAnswer> {
  const { log } = context;
  const settings = replaySettingsOf(context);
  const target = targetOf(input);
  if (!input.dryRun) refuseUnconfirmed(target, input.confirm);
  const replayId = input.replayId ?? log.ports.ids.uuid();
  const earlier = await startOfReplay(context, replayId);
  if (input.dryRun && earlier !== null) throw new LogError('BAD_REQUEST', `There is a replay ${replayId} already.`, { details: { reason: 'replay_id', replayId }, hint: 'Leave the id out; it names an execution that goes on.' });
  const plan = await planOf(context, input, target, earlier);
  const preconditions = await preconditionsOf(input.preconditions ?? settings.preconditions, { context, target, fromSequence: plan.fromSequence, knownRevision: await knownRevision(context, target, plan, earlier) });
  const start = await stateBefore(context, target, plan.fromSequence);

  const shared = {
    plan,
    fold: log.fold,
    hasher: log.ports.hasher,
    clock: log.ports.clock,
    replayId,
    purpose: input.purpose,
    preconditions,
    ...(start === null ? {} : { start }),
    ...(input.filter === undefined ? {} : { filter: filterObject(input.filter) }),
    ...(input.params === undefined ? {} : { params: input.params }),
  };
  const actor = actingAs(context, input.actor);
  if (input.dryRun) return answerOf(await dryRun({ ...shared, ...(settings.recordDryRuns ? { record: { log, actor } } : {}) }), plan, input.stepLimit);
  const report = await executeReplay({
    ...shared,
    log,
    actor,
    handlers: settings.handlers,
    stopOnError: input.stopOnError ?? settings.stopOnError,
    handlerTimeoutMs: settings.handlerTimeoutMs,
    finalState: async () => (isChain(target) ? null : await stateNow(context, target)),
    ...(context.signal === undefined ? {} : { interruption: context.signal }),
    ...(onStep === undefined ? {} : { onStep }),
  });
  return answerOf(report, plan, input.stepLimit);
}

const isChain = ({ type }: EntityRef): boolean => type === 'correlation';

function targetOf({ correlationId, issueKey, streamType, streamId }: ReplayInput): EntityRef {
  const targets: EntityRef[] = [];
  if (correlationId !== undefined) targets.push({ type: 'correlation', id: correlationId });
  if (issueKey !== undefined) targets.push({ type: 'orchestration', id: issueKey });
  if (streamType !== undefined && streamId !== undefined) targets.push({ type: streamType, id: streamId });
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw new LogError('BAD_REQUEST', 'A replay is of one thing.', { details: { reason: 'target' }, hint: 'Give one of correlationId, issueKey, or streamType with streamId.' });
  return target;
}

function refuseUnconfirmed(target: EntityRef, confirm: string | undefined): void {
  const address = `${target.type}/${target.id}`;
  if (confirm === address) return;
  throw new LogError('PRECONDITION_FAILED', confirm === undefined ? `Executing a replay of ${address} has to be confirmed.` : `${JSON.stringify(confirm)} is confirmed, and ${address} is replayed.`, {
    details: { reason: 'confirm', target: address },
    hint: `Look at the dry run first, then confirm with ${address}.`,
  });
}

/** How the replay of this id began; null when there is none. */
async function startOfReplay(context: OperationContext, replayId: string): Promise<EventEnvelope | null> {
  for await (const [first] of pages(context, { stream: `replay/${replayId}`, limit: 1 })) return first ?? null;
  return null;
}

async function planOf(context: OperationContext, input: ReplayInput, target: EntityRef, earlier: EventEnvelope | null): Promise<ReplayPlan> {
  const { registry, limits } = context.log;
  const settings = replaySettingsOf(context);
  // The set was fixed when the replay began: what it has appended since is no part of it (K-049).
  const bounds = (earlier?.data ?? {}) as { readonly from_sequence?: number; readonly to_sequence?: number };
  const fromSequence = Math.max(1, input.fromSequence ?? bounds.from_sequence ?? 1);
  const toSequence = input.toSequence ?? bounds.to_sequence ?? (await headOf(context, target));
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

async function headOf({ log }: OperationContext, target: EntityRef): Promise<number> {
  if (isChain(target)) return (await log.head()).position;
  const stream = `${target.type}/${target.id}`;
  const info = await log.stream(stream);
  if (info === null) throw new LogError('NOT_FOUND', `There is no stream ${stream}.`, { details: { reason: 'stream', stream }, hint: 'List the streams, or check the type and the id.' });
  return info.revision;
}

/** Where the stream stood when the set was fixed: now, or when the replay that goes on began. */
async function knownRevision(context: OperationContext, target: EntityRef, { toSequence }: ReplayPlan, earlier: EventEnvelope | null): Promise<number> {
  if (isChain(target)) return 0;
  if (earlier === null) return await headOf(context, target);
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

const filterObject = (filter: string | JsonObject): JsonObject => (typeof filter === 'string' ? { expression: filter } : filter);

function testOf(filter: string | JsonObject, { log }: OperationContext): EventTest {
  const tests = [...testsOf(parseFilter(filterObject(filter)), log.registry).values()];
  return (event) => tests.every((test) => test(event));
}

async function stateBefore(context: OperationContext, target: EntityRef, fromSequence: number): Promise<State | null> {
  if (isChain(target)) return null;
  if (fromSequence === 1) return context.log.fold.initial(target.type, target.id);
  return (await reconstruct(travelParts(context), { streamType: target.type, streamId: target.id }, { kind: 'revision', revision: fromSequence - 1 })).state;
}

const stateNow = async (context: OperationContext, target: EntityRef): Promise<State> => (await reconstruct(travelParts(context), { streamType: target.type, streamId: target.id }, { kind: 'end' })).state;

function answerOf(report: ReplayReport, plan: ReplayPlan, stepLimit: number): ReplayAnswer {
  const counts = new Map<string, { action: ReplayStep['action']; reason: string | null; effect: string; type: string; count: number }>();
  // Steps are those of the plan, in its order, as far as it came.
  for (const [index, { action, reason: told, event }] of report.steps.entries()) {
    // A message is of one step; a reason is of many.
    const reason = action === 'failed' ? null : told;
    const key = `${action} ${reason} ${event.type}`;
    const row = counts.get(key) ?? { action, reason, effect: plan.steps[index]!.effect, type: event.type, count: 0 };
    row.count++;
    counts.set(key, row);
  }
  return { ...report, steps: report.steps.slice(0, stepLimit), stepsTotal: report.steps.length, summary: [...counts.values()] };
}
