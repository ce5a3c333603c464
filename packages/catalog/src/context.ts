/** What a context broker put together for an agent (document 003). */
import { defineAggregate } from '@refold/core';
import type { JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { links, machine, moveTo, spelled } from './define.ts';
import { integer, objects, payload, string } from './payload.ts';
import { readId, readInteger, readObjects, readText, tail } from './read.ts';

export interface ContextFields {
  status: 'absent' | 'assembled';
  sessionKey: string | null;
  sources: JsonObject[];
  tokenCount: number | null;
  assemblyCount: number;
}

export type ContextState = State<ContextFields>;

const contextIs = machine<ContextFields>('context', (state) => state.status);

export const context = defineAggregate<ContextFields>({
  type: 'context',
  version: '1.0.0',
  doc: 'The context an agent was given.',
  parts: [anyStream],
  initial: () => ({ status: 'absent', sessionKey: null, sources: [], tokenCount: null, assemblyCount: 0 }),
  streamIdOf: ({ entityId, data }) => entityId ?? readId(data['session_key']) ?? undefined,
  events: spelled<ContextFields>({
    'context.assembled': {
      doc: 'The context broker ran.',
      ledger: ['C-020'],
      schema: payload({}, { session_key: string, sources: objects, token_count: integer, broker: string }),
      transition: contextIs('any', 'assembled'),
      policy: 'tolerate',
      effect: 'costly',
      refs: (data) => links({ session: data['session_key'] }),
      summary: ({ data }) => `Context assembled${tail(' for ', data['session_key'])}${tail(', tokens ', data['token_count'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.assemblyCount += 1;
        draft.sessionKey = readText(data['session_key']) ?? draft.sessionKey;
        draft.tokenCount = readInteger(data['token_count']) ?? draft.tokenCount;
        if (data['sources'] !== undefined) draft.sources = readObjects(data['sources']);
      },
    },
  }),
});
