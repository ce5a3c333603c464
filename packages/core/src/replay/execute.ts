/**
 * Executes a plan: calls the handlers of what may be done again, in order, once; leaves alone what must not; compares what
 * came of it with what is on record; and records itself as events.
 *
 * What it keeps true, also when the process is killed anywhere in the middle and the replay is run again under its id:
 * a non-repeatable effect never happens; a costly one at most once, over all replays of its event; an idempotent one exactly
 * once by its key, which is the original event's id; what a handler produced is appended once. How: record.ts.
 */
import { LogError } from '../errors.ts';
import { stateHash } from '../fold/state-hash.ts';
import type { JsonObject } from '../log/event.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { ReplayPlan } from './plan.ts';
import { askPreconditions } from './precondition.ts';
import type { PreconditionAnswer } from './precondition.ts';
import { openRecord } from './record.ts';
import type { ReplayRecord } from './record.ts';
import { countSteps, reportOf } from './report.ts';
import type { ReplayDivergence, ReplayReport, ReplayStep } from './report.ts';
import { cancelledMeanwhile, createStepRun } from './step-run.ts';
import type { RunEnd } from './step-run.ts';

/**
 * @throws LogError PRECONDITION_FAILED {name} before anything happened (bad-input N7), also `same_plan` and `not_ended` for an id
 *         that was used before; REVISION_CONFLICT when another process runs the same replay; the interruption's reason; what the
 *         log throws.
 */
export async function executeReplay(options: ExecuteOptions): Promise<ReplayReport> {
  const { plan, clock } = options;
  const startedAtMs = clock.now();
  const record = await openRecord(options);
  refuseOtherPlan(record, plan);
  const preconditions = await askFirst(options);
  const started = record.progress.startedEvent ?? (await record.start(startPayload(options, 'execute')));

  const run = createStepRun(options, record, started);
  const ran = await run.toEnd();
  const divergences = [...run.divergences, ...(ran.status === 'completed' ? run.comparison.extras() : [])];
  const end = await recordEnd(record, run.steps, divergences, ran).catch(async (error: unknown) => await cancelledMeanwhile(error, record, plan.toSequence));
  const finalState = (await options.finalState?.()) ?? null;
  return reportOf({
    plan,
    replayId: options.replayId,
    mode: 'execute',
    purpose: options.purpose ?? 'recovery',
    status: end.status,
    divergences,
    preconditions: end.failedPrecondition === undefined ? preconditions : preconditions.map((answer) => (answer.name === end.failedPrecondition!.name ? end.failedPrecondition! : answer)),
    steps: run.steps,
    finalState,
    finalStateHash: finalState === null ? null : stateHash(finalState, options.hasher),
    startedAtMs,
    endedAtMs: clock.now(),
  });
}

/** What `replay.started` says. */
export const startPayload = ({ plan, purpose = 'recovery', filter, params }: Pick<ExecuteOptions, 'plan' | 'purpose' | 'filter' | 'params'>, mode: 'execute' | 'dry_run'): JsonObject => ({
  mode,
  purpose,
  target: { type: plan.target.type, id: plan.target.id },
  from_sequence: plan.fromSequence,
  to_sequence: plan.toSequence,
  ...(filter === undefined ? {} : { filter }),
  ...(params === undefined ? {} : { params }),
});

/** An id names one replay: the same set, and once it has ended it is over. */
function refuseOtherPlan({ progress: { startedEvent, ended } }: ReplayRecord, plan: ReplayPlan): void {
  if (startedEvent === null) return;
  const { target, from_sequence: from, to_sequence: to } = startedEvent.data as { readonly target?: { readonly type?: unknown; readonly id?: unknown }; readonly from_sequence?: unknown; readonly to_sequence?: unknown };
  const isSame = target?.type === plan.target.type && target.id === plan.target.id && from === plan.fromSequence && to === plan.toSequence;
  if (!isSame) throw failed({ name: 'same_plan', ok: false, detail: 'A replay of this id goes over other events.' }, 'Use a new replay id, or the bounds of the first attempt.');
  if (ended !== null) throw failed({ name: 'not_ended', ok: false, detail: `The replay of this id ended with ${ended.type}.` }, 'Start a new replay.');
}

async function askFirst({ plan, replayId, start, preconditions = [] }: ExecuteOptions): Promise<readonly PreconditionAnswer[]> {
  const step = plan.steps.find(({ action }) => action === 'would_execute') ?? null;
  const answers = await askPreconditions(preconditions, { plan, replayId, step, state: start ?? null });
  const fault = answers.find(({ ok }) => !ok);
  if (fault !== undefined) throw failed(fault, 'Nothing was done. See what changed, plan again, or leave the condition out.');
  return answers;
}

const failed = ({ name, detail }: PreconditionAnswer, hint: string): LogError => new LogError('PRECONDITION_FAILED', `${name} does not hold: ${detail ?? 'no detail'}`, { details: { reason: name, name, detail }, hint });

async function recordEnd(record: ReplayRecord, steps: readonly ReplayStep[], divergences: readonly ReplayDivergence[], end: RunEnd): Promise<RunEnd> {
  // Whoever cancelled it has said so on record.
  if (record.progress.ended === null) await record.end(`replay.${end.status}`, endPayload(steps, divergences, end));
  return end;
}

function endPayload(steps: readonly ReplayStep[], divergences: readonly ReplayDivergence[], end: RunEnd): JsonObject {
  switch (end.status) {
    case 'completed':
      return completedPayload(steps, divergences);
    case 'failed':
      return {
        error: { message: end.message, ...(end.failedPrecondition === undefined ? {} : { code: 'PRECONDITION_FAILED' }) },
        at_sequence: end.atSequence,
        ...(end.failedPrecondition === undefined ? {} : { failed_precondition: end.failedPrecondition.name }),
      };
    case 'cancelled':
      return { reason: end.reason, at_sequence: end.atSequence };
  }
}

/** The record keeps counts and the first divergences; the whole report is the caller's. */
const divergencesRecordedMax = 100;

export const completedPayload = (steps: readonly ReplayStep[], divergences: readonly ReplayDivergence[]): JsonObject => ({
  ...countSteps(steps),
  divergences: divergences.length,
  report: {
    actions: countBy(steps.map(({ action }) => action)),
    skipped: countBy(steps.flatMap(({ action, reason }) => (reason !== null && (action === 'skipped' || action === 'would_skip') ? [reason] : []))),
    divergences: divergences.slice(0, divergencesRecordedMax).map((divergence) => ({ ...divergence })),
  },
});

function countBy(words: readonly string[]): JsonObject {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
