/** What was said in a run: prompts, turns, messages, handoffs, compactions, changed settings. */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent, Json } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { json, looseFact, number, oneOf, string } from '../payload.ts';
import { excerpt, readError, readId, readJson, readNumber, readText, shown, tail } from '../read.ts';
import type { ErrorInfo } from '../read.ts';
import { addPart, dropEnded, factOf, listFact, movePart } from './keep.ts';
import type { Kept, Part } from './keep.ts';
import { countTokens } from './tokens.ts';
import type { TokenFields } from './tokens.ts';
import type { Totals } from './totals.ts';

export interface PromptState extends Kept {
  id: string;
  source: string | null;
  /** The beginning of it; the event has the whole. */
  text: string;
  at: string;
}

export interface TurnState extends Part {
  id: string;
  status: 'completed' | 'failed' | 'interrupted';
  at: string;
  durationMs: number | null;
  reason: string | null;
  error: ErrorInfo | null;
  cost: number | null;
}

/** A message can come in several records, one for each block. */
export interface MessageState extends Kept {
  id: string;
  role: string;
  kinds: string[];
  model: string | null;
  agent: string | null;
  at: string;
  records: number;
}

export interface ConversationFields extends TokenFields {
  prompts: Record<string, PromptState>;
  turns: Record<string, TurnState>;
  messages: Record<string, MessageState>;
  handoffs: { from: string; to: string; at: string }[];
  compactions: { trigger: string | null; preTokens: number | null; at: string }[];
  /** Newest value of each setting: model, permission_mode, cwd, branch, title, ... */
  settings: Record<string, Json>;
  totals: Pick<Totals, 'prompts' | 'turns' | 'messages' | 'handoffs' | 'compactions' | 'usage'>;
}

export const initialConversation = (): Omit<ConversationFields, keyof TokenFields> => ({ prompts: {}, turns: {}, messages: {}, handoffs: [], compactions: [], settings: {} });

const excerptCharacters = 200;

export function conversationEvents<S extends ConversationFields>(): Events<S> {
  const turn = machine<S>('turn', (state, event) => getOwn(state.turns, partId(event, 'turn', 'turn_id'))?.status ?? 'absent');
  const turnEntity: NonNullable<Events<S>[string]['entity']> = ({ data, id }) => ({ type: 'turn', id: readId(data['turn_id']) ?? id });
  const turnShape = looseFact({}, { duration_ms: number, last_message: string, error: json, reason: string });
  const fact = { policy: 'tolerate' } as const;
  const turnEnd = { ...fact, effect: 'outcome', schema: turnShape, entity: turnEntity, evolve: endTurn } as const;

  return {
    'prompt.submitted': {
      doc: 'Somebody asked for something.',
      aliases: { jira: 'PromptSubmitted' },
      schema: looseFact({ text: string }, { prompt_id: string, source: oneOf('typed', 'queue', 'task_notification', 'slash_command', 'compaction', 'tool') }),
      ...fact,
      entity: ({ data, id }) => ({ type: 'prompt', id: readId(data['prompt_id']) ?? id }),
      summary: ({ data }) => `Prompt: ${shown(data['text'])}`,
      evolve(draft, event) {
        factOf<'prompts', PromptState>(draft, 'prompts', partId(event, 'prompt', 'prompt_id'), event, newPrompt);
      },
    },
    'turn.completed': {
      doc: 'The agent finished its turn.',
      aliases: { jira: 'TurnCompleted' },
      transition: turn(['absent'], 'completed'),
      ...turnEnd,
      summary: ({ data }) => `Turn completed${tail(': ', data['last_message'])}`,
    },
    'turn.failed': {
      doc: 'The turn ended with an error.',
      aliases: { jira: 'TurnFailed' },
      transition: turn(['absent'], 'failed'),
      severity: 'ERROR',
      ...turnEnd,
      summary: ({ data }) => `Turn failed${tail(': ', data['error'] ?? data['reason'])}`,
    },
    'turn.interrupted': {
      doc: 'Somebody stopped the turn.',
      aliases: { jira: 'TurnInterrupted' },
      transition: turn(['absent'], 'interrupted'),
      ...turnEnd,
      summary: ({ data }) => `Turn interrupted${tail(': ', data['reason'])}`,
    },
    'message.recorded': {
      doc: 'A part of a message was said.',
      aliases: { jira: 'MessageRecorded' },
      schema: looseFact({ role: string, kind: oneOf('text', 'thinking', 'image', 'other') }, { text: string, message_id: string, model: string, usage: json }),
      ...fact,
      effect: 'outcome',
      entity: ({ data, id }) => ({ type: 'message', id: readId(data['message_id']) ?? id }),
      summary: ({ data }) => `${shown(data['role'])}${data['kind'] === 'text' ? '' : ` (${shown(data['kind'])})`}${tail(': ', data['text'])}`,
      evolve(draft, event) {
        const { data } = event;
        const id = partId(event, 'message', 'message_id');
        const message = factOf<'messages', MessageState>(draft, 'messages', id, event, newMessage);
        const kind = readText(data['kind']);
        if (kind !== null && !message.kinds.includes(kind)) message.kinds.push(kind);
        message.model = readText(data['model']) ?? message.model;
        message.records += 1;
        countTokens(draft, id, data['usage'], event);
      },
    },
    'handoff.made': {
      doc: 'One agent handed over to another.',
      aliases: { jira: 'HandoffMade' },
      schema: looseFact({ from_agent: string, to_agent: string }),
      ...fact,
      entity: partOf('agent_run', 'to_agent'),
      summary: ({ data }) => `${shown(data['from_agent'])} handed over to ${shown(data['to_agent'])}`,
      evolve(draft, { data, occurredAt }) {
        listFact(draft.handoffs, draft.totals.handoffs, { from: readText(data['from_agent']) ?? '', to: readText(data['to_agent']) ?? '', at: occurredAt });
      },
    },
    'context.compacted': {
      doc: 'The conversation was shortened to fit the context window.',
      aliases: { jira: 'ContextCompacted' },
      schema: looseFact({}, { trigger: string, pre_tokens: number, summary: string }),
      ...fact,
      entity: ({ streamId }) => ({ type: 'session', id: streamId }),
      summary: ({ data }) => `Context compacted${tail(' (', data['trigger'])}${data['trigger'] === undefined ? '' : ')'}${tail(', tokens before ', data['pre_tokens'])}`,
      evolve(draft, { data, occurredAt }) {
        listFact(draft.compactions, draft.totals.compactions, { trigger: readText(data['trigger']), preTokens: readNumber(data['pre_tokens']), at: occurredAt });
      },
    },
    'session.changed': {
      doc: 'A setting of the session changed.',
      aliases: { jira: 'SessionChanged' },
      schema: looseFact({ field: oneOf('model', 'permission_mode', 'cwd', 'branch', 'title', 'config', 'worktree'), after: json }, { before: json }),
      ...fact,
      entity: ({ streamId }) => ({ type: 'session', id: streamId }),
      summary: ({ data }) => `${shown(data['field'])} changed${tail(' to ', data['after'])}`,
      evolve({ settings }, { data }) {
        const field = readText(data['field']);
        if (field !== null) setOwn(settings, field, readJson(data['after']));
      },
    },
  };
}

function endTurn(draft: ConversationFields, event: FoldEvent, status: string | null): void {
  const { data } = event;
  const id = partId(event, 'turn', 'turn_id');
  const turn = getOwn(draft.turns, id) ?? addPart<'turns', TurnState>(draft, 'turns', id, newTurn(id, event, status));
  movePart(draft, 'turns', turn, status);
  turn.revision = event.revision;
  turn.at = event.occurredAt;
  turn.durationMs = readNumber(data['duration_ms']) ?? turn.durationMs;
  turn.reason = readText(data['reason']) ?? turn.reason;
  turn.error = readError(data['error']) ?? turn.error;
  turn.cost = readNumber(data['cost']) ?? turn.cost;
  dropEnded(draft, 'turns');
}

const newTurn = (id: string, event: FoldEvent, status: string | null): TurnState => ({
  id,
  // Safe: every `to` of the turn's machine is one of its statuses.
  status: (status as TurnState['status'] | null) ?? 'completed',
  revision: event.revision,
  at: event.occurredAt,
  durationMs: null,
  reason: null,
  error: null,
  cost: null,
});

const newPrompt = (id: string, event: FoldEvent): PromptState => ({
  id,
  source: readText(event.data['source']),
  text: excerpt(readText(event.data['text']) ?? '', excerptCharacters),
  at: event.occurredAt,
  revision: event.revision,
});

const newMessage = (id: string, event: FoldEvent): MessageState => ({
  id,
  role: readText(event.data['role']) ?? 'unknown',
  kinds: [],
  model: null,
  agent: event.agent ?? null,
  at: event.occurredAt,
  records: 0,
  revision: event.revision,
});
