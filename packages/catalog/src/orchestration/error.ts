/** Errors of a run and the attempts to recover from them: facts, whatever state the run is in. */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { boolean, error as errorShape, integer, json, payload, string } from '../payload.ts';
import { readFlag, readId, readText, shown, tail } from '../read.ts';
import { addPart, dropEnded, movePart } from '../run-parts/keep.ts';
import { phaseOf } from './work.ts';
import type { ErrorState, WorkFields } from './work.ts';

export function errorEvents<S extends WorkFields>(): Events<S> {
  const error = machine<S>('error', (state, event) => getOwn(state.errors, errorId(event))?.status ?? 'absent');
  const outside = { policy: 'tolerate', category: 'error', entity: partOf('error', 'error_id') } as const;

  return {
    'error.occurred': {
      doc: 'Something went wrong.',
      ledger: ['A-062'],
      aliases: { jira: 'ErrorOccurred' },
      schema: payload({ error_id: string, message: string }, { code: string, stack: string, phase: string, agent_name: string, fatal: boolean }),
      transition: error(['absent'], 'open'),
      ...outside,
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      fillWithId: ['error_id'],
      summary: ({ data }) => `${data['fatal'] === true ? 'Fatal error' : 'Error'}${tail(' ', data['code'])}: ${shown(data['message'])}`,
      evolve(draft, event, status) {
        const { data } = event;
        const found = errorOf(draft, event);
        if (found.status === 'resolved') movePart(draft, 'errors', found, status);
        found.message = readText(data['message']) ?? found.message;
        found.code = readId(data['code']) ?? found.code;
        found.agent = readText(data['agent_name']) ?? event.agent ?? found.agent;
        found.fatal = readFlag(data['fatal']) ?? found.fatal;
        draft.lastError = { message: found.message, ...(found.code === null ? {} : { code: found.code }) };
      },
    },
    'recovery.attempted': {
      doc: 'Somebody tries to recover from an error.',
      ledger: ['A-063'],
      aliases: { jira: 'RecoveryAttempted' },
      schema: payload({ error_id: string, strategy: string }, { attempt: integer, checkpoint_id: string }),
      transition: error(['open', 'unrecovered'], 'recovering'),
      ...outside,
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Recovery of ${shown(data['error_id'])} attempted: ${shown(data['strategy'])}`,
      evolve(draft, event, status) {
        const found = errorOf(draft, event);
        movePart(draft, 'errors', found, status);
        found.attempts.push({ strategy: readText(event.data['strategy']) ?? 'unknown', at: event.occurredAt, outcome: 'pending' });
      },
    },
    'recovery.succeeded': {
      doc: 'The recovery from an error worked.',
      ledger: ['A-064'],
      aliases: { jira: 'RecoverySucceeded' },
      schema: payload({ error_id: string }, { strategy: string, attempt: integer, result: json }),
      transition: error(['recovering'], 'resolved'),
      ...outside,
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Recovered from ${shown(data['error_id'])}${tail(' by ', data['strategy'])}`,
      evolve: (draft, event, status) => endAttempt(draft, event, status, 'succeeded'),
    },
    'recovery.failed': {
      doc: 'The recovery from an error did not work.',
      ledger: ['A-065'],
      aliases: { jira: 'RecoveryFailed' },
      schema: payload({ error_id: string, error: errorShape }, { strategy: string, attempt: integer }),
      transition: error(['recovering'], 'unrecovered'),
      ...outside,
      effect: 'outcome',
      priority: 'P0',
      severity: 'ERROR',
      summary: ({ data }) => `Recovery of ${shown(data['error_id'])} failed${tail(': ', data['error'])}`,
      evolve: (draft, event, status) => endAttempt(draft, event, status, 'failed'),
    },
  };
}

const errorId = (event: FoldEvent): string => partId(event, 'error', 'error_id');

function errorOf(draft: WorkFields, event: FoldEvent): ErrorState {
  const found = getOwn(draft.errors, errorId(event)) ?? addPart<'errors', ErrorState>(draft, 'errors', errorId(event), newError(draft, event));
  found.revision = event.revision;
  return found;
}

const newError = (draft: WorkFields, event: FoldEvent): ErrorState => ({
  id: errorId(event),
  message: 'unknown error',
  code: null,
  phase: phaseOf(draft, event),
  agent: null,
  fatal: false,
  status: 'open',
  revision: event.revision,
  occurredAt: event.occurredAt,
  attempts: [],
});

function endAttempt(draft: WorkFields, event: FoldEvent, status: string | null, outcome: 'succeeded' | 'failed'): void {
  const found = errorOf(draft, event);
  movePart(draft, 'errors', found, status);
  const attempt = found.attempts.findLast((candidate) => candidate.outcome === 'pending');
  if (attempt !== undefined) attempt.outcome = outcome;
  dropEnded(draft, 'errors');
}
