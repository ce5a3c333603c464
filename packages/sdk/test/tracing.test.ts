/** Events and spans that know each other, over a real OpenTelemetry SDK whose spans stay in memory. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { LogError } from '@refold/core';
import { EventStore, withAgent, withContext, withPhase } from '@refold/sdk';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OpenOptions } from '../src/open.ts';

const spans = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
const manager = new AsyncLocalStorageContextManager();

beforeEach(() => {
  context.setGlobalContextManager(manager.enable());
  trace.setGlobalTracerProvider(provider);
});
afterEach(() => {
  spans.reset();
  context.disable();
  trace.disable();
});

function openMemory(options: OpenOptions = {}): EventStore {
  const store = new EventStore({ url: 'memory:', ...options });
  onTestFinished(() => store.close());
  return store;
}

const note = (data = {}) => ({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user' as const, id: 'ana' }, data });
const named = (name: string): readonly ReadableSpan[] => spans.getFinishedSpans().filter((span) => span.name === name);

describe('an event and the span it was written in', () => {
  test('D-052 D-083 the event keeps the id of the trace and of its append span, and the span names the place of the event', async () => {
    const store = openMemory();
    const id = await trace.getTracer('app').startActiveSpan('work', async (span) => {
      const written = await store.saveEvent(note());
      span.end();
      return written;
    });
    const event = await store.getEvent(id);
    const [append] = named('refold.append');
    const [work] = named('work');
    expect(event!.trace).toEqual({ traceId: work!.spanContext().traceId, spanId: append!.spanContext().spanId, traceFlags: 1 });
    expect(append!.parentSpanContext?.spanId).toBe(work!.spanContext().spanId);
    expect(append!.attributes).toMatchObject({ 'refold.event.id': id, 'refold.event.type': 'custom.noted', 'refold.stream.type': 'custom', 'refold.stream.id': 'n1', 'refold.stream.revision': 1, 'refold.position.last': 1, 'refold.place': 'custom/n1@1' });
    expect((await store.queryEvents({ traceId: event!.trace!.traceId })).items.map((found) => found.id)).toEqual([id]);
  });

  test('D-112 K-079 every event that is stored has a trace, and each an append span; one in no trace begins its own', async () => {
    const store = openMemory();
    for (let count = 0; count < 20; count++) await store.saveEvents([note(), note()]);
    const events = (await store.queryEvents({}, { limit: 100, order: 'asc' })).items;
    const spanIds = new Set(named('refold.append').map((span) => span.spanContext().spanId));
    expect(events.filter(({ trace: own }) => own !== undefined && spanIds.has(own.spanId!))).toHaveLength(40);
    expect(new Set(events.map(({ trace: own }) => own!.traceId)).size).toBe(20);
  });

  test('a trace that the event names itself stays', async () => {
    const store = openMemory();
    const own = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    expect((await store.getEvent(await store.saveEvent({ ...note(), trace: own })))!.trace).toEqual(own);
  });

  test('the same event sent again in another trace is stored once', async () => {
    const store = openMemory();
    const event = store.createEvent(note());
    await store.saveEvent(event);
    await store.saveEvent(event);
    expect((await store.queryEvents()).items).toHaveLength(1);
    expect(named('refold.append').map(({ attributes }) => attributes['refold.duplicate'])).toEqual([false, true]);
  });

  test('D-061 what a helper records stands in the trace of the work around it', async () => {
    const store = openMemory();
    const run = { store, stream: 'orchestration/PROJ-1' };
    const surroundings = { issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'user' as const, id: 'ana' } };
    await withContext(surroundings, () => store.append('orchestration/PROJ-1', [{ type: 'orchestration.started', data: {} }]));
    await trace.getTracer('app').startActiveSpan('build', async (span) => {
      await withContext(surroundings, () => withPhase('CODE', () => withAgent('coder', async () => 'done', run), run));
      span.end();
    });
    const traceId = named('build')[0]!.spanContext().traceId;
    const told = (await store.queryEvents({ traceId }, { order: 'asc' })).items.map(({ type }) => type);
    expect(told).toEqual(['phase.started', 'agent_run.spawned', 'agent_run.completed', 'phase.completed']);
  });
});

describe('spans', () => {
  test('a question, a fold and a delivery have one each', async () => {
    const store = openMemory();
    await store.saveEvent(note());
    await store.queryEvents({ type: 'custom.noted' });
    await store.reconstructState('custom/n1');
    expect(named('refold.query').map(({ attributes }) => attributes)).toEqual([{ 'refold.operation': 'queryEvents', 'refold.query.kind': 'type' }]);
    expect(named('refold.reconstruct').map(({ attributes }) => attributes)).toEqual([{ 'refold.operation': 'stateAt' }]);
  });

  test('a refusal is an answer and marks no span as failed; its code stands there, and nothing of what was sent', async () => {
    const store = openMemory();
    await expect(store.saveEvent({ ...note({ text: 'ghp_012345678901234567890123456789abcdef' }), type: 'no.such_type' })).rejects.toBeInstanceOf(LogError);
    const [append] = named('refold.append');
    expect([append!.attributes, append!.status.code, append!.events]).toEqual([{ 'error.type': 'UNKNOWN_TYPE' }, 0, []]);
  });

  test('an id that holds a known secret is masked on the span', async () => {
    const store = openMemory();
    const secret = 'ghp_012345678901234567890123456789abcdef';
    await store.saveEvent({ ...note(), streamId: secret, correlationId: secret });
    expect(JSON.stringify(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes]))).not.toContain(secret);
  });
});

describe('without an SDK', () => {
  test('an event in no trace has none, and nothing else changes', async () => {
    trace.disable();
    const store = openMemory();
    expect((await store.getEvent(await store.saveEvent(note())))!.trace).toBeUndefined();
  });

  test('tracing inherit makes spans inside a trace only', async () => {
    const store = openMemory({ tracing: 'inherit' });
    await store.saveEvent(note());
    expect(named('refold.append')).toEqual([]);
    await trace.getTracer('app').startActiveSpan('work', (span) => store.saveEvent(note()).finally(() => span.end()));
    expect(named('refold.append')).toHaveLength(1);
  });

  test('tracing off makes none', async () => {
    const store = openMemory({ tracing: 'off' });
    await trace.getTracer('app').startActiveSpan('work', (span) => store.saveEvent(note()).finally(() => span.end()));
    expect(named('refold.append')).toEqual([]);
  });
});
