/** What is said about requests from outside: one line each, with what leads from an event to it, and nothing of what was sent. */
import { describe, expect, test, vi } from 'vitest';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const traceparent = `00-${traceId}-${spanId}-01`;
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'x' } };

const lastDone = async (world: World, count: number) => {
  await vi.waitFor(() => expect(world.done).toHaveLength(count));
  return world.done.at(-1)!;
};

describe('a line about a request', () => {
  test('D-123 carries the events that it wrote, their place, its conversation and its trace', async () => {
    const world = await startWorld();
    const { body, headers } = await world.post('/api/v1/events', note, { traceparent, 'x-correlation-id': 'deploy-7' });
    expect(await lastDone(world, 1)).toEqual({
      message: 'request done', requestId: headers.get('x-request-id'), method: 'POST', route: '/api/v1/events', status: 201, durationMs: expect.any(Number) as number,
      traceId, correlationId: 'deploy-7', eventIds: [body.events[0].id], events: 1, stream: 'custom/n1', revision: 1, position: 1,
    });
  });

  test('B-132 about an append that could not be made has its code', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { ...note, type: 'no.such_type' }, { traceparent });
    expect(world.lines).toEqual([expect.objectContaining({ message: 'request failed', method: 'POST', route: '/api/v1/events', status: 422, code: 'UNKNOWN_TYPE', traceId })]);
    expect(world.done).toEqual([]);
  });

  test('about a question has its route, not its address', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    await world.call('/api/v1/streams/orchestration/PROJ-1/state?at=2026-11-20T09:00:01Z');
    expect(await lastDone(world, 2)).toEqual({ message: 'request done', requestId: expect.any(String) as string, method: 'GET', route: '/api/v1/streams/:streamType/:streamId/state', status: 200, durationMs: expect.any(Number) as number });
  });

  test('a work object tells what its command wrote', async () => {
    const world = await startWorld();
    await world.post('/api/v1/jobs', { id: '7', start: true, actor: { type: 'user', id: 'ada' } });
    expect(await lastDone(world, 1)).toMatchObject({ route: '/api/v1/jobs', events: 2, stream: 'job/7', revision: 2, position: 2 });
  });
});

describe('a request in a trace', () => {
  test('D-052 D-083 what it writes keeps that trace, where no SDK is set up too', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', note, { traceparent, tracestate: 'vendor=1' });
    await world.post('/api/v1/jobs', { id: '7', start: true, actor: { type: 'user', id: 'ada' } }, { traceparent });
    const { items } = (await world.call(`/api/v1/events?traceId=${traceId}`)).body;
    expect(items.map(({ type, trace }: { type: string; trace: object }) => [type, trace])).toEqual([
      ['custom.noted', { traceId, spanId, traceFlags: 1, traceState: 'vendor=1' }],
      ['job.created', { traceId, spanId, traceFlags: 1 }],
      ['job.started', { traceId, spanId, traceFlags: 1 }],
    ]);
  });

  test('what is refused in it is on record in it', async () => {
    const world = await startWorld();
    await world.post('/api/v1/jobs/7/start', {}, { traceparent });
    await world.post('/api/v1/events', { ...note, type: 'job.completed', streamType: 'job', streamId: '7' }, { traceparent });
    expect(world.lines.map(({ traceId: id }) => id)).toEqual([traceId, traceId]);
  });

  test('a header that is no trace is ignored', async () => {
    const world = await startWorld();
    const { status, body } = await world.post('/api/v1/events', note, { traceparent: 'ff-nonsense' });
    expect([status, (await world.call(`/api/v1/events/${body.events[0].id}`)).body.trace]).toEqual([201, undefined]);
  });
});

describe('a conversation across services', () => {
  test('B-124 B-161 X-Correlation-Id becomes that of what the request writes, and comes back', async () => {
    const world = await startWorld();
    const headers = { 'x-correlation-id': 'order-17' };
    const answer = await world.post('/api/v1/events', { ...note, serviceName: 'orders' }, headers);
    await world.post('/api/v1/jobs', { id: '7', actor: { type: 'service', id: 'billing' } }, headers);
    await world.post('/api/v1/events', [{ ...note, streamId: 'n2', serviceName: 'billing' }, { ...note, streamId: 'n3', correlationId: 'own' }], headers);
    expect(answer.headers.get('x-correlation-id')).toBe('order-17');
    const { items } = (await world.call('/api/v1/events/correlation/order-17')).body;
    expect(items.map(({ streamType, streamId, correlationId }: Record<string, string>) => [streamType, streamId, correlationId])).toEqual([['custom', 'n1', 'order-17'], ['job', '7', 'order-17'], ['custom', 'n2', 'order-17']]);
  });

  test('a name that cannot be kept is refused where it would be, and not sent back', async () => {
    const world = await startWorld();
    const answer = await world.post('/api/v1/events', note, { 'x-correlation-id': 'x'.repeat(201) });
    expect([answer.status, answer.body.code, answer.body.details.reason, answer.headers.get('x-correlation-id')]).toEqual([400, 'BAD_REQUEST', 'correlation_id', null]);
  });
});

describe('a secret', () => {
  /** One of a known format, and one that nobody could know; who puts that one into the address of a stream has named a stream. */
  const [known, own] = ['ghp_012345678901234567890123456789abcdef', 'correct-horse-battery'];
  const both = `${known} ${own}`;

  test('A-108 in any field of a request is in no line, no label and no name of a series', async () => {
    const shown = createMetrics();
    const world = await startWorld({ meter: shown.meter, metrics: { shown, path: '/metrics' } });
    const everywhere = { ...note, serviceName: both, phase: both, agent: both, data: { [both]: both }, metadata: { note: both }, refs: [{ type: 'task', id: both }], git: { branch: both }, changes: { field: { before: both, after: both } }, actor: { type: 'user', id: 'ada', name: both, model: both } };
    const headers = { 'user-agent': both, 'x-request-id': both, cookie: `a=${both}`, tracestate: both, traceparent, 'accept-language': both, referer: `http://127.0.0.1/${both}` };
    await world.post('/api/v1/events', everywhere, headers);
    await world.post('/api/v1/events', { ...everywhere, streamId: known, correlationId: known, sessionId: known }, headers);
    await world.post('/api/v1/events', { ...everywhere, type: `custom.${own}` }, headers);
    await world.post('/api/v1/events', { ...everywhere, type: own, [own]: own }, headers);
    await world.post('/api/v1/events', { ...everywhere, streamType: known }, headers);
    await world.post('/api/v1/events', `{"broken": "${both}`, headers);
    await world.post('/api/v1/events', everywhere, { ...headers, 'idempotency-key': own, 'if-match': own, 'x-correlation-id': known });
    await world.call(`/api/v1/events?text=${encodeURIComponent(both)}&issueKey=${own}&nonsense=${own}`, { headers });
    await world.call(`/${encodeURIComponent(both)}?q=${own}`, { headers });
    await world.call(`/api/v1/streams/custom/${encodeURIComponent(known)}/state`, { headers });
    await world.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: own, arguments: { text: both } } }, headers);
    await world.post('/api/v1/jobs', { id: '1', name: both, steps: [both], start: true, actor: { type: 'user', id: 'ada' } }, headers);
    await world.post('/api/v1/jobs/1/steps', { step: known, status: 'completed', durationMs: 5, actor: { type: 'user', id: 'ada' } }, headers);
    await vi.waitFor(() => expect(world.lines.length + world.done.length).toBe(13));

    // What is thrown for a fault of ours is for the one who runs the server; there was none.
    expect(world.lines.filter(({ status }) => status >= 500)).toEqual([]);
    const said = JSON.stringify([world.lines, world.done]) + (await world.call('/metrics')).text;
    expect([said.includes(known), said.includes(own)]).toEqual([false, false]);
  });
});
