/** Progress records: a running call's signs of life, hooks, and copies of what a sub-agent says. */
import type { JsonObject } from '@refold/core';
import { known, numberIn, objectIn, textIn, without, wordIn } from '../json-shape.ts';
import { envelopeKeys } from './message.ts';
import { inThread, keep, tool } from './record-context.ts';
import type { Mapping, RecordContext } from './record-context.ts';

export const mapProgress: Mapping = (context) => {
  const progress = objectIn(context.record.data);
  switch (progress?.type) {
    case 'bash_progress':
    case 'waiting_for_task':
    case 'mcp_progress':
    case 'query_update':
    case 'search_results_received':
      return mapCallProgress(context, progress);
    case 'hook_progress':
      return mapHook(context, progress);
    default:
      return null;
  }
};

function mapCallProgress(context: RecordContext, progress: JsonObject): JsonObject | undefined | null {
  const { record, commit } = context;
  const id = wordIn(record.parentToolUseID) ?? wordIn(record.toolUseID);
  if (id === undefined) return null;
  const elapsedSeconds = numberIn(progress.elapsedTimeSeconds);
  const data = known({
    tool_call_id: id,
    elapsed_ms: elapsedSeconds === undefined ? numberIn(progress.elapsedTimeMs) : elapsedSeconds * 1_000,
    note: wordIn(progress.taskDescription) ?? wordIn(progress.query) ?? wordIn(progress.progressMessage) ?? wordIn(progress.status),
    output_tail: textIn(progress.output),
  });
  commit.add(0, inThread(context, { type: 'tool_call.progressed', data, actor: tool, ...causeOf(context, id) }));
  const rest = without(progress, ['output', 'elapsedTimeSeconds', 'taskDescription']);
  return { ...without(record, [...envelopeKeys, 'data', 'parentToolUseID']), ...(rest === undefined ? {} : { data: rest }) };
}

const causeOf = ({ session }: RecordContext, callId: string): { causationId?: string } => {
  const call = session.calls.get(callId);
  return call === undefined ? {} : { causationId: call.startedId };
};

/** Hooks are bookkeeping, but those of a session's start report that start, or resumption, once for every hook that is configured. */
function mapHook(context: RecordContext, progress: JsonObject): undefined {
  const { session, record, commit, thread } = context;
  const name = textIn(progress.hookName) ?? '';
  if (progress.hookEvent !== 'SessionStart' || thread.agentId !== null) return void keep(context, 'bookkeeping');
  if (name === 'SessionStart:startup') return void keep(context, 'corroborates', { refersTo: session.startedId ?? undefined });
  if (name !== 'SessionStart:resume') return void keep(context, 'bookkeeping');
  const group = wordIn(record.toolUseID) ?? context.nativeId;
  const reported = session.resumes.get(group);
  if (reported !== undefined) return void keep(context, 'corroborates', { refersTo: reported });
  const id = commit.add(0, { type: 'session.resumed', data: { agent_id: 'claude-code', reason: 'resume' }, actor: tool });
  session.resumes.set(group, id);
  keep(context, 'corroborates', { part: 'raw', refersTo: id });
}
