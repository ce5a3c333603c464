/** What a replay did, or would do: the wire's ReplayReport. */
import type { State } from '../fold/aggregate.ts';
import type { Instant } from '../log/driver.ts';
import type { EntityRef, EventEnvelope, Json } from '../log/event.ts';
import type { PlannedAction, ReplayPlan, SkipReason } from './plan.ts';
import type { PreconditionAnswer } from './precondition.ts';

export type ReplayMode = 'dry_run' | 'execute';
export type ReplayPurpose = 'recovery' | 'testing' | 'analysis' | 'debugging';

export type ReplayAction = 'applied' | 'executed' | 'skipped' | 'compared' | 'failed' | PlannedAction;

/** attempted_before: a costly effect was begun before and may have happened. not_executed: what would have led to this outcome was not done. */
export type ReplayReason = SkipReason | 'attempted_before' | 'not_executed';

/** A difference between what was recorded and what came of doing it again. */
export interface ReplayDivergence {
  readonly atRevision: number | null;
  readonly eventId: string | null;
  /** JSON pointer into the payload; null when the event as a whole differs. */
  readonly path: string | null;
  readonly expected: Json | null;
  readonly actual: Json | null;
  readonly reason: 'EVENT_MISSING' | 'EVENT_EXTRA' | 'TYPE_DIFFERS' | 'DATA_DIFFERS';
}

export interface ReplayStep {
  readonly event: EventEnvelope;
  readonly action: ReplayAction;
  /** A `ReplayReason`; for a step that failed, the error's message. */
  readonly reason: string | null;
  readonly result: Json | null;
  readonly producedEventIds: readonly string[];
  readonly divergence: ReplayDivergence | null;
  readonly durationMs: number;
}

export interface ReplayReport {
  readonly replayId: string;
  readonly mode: ReplayMode;
  readonly purpose: ReplayPurpose;
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly target: EntityRef;
  readonly fromSequence: number;
  readonly toSequence: number;
  /** Applied, executed and compared, or would be. */
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly divergences: readonly ReplayDivergence[];
  readonly preconditions: readonly PreconditionAnswer[];
  readonly steps: readonly ReplayStep[];
  readonly finalState: State | null;
  readonly finalStateHash: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

export interface ReplayCounts {
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
}

export function countSteps(steps: readonly Pick<ReplayStep, 'action'>[]): ReplayCounts {
  const counts = { replayed: 0, skipped: 0, failed: 0 };
  for (const { action } of steps) {
    if (action === 'failed') counts.failed++;
    else if (action === 'skipped' || action === 'would_skip') counts.skipped++;
    else counts.replayed++;
  }
  return counts;
}

export type ReportParts = Pick<ReplayReport, 'replayId' | 'mode' | 'purpose' | 'status' | 'divergences' | 'preconditions' | 'steps' | 'finalState' | 'finalStateHash'> & {
  readonly plan: ReplayPlan;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

export function reportOf({ plan, startedAtMs, endedAtMs, ...parts }: ReportParts): ReplayReport {
  const { target, fromSequence, toSequence } = plan;
  return { ...parts, target, fromSequence, toSequence, ...countSteps(parts.steps), startedAt: new Date(startedAtMs).toISOString(), endedAt: new Date(endedAtMs).toISOString() };
}
