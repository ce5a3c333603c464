/**
 * The work inside a run: phases, agents, gaps, commits, checks, checkpoints, errors, decisions. The orchestration of the
 * documents 000 and 001 keeps it under enforced rules; every other kind of run takes the same events as facts from outside
 * (`toleratedWork`), so all runs show the same maps. Shapes: the unified model, state.ts.
 */
import type { Actor, EventDefinition, JsonObject, Refusal, State } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import type { ErrorInfo } from '../read.ts';
import type { Part } from '../run-parts/keep.ts';
import { initialTotals } from '../run-parts/totals.ts';
import type { Totals } from '../run-parts/totals.ts';

export interface PhaseState {
  name: string;
  status: 'running' | 'completed' | 'failed';
  attempt: number;
  startedAt: string;
  endedAt: string | null;
  durationSeconds: number | null;
  qualityScore: number | null;
  error: ErrorInfo | null;
  outputs: JsonObject | null;
}

export interface AgentRunState extends Part {
  id: string;
  agentName: string;
  model: string | null;
  task: string | null;
  phase: string | null;
  status: 'running' | 'blocked' | 'completed' | 'failed';
  spawnedAt: string;
  completedAt: string | null;
  durationSeconds: number | null;
  qualityScore: number | null;
  blockedReason: string | null;
  blockedBy: string[];
  error: ErrorInfo | null;
  parentId: string | null;
  tokensInput: number;
  tokensOutput: number;
}

/** The runs of one agent, as far as they are listed. */
export interface AgentRunIndex {
  /** Runs that were ever spawned under this name; the next one's number follows. */
  spawned: number;
  listed: number;
  /** Ids of runs that go on, in the order they were spawned. */
  open: string[];
  /** Id of the run that was spawned last. */
  newest: string;
}

export interface GapState extends Part {
  id: string;
  description: string;
  severity: string | null;
  status: 'open' | 'resolved' | 'escalated';
  phase: string | null;
  identifiedAt: string;
  resolvedAt: string | null;
  resolution: string | null;
  escalatedTo: string | null;
  reopenCount: number;
}

export interface CommitState {
  sha: string;
  message: string;
  branch: string | null;
  author: string | null;
  at: string;
  phase: string | null;
  agent: string | null;
  filesChanged: string[];
}

export interface PullRequestState extends Part {
  number: number;
  title: string | null;
  url: string | null;
  status: 'open' | 'merged' | 'closed';
  createdAt: string | null;
  endedAt: string | null;
  mergeSha: string | null;
  /** Nobody told us that it was created; we learned of it by its end. */
  implicit: boolean;
}

export interface DocumentState {
  kind: 'file' | 'confluence';
  key: string;
  title: string | null;
  url: string | null;
  at: string;
}

export interface QualityCheckState extends Part {
  id: string;
  name: string;
  status: 'running' | 'completed' | 'failed';
  attempt: number;
  passed: boolean | null;
  score: number | null;
  findings: JsonObject[];
  startedAt: string;
  endedAt: string | null;
}

export interface TestRunState extends Part {
  id: string;
  suite: string;
  status: 'running' | 'completed' | 'failed';
  total: number | null;
  passed: number | null;
  failed: number | null;
  skipped: number | null;
  coverage: number | null;
  failures: JsonObject[];
  startedAt: string;
  endedAt: string | null;
}

export interface CheckpointState {
  id: string;
  label: string | null;
  /** Revision of its `checkpoint.created`. */
  sequence: number;
  stateHash: string;
  createdAt: string;
  restoredCount: number;
  /** Copy of what a restore brings back (checkpoint.ts). */
  saved: { [key: string]: unknown };
}

export interface ErrorState extends Part {
  id: string;
  message: string;
  code: string | null;
  phase: string | null;
  agent: string | null;
  fatal: boolean;
  status: 'open' | 'recovering' | 'resolved' | 'unrecovered';
  occurredAt: string;
  attempts: { strategy: string; at: string; outcome: 'pending' | 'succeeded' | 'failed' }[];
}

export interface DecisionState {
  id: string;
  decision: string;
  question: string | null;
  rationale: string | null;
  by: Actor;
  at: string;
  phase: string | null;
}

export interface WorkFields {
  currentPhase: string | null;
  /** Names of agents that are running or blocked, in the order they were spawned. */
  activeAgents: string[];
  /** In the order of completion, each once. */
  completedPhases: string[];
  phases: Record<string, PhaseState>;
  agentRuns: Record<string, AgentRunState>;
  /** Second names of agent runs: `agent:<agent id>` of a producer -> id of the run. */
  agentRunAliases: Record<string, string>;
  /** By the agent's name, so that an event that says only the name finds its run without a search. */
  agentRunsByName: Record<string, AgentRunIndex>;
  gaps: Record<string, GapState>;
  commits: CommitState[];
  pullRequests: Record<string, PullRequestState>;
  documents: DocumentState[];
  qualityChecks: Record<string, QualityCheckState>;
  testRuns: Record<string, TestRunState>;
  checkpoints: Record<string, CheckpointState>;
  errors: Record<string, ErrorState>;
  decisions: DecisionState[];
  restores: { checkpointId: string; restoredSequence: number; atRevision: number; at: string }[];
  lastError: ErrorInfo | null;
  totals: Totals;
}

export const initialWork = (): WorkFields => ({
  currentPhase: null,
  activeAgents: [],
  completedPhases: [],
  phases: {},
  agentRuns: {},
  agentRunAliases: {},
  agentRunsByName: {},
  gaps: {},
  commits: [],
  pullRequests: {},
  documents: [],
  qualityChecks: {},
  testRuns: {},
  checkpoints: {},
  errors: {},
  decisions: [],
  restores: [],
  lastError: null,
  totals: initialTotals(),
});

/** How strict a kind of stream is about the work inside it. */
export interface WorkRules<S extends object> {
  readonly policy: NonNullable<EventDefinition<S>['policy']>;
  /** May a part start now, as far as the whole run is concerned? Ends are facts and always may come (K-082). */
  readonly mayStart: (state: State<S>) => Refusal | null;
  /** What a starting part implies for the run. */
  readonly onStart: (draft: State<S>, event: FoldEvent) => void;
  /** Keys of the state that `checkpoint.restored` sets back (K-052). */
  readonly restorable: readonly string[];
}

/** The phase an event belongs to: its own word, else the envelope's, else the running one. */
export const phaseOf = (state: WorkFields, event: FoldEvent): string | null =>
  typeof event.data['phase'] === 'string' ? event.data['phase'] : (event.phase ?? state.currentPhase);
