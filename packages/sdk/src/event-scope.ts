/** The scopes of document 003: `store.events().byIssue('PROJ-123').byType('AgentFailed').get()` (C-038 to C-042). */
import type { EventEnvelope } from '@refold/core';
import type { EventFilter, PageOptions } from './event-filter.ts';
import type { EventPage } from './event-page.ts';

/** A filter under construction; each step gives a new one. */
export interface EventScope {
  byIssue(key: string): EventScope;
  /** The conversation and the ones it started. */
  byCorrelation(id: string): EventScope;
  bySession(key: string): EventScope;
  /** Both ends inclusive. */
  byDateRange(from: string | Date, to: string | Date): EventScope;
  /** Id of a user, agent, service or system. */
  byActor(id: string): EventScope;
  /** The entity and what refers to it, up to three steps away. */
  byEntityChain(type: string, id: string): EventScope;
  byType(...types: readonly string[]): EventScope;
  byPhase(phase: string): EventScope;
  byAgent(name: string): EventScope;
  /** One page. */
  get(page?: PageOptions): Promise<EventPage>;
  /** Everything. */
  all(): AsyncGenerator<EventEnvelope>;
}

interface Asker {
  queryEvents(filter: EventFilter, page?: PageOptions): Promise<EventPage>;
  allEvents(filter: EventFilter): AsyncGenerator<EventEnvelope>;
}

export function createScope(store: Asker, filter: EventFilter): EventScope {
  const narrowed = (more: EventFilter): EventScope => createScope(store, { ...filter, ...more });
  return {
    byIssue: (issueKey) => narrowed({ issueKey }),
    byCorrelation: (correlationId) => narrowed({ correlationId }),
    bySession: (sessionId) => narrowed({ sessionId }),
    byDateRange: (from, to) => narrowed({ from, to }),
    byActor: (actorId) => narrowed({ actorId }),
    byEntityChain: (type, id) => narrowed({ entityChain: { type, id } }),
    byType: (...type) => narrowed({ type }),
    byPhase: (phase) => narrowed({ phase }),
    byAgent: (agent) => narrowed({ agent }),
    get: (page) => store.queryEvents(filter, page),
    all: () => store.allEvents(filter),
  };
}
