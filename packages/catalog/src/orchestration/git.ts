/** Commits and pull requests: facts of a repository, taken as they come. */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { integer, payload, string, strings } from '../payload.ts';
import { readId, readInteger, readText, readTexts, shown, tail } from '../read.ts';
import { addPart, dropEnded, listFact, movePart } from '../run-parts/keep.ts';
import { phaseOf } from './work.ts';
import type { PullRequestState, WorkFields } from './work.ts';

export function gitEvents<S extends WorkFields>(): Events<S> {
  const commit = machine<S>('commit', (state, event) => (state.commits.some(({ sha }) => sha === shaOf(event)) ? 'recorded' : 'absent'));
  const pullRequest = machine<S>('pull_request', (state, event) => getOwn(state.pullRequests, numberOf(event))?.status ?? 'absent');
  const outside = { policy: 'tolerate', effect: 'non-repeatable', priority: 'P1' } as const;
  const entity = partOf('pull_request', 'pr_number');

  return {
    'git.commit_created': {
      doc: 'A commit was made.',
      ledger: ['A-045'],
      aliases: { jira: 'CommitCreated' },
      schema: payload({ sha: string, message: string }, { branch: string, author: string, files_changed: strings, insertions: integer, deletions: integer }),
      transition: commit(['absent'], 'recorded'),
      ...outside,
      entity: partOf('commit', 'sha'),
      summary: ({ data }) => `Commit ${shown(data['sha']).slice(0, 12)}${tail(' on ', data['branch'])}${tail(': ', data['message'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        const { data } = event;
        listFact(draft.commits, draft.totals.commits, {
          sha: shaOf(event),
          message: readText(data['message']) ?? '',
          branch: readText(data['branch']) ?? event.git?.branch ?? null,
          author: readText(data['author']),
          at: event.occurredAt,
          phase: phaseOf(draft, event),
          agent: event.agent ?? (event.actor.type === 'agent' ? event.actor.id : null),
          filesChanged: readTexts(data['files_changed']),
        });
      },
    },
    'git.pr_created': {
      doc: 'A pull request was opened.',
      ledger: ['A-046'],
      aliases: { jira: 'PRCreated' },
      schema: payload({ pr_number: integer, title: string }, { url: string, source_branch: string, target_branch: string }),
      transition: pullRequest(['absent', 'closed'], 'open'),
      ...outside,
      entity,
      summary: ({ data }) => `Pull request #${shown(data['pr_number'])} opened${tail(': ', data['title'])}`,
      evolve(draft, event, status) {
        const found = getOwn(draft.pullRequests, numberOf(event)) ?? addPullRequest(draft, event, false);
        found.revision = event.revision;
        found.title = readText(event.data['title']) ?? found.title;
        found.url = readText(event.data['url']) ?? found.url;
        found.createdAt ??= event.occurredAt;
        // What was merged stays merged: its opening was only told late.
        if (status === null || found.status !== 'closed') return;
        movePart(draft, 'pullRequests', found, 'open');
        found.endedAt = null;
      },
    },
    'git.pr_merged': {
      doc: 'A pull request was merged.',
      ledger: ['A-047'],
      aliases: { jira: 'PRMerged' },
      schema: payload({ pr_number: integer }, { merge_sha: string, merged_by: string }),
      transition: pullRequest(['open', 'absent'], 'merged'),
      refuse: unannounced,
      ...outside,
      entity,
      summary: ({ data }) => `Pull request #${shown(data['pr_number'])} merged${tail(' by ', data['merged_by'])}`,
      evolve(draft, event, status) {
        const found = endPullRequest(draft, event, status, 'merged');
        found.mergeSha = readText(event.data['merge_sha']) ?? found.mergeSha;
      },
    },
    'git.pr_closed': {
      doc: 'A pull request was closed without being merged.',
      ledger: ['A-048'],
      aliases: { jira: 'PRClosed' },
      schema: payload({ pr_number: integer }, { reason: string, closed_by: string }),
      transition: pullRequest(['open', 'absent'], 'closed'),
      refuse: unannounced,
      ...outside,
      entity,
      summary: ({ data }) => `Pull request #${shown(data['pr_number'])} closed${tail(' by ', data['closed_by'])}${tail(': ', data['reason'])}`,
      evolve: (draft, event, status) => void endPullRequest(draft, event, status, 'closed'),
    },
  };
}

const shaOf = (event: FoldEvent): string => readId(event.data['sha']) ?? event.id;
const numberOf = (event: FoldEvent): string => readId(event.data['pr_number']) ?? event.id;

const unannounced = (state: WorkFields, event: FoldEvent): { readonly code: 'MISSING_PREDECESSOR'; readonly detail: string } | null =>
  getOwn(state.pullRequests, numberOf(event)) === undefined
    ? { code: 'MISSING_PREDECESSOR', detail: `pull request ${numberOf(event)} was never announced; it is taken as implicit` }
    : null;

const addPullRequest = (draft: WorkFields, event: FoldEvent, implicit: boolean): PullRequestState =>
  addPart<'pullRequests', PullRequestState>(draft, 'pullRequests', numberOf(event), {
    number: readInteger(event.data['pr_number']) ?? 0,
    title: null,
    url: null,
    status: 'open',
    revision: event.revision,
    createdAt: implicit ? null : event.occurredAt,
    endedAt: null,
    mergeSha: null,
    implicit,
  });

function endPullRequest(draft: WorkFields, event: FoldEvent, status: string | null, end: 'merged' | 'closed'): PullRequestState {
  const found = getOwn(draft.pullRequests, numberOf(event)) ?? addPullRequest(draft, event, true);
  // Merging closes: a close that follows a merge says nothing new.
  if (status !== null && found.status !== 'merged') {
    movePart(draft, 'pullRequests', found, end);
    found.endedAt = event.occurredAt;
  }
  found.revision = event.revision;
  dropEnded(draft, 'pullRequests');
  return found;
}
