/**
 * The orchestration: one Jira issue, worked on by many agents, in one or more runs (documents 000 and 001). The issue key is
 * the stream's id.
 *
 * The parent rule (K-082): a part of the work may start while the orchestration runs, after it failed (recovery work), and
 * before it was started (the quick start of the documents does that: a run is then implied and the log is told), but not
 * while it is paused or after it completed. Ends of parts are facts and always welcome.
 */
import { defineAggregate } from '@refold/core';
import type { EventDefinition, FoldEvent, Refusal, State } from '@refold/core';
import { anyStream } from '../any-stream.ts';
import { machine, moveTo, spelled } from '../define.ts';
import type { Events } from '../define.ts';
import { error, integer, json, number, object, payload, string, strings } from '../payload.ts';
import { readError, readId, readText, tail } from '../read.ts';
import { runParts } from '../run-parts/run-parts.ts';
import type { RunFields } from '../run-parts/run-parts.ts';
import { confluenceEvents } from './documentation.ts';
import { initialJira, jiraEvents } from './jira.ts';
import type { JiraFields } from './jira.ts';
import { restorableWork, settledWork, workEvents } from './work-part.ts';
import { initialWork } from './work.ts';
import type { WorkFields, WorkRules } from './work.ts';

export type OrchestrationStatus = 'not_started' | 'running' | 'paused' | 'completed' | 'failed';

export interface OrchestrationRun {
  runNumber: number;
  runId: string | null;
  sessionId: string;
  startedAt: string;
  endedAt: string | null;
  status: OrchestrationStatus;
  summary: string | null;
}

export interface OrchestrationFields extends WorkFields, JiraFields {
  issueKey: string;
  status: OrchestrationStatus;
  runs: OrchestrationRun[];
  git: { sha: string | null; branch: string | null };
}

export type OrchestrationState = State<OrchestrationFields & RunFields>;

const lifecycle = machine<OrchestrationFields>('orchestration', (state) => state.status);

const lifecycleEvents: Events<OrchestrationFields> = {
  'orchestration.started': {
    doc: 'Work on the issue began: a new run, in a session of its own.',
    ledger: ['A-030'],
    aliases: { jira: 'OrchestrationStarted' },
    schema: payload({}, { run_id: string, summary: string, mode: string, phases_planned: strings, config: object }),
    transition: lifecycle(['not_started', 'completed', 'failed'], 'running'),
    refuse: sessionOfAnEndedRun,
    effect: 'idempotent',
    priority: 'P1',
    summary: ({ data }) => `Orchestration started${tail(': ', data['summary'])}`,
    evolve(draft, event, status) {
      if (status === null) return;
      openRun(draft, event, readText(event.data['summary']));
      Object.assign(draft, { currentPhase: null, activeAgents: [] });
    },
  },
  'orchestration.completed': {
    doc: 'The run reached its goal.',
    ledger: ['A-031'],
    aliases: { jira: 'OrchestrationCompleted' },
    schema: payload({}, { summary: string, duration_seconds: number, result: json }),
    transition: lifecycle(['running'], 'completed'),
    refuse: whileAPhaseRuns,
    effect: 'outcome',
    priority: 'P1',
    summary: ({ data }) => `Orchestration completed${tail(': ', data['summary'])}`,
    evolve(draft, event, status) {
      moveRun(draft, status, event.occurredAt);
      const run = draft.runs.at(-1);
      if (run !== undefined) run.summary = readText(event.data['summary']) ?? run.summary;
    },
  },
  'orchestration.failed': {
    doc: 'The run gave up.',
    ledger: ['A-032'],
    aliases: { jira: 'OrchestrationFailed' },
    schema: payload({ reason: string }, { error, failed_phase: string }),
    transition: lifecycle(['running', 'paused'], 'failed'),
    effect: 'outcome',
    priority: 'P0',
    severity: 'ERROR',
    summary: ({ data }) => `Orchestration failed${tail(' in ', data['failed_phase'])}${tail(': ', data['reason'])}`,
    evolve(draft, event, status) {
      moveRun(draft, status, event.occurredAt);
      draft.lastError = readError(event.data['error']) ?? readError(event.data['reason']);
    },
  },
  'orchestration.paused': {
    doc: 'The run stands still until it is resumed.',
    ledger: ['A-033'],
    aliases: { jira: 'OrchestrationPaused' },
    schema: payload({}, { reason: string, checkpoint_id: string }),
    transition: lifecycle(['running'], 'paused'),
    priority: 'P1',
    summary: ({ data }) => `Orchestration paused${tail(': ', data['reason'])}`,
    evolve: (draft, _event, status) => moveRun(draft, status, null),
  },
  'orchestration.resumed': {
    doc: 'A paused or failed run goes on.',
    ledger: ['A-034'],
    aliases: { jira: 'OrchestrationResumed' },
    schema: payload({}, { reason: string, checkpoint_id: string, from_sequence: integer }),
    transition: lifecycle(['paused', 'failed'], 'running'),
    priority: 'P1',
    summary: ({ data }) => `Orchestration resumed${tail(' from revision ', data['from_sequence'])}${tail(': ', data['reason'])}`,
    evolve: (draft, _event, status) => moveRun(draft, status, null),
  },
};

const rules: WorkRules<OrchestrationFields> = {
  policy: 'enforce',
  mayStart(state) {
    if (state.status === 'paused' || state.status === 'completed') {
      const parent = { type: 'orchestration', id: state.streamId, status: state.status };
      return { code: 'ILLEGAL_TRANSITION', detail: `nothing can start while the orchestration is ${state.status}`, details: { parent } };
    }
    return state.status === 'not_started' ? { code: 'MISSING_PREDECESSOR', detail: 'the orchestration was never started; a run is implied' } : null;
  },
  onStart(draft, event) {
    if (draft.status === 'not_started') openRun(draft, event, null);
  },
  restorable: ['status', ...restorableWork],
};

export const orchestration = defineAggregate<OrchestrationFields>({
  type: 'orchestration',
  version: '1.2.0',
  doc: 'Work on one issue by many agents.',
  run: true,
  terminal: ['completed', 'failed'],
  parts: [runParts.withStepsById, anyStream],
  initial: (issueKey) => ({
    issueKey,
    status: 'not_started',
    runs: [],
    ...initialWork(),
    ...initialJira(),
    git: { sha: null, branch: null },
  }),
  requires: ['issueKey', 'sessionId'],
  streamIdOf: ({ issueKey }) => issueKey,
  contextOf: (state, { data }) => ({
    ...optional('phase', readText(data['phase']) ?? state.currentPhase),
    ...optional('agent', readText(data['agent_name'])),
    ...optional('issueKey', issueKeyPattern.test(state.streamId) ? state.streamId : null),
    ...optional('sessionId', isRunning(state) ? (state.runs.at(-1)?.sessionId ?? null) : null),
  }),
  settled: settledWork,
  events: spelled(withCodeState({ ...lifecycleEvents, ...workEvents(rules), ...jiraEvents<OrchestrationFields>(), ...confluenceEvents<OrchestrationFields>() })),
});

/** */
const issueKeyPattern = /^[A-Z][A-Z0-9_]+-\d+$/;
const isRunning = (state: OrchestrationFields): boolean => state.status === 'running' || state.status === 'paused';
const optional = <K extends string>(key: K, value: string | null): { [key in K]?: string } => (value === null || value === '' ? {} : ({ [key]: value } as { [key in K]?: string }));

/** K-020: one run at a time, and a session runs once. */
function sessionOfAnEndedRun(state: State<OrchestrationFields>, event: FoldEvent): Refusal | null {
  const used = event.sessionId === undefined ? undefined : state.runs.find((run) => run.sessionId === event.sessionId && run.endedAt !== null);
  if (used === undefined) return null;
  return { code: 'ILLEGAL_TRANSITION', detail: `session ${used.sessionId} already was run ${used.runNumber}, which ended; a new run needs a new session`, details: { sessionId: used.sessionId } };
}

function whileAPhaseRuns(state: State<OrchestrationFields>): Refusal | null {
  const open = Object.values(state.phases).find((phase) => phase.status === 'running');
  return open === undefined ? null : { code: 'MISSING_PREDECESSOR', detail: `phase ${open.name} is still running` };
}

function openRun(draft: State<OrchestrationFields>, event: FoldEvent, summary: string | null): void {
  draft.status = 'running';
  draft.runs.push({
    runNumber: draft.runs.length + 1,
    runId: readId(event.data['run_id']),
    sessionId: event.sessionId ?? '',
    startedAt: event.occurredAt,
    endedAt: null,
    status: 'running',
    summary,
  });
}

/** The newest run has the orchestration's status. */
function moveRun(draft: State<OrchestrationFields>, status: string | null, endedAt: string | null): void {
  moveTo(draft, status);
  const run = draft.runs.at(-1);
  if (status !== null && run !== undefined) Object.assign(run, { status: draft.status, endedAt });
}

/** Whatever happens, the newest known state of the code is kept. */
function withCodeState(events: Events<OrchestrationFields>): Events<OrchestrationFields> {
  const noting = ({ evolve, ...definition }: EventDefinition<OrchestrationFields>): EventDefinition<OrchestrationFields> => ({
    ...definition,
    evolve(draft, event, status) {
      evolve?.(draft, event, status);
      draft.git.sha = (event.type === 'git.commit_created' ? readId(event.data['sha']) : null) ?? event.git?.sha ?? draft.git.sha;
      draft.git.branch = (event.type === 'git.commit_created' ? readText(event.data['branch']) : null) ?? event.git?.branch ?? draft.git.branch;
    },
  });
  return Object.fromEntries(Object.entries(events).map(([type, definition]) => [type, noting(definition)]));
}
