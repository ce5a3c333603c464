/**
 * Replay: what would be done again, and doing it. One operation, because a plan and its execution are asked in the same
 * words; which of the two it is decides what the caller must be allowed.
 */
import { LogError, dryRun, executeReplay, traced } from '@refold/core';
import type { EntityRef, EventEnvelope, Log, ReplayLog, ReplayPlan, ReplayReport, ReplayStep } from '@refold/core';
import { z } from 'zod';
import { actingAs, actorInput, inTraceOf } from './acting.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { createFewAtOnce } from './few-at-once.ts';
import { flag, texts, wholeNumber } from './inputs.ts';
import { preconditionsOf } from './replay-preconditions.ts';
import { filterObject, headOf, isChain, knownRevision, planOf, stateBefore, stateNow, targetOf } from './replay-set.ts';
import { replaySettingsOf } from './replay-settings.ts';
import { purpose, replayReport } from './replay-shapes.ts';
import { pages } from './relations.ts';
import { jsonObject } from './shapes.ts';

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
  dryRun: flag.optional().meta({ description: 'true shows what would be done, and does nothing. Default true, unless this installation says otherwise.' }),
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
  scope: 'replay:execute',
  kind: 'write',
  // It writes that it was.
  dryRun: { scope: 'replay:dry', kind: 'write', isAsked: ({ dryRun: asked }, context) => asked ?? replaySettingsOf(context).defaultDryRun },
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
 *         `target`, `range`, `replay_id`; NOT_FOUND `stream`, `replay`; TOO_LARGE `replay`; RATE_LIMITED {limit};
 *         REVISION_CONFLICT when the same replay runs elsewhere.
 */
export async function runReplay(context: OperationContext, input: ReplayInput, onStep?: (step: ReplayStep) => void): Promise<ReplayAnswer> {
  const { meter, tracer } = context.log.ports;
  const began = meter?.now() ?? 0;
  const answer = await traced(tracer, 'refold.replay', { parent: context.trace }, (span) => replayed(span.trace === null ? context : { ...context, trace: span.trace }, input, onStep));
  meter?.add('replay_runs_total', { mode: answer.mode, status: answer.status });
  for (const { action, count } of answer.summary) meter?.add('replay_events_total', { action }, count);
  if (answer.divergences.length > 0) meter?.add('replay_divergences_total', {}, answer.divergences.length);
  meter?.observe('replay_duration_ms', {}, meter.now() - began);
  return answer;
}

async function replayed(context: OperationContext, input: ReplayInput, onStep?: (step: ReplayStep) => void): Promise<ReplayAnswer> {
  const { log } = context;
  const record: ReplayLog = { events: log.events, append: (request) => log.append({ ...inTraceOf(context), ...request }) };
  const settings = replaySettingsOf(context);
  const target = targetOf(input);
  const isDryRun = input.dryRun ?? settings.defaultDryRun;
  if (!isDryRun) refuseUnconfirmed(target, input.confirm);
  const replayId = input.replayId ?? log.ports.ids.uuid();
  const earlier = await startOfReplay(context, replayId);
  if (isDryRun && earlier !== null) throw new LogError('BAD_REQUEST', `There is a replay ${replayId} already.`, { details: { reason: 'replay_id', replayId }, hint: 'Leave the id out; it names an execution that goes on.' });
  const standing = { head: await headOf(context, target), earlier };
  const plan = await planOf(context, input, target, standing);
  const preconditions = await preconditionsOf(input.preconditions ?? settings.preconditions, { context, target, fromSequence: plan.fromSequence, knownRevision: await knownRevision(context, target, plan, standing) });
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
  if (isDryRun) return answerOf(await dryRun({ ...shared, ...(settings.recordDryRuns ? { record: { log: record, actor } } : {}) }), plan, input.stepLimit);
  const execution = {
    ...shared,
    log: record,
    tracer: log.ports.tracer,
    actor,
    handlers: settings.handlers,
    stopOnError: input.stopOnError ?? settings.stopOnError,
    handlerTimeoutMs: settings.handlerTimeoutMs,
    finalState: async () => (isChain(target) ? null : await stateNow(context, target)),
    ...(context.signal === undefined ? {} : { interruption: context.signal }),
    ...(onStep === undefined ? {} : { onStep }),
  };
  return answerOf(await amongFew(log, () => executeReplay(execution)), plan, input.stepLimit);
}

const executions = createFewAtOnce({ reason: 'replays', limitOf: (log) => log.limits.replayRunsMax, hint: 'Wait for one to end, or cancel one.' });

/** Whoever does things again does few at a time. @throws LogError RATE_LIMITED {limit}. */
async function amongFew<T>(log: Log, execute: () => Promise<T>): Promise<T> {
  const turn = executions.enter(log);
  try {
    return await execute();
  } finally {
    turn.done();
  }
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
