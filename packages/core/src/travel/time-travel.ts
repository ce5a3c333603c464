/** A look around at an instant: the state then, what had just happened, and what came next. */
import type { State } from '../fold/aggregate.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { compareInstants } from '../log/instant.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';

/** What a state says about itself in one glance. A kind of stream without one of these fields leaves it null or empty. */
export interface StateSummary {
  readonly status: string;
  readonly currentPhase: string | null;
  readonly activeAgents: readonly string[];
  readonly completedPhases: readonly string[];
}

export interface TimeTravelResult {
  readonly queryTimestamp: Instant;
  readonly state: State;
  readonly stateHash: string;
  /** In revision order; the cut lies behind the first `before` of them. */
  readonly surroundingEvents: readonly EventEnvelope[];
  readonly stateSummary: StateSummary;
  /** Newest revision that had happened by the instant; 0 = none had. */
  readonly revision: Revision;
  /** How many of the surrounding events stand at or before that revision, and how many after it. */
  readonly before: number;
  readonly after: number;
  /** Ids of surrounding events at or before that revision that happened later than the instant: not in the state. */
  readonly later: readonly string[];
  /** Events in the state that were recorded after one that happened later than the instant. */
  readonly stragglers: number;
  readonly warnings: readonly string[];
}

export interface TimeTravelOptions {
  /** Events to show on each side. Default 5. */
  readonly window?: number;
}

/** @throws LogError as `reconstruct`. */
export async function timeTravel(parts: TravelParts, address: StreamAddress, at: Instant, options: TimeTravelOptions = {}): Promise<TimeTravelResult> {
  const { window = 5 } = options;
  const { state, stateHash, revision, stragglers, warnings } = await reconstruct(parts, address, { kind: 'instant', at });
  const surroundingEvents: EventEnvelope[] = [];
  for await (const page of parts.reader.pages(formatStreamAddress(address), { after: Math.max(0, revision - window), upTo: revision + window })) surroundingEvents.push(...page);
  const before = surroundingEvents.filter((event) => event.revision <= revision);
  return {
    queryTimestamp: at,
    state,
    stateHash,
    surroundingEvents,
    stateSummary: summariseState(state),
    revision,
    before: before.length,
    after: surroundingEvents.length - before.length,
    later: before.filter((event) => compareInstants(event.occurredAt, at) > 0).map(({ id }) => id),
    stragglers,
    warnings,
  };
}

/** Reads the summary by the names of its fields; the state of any aggregate may have them. */
export function summariseState(state: State): StateSummary {
  const { status, currentPhase, activeAgents, completedPhases } = state;
  return {
    status: typeof status === 'string' ? status : state.exists ? 'active' : 'absent',
    currentPhase: typeof currentPhase === 'string' ? currentPhase : null,
    activeAgents: textsOf(activeAgents),
    completedPhases: textsOf(completedPhases),
  };
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);
