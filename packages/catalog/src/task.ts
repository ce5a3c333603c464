/**
 * A task: of a sprint (document 003) or of a runner (document 002), one kind of stream for both (K-023).
 *
 * Two writers can report one end: the runner with `task.completed`, the board with `task.status_changed`. When the second
 * names the first as its cause, it only adds its fields. `task.blocked` follows a status change in the same way (K-057).
 */
import { canonicalText, defineAggregate } from '@refold/core';
import type { FoldEvent, Json, JsonObject, Priority, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { links, machine, moveTo, spelled } from './define.ts';
import { beforeMustBe, statusPairRule } from './field-change.ts';
import type { StatusPairs } from './field-change.ts';
import { otherNameTags } from './other-name.ts';
import { boolean, error, id, integer, json, number, oneOf, payload, priority, string, strings } from './payload.ts';
import { readChoice, readError, readId, readInteger, readJson, readNumber, readText, readTexts, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';
import { sha256Hex } from './sha256.ts';

export type TaskStatus = 'absent' | 'pending' | 'received' | 'in_progress' | 'blocked' | 'completed' | 'failed' | 'cancelled' | 'deleted';

export interface TaskFields {
  taskCode: string;
  status: TaskStatus;
  title: string | null;
  description: string | null;
  sprintCode: string | null;
  sprintId: string | null;
  phase: number | null;
  priority: Priority;
  /** 0 to 100 (K-030). */
  progress: number;
  assignee: { id: string; type: string } | null;
  estimate: string | null;
  blockers: string[];
  blockedReason: string | null;
  /** SHA-256 of the canonical JSON of the payload it was created with (C-002). */
  hash: string | null;
  runnerId: string | null;
  attempt: number;
  receivedAt: string | null;
  startedAt: string | null;
  completedAt: string | null;
  result: Json;
  executionTime: number | null;
  reward: number | null;
  error: ErrorInfo | null;
  correlationId: string;
  /** The event that set the status: what a companion names as its cause. */
  statusEventId: string | null;
}

export type TaskState = State<TaskFields>;

const liveStatuses = ['pending', 'received', 'in_progress', 'blocked', 'failed', 'completed', 'cancelled'] as const;
const priorities = ['P0', 'P1', 'P2', 'P3'] as const;

/** Who may set which status by hand. Source: the unified model 3.3.3. */
export const taskStatusPairs: StatusPairs = {
  pending: ['received', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled'],
  received: ['in_progress', 'blocked', 'completed', 'failed', 'cancelled'],
  in_progress: ['pending', 'blocked', 'completed', 'failed', 'cancelled'],
  blocked: ['pending', 'in_progress', 'completed', 'failed', 'cancelled'],
  failed: ['pending', 'in_progress', 'cancelled'],
  completed: ['in_progress', 'pending'],
  cancelled: ['pending'],
  deleted: [],
};

const taskIs = machine<TaskFields>('task', (state) => state.status);
/** For ends: a companion of what ended the task already is no second end. */
const endIs = (end: TaskStatus) => machine<TaskFields>('task', (state, event) => (isCompanion(state, event, end) ? 'in_progress' : state.status));
const statusPairs = statusPairRule<TaskFields>('task', taskStatusPairs);

export const task = defineAggregate<TaskFields>({
  type: 'task',
  version: '1.0.0',
  doc: 'A piece of work on a sprint or in the queue of a runner.',
  terminal: ['completed', 'failed', 'cancelled', 'deleted'],
  parts: [anyStream],
  initial: (taskCode) => ({
    taskCode,
    status: 'absent',
    title: null,
    description: null,
    sprintCode: null,
    sprintId: null,
    phase: null,
    priority: 'P2',
    progress: 0,
    assignee: null,
    estimate: null,
    blockers: [],
    blockedReason: null,
    hash: null,
    runnerId: null,
    attempt: 0,
    receivedAt: null,
    startedAt: null,
    completedAt: null,
    result: null,
    executionTime: null,
    reward: null,
    error: null,
    correlationId: '',
    statusEventId: null,
  }),
  streamIdOf: ({ data, entityId }) => entityId ?? readId(data['task_code']) ?? undefined,
  contextOf: ({ exists, priority: own }) => (exists ? { priority: own } : {}),
  events: spelled<TaskFields>({
    'task.created': {
      doc: 'A task was put on the board.',
      ledger: ['C-021', 'C-001', 'C-002'],
      schema: payload(
        { task_code: string },
        { task_id: id, title: string, description: string, sprint_code: string, sprint_id: id, status: string, priority, phase: integer, estimate: string, blockers: strings, progress: number },
      ),
      tags: (data) => otherNameTags('task', data['task_id']),
      transition: taskIs(['absent'], ({ data }) => readChoice(data['status'], liveStatuses) ?? 'pending'),
      effect: 'idempotent',
      priority: 'P1',
      refs: (data) => links({ sprint: data['sprint_code'] ?? data['sprint_id'] }),
      summary: ({ data }) => `Task ${shown(data['task_code'])} created${tail(': ', data['title'])}`,
      evolve(draft, event, status) {
        const { data } = event;
        mergeFields(draft, data);
        if (status === null) return;
        setStatus(draft, event, status);
        draft.taskCode = readId(data['task_code']) ?? draft.taskCode;
        draft.phase = readInteger(data['phase']);
        draft.priority = readChoice(data['priority'], priorities) ?? draft.priority;
        draft.progress = readNumber(data['progress']) ?? draft.progress;
        draft.correlationId = event.correlationId;
        draft.hash = hashOf(data);
      },
    },
    'task.updated': {
      doc: 'Fields of a task changed that have no event of their own.',
      ledger: ['C-010'],
      schema: payload({}, { title: string, description: string, sprint_code: string, estimate: string, blockers: strings }),
      transition: taskIs(liveStatuses, 'same'),
      effect: 'idempotent',
      summary: ({ data }) => `Task changed: ${Object.keys(data).join(', ')}`,
      evolve: (draft, { data }) => mergeFields(draft, data),
    },
    'task.deleted': {
      doc: 'A task was taken off the board; its history stays.',
      ledger: ['C-010', 'K-039'],
      schema: payload({}, { reason: string }),
      transition: taskIs(liveStatuses, 'deleted'),
      deletes: true,
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Task deleted${tail(': ', data['reason'])}`,
      evolve: setStatus,
    },
    'task.received': {
      doc: 'A runner took the task in.',
      ledger: ['B-031'],
      aliases: { agentLightning: 'task.received' },
      schema: payload({}, { runner_id: string, source: string, input: json }),
      transition: taskIs(['absent', 'pending'], 'received'),
      effect: 'idempotent',
      summary: ({ data }) => `Task received${tail(' by ', data['runner_id'])}`,
      evolve(draft, event, status) {
        setStatus(draft, event, status);
        draft.runnerId = readText(event.data['runner_id']) ?? draft.runnerId;
        if (status !== null) draft.receivedAt = event.occurredAt;
      },
    },
    'task.started': {
      doc: 'Work on the task began.',
      ledger: ['B-032'],
      aliases: { agentLightning: 'task.started' },
      schema: payload({}, { runner_id: string, attempt: integer }),
      transition: taskIs(['absent', 'pending', 'received', 'blocked', 'failed'], 'in_progress'),
      effect: 'costly',
      priority: 'P1',
      summary: ({ data }) => `Task started${tail(' by ', data['runner_id'])}${tail(', attempt ', data['attempt'])}`,
      evolve(draft, event, status) {
        setStatus(draft, event, status);
        draft.runnerId = readText(event.data['runner_id']) ?? draft.runnerId;
        if (status === null) return;
        draft.attempt = Math.max(draft.attempt + 1, readInteger(event.data['attempt']) ?? 0);
        draft.startedAt = event.occurredAt;
      },
    },
    'task.completed': {
      doc: 'The task is done.',
      ledger: ['B-033', 'K-023'],
      aliases: { agentLightning: 'task.completed' },
      schema: payload({}, { result: json, execution_time: number, reward: number }),
      transition: endIs('completed')(['absent', 'pending', 'received', 'in_progress', 'blocked'], 'completed'),
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Task completed${tail(', seconds ', data['execution_time'])}${tail(', reward ', data['reward'])}`,
      evolve(draft, event, status) {
        setStatus(draft, event, status);
        if (event.data['result'] !== undefined) draft.result = readJson(event.data['result']);
        draft.executionTime = readNumber(event.data['execution_time']) ?? draft.executionTime;
        draft.reward = readNumber(event.data['reward']) ?? draft.reward;
      },
    },
    'task.failed': {
      doc: 'The task could not be done.',
      ledger: ['B-034'],
      aliases: { agentLightning: 'task.failed' },
      schema: payload({ error }, { execution_time: number, retryable: boolean }),
      transition: endIs('failed')(['absent', 'pending', 'received', 'in_progress', 'blocked'], 'failed'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Task failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        setStatus(draft, event, status);
        draft.error = readError(event.data['error']) ?? draft.error;
        draft.executionTime = readNumber(event.data['execution_time']) ?? draft.executionTime;
      },
    },
    'task.assigned': {
      doc: 'Somebody got the task.',
      ledger: ['C-014'],
      schema: payload({ assignee_id: string }, { assignee_type: oneOf('agent', 'user'), before: string, after: string }),
      transition: taskIs(liveStatuses, 'same'),
      effect: 'idempotent',
      summary: ({ data }) => `Task assigned to ${shown(data['assignee_id'])}${tail(', was ', data['before'])}`,
      evolve(draft, { data }) {
        const id = readId(data['assignee_id']);
        if (id !== null) draft.assignee = { id, type: readText(data['assignee_type']) ?? 'agent' };
      },
    },
    'task.status_changed': {
      doc: 'The status of a task was set.',
      ledger: ['C-022'],
      schema: payload({ before: string, after: string }, { reason: string }),
      transition: taskIs(liveStatuses, ({ data }, status) => readText(data['after']) ?? status),
      refuse: (state, event) => (isCompanion(state, event, event.data['after']) ? null : statusPairs(state, event)),
      priority: 'P1',
      summary: ({ data }) => `Task moved from ${shown(data['before'])} to ${shown(data['after'])}${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        setStatus(draft, event, status);
        if (status === 'in_progress') draft.startedAt ??= event.occurredAt;
        if (status === 'blocked') draft.blockedReason = readText(event.data['reason']) ?? draft.blockedReason;
      },
    },
    'task.blocked': {
      doc: 'The task cannot go on until something else happens.',
      ledger: ['C-015', 'K-057'],
      schema: payload({}, { reason: string, blocked_by: strings }),
      transition: taskIs(['pending', 'received', 'in_progress', 'blocked'], 'blocked'),
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Task blocked${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        if (draft.status !== 'blocked') setStatus(draft, event, status);
        draft.blockedReason = readText(event.data['reason']) ?? draft.blockedReason;
        if (event.data['blocked_by'] !== undefined) draft.blockers = readTexts(event.data['blocked_by']);
      },
    },
    'task.priority_changed': {
      doc: 'The task became more or less urgent.',
      ledger: ['C-016'],
      schema: payload({ before: priority, after: priority }),
      transition: taskIs(liveStatuses, 'same'),
      refuse: beforeMustBe('/priority', (state) => state.priority),
      priority: 'P1',
      summary: ({ data }) => `Priority changed from ${shown(data['before'])} to ${shown(data['after'])}`,
      evolve(draft, { data }) {
        draft.priority = readChoice(data['after'], priorities) ?? draft.priority;
      },
    },
    'task.progress_updated': {
      doc: 'The task is so far done, in percent.',
      ledger: ['C-017'],
      schema: payload({ before: number.min(0).max(100), after: number.min(0).max(100) }),
      transition: taskIs(liveStatuses, 'same'),
      refuse: beforeMustBe('/progress', (state) => state.progress),
      summary: ({ data }) => `Progress ${shown(data['before'])} % to ${shown(data['after'])} %`,
      evolve(draft, { data }) {
        draft.progress = readNumber(data['after']) ?? draft.progress;
      },
    },
  }),
});

/** True when the task stands at `end` already and the event names what brought it there as its cause. */
const isCompanion = (state: TaskFields, event: FoldEvent, end: unknown): boolean =>
  state.status === end && event.causationId !== undefined && event.causationId === state.statusEventId;

function setStatus(draft: State<TaskFields>, event: FoldEvent, status: string | null): void {
  if (status === null || (status === draft.status && isCompanion(draft, event, status))) return;
  if (draft.correlationId === '') draft.correlationId = event.correlationId;
  moveTo(draft, status);
  draft.statusEventId = event.id;
  draft.completedAt = status === 'completed' ? event.occurredAt : null;
  if (status !== 'blocked') draft.blockedReason = null;
  if (status !== 'failed') draft.error = null;
}

/** Null for a payload without a canonical form: a what-if edit may hold one, the log never does. */
function hashOf(data: JsonObject): string | null {
  try {
    return sha256Hex(canonicalText(data));
  } catch {
    return null;
  }
}

function mergeFields(draft: TaskFields, data: JsonObject): void {
  draft.title = readText(data['title']) ?? draft.title;
  draft.description = readText(data['description']) ?? draft.description;
  draft.sprintCode = readText(data['sprint_code']) ?? draft.sprintCode;
  draft.sprintId = readId(data['sprint_id']) ?? draft.sprintId;
  draft.estimate = readText(data['estimate']) ?? draft.estimate;
  if (data['blockers'] !== undefined) draft.blockers = readTexts(data['blockers']);
}

