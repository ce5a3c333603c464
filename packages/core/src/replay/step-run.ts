/**
 * The steps of an execution, one after the other. What a step may do was decided by the plan; here it is done, or found done,
 * and told. A step that an earlier attempt at this replay finished is taken over from the record.
 */
import { LogError, isLogError } from '../errors.ts';
import type { EventEnvelope } from '../log/event.ts';
import { traced } from '../tracing.ts';
import type { ExecuteOptions } from './execute-options.ts';
import { callHandler } from './handler.ts';
import { createOutcomeComparison } from './outcome.ts';
import type { OutcomeComparison } from './outcome.ts';
import { sequenceOf } from './plan.ts';
import type { PlannedStep } from './plan.ts';
import { askPreconditions } from './precondition.ts';
import type { PreconditionAnswer } from './precondition.ts';
import type { ReplayRecord } from './record.ts';
import type { ReplayDivergence, ReplayStep } from './report.ts';
import { createScratch } from './scratch.ts';

/** How it ended; `atSequence` is the first event that was not done. */
export type RunEnd =
  | { readonly status: 'completed'; readonly failedPrecondition?: undefined }
  | { readonly status: 'failed'; readonly message: string; readonly atSequence: number; readonly failedPrecondition?: PreconditionAnswer }
  | { readonly status: 'cancelled'; readonly reason: string; readonly atSequence: number; readonly failedPrecondition?: undefined };

export interface StepRun {
  readonly steps: readonly ReplayStep[];
  readonly divergences: readonly ReplayDivergence[];
  readonly comparison: OutcomeComparison;
  /** @throws LogError REVISION_CONFLICT when another process runs the same replay; what the log throws. */
  toEnd(): Promise<RunEnd>;
}

/** @param started  The event that began the replay: the cause of what has no nearer one. */
export function createStepRun(options: ExecuteOptions, record: ReplayRecord, started: EventEnvelope): StepRun {
  const { plan, clock, signal, stopOnError = true, replayId } = options;
  const steps: ReplayStep[] = [];
  const divergences: ReplayDivergence[] = [];
  const comparison = createOutcomeComparison();
  const scratch = createScratch(options.fold, options.start ?? null);
  /** Original event -> the last event that doing it again produced, which is the cause of what follows from it. */
  const lastProduced = new Map<string, string>();
  const askedAgain = (options.preconditions ?? []).filter(({ isAskedAtEachStep }) => isAskedAtEachStep);

  function tell(event: EventEnvelope, beganMs: number, step: Pick<ReplayStep, 'action'> & Partial<Omit<ReplayStep, 'event' | 'durationMs'>>): void {
    const whole: ReplayStep = { reason: null, result: null, producedEventIds: [], divergence: null, ...step, event, durationMs: Math.max(0, clock.now() - beganMs) };
    steps.push(whole);
    if (whole.divergence !== null) divergences.push(whole.divergence);
    options.onStep?.(whole);
  }

  async function take(step: PlannedStep): Promise<RunEnd | null> {
    const { event, action, reason } = step;
    const beganMs = clock.now();
    if (action === 'would_execute') return await execute(step, beganMs);
    if (action === 'would_apply') tell(event, beganMs, { action: 'applied' });
    else if (action === 'would_skip') tell(event, beganMs, { action: 'skipped', reason });
    else {
      const compared = comparison.compare(event);
      tell(event, beganMs, compared === null ? { action: 'skipped', reason: 'not_executed' } : { action: 'compared', divergence: compared.divergence });
    }
    return null;
  }

  async function execute({ event, effect, ...rest }: PlannedStep, beganMs: number): Promise<RunEnd | null> {
    const atSequence = sequenceOf(plan.target, event);
    const before = record.progress.done.get(event.id);
    if (before !== undefined) {
      await noteOutcome(event, before.producedEventIds);
      tell(event, beganMs, { action: 'executed', ...before });
      return null;
    }
    options.interruption?.throwIfAborted();
    if (signal?.aborted === true) return { status: 'cancelled', reason: textOf(signal.reason), atSequence };
    const cancellation = await record.cancellation();
    if (cancellation !== null) return cancelledBy(cancellation, atSequence);
    const fault = (await askPreconditions(askedAgain, { plan, replayId, step: { event, effect, ...rest }, state: scratch.state })).find(({ ok }) => !ok);
    if (fault !== undefined) return { status: 'failed', message: `${fault.name} does not hold: ${fault.detail ?? 'no detail'}`, atSequence, failedPrecondition: fault };
    if (effect === 'costly' && (record.progress.begun.has(event.id) || !(await record.begin(event, atSequence)))) {
      tell(event, beganMs, { action: 'skipped', reason: 'attempted_before' });
      return null;
    }
    const attributes = { 'refold.event.id': event.id, 'refold.event.type': event.type, 'refold.position': event.position };
    return await traced(options.tracer, 'refold.replay.event', { attributes, ...(event.trace === undefined ? {} : { links: [event.trace] }) }, () => doAgain(event, atSequence, beganMs));
  }

  async function doAgain(event: EventEnvelope, atSequence: number, beganMs: number): Promise<RunEnd | null> {
    try {
      // The plan only executes what has a handler.
      const { result = null, events = [] } = await callHandler(options.handlers.get(event.type)!, event, { replayId, state: scratch.state }, { clock, timeoutMs: options.handlerTimeoutMs, signal });
      const producedEventIds = await record.append(event, events, causeOf(event));
      await record.done(event, atSequence, result, producedEventIds);
      await noteOutcome(event, producedEventIds);
      tell(event, beganMs, { action: 'executed', result, producedEventIds });
      return null;
    } catch (error) {
      if (cannotBeRecorded(error)) throw error;
      if (signal?.aborted === true) return { status: 'cancelled', reason: textOf(signal.reason), atSequence };
      const message = textOf(error);
      await record.failed(event, atSequence, message);
      tell(event, beganMs, { action: 'failed', reason: message });
      return stopOnError ? { status: 'failed', message, atSequence } : null;
    }
  }

  const causeOf = ({ causationId }: EventEnvelope): string => (causationId === undefined ? undefined : lastProduced.get(causationId)) ?? started.id;

  async function noteOutcome(event: EventEnvelope, producedEventIds: readonly string[]): Promise<void> {
    const last = producedEventIds.at(-1);
    if (last !== undefined) lastProduced.set(event.id, last);
    const produced = await record.read(producedEventIds);
    comparison.add(event, produced.map((one) => ({ ...one, replayOf: event.id })));
  }

  return {
    steps,
    divergences,
    comparison,
    async toEnd() {
      for (const step of plan.steps) {
        const end = await take(step).catch(async (error: unknown) => await cancelledMeanwhile(error, record, sequenceOf(plan.target, step.event)));
        if (end !== null) return end;
        scratch.apply(step.event);
      }
      return { status: 'completed' };
    },
  };
}

/** Whoever cancels a replay writes to its stream, and the next note of whoever runs it meets that. @throws what else was thrown. */
export async function cancelledMeanwhile(error: unknown, record: ReplayRecord, atSequence: number): Promise<RunEnd> {
  const cancellation = isLogError(error, 'REVISION_CONFLICT') ? await record.cancellation() : null;
  if (cancellation === null) throw error;
  return cancelledBy(cancellation, atSequence);
}

const cancelledBy = ({ data }: EventEnvelope, atSequence: number): RunEnd => ({ status: 'cancelled', reason: typeof data['reason'] === 'string' ? data['reason'] : 'cancelled', atSequence });

/** Another process runs this replay, or the log cannot be written: there is no record to say it in, and none to go on with. */
const cannotBeRecorded = (error: unknown): boolean => error instanceof LogError && (error.code === 'REVISION_CONFLICT' || error.code === 'OUTCOME_UNKNOWN' || error.code.startsWith('LOG_'));

const textOf = (error: unknown): string => (error instanceof Error ? error.message : typeof error === 'string' ? error : 'cancelled');
