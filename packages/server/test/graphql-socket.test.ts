/** Who may be on a GraphQL WebSocket, and what hostile, slow and half dead clients get there; the server lives on. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, wsClient } from './graphql-client.ts';
import { bearer, newKey, own, startGuarded } from './guarded-world.ts';
import type { GuardedWorld } from './guarded-world.ts';
import { startWorld } from './server-world.ts';
import type { World, WorldOptions } from './server-world.ts';

const init = { type: 'connection_init' };
const subscribe = (id: string, query = 'subscription { eventAppended(afterPosition: 0) { position data } }', extensions: object = {}): object => ({ type: 'subscribe', id, payload: { query, extensions } });

interface Talk {
  readonly socket: WebSocket;
  /** What came, in order. */
  readonly messages: { type: string; id?: string; payload?: never }[];
  readonly closed: Promise<[number, string]>;
  say(...messages: readonly object[]): void;
  /** The first word, and the answer to it. */
  greet(payload?: object): Promise<void>;
  until(count: number): Promise<void>;
}

async function talk(world: World, headers: Record<string, string> = {}): Promise<Talk> {
  const socket = new WebSocket(`${world.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  onTestFinished(() => socket.terminate());
  const messages: Talk['messages'] = [];
  socket.on('message', (text) => void messages.push(JSON.parse(String(text)) as never)).on('error', () => undefined);
  const closed = once(socket, 'close').then(([code, reason]): [number, string] => [code as number, String(reason)]);
  await once(socket, 'open');
  const say: Talk['say'] = (...said) => said.forEach((message) => socket.send(JSON.stringify(message)));
  const until: Talk['until'] = async (count) => {
    await expect.poll(() => messages.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
  };
  return {
    socket,
    messages,
    closed,
    say,
    async greet(payload) {
      say({ ...init, ...(payload === undefined ? {} : { payload }) });
      await until(1);
    },
    until,
  };
}

async function start(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options);
  onTestFinished(async () => expect((await ask(world, '{ __typename }')).status).toBe(200));
  return world;
}

const note = async (world: World, data: object = {}): Promise<void> => void (await world.log.append({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'n', actor: { type: 'user', id: 'ana' }, data: data as never }] }));

const handshake = ({ server }: World): string => ['GET /graphql HTTP/1.1', `Host: 127.0.0.1:${server.port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: graphql-transport-ws', '', ''].join('\r\n');

describe('Who is there', () => {
  test('D-070 bad-input H13: without a token is let go', async () => {
    const world = await startGuarded();
    for (const payload of [undefined, {}, { token: 'nonsense' }, { authorization: 'Basic eDp5' }]) {
      const { say, closed } = await talk(world);
      say({ ...init, ...(payload === undefined ? {} : { payload }) });
      expect(await closed).toEqual([4401, 'UNAUTHENTICATED']);
    }
  });

  test('bad-input H13: without the scope is let go when it subscribes', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'operator', scopes: ['append'] });
    const { say, greet, messages, closed } = await talk(world, bearer(key));
    await greet();
    say(subscribe('1'));
    expect(await closed).toEqual([4403, 'FORBIDDEN']);
    expect(messages.filter(({ type }) => type === 'next').every(({ payload }) => (payload as unknown as { errors: unknown[] }).errors.length > 0)).toBe(true);
  });

  test('shows a token in a header, in the first message, or as a page that signed in', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'viewer' });
    const { headers } = await world.call(world.signIn.newLink(), { headers: { accept: 'text/html' } });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    const ways: readonly [Record<string, string>, object | undefined][] = [[bearer(key), undefined], [{}, { token: key }], [{}, { authorization: `Bearer ${key}` }], [{}, { Authorization: `Bearer ${key}` }], [{ cookie, origin: world.server.url }, undefined]];
    for (const [shown, payload] of ways) {
      const { say, greet, until, messages } = await talk(world, shown);
      await greet(payload);
      say(subscribe('1', '{ __typename }'));
      await until(2);
      expect(messages.slice(0, 2)).toEqual([{ type: 'connection_ack', payload: { epoch: expect.any(String) } }, { id: '1', type: 'next', payload: { data: { __typename: 'Query' } } }]);
    }
  });

  test('bad-input I1: a cookie without the Origin of its page, or from another page, is refused before', async () => {
    const world = await startGuarded();
    const { headers } = await world.call(world.signIn.newLink(), { headers: { accept: 'text/html' } });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    for (const shown of [{ cookie }, { cookie, origin: 'https://evil.example' }]) {
      const socket = new WebSocket(`${world.server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers: shown });
      expect(String(((await once(socket, 'error')) as [Error])[0])).toContain('403');
    }
  });

  test('sees what he may: two principals, one connection each', async () => {
    const world = await startGuarded();
    const viewer = (await newKey(world, { role: 'viewer' })).key;
    const agent = (await newKey(world, { role: 'agent', streamPrefix: 'job/7', actor: { type: 'agent', id: 'coder' } })).key;
    for (const id of ['7', '8']) await ask(world, `mutation { createJob(input: { id: "${id}" }) { id } }`, { headers: own });
    const told = async (key: string, id: string): Promise<unknown> => {
      for await (const { data, errors } of wsClient(world.server.url, { connectionParams: { token: key } }).iterate({ query: `subscription { jobStatusUpdated(jobId: "${id}") { jobId } }` })) return data?.['jobStatusUpdated'] ?? errors?.[0]?.extensions?.['code'];
      return undefined;
    };
    expect([await told(viewer, '7'), await told(viewer, '8')]).toEqual([{ jobId: '7' }, { jobId: '8' }]);
    expect(await told(agent, '7')).toEqual({ jobId: '7' });
    expect(await told(agent, '8').catch(({ code }: { code: number }) => code)).toBeOneOf([4403, 'FORBIDDEN']);
  });

  test('sees what he may beside others who ask the same about the same events: what an answer asks further is asked in his name', async () => {
    const world = await startGuarded();
    const viewer = (await newKey(world, { role: 'viewer' })).key;
    const agent = (await newKey(world, { role: 'agent', streamPrefix: 'job/7', actor: { type: 'agent', id: 'coder' } })).key;
    const of = (streamId: string, type: string, causationId?: string): Promise<{ readonly events: readonly { readonly id: string }[] }> =>
      world.log.append({ events: [{ type, streamType: 'job', streamId, actor: { type: 'user', id: 'ana' }, data: {}, ...(causationId === undefined ? {} : { causationId }) }] });
    const [hidden] = (await of('8', 'job.created')).events;
    await of('7', 'job.created');
    await of('7', 'job.started', hidden!.id);
    const query = 'subscription { eventAppended(filter: { streamType: "job", streamId: "7" }, afterPosition: 0) { position cause { streamId } } }';
    const told = async (key: string): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for await (const { data, errors } of wsClient(world.server.url, { connectionParams: { token: key } }).iterate({ query })) {
        answers.push([data?.['eventAppended'], errors?.[0]?.extensions?.['code']]);
        if (answers.length === 2) return answers;
      }
      return answers;
    };
    const [seen, kept] = [[{ position: 2, cause: null }, undefined], [{ position: 3, cause: { streamId: '8' } }, undefined]];
    for (const order of [[viewer, agent], [agent, viewer]]) {
      const answers = await Promise.all(order.map(told));
      expect(answers[order.indexOf(viewer)]).toEqual([seen, kept]);
      expect(answers[order.indexOf(agent)]).toEqual([seen, [{ position: 3, cause: null }, 'FORBIDDEN']]);
    }
  });

  test('bad-input I11: whose key is revoked is let go', async () => {
    const world = await startGuarded({ limits: { credentialRecheckMs: 5 } });
    const { key, info } = await newKey(world, { role: 'viewer' });
    const { greet, closed } = await talk(world, bearer(key));
    await greet();
    await world.call(`/api/v1/keys/${info.id}`, { method: 'DELETE', headers: own });
    expect(await closed).toEqual([4401, 'UNAUTHENTICATED']);
  });

  test('bad-input I11: whose key has expired is let go when it subscribes', async () => {
    const world: GuardedWorld = await startGuarded();
    const { key } = await newKey(world, { role: 'viewer', days: 1 });
    const { say, greet, closed } = await talk(world, bearer(key));
    await greet();
    world.clock.advance(86_400_000);
    say(subscribe('1'));
    expect(await closed).toEqual([4401, 'UNAUTHENTICATED']);
  });
});

describe('A client', () => {
  test('bad-input I2: that says nothing is let go', async () => {
    const { closed } = await talk(await start({ limits: { webSocketInitMs: 20 } }));
    expect((await closed)[0]).toBe(4408);
  });

  test.each<[string, (talk: Talk) => void]>([
    ['a binary frame', ({ socket }) => socket.send(Buffer.from(JSON.stringify(init)), { binary: true })],
    ['no JSON', ({ socket }) => socket.send('{')],
    ['a key twice', ({ socket }) => socket.send('{"type":"ping","type":"connection_init"}')],
    ['null', ({ socket }) => socket.send('null')],
    ['an unknown word', ({ say }) => say({ type: 'shout' })],
  ])('bad-input I3: that sends %s is let go', async (_what, say) => {
    const client = await talk(await start());
    say(client);
    expect((await client.closed)[0]).toBe(4400);
  });

  test('bad-input I4: that sends 65 KiB is let go', async () => {
    const { say, closed } = await talk(await start());
    say({ type: 'ping', payload: { text: 'x'.repeat(65 * 1024) } });
    expect((await closed)[0]).toBe(1009);
  });

  test('bad-input I5: that sends 21 messages in a second is let go', async () => {
    const { say, closed, messages, until } = await talk(await start());
    say(init, ...Array.from({ length: 19 }, () => ({ type: 'ping' })));
    await until(20);
    expect(messages.map(({ type }) => type).toSorted()).toEqual(['connection_ack', ...Array.from({ length: 19 }, () => 'pong')]);
    say({ type: 'ping' });
    expect(await closed).toEqual([4429, 'RATE_LIMITED']);
  });

  test('bad-input I8: that uses an id twice is let go', async () => {
    const { say, greet, closed } = await talk(await start());
    await greet();
    say(subscribe('1'), subscribe('1'));
    expect((await closed)[0]).toBe(4409);
  });

  test('that subscribes before it has signed in is let go', async () => {
    const { say, closed } = await talk(await start());
    say(subscribe('1'));
    expect((await closed)[0]).toBe(4401);
  });

  test('D-118 bad-input H14: is refused one subscription too many, and keeps the others', async () => {
    const world = await start({ limits: { webSocketSubscriptionsMax: 3 } });
    await note(world);
    const { say, greet, until, messages } = await talk(world);
    await greet();
    say(...['1', '2', '3', '4'].map((id) => subscribe(id)));
    await until(5);
    expect(messages.filter(({ type }) => type === 'error')).toMatchObject([{ id: '4', payload: [{ extensions: { code: 'RATE_LIMITED', details: { reason: 'subscriptions', limit: 3 } } }] }]);
    await note(world);
    await until(8);
    expect(messages.filter(({ type }) => type === 'next')).toHaveLength(6);
  });

  test('bad-input I7: that asks after a position which is not there is told where the log ends, and its others go on', async () => {
    const world = await start();
    const { say, greet, until, messages } = await talk(world);
    await greet();
    say(subscribe('1', 'subscription { eventAppended { position } }', { afterPosition: 1 }));
    await until(2);
    expect(JSON.stringify(messages[1])).toContain('"code":"LOG_ROLLED_BACK"');
    expect(JSON.stringify(messages[1])).toContain('"cursor":0');
    say(subscribe('2', 'subscription { eventAppended { position } }', { afterPosition: 0 }));
    await note(world);
    await expect.poll(() => messages.at(-1)).toMatchObject({ id: '2', type: 'next', payload: { extensions: { position: 1 } } });
  });

  test('F32 bad-input I9: that never reads is told where to go on and let go; nothing piles up, and others are served', async () => {
    const world = await start({ limits: { webSocketStallMs: 300 } });
    const text = 'x'.repeat(100_000);
    for (let count = 0; count < 200; count++) await note(world, { text });
    const slow = await talk(world);
    const other = await talk(world);
    await slow.greet();
    await other.greet();
    slow.socket.pause();
    slow.say(subscribe('1'));
    other.say(subscribe('1'));
    await other.until(201);
    // The server has given up by now; what it said is still in the pipe.
    await expect.poll(() => world.lines.some(({ reason }) => reason === 'RESYNC_REQUIRED'), { timeout: 10_000 }).toBe(true);
    slow.socket.resume();
    expect(await slow.closed).toEqual([4008, 'RESYNC_REQUIRED']);
    const last = slow.messages.at(-1)! as { payload: unknown };
    const positions = slow.messages.filter(({ type }) => type === 'next').map(({ payload }) => (payload as unknown as { extensions: { position: number } }).extensions.position);
    expect(positions).toEqual(positions.map((_, index) => index + 1));
    expect(positions.length).toBeLessThan(200);
    expect(last).toMatchObject({ type: 'error', id: '1', payload: [{ message: 'RESYNC_REQUIRED', extensions: { code: 'RATE_LIMITED', details: { reason: 'RESYNC_REQUIRED', cursor: positions.at(-1) } } }] });
    const again = await talk(world);
    await again.greet();
    again.say(subscribe('1', undefined, { afterPosition: positions.at(-1) }));
    await again.until(2);
    expect(again.messages[1]).toMatchObject({ payload: { extensions: { position: positions.at(-1)! + 1 } } });
  });

  test('bad-input I10: that is half open is let go', async () => {
    const world = await start({ limits: { webSocketPingMs: 50 } });
    const socket = connect(world.server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    // It reads what it is sent and answers nothing, not even a ping.
    socket.write(handshake(world));
    socket.on('data', () => undefined);
    await once(socket, 'close');
  });

  test.each<[string, Buffer]>([
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['an oversized control frame', Buffer.from([0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0, ...Array.from({ length: 126 }, () => 0)])],
    ['a frame of a kind that does not exist', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['the middle of a message that did not begin', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
  ])('bad-input I12: that sends %s is let go', async (_what, bytes) => {
    const world = await start();
    const socket = connect(world.server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(handshake(world));
    await once(socket, 'data');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
    socket.write(bytes);
    await once(socket, 'close');
    const answer = Buffer.concat(chunks);
    expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, 1002]);
  });

  test('of another protocol is told so', async () => {
    const world = await start();
    const socket = new WebSocket(`${world.server.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    expect(String(((await once(socket, 'error')) as [Error])[0])).toContain('subprotocol');
  });

  test('is told when the server closes', async () => {
    const world = await startWorld();
    const { say, greet, closed } = await talk(world);
    await greet();
    say(subscribe('1'));
    await world.server.close();
    expect(await closed).toEqual([1001, 'The server is closing.']);
  });
});
