/** Streams of a user's own events, before anybody declared them: counted by type, the newest payload kept (K-043). */
import { defineAggregate, getOwn, setOwn } from '@refold/core';
import type { FoldEvent, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { spelled } from './define.ts';
import { object, payload, string } from './payload.ts';
import { tail } from './read.ts';

export interface CustomFields {
  status: 'absent' | 'active';
  byType: Record<string, number>;
  last: JsonObject | null;
}

export type CustomState = State<CustomFields>;

export const custom = defineAggregate<CustomFields>({
  type: 'custom',
  version: '1.0.0',
  doc: "A stream of a user's own events.",
  parts: [anyStream],
  initial: () => ({ status: 'absent', byType: {}, last: null }),
  otherwise: { policy: 'tolerate', evolve: count },
  events: spelled<CustomFields>({
    'custom.processed': {
      doc: 'A service of somebody processed something.',
      ledger: ['B-092'],
      aliases: { agentLightning: 'custom.processed' },
      schema: payload({}, { result: string, metadata: object }),
      policy: 'tolerate',
      effect: 'costly',
      summary: ({ data }) => `Processed${tail(': ', data['result'])}`,
      evolve: count,
    },
  }),
});

function count(draft: CustomFields, event: FoldEvent): void {
  draft.status = 'active';
  setOwn(draft.byType, event.type, (getOwn(draft.byType, event.type) ?? 0) + 1);
  draft.last = event.data;
}
