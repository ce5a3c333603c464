/** A sprint (document 003): a plan with a state and a share of tasks that are done. */
import { defineAggregate } from '@refold/core';
import type { FoldEvent, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import { beforeMustBe, statusPairRule } from './field-change.ts';
import type { StatusPairs } from './field-change.ts';
import { isEqualJson } from './json-equal.ts';
import { otherNameTags } from './other-name.ts';
import { day, id, integer, number, object, payload, string } from './payload.ts';
import { readChoice, readId, readNumber, readObject, readText, shown, tail } from './read.ts';

export type SprintStatus = 'absent' | 'planned' | 'active' | 'paused' | 'completed' | 'cancelled' | 'deleted';

export interface SprintFields {
  sprintCode: string;
  status: SprintStatus;
  name: string | null;
  goal: string | null;
  startDate: string | null;
  endDate: string | null;
  metadata: JsonObject;
  /** 0 to 100 (K-030). */
  progress: number;
  /** A read model's business: it needs the tasks. */
  taskCounts: null;
  correlationId: string;
}

export type SprintState = State<SprintFields>;

const liveStatuses = ['planned', 'active', 'paused', 'completed', 'cancelled'] as const;

/** Who may set which status by hand. Source: the unified model 3.3.3. */
export const sprintStatusPairs: StatusPairs = {
  planned: ['active', 'completed', 'cancelled'],
  active: ['planned', 'paused', 'completed', 'cancelled'],
  paused: ['active', 'completed', 'cancelled'],
  completed: ['active', 'planned', 'paused'],
  cancelled: ['planned', 'active'],
  deleted: [],
};

const sprintIs = machine<SprintFields>('sprint', (state) => state.status);

export const sprint = defineAggregate<SprintFields>({
  type: 'sprint',
  version: '1.0.0',
  doc: 'A plan of tasks for some time.',
  terminal: ['completed', 'cancelled', 'deleted'],
  parts: [anyStream],
  initial: (sprintCode) => ({
    sprintCode,
    status: 'absent',
    name: null,
    goal: null,
    startDate: null,
    endDate: null,
    metadata: {},
    progress: 0,
    taskCounts: null,
    correlationId: '',
  }),
  streamIdOf: ({ data, entityId }) => entityId ?? readId(data['sprint_code']) ?? undefined,
  events: spelled<SprintFields>({
    'sprint.created': {
      doc: 'A sprint was planned.',
      ledger: ['C-010'],
      schema: payload({ sprint_code: string }, { sprint_id: id, name: string, goal: string, status: string, start_date: day, end_date: day, metadata: object }),
      tags: (data) => otherNameTags('sprint', data['sprint_id']),
      transition: sprintIs(['absent'], ({ data }) => readChoice(data['status'], liveStatuses) ?? 'planned'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Sprint ${shown(data['sprint_code'])} created${tail(': ', data['name'])}`,
      evolve(draft, event, status) {
        mergeFields(draft, event);
        moveTo(draft, status);
        if (status === null) return;
        draft.sprintCode = readId(event.data['sprint_code']) ?? draft.sprintCode;
        draft.metadata = readObject(event.data['metadata']) ?? draft.metadata;
        draft.correlationId = event.correlationId;
      },
    },
    'sprint.updated': {
      doc: 'Fields of a sprint changed that have no event of their own.',
      ledger: ['C-010'],
      schema: payload({}, { name: string, goal: string, start_date: day, end_date: day }),
      transition: sprintIs(liveStatuses, 'same'),
      effect: 'idempotent',
      summary: ({ data }) => `Sprint changed: ${Object.keys(data).join(', ')}`,
      evolve: mergeFields,
    },
    'sprint.deleted': {
      doc: 'A sprint was deleted; its history stays.',
      ledger: ['C-010', 'K-039'],
      schema: payload({}, { reason: string }),
      transition: sprintIs(liveStatuses, 'deleted'),
      deletes: true,
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Sprint deleted${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'sprint.metadata_updated': {
      doc: 'The free data of a sprint changed.',
      ledger: ['C-012'],
      schema: payload({ before: object, after: object }),
      transition: sprintIs(liveStatuses, 'same'),
      refuse: beforeMustBe('/metadata', (state) => state.metadata),
      summary: ({ data }) => `Sprint metadata changed: ${changedKeys(data['before'], data['after']).join(', ')}`,
      evolve(draft, { data }) {
        draft.metadata = readObject(data['after']) ?? draft.metadata;
      },
    },
    'sprint.status_changed': {
      doc: 'The status of a sprint was set.',
      ledger: ['C-013'],
      schema: payload({ before: string, after: string }, { reason: string }),
      transition: sprintIs(liveStatuses, ({ data }, status) => readText(data['after']) ?? status),
      refuse: statusPairRule('sprint', sprintStatusPairs),
      priority: 'P1',
      summary: ({ data }) => `Sprint moved from ${shown(data['before'])} to ${shown(data['after'])}${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'sprint.progress_updated': {
      doc: 'The sprint is so far done, in percent.',
      ledger: ['X-027'],
      schema: payload({ before: number, after: number }, { completed_tasks: integer, total_tasks: integer }),
      transition: sprintIs(liveStatuses, 'same'),
      refuse: beforeMustBe('/progress', (state) => state.progress),
      summary: ({ data }) => `Progress ${shown(data['before'])} % to ${shown(data['after'])} %${tail(', tasks done ', data['completed_tasks'])}`,
      evolve(draft, { data }) {
        draft.progress = readNumber(data['after']) ?? draft.progress;
      },
    },
  }),
});

function mergeFields(draft: SprintFields, { data }: FoldEvent): void {
  draft.name = readText(data['name']) ?? draft.name;
  draft.goal = readText(data['goal']) ?? draft.goal;
  draft.startDate = readText(data['start_date']) ?? draft.startDate;
  draft.endDate = readText(data['end_date']) ?? draft.endDate;
}

const changedKeys = (before: unknown, after: unknown): readonly string[] => {
  const [old, fresh] = [readObject(before) ?? {}, readObject(after) ?? {}];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((key) => !isEqualJson(old[key], fresh[key]));
};
