/** Facts about the session itself: that it began, what it is called, which branch, folder, mode and model it has. */
import { factKey } from '../identity.ts';
import { numberIn, objectIn, without, wordIn } from '../json-shape.ts';
import { envelopeKeys } from './message.ts';
import { inThread, tool } from './record-context.ts';
import type { Mapping, RecordContext } from './record-context.ts';
import type { ChangingField } from './session.ts';

/** The first record of a session begins it, whatever kind of record it is. */
export function beginSession({ session, commit, thread, record }: RecordContext): void {
  if (session.startedId !== null) return;
  const model = wordIn(objectIn(record.message)?.model);
  session.startedId = commit.add('session', {
    type: 'session.started',
    data: { agent_id: 'claude-code', ...(model === undefined || thread.agentId !== null ? {} : { agent_model: model }) },
    actor: tool,
    fact: factKey.sessionStarted(session.id),
  });
  if (model !== undefined && thread.agentId === null) thread.last.set('model', model);
}

/** Branch, folder, permission mode and model are on every record; a change of one is an event of its own. */
export function noteChanges(context: RecordContext): void {
  const { record, thread, commit } = context;
  const model = wordIn(objectIn(record.message)?.model);
  const now: readonly (readonly [ChangingField, string | undefined])[] = [
    ['branch', wordIn(record.gitBranch)],
    ['cwd', wordIn(record.cwd)],
    ['permission_mode', wordIn(record.permissionMode)],
    // Errors of the API are written down as messages of a model that does not exist.
    ['model', model === '<synthetic>' ? undefined : model],
  ];
  for (const [field, after] of now) {
    const before = thread.last.get(field);
    if (after === undefined || after === before) continue;
    thread.last.set(field, after);
    if (before === undefined && thread.agentId !== null) continue;
    const data = { field, ...(before === undefined ? {} : { before }), after };
    commit.add(`changed ${field}`, inThread(context, { type: 'session.changed', data, actor: tool, derived: 'differs from the record before' }));
  }
}

export const mapTitle: Mapping = (context) => {
  const { record, commit } = context;
  const title = wordIn(record.summary) ?? wordIn(record.customTitle) ?? wordIn(record.aiTitle);
  if (title === undefined) return null;
  commit.add(0, inThread(context, { type: 'session.changed', data: { field: 'title', after: title }, actor: tool }));
  return without(record, [...envelopeKeys, 'summary', 'customTitle', 'aiTitle']);
};

export const mapPullRequest: Mapping = (context) => {
  const { record, commit } = context;
  const number = numberIn(record.prNumber);
  if (number === undefined) return null;
  const repository = wordIn(record.prRepository);
  const data = { pr_number: number, title: `${repository ?? ''}#${number}`, ...(wordIn(record.prUrl) === undefined ? {} : { url: wordIn(record.prUrl)! }) };
  commit.add(0, inThread(context, { type: 'git.pr_created', data, actor: tool, derived: 'pr-link' }));
  return without(record, [...envelopeKeys, 'prNumber', 'prUrl']);
};
