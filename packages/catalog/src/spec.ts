/** A specification and its versions (document 002). */
import { defineAggregate } from '@refold/core';
import type { Actor, FoldEvent, Json, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import { json, payload, string } from './payload.ts';
import { readJson, readText, shown, tail } from './read.ts';

export interface SpecFields {
  status: 'absent' | 'active';
  name: string;
  content: Json;
  contentVersion: number;
  history: { contentVersion: number; at: string; by: Actor; summary: string | null }[];
}

export type SpecState = State<SpecFields>;

const specIs = machine<SpecFields>('spec', (state) => state.status);

export const spec = defineAggregate<SpecFields>({
  type: 'spec',
  version: '1.0.0',
  doc: 'A specification and its versions.',
  parts: [anyStream],
  initial: (name) => ({ status: 'absent', name, content: null, contentVersion: 0, history: [] }),
  events: spelled<SpecFields>({
    'spec.created': {
      doc: 'A specification was written.',
      ledger: ['B-043'],
      aliases: { agentLightning: 'spec.created' },
      schema: payload({ name: string }, { content: json, format: string }),
      transition: specIs(['absent'], 'active'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Spec ${shown(data['name'])} written`,
      evolve: writeVersion,
    },
    'spec.updated': {
      doc: 'A specification got a new version.',
      ledger: ['B-044'],
      aliases: { agentLightning: 'spec.updated' },
      schema: payload({}, { content: json, change_summary: string, name: string }),
      transition: specIs(['active'], 'active'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Spec changed${tail(': ', data['change_summary'])}`,
      evolve: writeVersion,
    },
  }),
});

function writeVersion(draft: SpecFields, { data, occurredAt, actor }: FoldEvent, status: string | null): void {
  moveTo(draft, status);
  draft.name = readText(data['name']) ?? draft.name;
  if (data['content'] !== undefined) draft.content = readJson(data['content']);
  if (status === null) return;
  draft.contentVersion += 1;
  draft.history.push({ contentVersion: draft.contentVersion, at: occurredAt, by: actor, summary: readText(data['change_summary']) });
}
