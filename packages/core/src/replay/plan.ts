/**
 * What a replay would do, event by event, and why not: a pure function of the events and of what is allowed. A dry run shows
 * the plan; an execution follows this very plan. Source: the unified model 3.4.11 "Replay", steps 1 to 4; K-049, K-050.
 */
import { LogError } from '../errors.ts';
import type { EffectClass } from '../fold/aggregate.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import type { EntityRef, EventEnvelope } from '../log/event.ts';
import type { EventTest } from '../query/match.ts';
import type { EventPages } from '../query/page.ts';
import type { Registry } from '../schema/registry.ts';
import { effectOf, typesTest } from './effect.ts';

export type PlannedAction = 'would_apply' | 'would_execute' | 'would_skip' | 'would_compare';

/**
 * non_repeatable: it must never happen twice. needs_allow: costly, and not allowed by name. production_guard: costly, and this
 * is production. no_handler: nobody is there to do it. filtered, control_event: not in the set. erased: its payload is gone.
 */
export type SkipReason = 'non_repeatable' | 'needs_allow' | 'filtered' | 'no_handler' | 'control_event' | 'production_guard' | 'erased';

export interface PlannedStep {
  readonly event: EventEnvelope;
  readonly effect: EffectClass;
  readonly action: PlannedAction;
  readonly reason: SkipReason | null;
}

export interface ReplayPlan {
  /** A stream as { type, id }, or a chain as { type: "correlation", id }. */
  readonly target: EntityRef;
  /** Bounds by revision; by position for a chain. Fixed when the plan is made: what the replay appends is not replayed (K-049). */
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly steps: readonly PlannedStep[];
}

export type Environment = 'development' | 'staging' | 'production';

export interface PlanOptions {
  readonly registry: Registry;
  readonly target: EntityRef;
  /** First and last revision (position for a chain) that the set was read with; default those of the events. */
  readonly fromSequence?: number;
  readonly toSequence?: number;
  /** Types that a handler is there for, canonical. */
  readonly hasHandler: (type: string) => boolean;
  /** Costly types that may be done again: names, aliases, globs. */
  readonly allowTypes?: readonly string[];
  /** Types that must not be repeated here, whatever their class. */
  readonly nonRepeatable?: readonly string[];
  /** Types that steer the log itself and are never replayed; the domain knows them. */
  readonly control?: readonly string[];
  /** Only events that pass. */
  readonly filter?: EventTest;
  /** Default "development". In production costly events are not done again, allowed or not. */
  readonly environment?: Environment;
  readonly allowOverrideInProduction?: boolean;
  /** Default `limits.replayEventsMax`. */
  readonly eventsMax?: number;
}

/**
 * Plans a replay.
 *
 * @param pages  Events of the target in order: of a stream by revision, of a chain by position.
 * @throws LogError TOO_LARGE `replay` {limit}; NOT_FOUND `replay` when there is no event.
 */
export async function planReplay(pages: EventPages, options: PlanOptions): Promise<ReplayPlan> {
  const { target, eventsMax = defaultLimits.replayEventsMax } = options;
  const judge = createJudge(options);
  const steps: PlannedStep[] = [];
  for await (const page of pages)
    for (const event of page) {
      if (steps.length >= eventsMax) throw new LogError('TOO_LARGE', `A replay goes over at most ${eventsMax} events.`, { details: { reason: 'replay', limit: eventsMax }, hint: 'Replay a shorter stretch.' });
      steps.push({ event, ...judge(event) });
    }
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) throw new LogError('NOT_FOUND', `There is nothing to replay in ${target.type}/${target.id}.`, { details: { reason: 'replay' }, hint: 'Check the stream and the bounds.' });
  return { target, fromSequence: options.fromSequence ?? sequenceOf(target, first.event), toSequence: options.toSequence ?? sequenceOf(target, last.event), steps };
}

/** What "sequence" means for a target (000's word): a revision in a stream, a position along a chain. */
export const sequenceOf = (target: EntityRef, event: EventEnvelope): Revision => (isChain(target) ? event.position : event.revision);

export const isChain = (target: EntityRef): boolean => target.type === 'correlation';

type Judgement = Omit<PlannedStep, 'event'>;

function createJudge(options: PlanOptions): (event: EventEnvelope) => Judgement {
  const { registry, hasHandler, allowTypes = [], nonRepeatable = [], control = [], filter, environment = 'development', allowOverrideInProduction = false } = options;
  const [isAllowed, isForbidden, isControl] = [typesTest(allowTypes, registry), typesTest(nonRepeatable, registry), typesTest(control, registry)];
  const isGuarded = environment === 'production' && !allowOverrideInProduction;

  return (event) => {
    const effect = isForbidden(event) ? 'non-repeatable' : effectOf(event, registry);
    const skip = (reason: SkipReason): Judgement => ({ effect, action: 'would_skip', reason });
    if (isControl(event)) return skip('control_event');
    if (filter !== undefined && !filter(event)) return skip('filtered');
    switch (effect) {
      case 'state-only':
        return { effect, action: 'would_apply', reason: null };
      case 'outcome':
        return { effect, action: 'would_compare', reason: null };
      case 'non-repeatable':
        return skip('non_repeatable');
      case 'costly':
        if (!isAllowed(event)) return skip('needs_allow');
        if (isGuarded) return skip('production_guard');
        break;
      case 'idempotent':
        break;
    }
    if (!hasHandler(event.type)) return skip('no_handler');
    return event.erased === true ? skip('erased') : { effect, action: 'would_execute', reason: null };
  };
}
