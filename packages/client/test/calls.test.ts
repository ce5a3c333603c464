/** Calls over HTTP, to a real server: what comes back, what is thrown, and when a call is sent again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@refold/client';
import type { Client, ClientOptions } from '@refold/client';
import type { JsonObject, LogError } from '@refold/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { note, startWorld } from './client-world.ts';
import type { Wire, World, WorldOptions } from './client-world.ts';

/** `{ a: { a: ... } }` */
const nested = (levels: number): object => Array.from({ length: levels }).reduce<object>((inner) => ({ a: inner }), {});

function ring(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}

const quick = { backoffMs: 5, backoffMsMax: 20 };

async function begin(options: Partial<ClientOptions> & { readonly world?: WorldOptions } = {}): Promise<{ readonly world: World; readonly wire: Wire; readonly client: Client }> {
  const { world: worldOptions, ...clientOptions } = options;
  const world = await startWorld(worldOptions);
  return { world, wire: world.wire, client: createClient({ url: world.wire.url, limits: quick, ...clientOptions }) };
}

describe('A call', () => {
  test('has the name, the input and the answer of its operation', async () => {
    const { client } = await begin();
    const receipt = await client.appendEvents({ events: [note('a'), note('b')], expectedRevision: 'none' });
    expect(receipt).toMatchObject({ first: 1, last: 2, duplicate: false });
    const { items } = await client.queryEvents({ streamType: 'custom', type: ['custom.noted', 'job.created'], limit: 1, text: undefined });
    expect(items.map(({ position, data }) => [position, data])).toEqual([[1, { text: 'a' }]]);
    expect(await client.stateAt({ streamType: 'custom', streamId: 'n1', revision: 1 })).toMatchObject({ revision: 1 });
    expect(await client.call('getStream', { streamType: 'custom', streamId: 'n1' })).toMatchObject({ revision: 2 });
    expect(await client.health()).toMatchObject({ status: 'ok' });
  });

  test('jobs and debug sessions are walked through as they are over REST', async () => {
    const { client } = await begin();
    const actor = 'user:ana';
    await client.createJob({ id: 'a/b c', name: 'deploy', steps: ['build'], start: true, actor });
    await client.endJobStep({ id: 'a/b c', step: 'build', status: 'completed', actor });
    await client.appendJobLogs({ id: 'a/b c', lines: [{ level: 'INFO', message: 'built' }], actor });
    expect((await client.jobLogs({ id: 'a/b c' })).items).toMatchObject([{ line: 1, message: 'built' }]);
    const { sessionId: id } = await client.startDebugSession({ aggregateId: 'job/a/b c', fromRevision: 1 });
    const { id: breakpointId } = await client.addBreakpoint({ id, eventType: 'job.step_completed' });
    expect(await client.resumeDebugSession({ id })).toMatchObject({ reason: 'breakpoint', event: { type: 'job.step_completed' } });
    expect(await client.removeBreakpoint({ id, breakpointId })).toBeNull();
    expect(await client.stopDebugSession({ id })).toMatchObject({ state: 'stopped' });
  });

  test('what the server refuses is the error that it was: code, message, details, hint', async () => {
    const { client } = await begin();
    const refused = client.appendEvents({ events: [{ ...note('a'), type: 'job.startd', streamType: 'job' }] });
    await expect(refused).rejects.toMatchObject({ name: 'LogError', code: 'UNKNOWN_TYPE', details: { nearest: expect.arrayContaining(['job.started']) }, hint: expect.stringContaining('job.started'), retryable: false });
    await expect(client.appendEvents({ events: [note('a')], expectedRevision: 7 })).rejects.toMatchObject({ code: 'REVISION_CONFLICT', details: { actual: 0 } });
  });

  test('an error carries the id under which the server has the request in its log', async () => {
    const failed: unknown[] = [];
    const { client } = await begin({ world: { requestLog: { failed: ({ requestId }) => void failed.push(requestId), done: () => undefined } } });
    const error: unknown = await client.appendEvents({ events: [note('a')], expectedRevision: 7 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { actual: 0, requestId: expect.any(String) } });
    expect(failed).toEqual([(error as LogError).details['requestId']]);
  });

  test.each([
    ['10,000 levels deep', nested(10_000), 'depth'],
    ['a value that contains itself', ring(), 'value'],
    ['a bigint', { count: 1n }, 'value'],
  ])('bad-input A21: %s is refused with a code', async (_what, data, reason) => {
    const { client } = await begin();
    await expect(client.appendEvents({ events: [{ ...note('a'), data: data as JsonObject }] })).rejects.toMatchObject({ name: 'LogError', code: 'BAD_JSON', details: { reason } });
  });

  test('an address that is none, and an operation that is none, are refused at once', async () => {
    expect(() => createClient({ url: 'localhost:8012' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: { reason: 'server' } }));
    const { client } = await begin();
    await expect(client.call('constructor' as 'health', {})).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'operation' } });
  });

  test('a token may be asked for anew for every call', async () => {
    let token: string | null = null;
    const { client } = await begin({ token: async () => token, world: { token: 'refold-local-token-for-tests' } });
    await expect(client.listStreams()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    token = 'refold-local-token-for-tests';
    expect((await client.listStreams()).items).toEqual([]);
    expect(await client.signInLink()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?ott=/);
  });

  test('ends with the signal of the call, and with that of the client', async () => {
    const every = new AbortController();
    const { wire, client } = await begin({ signal: every.signal });
    for (const stop of [new AbortController(), every]) {
      wire.fail('stall');
      wire.cut();
      const asked = client.listStreams({}, stop === every ? {} : { signal: stop.signal });
      setTimeout(() => stop.abort(new Error('enough')), 20);
      await expect(asked).rejects.toThrow('enough');
    }
  });
});

describe('Sent again', () => {
  test.each(['swallow the answer', 'cut'] as const)('B-131 an append whose connection breaks twice (%s) is stored once, under the id of its first attempt', async (fault) => {
    const { wire, client } = await begin();
    wire.fail(fault, 2);
    const receipt = await client.appendEvents({ events: [note('once')] });
    expect(receipt.duplicate).toBe(fault === 'swallow the answer');
    expect(wire.connections).toBe(3);
    expect((await client.queryEvents()).items).toHaveLength(1);
  });

  test('so is a command on a job, and a deletion, which has no body', async () => {
    const { wire, client } = await begin();
    wire.fail('swallow the answer');
    const { streamId } = await client.createTask({ taskCode: 'TASK-1', title: 'try', actor: 'user:ana' });
    wire.cut();
    wire.fail('swallow the answer');
    expect(await client.deleteTask({ code: streamId, reason: 'done elsewhere', actor: 'user:ana' })).toMatchObject({ duplicate: true });
  });

  test('B-130 an append to a server that is away waits until it is back', async () => {
    const { world, client } = await begin({ limits: { ...quick, retriesMax: 1_000 } });
    await world.stop();
    const appended = client.appendEvents({ events: [note('late')] });
    await world.start();
    expect(await appended).toMatchObject({ first: 1 });
  });

  test('it gives up after so many attempts, and says under which id it can be sent again', async () => {
    const { wire, client } = await begin({ limits: { ...quick, retriesMax: 2 } });
    wire.fail('swallow the answer', 3);
    const error = await client.appendEvents({ events: [note('unknown')] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { commitId: expect.stringMatching(/^[0-9a-f]{32}$/) } });
    const { commitId } = (error as { details: { commitId: string } }).details;
    expect(await client.appendEvents({ events: [note('unknown')], commitId })).toMatchObject({ duplicate: true, first: 1 });
  });

  test('what would be done twice is not: a debug session that may have been opened is not opened again', async () => {
    const { wire, client } = await begin();
    await client.appendEvents({ events: [note('a')] });
    wire.cut();
    wire.fail('swallow the answer');
    await expect(client.startDebugSession({ aggregateId: 'custom/n1' })).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect((await client.listDebugSessions()).items).toHaveLength(1);
  });

  test('a conflict is not: the caller decides again', async () => {
    let requests = 0;
    const counting: typeof fetch = (...request) => {
      requests++;
      return fetch(...request);
    };
    const { client } = await begin({ fetch: counting });
    await expect(client.appendEvents({ events: [note('a')], expectedRevision: 3 })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    expect(requests).toBe(1);
  });

  test('a server that says when to come back is waited for, unless it asks for too much', async () => {
    const token = 'refold-local-token-for-tests';
    const { client } = await begin({ token, world: { token, rates: { appendsPerSecond: 1, eventsPerSecond: 1_000, queriesPerSecond: 1_000 } } });
    const receipts = [];
    for (let count = 0; count < 4; count++) receipts.push(await client.appendEvents({ events: [note(String(count))] }));
    expect(receipts.map(({ first }) => first)).toEqual([1, 2, 3, 4]);
    const hasty = createClient({ url: client.url, token, limits: { ...quick, retryAfterMsMax: 10 } });
    await expect(Promise.all(receipts.map(() => hasty.appendEvents({ events: [note('x')] })))).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 1 } });
  });

  test('a question that is not answered in time is not asked again; an append is', async () => {
    const { wire, client } = await begin({ limits: { ...quick, timeoutMs: 100 } });
    wire.fail('stall');
    await expect(client.listStreams()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', details: { reason: 'timeout' } });
    wire.cut();
    wire.fail('stall');
    expect(await client.appendEvents({ events: [note('a')] }, { timeoutMs: 1_000 })).toMatchObject({ duplicate: true });
  });

  test.each([[404, 1], [502, 3]])('a stranger who answers %i is told apart from a server, and asked %i times', async (status, times) => {
    let requests = 0;
    const stranger = createServer((_request, response) => {
      requests++;
      response.writeHead(status).end('hello');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void stranger.close());
    const client = createClient({ url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`, limits: { ...quick, retriesMax: 2 } });
    await expect(client.health()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'not_refold', status } });
    expect(requests).toBe(times);
  });
});
