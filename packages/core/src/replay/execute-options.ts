/** What executing a plan needs. */
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import type { Actor, JsonObject } from '../log/event.ts';
import type { Clock, Hasher } from '../ports.ts';
import type { Tracer } from '../tracing.ts';
import type { ReplayHandlers } from './handler.ts';
import type { ReplayPlan } from './plan.ts';
import type { Precondition } from './precondition.ts';
import type { ReplayLog } from './record.ts';
import type { ReplayPurpose, ReplayStep } from './report.ts';

export interface ExecuteOptions {
  readonly plan: ReplayPlan;
  readonly handlers: ReplayHandlers;
  readonly log: ReplayLog;
  readonly fold: Fold;
  readonly hasher: Hasher;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Names the replay; run again under the same id, it goes on where it was. */
  readonly replayId: string;
  readonly actor: Actor;
  /** Default "recovery". */
  readonly purpose?: ReplayPurpose;
  /** State before the first event, for a stream; handlers and conditions see it going on from there. */
  readonly start?: State;
  readonly preconditions?: readonly Precondition[];
  /** Default true: the first failure ends the replay. */
  readonly stopOnError?: boolean;
  /** Default `limits.replayHandlerTimeoutMs`. */
  readonly handlerTimeoutMs?: number;
  /** Cancels before the next effect; its reason is recorded. */
  readonly signal?: AbortSignal;
  /** Leaves off before the next effect and records no end: run again under its id, the replay goes on. Its reason is thrown. */
  readonly interruption?: AbortSignal;
  /** What is recorded beside the bounds, so that a reader knows what was asked. */
  readonly filter?: JsonObject;
  readonly params?: JsonObject;
  /** The live state afterwards. */
  readonly finalState?: () => Promise<State | null>;
  readonly onStep?: (step: ReplayStep) => void;
  readonly tracer?: Tracer | undefined;
}
