/** What happened to the issue in the tracker, as far as it concerns the orchestration. */
import type { Actor, EventDefinition, Refusal, State } from '@refold/core';
import type { Events } from '../define.ts';
import { instant, integer, payload, string } from '../payload.ts';
import { readId, readNumber, readText, shown, tail } from '../read.ts';

export interface JiraState {
  status: string | null;
  transitions: { from: string; to: string; at: string; by: Actor }[];
  comments: { id: string; at: string; url: string | null }[];
  worklogSeconds: number;
}

export interface JiraFields {
  jira: JiraState;
}

export const initialJira = (): JiraFields => ({ jira: { status: null, transitions: [], comments: [], worklogSeconds: 0 } });

const entity: NonNullable<EventDefinition['entity']> = ({ issueKey, streamId }) => ({ type: 'jira_issue', id: issueKey ?? streamId });

export function jiraEvents<S extends JiraFields>(): Events<S> {
  const outside = { policy: 'tolerate', effect: 'non-repeatable', entity } as const;
  return {
    'jira.issue_transitioned': {
      doc: 'The issue moved to another status in Jira.',
      ledger: ['A-049'],
      aliases: { jira: 'IssueTransitioned' },
      schema: payload({ from_status: string, to_status: string }, { transition_id: string }),
      refuse: fromAnotherStatus,
      priority: 'P1',
      ...outside,
      summary: ({ data }) => `Issue moved from ${shown(data['from_status'])} to ${shown(data['to_status'])}`,
      evolve({ jira }, { data, occurredAt, actor }) {
        const to = readText(data['to_status']);
        if (to === null) return;
        jira.transitions.push({ from: readText(data['from_status']) ?? jira.status ?? '', to, at: occurredAt, by: actor });
        jira.status = to;
      },
    },
    'jira.comment_posted': {
      doc: 'A comment was written on the issue.',
      ledger: ['A-050'],
      aliases: { jira: 'CommentPosted' },
      schema: payload({ comment_id: string }, { body: string, url: string }),
      ...outside,
      summary: ({ data }) => `Comment ${shown(data['comment_id'])}${tail(': ', data['body'])}`,
      evolve({ jira }, { data, occurredAt, id }) {
        jira.comments.push({ id: readId(data['comment_id']) ?? id, at: occurredAt, url: readText(data['url']) });
      },
    },
    'jira.worklog_added': {
      doc: 'Time was booked on the issue.',
      ledger: ['A-051'],
      aliases: { jira: 'WorklogAdded' },
      schema: payload({ time_spent_seconds: integer }, { worklog_id: string, comment: string, started: instant }),
      ...outside,
      summary: ({ data }) => `${shown(data['time_spent_seconds'])} seconds booked${tail(': ', data['comment'])}`,
      evolve({ jira }, { data }) {
        jira.worklogSeconds += readNumber(data['time_spent_seconds']) ?? 0;
      },
    },
  };
}

function fromAnotherStatus({ jira }: State<JiraFields>, { data }: { readonly data: { readonly [key: string]: unknown } }): Refusal | null {
  const from = readText(data['from_status']);
  if (jira.status === null || from === null || from === jira.status) return null;
  return { code: 'BEFORE_MISMATCH', detail: `from_status is ${from}, but the issue stands at ${jira.status}`, details: { path: '/jira/status', actual: jira.status } };
}
