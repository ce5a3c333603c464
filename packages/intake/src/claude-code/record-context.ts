/** One record on its way: what the mappings of the record types share. */
import type { Actor, EntityRef, Json, JsonObject } from '@refold/core';
import type { CommitBuilder, NewEvent } from '../commit-builder.ts';
import { known, objectIn, wordIn } from '../json-shape.ts';
import type { IntakeReport } from '../report.ts';
import { agentName, agentRef, agentRunId } from './session.ts';
import type { Session, Thread } from './session.ts';

export interface RecordContext {
  readonly record: JsonObject;
  /** Uuid, or kind and number for a record without one. */
  readonly nativeId: string;
  readonly session: Session;
  readonly thread: Thread;
  readonly commit: CommitBuilder;
  readonly report: IntakeReport;
  /** The record after this one in its file. */
  readonly next: JsonObject | undefined;
}

/**
 * A mapping adds events and says what it did not use; that is kept on the first event. Null: the mapping has nothing for this
 * record, which is then kept as it is.
 */
export type Mapping = (context: RecordContext) => JsonObject | undefined | null;

export const user: Actor = { type: 'user', id: 'user' };
export const tool: Actor = { type: 'system', id: 'claude-code' };

/** Who speaks in a thread. */
export function agentActor({ session, thread, record }: RecordContext): Actor {
  const model = wordIn(objectIn(record.message)?.model);
  return { type: 'agent', id: thread.agentId === null ? 'claude-code' : agentName(session, thread.agentId), ...(model === undefined ? {} : { model }) };
}

/** An event of the record's thread: a sub-agent's carry its name and refer to its run. */
export function inThread(context: RecordContext, event: NewEvent): NewEvent {
  const { session, thread, record } = context;
  const branch = wordIn(record.gitBranch);
  const located = branch === undefined ? event : { ...event, git: { branch } };
  if (thread.agentId === null) return located;
  const ref: EntityRef = agentRef(session, thread.agentId);
  return {
    ...located,
    agent: agentName(session, thread.agentId),
    refs: [...(event.refs ?? []), ref],
    data: { agent_run_id: agentRunId(session, thread.agentId), ...event.data },
  };
}

type KeptReason = 'bookkeeping' | 'unknown_type' | 'duplicate_delivery' | 'corroborates';

interface KeptOptions {
  readonly part?: number | string;
  readonly sourceType?: string;
  readonly refersTo?: string | undefined;
  readonly raw?: Json;
}

/** Keeps a record, or a block of one, as it is. */
export function keep(context: RecordContext, reason: KeptReason, options: KeptOptions = {}): void {
  const { part = 0, sourceType = sourceTypeOf(context.record), refersTo, raw = context.record } = options;
  const data = known({ source_type: sourceType, reason, raw, refers_to: refersTo });
  context.commit.add(part, inThread(context, { type: 'record.kept', data, actor: tool }));
}

/** `progress:hook_progress`, `system:local_command`, `queue-operation`. */
export function sourceTypeOf(record: JsonObject): string {
  const type = wordIn(record.type) ?? 'record';
  const subtype = wordIn(record.subtype) ?? (type === 'progress' ? wordIn(objectIn(record.data)?.type) : undefined);
  return subtype === undefined ? type : `${type}:${subtype}`;
}
