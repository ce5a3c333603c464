/** Formats are recognised by what is in a file, never by what it is called. */
import { createDialects } from '@refold/catalog';
import { describe, expect, test } from 'vitest';
import { createProducers, recognise } from '../src/producers.ts';
import { readHead } from '../src/reader.ts';
import type { SourceFile } from '../src/source.ts';
import { examples, fileAt, fileOf, linesFile, samples, session258 } from './import-file.ts';
import { registry } from './open-log.ts';

const producers = createProducers(createDialects(registry));
const producerOf = async (file: SourceFile): Promise<string | null> => recognise(producers, file.name, await readHead(file))?.name ?? null;

describe('the shared samples', () => {
  const transcripts = [
    [`${examples}claude-code/`, `${session258}.jsonl`],
    [`${examples}claude-code/`, `${session258}/subagents/agent-acompact-fffbd0.jsonl`],
    ...['spotter/short.jsonl', 'spotter/tool_heavy.jsonl', 'spotter/subagent.jsonl', 'claude-code-log/edge_cases.jsonl', 'claude-code-log/todowrite_examples.jsonl', 'simonw-transcripts/sample_session.json', 'simonw-transcripts/sample_session.jsonl'].map((name): [string, string] => [`${samples}claude-code/`, name]),
  ] as [string, string][];

  test.each(transcripts)('%s%s is a transcript', async (folder, name) => {
    expect(await producerOf(fileAt(folder, name))).toBe('claude-code');
  });

  test('the lines of the example orchestration are the jira form', async () => {
    expect(await producerOf(fileAt(`${examples}jira-orchestration/`, 'events/2025-12-22/PROJ-123/events.jsonl'))).toBe('jira');
  });
});

test.each([
  ['a row of the Agent Lightning table', [{ event_id: 'e', aggregate_id: 'a', aggregate_type: 'agent', event_type: 'created', event_data: {}, timestamp: '2026-01-01T00:00:00Z' }], 'agent-lightning'],
  ['a row of the orchestration table', [{ id: 'e', event_type: 'orchestration.task.created', entity_type: 'task', entity_id: 'T', correlation_id: 'c', payload: {}, metadata: {} }], 'orchestration'],
  ['a job event', [{ id: 'e', jobId: 'j', eventType: 'JobCreated', eventData: {}, timestamp: '2026-01-01T00:00:00Z', sequence: 1, metadata: {} }], 'job-events'],
  ['a CloudEvent', [{ specversion: '1.0', id: 'e', source: '/s', type: 't' }], 'cloudevents'],
  ['rows of nobody', [{ x: 1 }], 'jsonl'],
])('%s is recognised whatever its name', async (_, records, expected) => {
  expect(await producerOf(linesFile('x.bin', records))).toBe(expected);
});

test('a record longer than the first bytes is still recognised by its keys', async () => {
  const long = { type: 'user', uuid: 'u', sessionId: 's', message: { role: 'user', content: 'x'.repeat(200_000) } };
  expect(await producerOf(linesFile('x', [long]))).toBe('claude-code');
});

test.each([
  ['text', 'hello world {\n'],
  ['nothing', ''],
  ["another tool's document", JSON.stringify({ history: [{ a: 1 }], info: {} }, null, 2)],
  ['an archive', '\u0000\u0001PK{'],
])('%s is not taken for anything', async (_, content) => {
  expect(await producerOf(fileOf('session.jsonl', content))).toBeNull();
});

test('every producer says what it reads, under a name of its own', () => {
  expect(new Set(producers.map(({ name }) => name)).size).toBe(producers.length);
  for (const { doc } of producers) expect(doc).toMatch(/\.$/);
});
