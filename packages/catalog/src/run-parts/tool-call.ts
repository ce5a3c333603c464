/** Tool calls, the approvals they wait for, and the files they change. */
import { getOwn } from '@refold/core';
import type { EffectClass, FoldEvent, JsonObject } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { bindAgentRun } from '../orchestration/agent-runs.ts';
import type { WorkFields } from '../orchestration/work.ts';
import { boolean, json, looseFact, number, oneOf, string } from '../payload.ts';
import { excerpt, readFlag, readId, readText, shown, tail } from '../read.ts';
import { addPart, dropEnded, factOf, movePart } from './keep.ts';
import type { Kept, Part } from './keep.ts';
import { emptySpan, endSpan, spanOf, startSpan } from './span.ts';
import type { SpanState } from './span.ts';
import type { Totals } from './totals.ts';

export interface ToolCallState extends SpanState {
  tool: string;
  kind: string | null;
  /** read, write, exec, delegate, unknown. */
  effect: string | null;
  denied: boolean;
  interrupted: boolean;
  progressCount: number;
}

export interface ApprovalState extends Part {
  id: string;
  status: 'requested' | 'granted' | 'denied';
  toolCallId: string | null;
  question: string | null;
  requestedAt: string | null;
  decidedAt: string | null;
  by: string | null;
  message: string | null;
}

export interface FileState extends Kept {
  path: string;
  operation: string;
  changes: number;
  at: string;
  toolCallId: string | null;
}

export interface ToolCallFields {
  toolCalls: Record<string, ToolCallState>;
  approvals: Record<string, ApprovalState>;
  files: Record<string, FileState>;
  totals: Pick<Totals, 'toolCalls' | 'approvals' | 'files'>;
}

export const initialToolCalls = (): Omit<ToolCallFields, 'totals'> => ({ toolCalls: {}, approvals: {}, files: {} });

/** What a tool does to the world, and so what a replay may do with its call (INTAKE.md section 3). */
const effectClasses: { readonly [effect: string]: EffectClass } = { read: 'idempotent', write: 'non-repeatable', exec: 'non-repeatable', delegate: 'costly' };

/** An effect that nobody declared may have done anything. */
export const effectOfToolCall = (data: JsonObject): EffectClass => getOwn(effectClasses, readText(data['effect']) ?? '') ?? 'non-repeatable';

export function toolCallEvents<S extends ToolCallFields & WorkFields>(): Events<S> {
  const toolCall = machine<S>('tool_call', (state, event) => getOwn(state.toolCalls, callId(event))?.status ?? 'absent');
  const fact = { policy: 'tolerate', entity: partOf('tool_call', 'tool_call_id') } as const;

  return {
    'tool_call.started': {
      doc: 'A tool was called.',
      aliases: { jira: 'ToolCallStarted' },
      schema: looseFact(
        { tool_call_id: string, tool: string },
        { kind: string, input: json, effect: oneOf('read', 'write', 'exec', 'delegate', 'unknown') },
      ),
      transition: toolCall(['absent'], 'running'),
      ...fact,
      effect: effectOfToolCall,
      summary: ({ data }) => `${shown(data['tool'])} called${tail(': ', mainArgument(data))}`,
      evolve(draft, event) {
        const call = startSpan(callOf(draft, event), event);
        call.tool = readText(event.data['tool']) ?? call.tool;
        call.kind = readText(event.data['kind']) ?? call.kind;
        call.effect = readText(event.data['effect']) ?? call.effect;
      },
    },
    'tool_call.completed': {
      doc: 'A tool gave its result.',
      aliases: { jira: 'ToolCallCompleted' },
      schema: looseFact({ tool_call_id: string }, { output: json, duration_ms: number }),
      transition: toolCall(['running'], 'completed'),
      ...fact,
      effect: 'outcome',
      summary: ({ data }) => `${shown(data['tool'] ?? data['tool_call_id'])} answered${tail(', ms ', data['duration_ms'])}${tail(': ', data['output'])}`,
      evolve(draft, event, status) {
        endSpan<'toolCalls', ToolCallState>(draft, 'toolCalls', callOf(draft, event), event, status);
        bindAgentRun(draft, event.data['agent_id'], callId(event));
      },
    },
    'tool_call.failed': {
      doc: 'A tool failed, was denied or was interrupted.',
      aliases: { jira: 'ToolCallFailed' },
      schema: looseFact({ tool_call_id: string }, { error: json, denied: boolean, interrupted: boolean, duration_ms: number }),
      transition: toolCall(['running'], 'failed'),
      ...fact,
      effect: 'outcome',
      severity: 'WARN',
      summary: ({ data }) =>
        `${shown(data['tool'] ?? data['tool_call_id'])} ${data['denied'] === true ? 'was denied' : data['interrupted'] === true ? 'was interrupted' : 'failed'}${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const call = endSpan<'toolCalls', ToolCallState>(draft, 'toolCalls', callOf(draft, event), event, status);
        noteDenial(draft, call, readFlag(event.data['denied']) ?? call.denied);
        call.interrupted = readFlag(event.data['interrupted']) ?? call.interrupted;
      },
    },
    'tool_call.progressed': {
      doc: 'A tool is still at work.',
      aliases: { jira: 'ToolCallProgressed' },
      schema: looseFact({ tool_call_id: string }, { elapsed_ms: number, note: string, output_tail: string }),
      ...fact,
      severity: 'DEBUG',
      summary: ({ data }) => `${shown(data['tool_call_id'])} at work${tail(', ms ', data['elapsed_ms'])}${tail(': ', data['note'] ?? data['output_tail'])}`,
      evolve: (draft, event) => void (callOf(draft, event).progressCount += 1),
    },
    ...approvalEvents<S>(),
    'file.changed': {
      doc: 'A file was created, edited or deleted.',
      aliases: { jira: 'FileChanged' },
      schema: looseFact({ path: string, operation: oneOf('created', 'edited', 'deleted') }, { tool_call_id: string }),
      policy: 'tolerate',
      effect: 'outcome',
      entity: partOf('file', 'path'),
      summary: ({ data }) => `${shown(data['path'])} ${shown(data['operation'])}`,
      evolve(draft, event) {
        const file = factOf<'files', FileState>(draft, 'files', readId(event.data['path']) ?? event.id, event, newFile);
        file.operation = readText(event.data['operation']) ?? 'edited';
        file.changes += 1;
        file.at = event.occurredAt;
        file.toolCallId = readId(event.data['tool_call_id']);
      },
    },
  };
}

function approvalEvents<S extends ToolCallFields>(): Events<S> {
  const approval = machine<S>('approval', (state, event) => getOwn(state.approvals, approvalId(event))?.status ?? 'absent');
  const fact = {
    policy: 'tolerate',
    effect: 'non-repeatable',
    entity: partOf('approval', 'approval_id'),
    schema: looseFact({ approval_id: string }, { tool_call_id: string, question: string, by: string, message: string }),
  } as const;

  return {
    'approval.requested': {
      doc: 'Somebody has to allow this.',
      aliases: { jira: 'ApprovalRequested' },
      transition: approval(['absent'], 'requested'),
      ...fact,
      summary: ({ data }) => `Approval asked${tail(': ', data['question'] ?? data['message'])}`,
      evolve(draft, event) {
        const found = approvalOf(draft, event);
        found.requestedAt ??= event.occurredAt;
      },
    },
    'approval.granted': {
      doc: 'It was allowed.',
      aliases: { jira: 'ApprovalGranted' },
      transition: approval(['requested'], 'granted'),
      ...fact,
      summary: ({ data }) => `Approval granted${tail(' by ', data['by'])}${tail(': ', data['message'])}`,
      evolve: decide,
    },
    'approval.denied': {
      doc: 'It was not allowed.',
      aliases: { jira: 'ApprovalDenied' },
      transition: approval(['requested'], 'denied'),
      ...fact,
      severity: 'WARN',
      summary: ({ data }) => `Approval denied${tail(' by ', data['by'])}${tail(': ', data['message'])}`,
      evolve: decide,
    },
  };
}

const callId = (event: FoldEvent): string => partId(event, 'tool_call', 'tool_call_id');
const approvalId = (event: FoldEvent): string => partId(event, 'approval', 'approval_id');

const callOf = (draft: ToolCallFields, event: FoldEvent): ToolCallState => spanOf<'toolCalls', ToolCallState>(draft, 'toolCalls', callId(event), event, newCall);

const newCall = (id: string, event: FoldEvent): ToolCallState => ({
  ...emptySpan(id, event),
  tool: readText(event.data['tool']) ?? 'unknown',
  kind: null,
  effect: null,
  denied: false,
  interrupted: false,
  progressCount: 0,
});

const newFile = (path: string, event: FoldEvent): FileState => ({ path, operation: 'edited', changes: 0, at: event.occurredAt, toolCallId: null, revision: event.revision });

function noteDenial({ totals }: ToolCallFields, call: ToolCallState, denied: boolean): void {
  totals.toolCalls.denied += Number(denied) - Number(call.denied);
  call.denied = denied;
}

function approvalOf(draft: ToolCallFields, event: FoldEvent): ApprovalState {
  const { data } = event;
  const id = approvalId(event);
  const found =
    getOwn(draft.approvals, id) ??
    addPart<'approvals', ApprovalState>(draft, 'approvals', id, {
      id,
      status: 'requested',
      revision: event.revision,
      toolCallId: null,
      question: null,
      requestedAt: null,
      decidedAt: null,
      by: null,
      message: null,
    });
  found.revision = event.revision;
  found.toolCallId = readId(data['tool_call_id']) ?? found.toolCallId;
  found.question = readText(data['question']) ?? found.question;
  found.message = readText(data['message']) ?? found.message;
  return found;
}

function decide(draft: ToolCallFields, event: FoldEvent, status: string | null): void {
  const found = approvalOf(draft, event);
  if (status === null) return;
  movePart(draft, 'approvals', found, status);
  found.decidedAt = event.occurredAt;
  found.by = readText(event.data['by']) ?? event.actor.id;
  dropEnded(draft, 'approvals');
}

/** What a call is about, for people: its command, file or question, else the first text of its input. */
function mainArgument(data: JsonObject): string | undefined {
  const { input } = data;
  if (typeof input === 'string') return excerpt(input, 120);
  if (typeof input !== 'object' || input === null) return undefined;
  const values = input as { readonly [key: string]: unknown };
  const telling = ['command', 'file_path', 'path', 'pattern', 'query', 'url', 'description', 'prompt'].find((key) => typeof getOwn(values, key) === 'string');
  const text = telling === undefined ? Object.values(values).find((value) => typeof value === 'string') : values[telling];
  return typeof text === 'string' ? excerpt(text, 120) : undefined;
}
