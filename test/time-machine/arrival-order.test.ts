/** Records that say nothing about each other may arrive in any order: the state, now and at any instant, is the same. */
import { reconstruct } from '@refold/core';
import type { Place, State } from '@refold/core';
import { importFiles } from '@refold/operations';
import { openStore } from '@refold/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readerOf } from './replay-world.ts';

const count = 24;
const second = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 8, 0, seconds)).toISOString();
const facts: readonly (readonly [type: string, data: (index: number) => object])[] = [
  ['ErrorOccurred', (index) => ({ error_id: `e-${index}`, message: `error ${index}` })],
  ['ToolCallStarted', (index) => ({ tool_call_id: `t-${index}`, tool: 'Read' })],
  ['MessageRecorded', (index) => ({ message_id: `m-${index}`, role: 'assistant', kind: 'text', usage: { input: index, output: 2 * index } })],
  ['FileChanged', (index) => ({ path: `src/${index}.ts`, operation: 'edited' })],
];

/** One line per record, each with its own second. */
const lines = Array.from({ length: count }, (_, index) => {
  const [type, data] = facts[index % facts.length]!;
  return JSON.stringify({ event_id: `5f0c6a34-6f5e-4f2c-9d0a-${String(index).padStart(12, '0')}`, event_type: type, timestamp: second(index), issue_key: 'PROJ-9', session_id: 'session-9', actor: { type: 'agent', id: 'planner' }, metadata: data(index) });
});

/** What the records told; where they stand in the stream is what the order of arrival changes. */
function told({ errors, toolCalls, messages, files, totals, tokens, status }: State): unknown {
  return JSON.parse(JSON.stringify({ errors, toolCalls, messages, files, totals, tokens, status }, (key, value: unknown) => (key === 'revision' ? undefined : value)));
}

async function imported(order: readonly string[], places: readonly Place[]): Promise<readonly unknown[]> {
  const store = await openStore('memory:');
  try {
    const context = { log: store.log, search: store.search, installation: store.installation };
    const { report } = await importFiles(context, { producer: 'auto', files: [{ name: 'events.jsonl', open: () => [new TextEncoder().encode(`${order.join('\n')}\n`)] }] });
    expect(report.recordsRead).toBe(order.length);
    const parts = { reader: readerOf(store.log), fold: store.log.fold, hasher: store.log.ports.hasher };
    return await Promise.all(places.map(async (place) => told((await reconstruct(parts, { streamType: 'orchestration', streamId: 'PROJ-9' }, place)).state)));
  } finally {
    await store.close();
  }
}

test('an import shuffled by arrival gives the same state, at the end and at any instant', async () => {
  const places: readonly Place[] = [{ kind: 'end' }, ...[3, 10, 17].map((seconds): Place => ({ kind: 'instant', at: second(seconds) }))];
  const inOrder = await imported(lines, places);
  expect(Object.keys((inOrder[0] as { messages: object }).messages)).toHaveLength(6);
  expect(new Set(inOrder.map((state) => JSON.stringify(state))).size).toBe(places.length);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...lines], { minLength: count, maxLength: count }), async (order) => {
      expect(await imported(order, places)).toEqual(inOrder);
    }),
    { numRuns: 12 },
  );
}, 120_000);
