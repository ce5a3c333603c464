/** The WebSocket channels at /ws: what a client hears, in which order, and where it goes on. */
import { readFileSync } from 'node:fs';
import { isStream, operations } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { defaultHttpLimits } from '../src/http-limits.ts';
import { createChannels } from '../src/ws/channels.ts';
import { closeCodes } from '../src/ws/closing.ts';
import { connectTo } from './channel-client.ts';
import type { ChannelClient } from './channel-client.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const ada = { type: 'user', id: 'ada' };

async function append(world: World, event: object): Promise<number> {
  const { status, body, text } = await world.post('/api/v1/events', { actor: ada, ...event });
  if (status !== 201) throw new Error(text);
  return body.last as number;
}

const note = (streamId: string, text = ''): object => ({ type: 'custom.noted', streamType: 'custom', streamId, data: { text } });

const task = (streamId: string): object => ({ type: 'task.created', streamId, data: { task_code: streamId, title: 'a task' } });

/** Subscribes, and answers `subscribed`. */
async function subscribe(client: ChannelClient, channel: string, rest: object = {}): Promise<{ readonly position: number; readonly epoch: string }> {
  client.say({ op: 'subscribe', channel, ...rest });
  const answer = await client.next();
  expect(answer).toMatchObject({ op: 'subscribed', channel });
  return answer;
}

const positionsOf = async (client: ChannelClient, count: number): Promise<readonly number[]> => {
  const positions = [];
  for (let index = 0; index < count; index++) positions.push((await client.next()).position as number);
  return positions;
};

describe('a channel', () => {
  test('C-057 C-054 K-066: a client on orchestration.{entity_type}.{entity_id} hears what is on the entity or in its stream, and nothing else', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    expect(await subscribe(client, 'orchestration.task.T-1')).toMatchObject({ position: 0 });
    await append(world, task('T-2'));
    await append(world, task('T-1'));
    await append(world, { ...note('elsewhere', 'about it'), entityType: 'task', entityId: 'T-1' });
    await append(world, { ...note('refers', 'to it'), refs: [{ type: 'task', id: 'T-1' }] });
    await append(world, { type: 'custom.noted', streamType: 'task', streamId: 'T-1', entityType: 'comment', entityId: '5', data: {} });
    expect(await client.next()).toMatchObject({ op: 'event', channel: 'orchestration.task.T-1', position: 2, event: { type: 'task.created', position: 2, streamId: 'T-1', data: { task_code: 'T-1' } } });
    expect(await positionsOf(client, 2)).toEqual([3, 5]);
    expect(client.left).toEqual([]);
  });

  test('C-028 B-157: orchestration.* carries every event once, and orchestration.{entity_type}.* those of every entity of a type', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, 'orchestration.*');
    await subscribe(client, 'orchestration.task.*', { id: 'tasks' });
    await append(world, task('T-1'));
    await append(world, note('n1'));
    await append(world, task('T-2'));
    const heard = [];
    for (let index = 0; index < 5; index++) heard.push(await client.next());
    expect(heard.filter(({ id }) => id === undefined).map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(heard.filter(({ id }) => id === 'tasks').map(({ position, channel }) => [position, channel])).toEqual([[1, 'orchestration.task.*'], [3, 'orchestration.task.*']]);
  });

  test.each([
    ['issue.PROJ-7', { issueKey: 'PROJ-7' }],
    ['session.s.1', { sessionId: 's.1' }],
    ['correlation.c1', { correlationId: 'c1' }],
    ['stream.custom.n1', {}],
  ])('%s carries the events of its scope', async (channel, scope) => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, channel);
    await append(world, note('other'));
    await append(world, { ...note('n1'), ...scope });
    expect(await client.next()).toMatchObject({ op: 'event', position: 2 });
    expect(client.left).toEqual([]);
  });

  test('a filter takes a part of a channel, and may not say again what the channel says', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, 'stream.custom.n1', { filter: { minSeverity: 'ERROR' } });
    await append(world, note('n1'));
    await append(world, { ...note('n1'), severity: 'FATAL' });
    expect(await client.next()).toMatchObject({ position: 2 });
    for (const filter of [{ streamId: 'n2' }, { broadcast: false }, { afterPosition: 1 }, { colour: 'red' }]) {
      client.say({ op: 'subscribe', channel: 'stream.custom.n1', id: 'x', filter });
      expect(await client.next()).toMatchObject({ op: 'error', code: 'BAD_REQUEST', details: { reason: 'colour' in filter ? 'unknown_parameter' : 'ambiguous' } });
    }
  });

  test('C-055: a type says whether channels carry it, and a server may carry fewer', async () => {
    const world = await startWorld();
    const silent = world.log.registry.eventTypes().find(({ definition }) => definition.broadcast === false)!;
    expect(silent).toBeDefined();
    const client = await connectTo(world);
    await subscribe(client, 'orchestration.*');
    await world.log.append({ events: [{ type: silent.name, streamType: 'store', streamId: 'log', actor: { type: 'system', id: 'refold' }, data: {} }], validation: 'flag', transitions: 'flag' });
    await append(world, note('n1'));
    expect(await client.next()).toMatchObject({ position: 2 });

    const narrow = await startWorld({ channels: { prefix: 'audit', types: ['task.*'] } });
    const other = await connectTo(narrow);
    await subscribe(other, 'audit.*');
    await append(narrow, note('n1'));
    await append(narrow, task('T-1'));
    expect(await other.next()).toMatchObject({ position: 2, event: { type: 'task.created' } });
  });

  test('D-041 D-042 K-065: the channels of a job carry its status after each event, and its log lines', async () => {
    const world = await startWorld();
    const { body: job } = await world.post('/api/v1/jobs', { id: '7', actor: ada, steps: ['build', 'test'] });
    expect(job.state).toMatchObject({ status: 'pending' });
    const client = await connectTo(world);
    await subscribe(client, 'job.7', { afterPosition: 0 });
    expect(await client.next()).toMatchObject({ op: 'missed' });
    expect(await client.next()).toMatchObject({ op: 'update', channel: 'job.7', position: 1, update: { jobId: '7', status: 'pending', events: [{ type: 'job.created' }] } });
    await subscribe(client, 'job.7.logs');
    await world.post('/api/v1/jobs/7/start', { actor: ada });
    expect(await client.next()).toMatchObject({ channel: 'job.7', position: 2, update: { status: 'running', currentStep: 'build' } });
    await world.post('/api/v1/jobs/7/logs', { actor: ada, lines: [{ level: 'INFO', message: 'compiling' }] });
    expect(await client.next()).toMatchObject({ op: 'update', channel: 'job.7.logs', position: 3, update: { message: 'compiling', line: 1 } });
    client.say({ op: 'subscribe', channel: 'job.8' });
    expect(await client.next()).toMatchObject({ op: 'error', code: 'NOT_FOUND', channel: 'job.8' });
  });

  test('B-159 D-043: the counts of the log and how the orchestration is are told at once', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, 'system.stats');
    expect(await client.next()).toMatchObject({ op: 'update', channel: 'system.stats', update: { total: 0 } });
    await subscribe(client, 'system.health');
    expect(await client.next()).toMatchObject({ op: 'update', channel: 'system.health', update: { state: expect.any(String), eventsTotal: 0 } });
  });

  test('speaks the dialect and the naming that the address asks for', async () => {
    const world = await startWorld();
    const client = await connectTo(world, { path: '/ws?dialect=cloudevents' });
    await subscribe(client, 'orchestration.*');
    await append(world, note('n1', 'hello'));
    expect(await client.next()).toMatchObject({ op: 'event', position: 1, event: { specversion: '1.0', data: { text: 'hello' } } });
  });

  test('C-100 K-065: a server without channels refuses the address, and everything else works', async () => {
    const world = await startWorld({ channels: false });
    await expect(connectTo(world)).rejects.toThrow('404');
    expect(await append(world, note('n1'))).toBe(1);
    const stream = await fetch(`${world.server.url}/api/v1/events/stream?fromStart=true`);
    const { value } = await stream.body!.getReader().read();
    expect(Buffer.from(value!).toString()).toContain('id: 0');
  });
});

describe('where a client goes on', () => {
  test('what it missed is announced and sent again, then what comes, each position once, in order', async () => {
    const world = await startWorld();
    for (let index = 1; index <= 300; index++) await append(world, note(`n${index % 3}`));
    const client = await connectTo(world);
    const { epoch } = await subscribe(client, 'orchestration.*', { afterPosition: 40 });
    expect(await client.next()).toEqual({ op: 'missed', channel: 'orchestration.*', afterPosition: 40, toPosition: 300 });
    await append(world, note('n1'));
    expect(await positionsOf(client, 261)).toEqual(Array.from({ length: 261 }, (_, index) => index + 41));
    client.ws.terminate();
    await append(world, note('n1'));
    const again = await connectTo(world);
    await subscribe(again, 'orchestration.*', { afterPosition: 301, epoch });
    expect([(await again.next()).op, (await again.next()).position]).toEqual(['missed', 302]);
  });

  test('bad-input I7: a place that the log does not have, or that was in another log, is told with the cursor to go on from', async () => {
    const world = await startWorld();
    await append(world, note('n1'));
    const client = await connectTo(world);
    for (const wrong of [{ afterPosition: 2 }, { afterPosition: 1, epoch: 'of another log' }]) {
      client.say({ op: 'subscribe', channel: 'orchestration.*', ...wrong });
      expect(await client.next()).toMatchObject({ op: 'error', code: 'RESYNC_REQUIRED', channel: 'orchestration.*', cursor: 1 });
    }
    await subscribe(client, 'orchestration.*', { afterPosition: 1 });
  });

  test('unsubscribing ends one subscription, and what is sent afterwards is of the others', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, 'orchestration.*');
    await subscribe(client, 'stream.custom.n1', { id: 'mine' });
    client.say({ op: 'unsubscribe', channel: 'orchestration.*' });
    expect(await client.next()).toEqual({ op: 'unsubscribed', channel: 'orchestration.*' });
    await append(world, note('n2'));
    await append(world, note('n1'));
    expect(await client.next()).toMatchObject({ op: 'event', id: 'mine', position: 2 });
    client.say({ op: 'unsubscribe', id: 'mine' });
    expect(await client.next()).toEqual({ op: 'unsubscribed', channel: 'stream.custom.n1', id: 'mine' });
    client.say({ op: 'unsubscribe', id: 'mine' });
    expect(await client.next()).toMatchObject({ op: 'error', code: 'NOT_FOUND', details: { reason: 'subscription' } });
    // The end of the one before does not take its successor along.
    await subscribe(client, 'orchestration.*');
    await append(world, note('n2'));
    expect(await client.next()).toMatchObject({ op: 'event', position: 3 });
    client.say({ op: 'unsubscribe', channel: 'orchestration.*' });
    expect(await client.next()).toMatchObject({ op: 'unsubscribed' });
    client.say({ op: 'ping' });
    expect(await client.next()).toEqual({ op: 'pong' });
  });

  test('a hundred clients with one view hear the same, in order', async () => {
    const world = await startWorld();
    const clients = await Promise.all(Array.from({ length: 100 }, () => connectTo(world)));
    await Promise.all(clients.map((client) => subscribe(client, 'orchestration.*')));
    for (let index = 0; index < 30; index++) await append(world, note(`n${index}`));
    const expected = Array.from({ length: 30 }, (_, index) => index + 1);
    for (const client of clients) expect(await positionsOf(client, 30)).toEqual(expected);
  });

  test('closing the server ends the socket, and says that it is going away', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    await subscribe(client, 'orchestration.*');
    await world.server.close();
    expect(await client.closed).toBe(1001);
  });
});

test('C-056: the channels stand in one table, and each is asked of an operation of the table that says who may', () => {
  const channels = createChannels(operations);
  const named = ['orchestration.*', 'orchestration.task.*', 'orchestration.task.T.1', 'issue.A-1', 'session.s', 'correlation.c', 'stream.job.7'].map((name) => channels.find(name));
  for (const { operation } of named) expect([operation.scope, isStream(operation), operations.includes(operation)]).toEqual(['read', true, true]);
  expect(named.map(({ input }) => input)).toMatchObject([{}, { about: 'task/*' }, { about: 'task/T.1' }, { issueKey: 'A-1' }, { sessionId: 's' }, { correlationId: 'c' }, { streamType: 'job', streamId: '7' }]);
  expect(() => createChannels([]).find('issue.A-1')).toThrow('no channel');
});

describe('docs/how-to/listen.md', () => {
  const page = readFileSync(new URL('../../../docs/how-to/listen.md', import.meta.url), 'utf8');

  test('C-058: the conversation it shows is what a client says and hears', async () => {
    const [shown = ''] = /```json\n([\s\S]*?)```/.exec(page)!.slice(1);
    const world = await startWorld();
    await append(world, task('T-1'));
    await world.call('/api/v1/tasks/T-1', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ actor: ada, progress: 10 }) });
    const client = await connectTo(world);
    const messages = shown.trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly op: string });
    expect(messages.length).toBeGreaterThan(8);
    for (const { epoch, ...message } of messages as readonly ({ readonly op: string; readonly epoch?: string })[])
      if (['subscribe', 'unsubscribe', 'ping'].includes(message.op)) client.say(message);
      else expect(await client.next()).toMatchObject({ ...message, ...(epoch === undefined ? {} : { epoch: expect.any(String) }) });
    expect(client.left).toEqual([]);
  });

  test('the address of its server-sent events answers as it shows', async () => {
    const path = /127\.0\.0\.1:8012(\S*?)'/.exec(page)![1]!;
    const world = await startWorld();
    for (let index = 0; index < 72; index++) await append(world, note('n1'));
    await append(world, task('T-1'));
    const stop = new AbortController();
    const chunks = (await fetch(world.server.url + path, { signal: stop.signal })).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"task.created"')) text += (await chunks.read()).value ?? '';
    expect(text).toMatch(/^id: 70\n\nid: 73\ndata: \{"id":/);
    stop.abort();
  });

  test('names every close code that there is, and the limits that stand behind them', () => {
    for (const code of Object.values(closeCodes)) expect(page).toMatch(new RegExp(`^\\|[^|]*\\b${code}\\b`, 'm'));
    expect([defaultHttpLimits.webSocketFrameBytesMax, defaultHttpLimits.webSocketMessagesPerSecond, defaultHttpLimits.webSocketSubscriptionsMax, defaultHttpLimits.webSocketStallMs, defaultHttpLimits.webSocketInitMs, defaultHttpLimits.webSocketPingMs]).toEqual([64 * 1_024, 20, 50, 10_000, 3_000, 15_000]);
  });
});
