/**
 * What is bad in a history, and what it came to: one fold up to a place. No domain is named here; an outcome is bad when its
 * definition gives it a severity of WARN or more, when it moves something to the status `failed`, or when the fold marked it.
 */
import type { AnomalyCode } from '../fold/aggregate.ts';
import { severities } from '../log/event.ts';
import type { EventEnvelope, Severity } from '../log/event.ts';
import type { Revision } from '../log/driver.ts';
import type { StreamAddress } from '../log/place.ts';
import type { Cut } from './cut.ts';
import { createEntityTree } from './entity-tree.ts';
import type { EntityNode, EntityTree } from './entity-tree.ts';
import { eventsOf, isStraggler } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';

export type BadReason = 'severity' | 'failed' | 'anomaly';

export interface Survey {
  readonly address: StreamAddress;
  readonly cut: Cut;
  readonly tree: EntityTree;
  readonly bad: ReadonlyMap<Revision, BadReason>;
  /** The event that moved the stream to `failed`, where that still stands. */
  readonly failure: EventEnvelope | null;
  /** The first event of severity ERROR or more whose entity has not moved on from it. */
  readonly unresolved: EventEnvelope | null;
  /** What moved something to `failed` that has not moved on from it, earliest first; of any severity. */
  readonly failures: readonly EventEnvelope[];
  /** Newest event up to the place; null before the first. */
  readonly last: EventEnvelope | null;
}

/** What was told twice, and a type that nobody declared, are oddities of the log and not of the run. */
const harmless: ReadonlySet<AnomalyCode> = new Set(['DUPLICATE_FACT', 'UNKNOWN_TYPE']);

export const isAtLeast = (severity: Severity, least: Severity): boolean => severities.indexOf(severity) >= severities.indexOf(least);

export async function survey(parts: TravelParts, address: StreamAddress, cut: Cut): Promise<Survey> {
  const tree = createEntityTree(parts.fold.registry);
  const bad = new Map<Revision, BadReason>();
  const errors: { readonly event: EventEnvelope; readonly node: EntityNode; readonly status: string | null }[] = [];
  const moves: { readonly event: EventEnvelope; readonly node: EntityNode }[] = [];
  let state = parts.fold.initial(address.streamType, address.streamId);
  let failure: EventEnvelope | null = null;
  let last: EventEnvelope | null = null;

  for await (const page of eventsOf(parts.reader, address, cut))
    for (const event of page) {
      const { node, status, hasMoved } = tree.place(event);
      const [statusBefore, anomalies] = [state['status'], state.anomalies.length];
      state = parts.fold.evolveDraft(state, event, { cut: isStraggler(cut, event) });
      if (state['status'] !== statusBefore) failure = state['status'] === 'failed' ? event : null;
      const marked = state.anomalies.length > anomalies && !harmless.has(state.anomalies.at(-1)!.code);
      const reason: BadReason | null = (hasMoved && status === 'failed') || failure === event ? 'failed' : isAtLeast(event.severity, 'WARN') ? 'severity' : marked ? 'anomaly' : null;
      if (reason === 'failed') moves.push({ event, node });
      if (reason !== null) bad.set(event.revision, reason);
      if (isAtLeast(event.severity, 'ERROR')) errors.push({ event, node, status });
      last = event;
    }
  const unresolved = errors.find(({ node, status }) => status === null || node.status === status || node.status === 'failed')?.event ?? null;
  const failures = moves.filter(({ node }) => node.status === 'failed').map(({ event }) => event);
  return { address, cut, tree, bad, failure, unresolved, failures, last };
}
