/**
 * Tool calls and what they prove: a Task starts a sub-agent, an Edit changes a file, a commit line in a shell's output is a
 * commit. What is concluded is marked `derived` and names the call's event as its cause.
 */
import type { Json, JsonObject } from '@refold/core';
import type { NewEvent } from '../commit-builder.ts';
import { factKey } from '../identity.ts';
import { known, listIn, numberIn, objectIn, textIn, without, wordIn } from '../json-shape.ts';
import { anthropicTokens } from '../tokens.ts';
import { toolEffect } from '../tool-effect.ts';
import { commitsIn } from './git-output.ts';
import type { PrintedCommit } from './git-output.ts';
import { agentActor, inThread, keep, tool, user } from './record-context.ts';
import type { RecordContext } from './record-context.ts';
import { agentRunId } from './session.ts';
import type { Call } from './session.ts';
import { mapTaskResult, mapTodoList } from './todo.ts';

const delegating = new Set(['Task', 'Agent']);
const editing = new Set(['Edit', 'Write', 'MultiEdit', 'NotebookEdit']);

/** @returns what the mapping did not use of the block. */
export function startToolCall(context: RecordContext, block: JsonObject, index: number): JsonObject | undefined {
  const { session, commit, nativeId } = context;
  const id = wordIn(block.id) ?? `${nativeId}#${index}`;
  const name = wordIn(block.name) ?? 'unknown';
  const earlier = session.calls.get(id);
  if (earlier !== undefined) {
    keep(context, 'duplicate_delivery', { part: index, sourceType: 'assistant:tool_use', refersTo: earlier.startedId, raw: block });
    return undefined;
  }
  const startedId = commit.add(index, inThread(context, toolCallStarted(context, id, name, block.input)));
  const input = objectIn(block.input) ?? {};
  const agentName = wordIn(input.subagent_type) ?? 'general-purpose';
  session.calls.set(id, { tool: name, startedId, isEnded: false, ...rememberedInput(name, input, agentName) });
  if (delegating.has(name)) commit.add(`${index} agent`, inThread(context, agentSpawned(context, id, input, agentName, startedId)));
  if (name === 'TodoWrite') mapTodoList(context, input.todos, startedId, index);
  return without(block, ['type', 'id', 'name', 'input']);
}

function toolCallStarted(context: RecordContext, id: string, name: string, input: Json | undefined): NewEvent {
  const kind = name.startsWith('mcp__') ? 'mcp' : 'builtin';
  return {
    type: 'tool_call.started',
    data: known({ tool_call_id: id, tool: name, kind, input, effect: toolEffect(name, input), message_id: wordIn(objectIn(context.record.message)?.id) }),
    actor: agentActor(context),
    fact: factKey.toolCall(context.session.id, id, 'started'),
  };
}

const agentSpawned = (context: RecordContext, id: string, input: JsonObject, agentName: string, causationId: string): NewEvent => ({
  type: 'agent_run.spawned',
  data: known({
    agent_name: agentName,
    agent_model: wordIn(input.model),
    assigned_task: wordIn(input.description),
    agent_run_id: id,
    parent_agent_run_id: context.thread.agentId === null ? undefined : agentRunId(context.session, context.thread.agentId),
  }),
  actor: agentActor(context),
  causationId,
});

function rememberedInput(name: string, input: JsonObject, agentName: string): Partial<Call> {
  if (delegating.has(name)) return { agentName };
  if (name === 'TaskCreate' || name === 'TaskUpdate') return { input };
  const path = wordIn(input.file_path) ?? wordIn(input.notebook_path);
  if (editing.has(name) && path !== undefined) return { path };
  // Only a command that runs git can have made a commit.
  return name === 'Bash' && /\bgit\b/.test(textIn(input.command) ?? '') ? { path: 'git' } : {};
}

/** @returns what the mapping did not use of the block. */
export function endToolCall(context: RecordContext, block: JsonObject, index: number): JsonObject | undefined {
  const { session, commit, record } = context;
  const id = textIn(block.tool_use_id) ?? `${context.nativeId}#${index}`;
  const call = session.calls.get(id);
  if (call?.isEnded === true) {
    keep(context, 'duplicate_delivery', { part: index, sourceType: 'user:tool_result', refersTo: call.startedId, raw: block });
    return undefined;
  }
  const failed = block.is_error === true;
  const result = objectIn(record.toolUseResult);
  const denied = record.toolUseResult === 'User rejected tool use';
  if (call === undefined) commit.addImplicitStart(`${index}`, inThread(context, toolCallStarted({ ...context, record: { type: 'assistant' } }, id, 'unknown', undefined)));
  const endedId = commit.add(
    index,
    inThread(context, {
      type: failed ? 'tool_call.failed' : 'tool_call.completed',
      data: known({
        tool_call_id: id,
        tool: call?.tool,
        ...(failed ? { error: { message: plainText(block.content) } } : { output: block.content }),
        denied: denied ? true : undefined,
        interrupted: result?.interrupted === true ? true : undefined,
        duration_ms: numberIn(result?.totalDurationMs) ?? numberIn(result?.durationMs),
        agent_id: wordIn(result?.agentId),
      }),
      actor: denied ? user : tool,
      fact: factKey.toolCall(session.id, id, 'ended'),
      ...(call === undefined ? {} : { causationId: call.startedId }),
    }),
  );
  if (call === undefined) session.calls.set(id, { tool: 'unknown', startedId: endedId, isEnded: true });
  else {
    call.isEnded = true;
    concludeFromResult(context, { id, call, block, result, failed, endedId, index });
  }
  return without(block, ['type', 'tool_use_id', 'is_error', ...(failed && typeof block.content !== 'string' ? [] : ['content'])]);
}

interface EndedCall {
  readonly id: string;
  readonly call: Call;
  readonly block: JsonObject;
  readonly result: JsonObject | undefined;
  readonly failed: boolean;
  readonly endedId: string;
  readonly index: number;
}

function concludeFromResult(context: RecordContext, ended: EndedCall): void {
  const { call, block, failed } = ended;
  if (delegating.has(call.tool)) endAgent(context, ended);
  if (call.tool === 'Bash' && call.path === 'git') for (const commit of commitsIn(plainText(block.content))) context.commit.add(`${ended.index} commit ${commit.sha}`, inThread(context, commitCreated(commit, ended)));
  if (editing.has(call.tool) && call.path !== undefined && !failed) context.commit.add(`${ended.index} file`, inThread(context, fileChanged(ended, call.path)));
  if (call.input !== undefined && !failed) mapTaskResult(context, call.tool, call.input, ended.result, plainText(block.content), ended.endedId);
}

function endAgent(context: RecordContext, { id, call, block, result, failed, endedId, index }: EndedCall): void {
  // A background agent was only started; who waits for it will say when it is done.
  if (result?.status === 'async_launched') return;
  const durationMs = numberIn(result?.totalDurationMs);
  const tokens = anthropicTokens(objectIn(result?.usage));
  const common = known({
    agent_name: call.agentName,
    agent_run_id: id,
    agent_id: wordIn(result?.agentId),
    duration_ms: durationMs,
    duration_seconds: durationMs === undefined ? undefined : durationMs / 1_000,
    tokens_input: tokens?.input,
    tokens_output: tokens?.output,
    total_tokens: numberIn(result?.totalTokens),
    tool_calls: numberIn(result?.totalToolUseCount),
  });
  const end = { causationId: endedId, actor: { type: 'agent' as const, id: call.agentName ?? 'agent' } };
  context.commit.add(
    `${index} agent`,
    inThread(
      context,
      failed
        ? { ...end, type: 'agent_run.failed', data: { ...common, error: { message: plainText(block.content) } } }
        : { ...end, type: 'agent_run.completed', data: { ...common, result: block.content ?? null } },
    ),
  );
}

const commitCreated = (commit: PrintedCommit, { endedId }: EndedCall): NewEvent => ({
  type: 'git.commit_created',
  data: known({ ...commit }),
  actor: { type: 'agent', id: 'claude-code' },
  causationId: endedId,
  derived: 'commit line in the output of a shell command',
});

function fileChanged({ id, call, result, endedId }: EndedCall, path: string): NewEvent {
  const existed = result?.type === 'update' || typeof result?.originalFile === 'string';
  const operation = call.tool === 'Write' && !existed ? 'created' : 'edited';
  return {
    type: 'file.changed',
    data: { path: wordIn(result?.filePath) ?? path, operation, tool_call_id: id },
    actor: { type: 'agent', id: 'claude-code' },
    causationId: endedId,
    derived: `result of ${call.tool}`,
  };
}

/** The text of a result: itself, or its text blocks one after the other. */
function plainText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return (listIn(content) ?? []).map((block) => textIn(objectIn(block)?.text) ?? (typeof block === 'string' ? block : '')).join('\n');
}
