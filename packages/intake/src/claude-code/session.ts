/**
 * What the translator remembers of one session while it walks its records in order: nothing but what earlier records said,
 * so that a longer copy of a file gives the same commits for its first part.
 */
import type { EntityRef, JsonObject } from '@refold/core';
import { createRecentMap } from '../recent-map.ts';
import type { RecentMap } from '../recent-map.ts';
import { createLateness } from '../time-doubts.ts';
import type { Lateness } from '../time-doubts.ts';
import type { AgentLinks } from './agent-links.ts';

/** The main conversation, or one sub-agent's. */
export interface Thread {
  /** Null for the main thread. */
  readonly agentId: string | null;
  /** Values that become `session.changed` when they change. */
  readonly last: Map<ChangingField, string>;
}

export type ChangingField = 'branch' | 'cwd' | 'permission_mode' | 'model';

export interface Call {
  readonly tool: string;
  readonly startedId: string;
  isEnded: boolean;
  /** What the result needs of the input. */
  readonly path?: string;
  readonly input?: JsonObject;
  readonly agentName?: string;
}

export interface Todo {
  readonly number: number;
  status: string;
}

export interface Session {
  readonly id: string;
  readonly stream: { readonly type: 'session'; readonly id: string };
  readonly links: AgentLinks;
  /** Id of the event that began the session. */
  startedId: string | null;
  /** Resumptions, by the id that all hooks of one share. */
  readonly resumes: Map<string, string>;
  readonly threads: Map<string, Thread>;
  /** Per kind of record without a uuid: how many came. */
  readonly counters: Map<string, number>;
  /** Event that stands for a record, by uuid. */
  readonly mainEvents: RecentMap<string>;
  readonly calls: Map<string, Call>;
  /** Agents that have shown a record or a link. */
  readonly agents: Set<string>;
  readonly partialUsage: Set<string>;
  /** Largest output told so far, by message id. */
  readonly outputs: Map<string, number>;
  turn: { readonly id: string; endedId: string | null };
  readonly todos: Map<string, Todo>;
  readonly lateness: Lateness;
}

export const createSession = (id: string, links: AgentLinks): Session => ({
  id,
  stream: { type: 'session', id },
  links: { calls: new Map(links.calls), names: links.names, ownRecords: links.ownRecords },
  startedId: null,
  resumes: new Map(),
  threads: new Map(),
  counters: new Map(),
  mainEvents: createRecentMap(),
  calls: new Map(),
  agents: new Set(),
  partialUsage: new Set(),
  outputs: new Map(),
  turn: { id: 'start', endedId: null },
  todos: new Map(),
  lateness: createLateness(),
});

export function threadOf(session: Session, agentId: string | null): Thread {
  const name = agentId ?? '';
  let thread = session.threads.get(name);
  if (thread === undefined) session.threads.set(name, (thread = { agentId, last: new Map() }));
  return thread;
}

/** Entity id of a sub-agent: the call that started it; until that is known, its own id. */
export const agentRunId = (session: Session, agentId: string): string => session.links.calls.get(agentId) ?? `agent:${agentId}`;

export const agentRef = (session: Session, agentId: string): EntityRef => ({ type: 'agent_run', id: agentRunId(session, agentId), rel: 'agent' });

/** What to call a sub-agent: the type asked for, else what its meta file says, else its id. */
export function agentName(session: Session, agentId: string): string {
  const call = session.links.calls.get(agentId);
  return (call === undefined ? undefined : session.calls.get(call)?.agentName) ?? session.links.names.get(agentId) ?? agentId;
}

/** A compaction writes a sub-agent file too, but nobody works there. */
export const isCompaction = (agentId: string): boolean => agentId.startsWith('acompact');
