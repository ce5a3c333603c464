/** A dry run: shows the plan, folds the scratch state, asks the conditions, and does nothing. No handler is ever near it. */
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import { stateHash } from '../fold/state-hash.ts';
import type { Actor, JsonObject } from '../log/event.ts';
import type { Clock, Hasher } from '../ports.ts';
import { completedPayload, startPayload } from './execute.ts';
import type { ReplayPlan } from './plan.ts';
import { askPreconditions } from './precondition.ts';
import type { Precondition } from './precondition.ts';
import { openRecord } from './record.ts';
import type { ReplayLog } from './record.ts';
import { reportOf } from './report.ts';
import type { ReplayPurpose, ReplayReport, ReplayStep } from './report.ts';
import { createScratch } from './scratch.ts';

export interface DryRunOptions {
  readonly plan: ReplayPlan;
  readonly fold: Fold;
  readonly hasher: Hasher;
  readonly clock: Pick<Clock, 'now'>;
  readonly replayId: string;
  readonly purpose?: ReplayPurpose;
  /** State before the first event, for a stream. */
  readonly start?: State;
  /** Asked and told; a condition that does not hold stops nothing, because there is nothing to stop. */
  readonly preconditions?: readonly Precondition[];
  /** Where to write that there was a dry run (`replay.started`, `replay.completed`); left out, nothing is written at all. */
  readonly record?: { readonly log: ReplayLog; readonly actor: Actor };
  readonly filter?: JsonObject;
  readonly params?: JsonObject;
}

/** @throws LogError FOLD_FAILED as the fold; what the log throws when the run is recorded. */
export async function dryRun(options: DryRunOptions): Promise<ReplayReport> {
  const { plan, fold, hasher, clock, replayId, purpose = 'recovery', start, preconditions = [], record } = options;
  const startedAtMs = clock.now();
  const firstEffect = plan.steps.find(({ action }) => action === 'would_execute') ?? null;
  const answers = await askPreconditions(preconditions, { plan, replayId, step: firstEffect, state: start ?? null });
  const scratch = createScratch(fold, start ?? null);
  const steps = plan.steps.map(({ event, action, reason }): ReplayStep => {
    scratch.apply(event);
    return { event, action, reason, result: null, producedEventIds: [], divergence: null, durationMs: 0 };
  });
  if (record !== undefined) {
    const written = await openRecord({ ...record, hasher, replayId });
    await written.start(startPayload(options, 'dry_run'));
    await written.end('replay.completed', completedPayload(steps, []));
  }
  return reportOf({
    plan,
    replayId,
    mode: 'dry_run',
    purpose,
    status: 'completed',
    divergences: [],
    preconditions: answers,
    steps,
    finalState: scratch.state,
    finalStateHash: scratch.state === null ? null : stateHash(scratch.state, hasher),
    startedAtMs,
    endedAtMs: clock.now(),
  });
}
