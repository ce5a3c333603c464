/** Slow, hostile, malformed and unknown clients of the channels: each gets its code, and nobody else notices. */
import { defineBatchedStream, operations, revokeApiKey, runOperation } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clientFrame, closeCodeOf, connectRaw, connectTo } from './channel-client.ts';
import type { ChannelClient } from './channel-client.ts';
import { bearer, localToken, newKey, note, own, startGuarded } from './guarded-world.ts';
import { heldBytes } from './held-bytes.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

/** The error that ends a connection, and the code it is closed with. */
const ending = async (client: ChannelClient): Promise<unknown[]> => {
  const { op, code, details } = await client.next();
  return [op, code, details?.reason, await client.closed];
};

const isWell = async (world: World): Promise<void> => {
  const client = await connectTo(world, { headers: own });
  client.say({ op: 'ping' });
  expect(await client.next()).toEqual({ op: 'pong' });
  expect((await world.call('/api/v1/health')).status).toBe(200);
};

describe('a malformed message ends the connection with its code', () => {
  test.each([
    ['that is not JSON', '{"op":', 'BAD_JSON', 'syntax'],
    ['null', 'null', 'BAD_REQUEST', 'shape'],
    ['of an unknown op', '{"op":"dance"}', 'BAD_REQUEST', 'shape'],
    ['with a channel that is no text', '{"op":"subscribe","channel":5}', 'BAD_REQUEST', 'shape'],
    ['with a field that nobody knows', '{"op":"ping","token":"x"}', 'BAD_REQUEST', 'shape'],
    ['that repeats a key', '{"op":"ping","op":"ping"}', 'BAD_JSON', undefined],
  ])('bad-input I3: a text %s', async (_what, text, code, reason) => {
    const world = await startWorld();
    const client = await connectTo(world);
    client.say(text);
    const [op, said, why, closed] = await ending(client);
    expect([op, said, closed]).toEqual(['error', code, 4400]);
    if (reason !== undefined) expect(why).toBe(reason);
    await isWell(world);
  });

  test('bad-input I3: a binary message', async () => {
    const client = await connectTo(await startWorld());
    client.ws.send(Buffer.from('{"op":"ping"}'));
    expect(await ending(client)).toEqual(['error', 'BAD_REQUEST', 'binary', 4400]);
  });

  test('bad-input I4: a message of 65 KiB is too large, one of 64 KiB is read', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    const sized = (bytes: number): string => JSON.stringify({ op: 'ping', padding: '' }).replace('""', `"${'x'.repeat(bytes - 26)}"`);
    expect(sized(100)).toHaveLength(100);
    client.say(sized(65 * 1_024));
    expect(await ending(client)).toEqual(['error', 'TOO_LARGE', 'message', 1009]);
    const whole = await connectTo(world);
    whole.say(sized(64 * 1_024));
    expect(await ending(whole)).toEqual(['error', 'BAD_REQUEST', 'shape', 4400]);
    const larger = await connectTo(world);
    larger.say(sized(1_024 * 1_024));
    expect(await larger.closed).toBe(1009);
    await isWell(world);
  });

  test('bad-input I5 D-118: the 21st message within a second is one too many', async () => {
    const world = await startWorld();
    const client = await connectTo(world);
    for (let message = 1; message <= 21; message++) client.say({ op: 'ping' });
    for (let message = 1; message <= 20; message++) expect(await client.next()).toEqual({ op: 'pong' });
    expect(await ending(client)).toEqual(['error', 'RATE_LIMITED', 'messages', 4429]);
  });

  test('pings of the protocol count as well, so that nobody fills the outbox with answers', async () => {
    const client = await connectTo(await startWorld());
    for (let ping = 1; ping <= 21; ping++) client.ws.ping('x'.repeat(100));
    expect(await ending(client)).toEqual(['error', 'RATE_LIMITED', 'messages', 4429]);
  });

  test.each([
    ['an unmasked frame', clientFrame(Buffer.from('{"op":"ping"}'), { isMasked: false }), [1002]],
    ['an oversized control frame', clientFrame(Buffer.alloc(126), { opcode: 9 }), [1002]],
    ['fragments without an end', Buffer.concat([clientFrame(Buffer.from('{'), { isFinal: false }), ...Array.from({ length: 20_000 }, () => clientFrame(Buffer.alloc(0), { opcode: 0, isFinal: false }))]), [1008, 1009]],
    ['a fragment of nothing that was begun', clientFrame(Buffer.from('x'), { opcode: 0 }), [1002]],
  ])('bad-input I12: %s', async (_what, bytes, codes) => {
    const world = await startWorld();
    const socket = await connectRaw(world);
    socket.write(bytes);
    expect(codes).toContain(await closeCodeOf(socket));
    await isWell(world);
  });
});

describe('a wrong wish is told, and the socket stays', () => {
  test.each([
    ['a channel that does not exist', 'chess.games', 'NOT_FOUND'],
    ['a star in the middle', 'orchestration.*.x.y.z', 'BAD_REQUEST'],
    ['too few parts', 'stream.job', 'BAD_REQUEST'],
    ['a star in an id', 'issue.*', 'BAD_REQUEST'],
  ])('bad-input I6: %s', async (_what, channel, code) => {
    const client = await connectTo(await startWorld());
    client.say({ op: 'subscribe', channel });
    expect(await client.next()).toMatchObject({ op: 'error', code, channel, details: { reason: 'channel' } });
    client.say({ op: 'ping' });
    expect(await client.next()).toEqual({ op: 'pong' });
  });

  test('bad-input I8: an id that is in use ends the connection; the same channel under another id does not', async () => {
    const client = await connectTo(await startWorld());
    client.say({ op: 'subscribe', channel: 'orchestration.*', id: 'a' });
    client.say({ op: 'subscribe', channel: 'orchestration.*', id: 'b' });
    expect([await client.next(), await client.next()]).toMatchObject([{ op: 'subscribed', id: 'a' }, { op: 'subscribed', id: 'b' }]);
    client.say({ op: 'subscribe', channel: 'issue.A-1', id: 'a' });
    expect(await ending(client)).toEqual(['error', 'DUPLICATE_ID', 'subscription', 4409]);
  });

  test('D-118: one subscription more than a connection may hold is refused, and there is room again after one ended', async () => {
    const client = await connectTo(await startWorld({ limits: { webSocketSubscriptionsMax: 2 } }));
    for (const id of ['a', 'b']) client.say({ op: 'subscribe', channel: 'orchestration.*', id });
    await client.next();
    await client.next();
    client.say({ op: 'subscribe', channel: 'orchestration.*', id: 'c' });
    expect(await client.next()).toMatchObject({ op: 'error', code: 'RATE_LIMITED', details: { reason: 'subscriptions', limit: 2 } });
    client.say({ op: 'unsubscribe', id: 'a' });
    await client.next();
    client.say({ op: 'subscribe', channel: 'orchestration.*', id: 'c' });
    expect(await client.next()).toMatchObject({ op: 'subscribed', id: 'c' });
  });

  test('a token in the address is refused before there is a socket', async () => {
    await expect(connectTo(await startWorld(), { path: '/ws?token=secret' })).rejects.toThrow('400');
  });
});

describe('who may listen', () => {
  test('bad-input I2: who does not say in time who he is', async () => {
    const client = await connectTo(await startGuarded({ limits: { webSocketInitMs: 20 } }));
    expect(await ending(client)).toEqual(['error', 'UNAUTHENTICATED', 'credential', 4408]);
  });

  test('a token is taken in the first message, and nothing else before it', async () => {
    const world = await startGuarded();
    const client = await connectTo(world);
    client.say({ op: 'auth', token: localToken });
    client.say({ op: 'subscribe', channel: 'orchestration.*' });
    expect([await client.next(), await client.next()]).toMatchObject([{ op: 'authenticated' }, { op: 'subscribed' }]);
    const hasty = await connectTo(world);
    hasty.say({ op: 'subscribe', channel: 'orchestration.*' });
    expect(await ending(hasty)).toEqual(['error', 'UNAUTHENTICATED', 'credential', 4401]);
    const wrong = await connectTo(world);
    wrong.say({ op: 'auth', token: 'wrong' });
    expect(await ending(wrong)).toEqual(['error', 'UNAUTHENTICATED', 'credential', 4401]);
  });

  test('bad-input I1: a foreign Origin is refused before there is a socket', async () => {
    await expect(connectTo(await startGuarded(), { headers: { ...own, origin: 'https://evil.example' } })).rejects.toThrow('403');
  });

  test('C-056: of two callers one hears his own stream alone, and one without the scope hears nothing', async () => {
    const world = await startGuarded();
    const agent = await newKey(world, { role: 'agent', actor: { type: 'agent', id: 'planner' }, streamPrefix: 'custom/n1' });
    const writer = await newKey(world, { scopes: ['append'] });
    const [held, mute] = [await connectTo(world, { headers: bearer(agent.key) }), await connectTo(world, { headers: bearer(writer.key) })];
    for (const channel of ['orchestration.*', 'stream.custom.n2', 'orchestration.custom.n1']) {
      held.say({ op: 'subscribe', channel });
      expect([channel, await held.next()]).toMatchObject([channel, { op: 'error', code: 'FORBIDDEN', details: { reason: 'stream_prefix' } }]);
    }
    held.say({ op: 'subscribe', channel: 'stream.custom.n1' });
    expect(await held.next()).toMatchObject({ op: 'subscribed' });
    mute.say({ op: 'subscribe', channel: 'stream.custom.n1' });
    expect(await mute.next()).toMatchObject({ op: 'error', code: 'FORBIDDEN', details: { reason: 'scope', scope: 'read' } });
    for (const streamId of ['n2', 'n1']) await world.post('/api/v1/events', { ...note, streamId }, own);
    expect(await held.next()).toMatchObject({ op: 'event', event: { streamId: 'n1' } });
    expect([held.left, mute.left]).toEqual([[], []]);
  });

  test('bad-input I11: a key that is revoked hears no more, within the time between two looks, and may not subscribe meanwhile', async () => {
    const world = await startGuarded({ limits: { credentialRecheckMs: 50 } });
    const { key, info } = await newKey(world, { role: 'viewer' });
    const [listener, asker] = [await connectTo(world, { headers: bearer(key) }), await connectTo(world, { headers: bearer(key) })];
    listener.say({ op: 'subscribe', channel: 'orchestration.*' });
    await listener.next();
    await runOperation(revokeApiKey, { log: world.log, search: undefined as never, installation: undefined as never }, { keyId: info.id });
    asker.say({ op: 'subscribe', channel: 'orchestration.*' });
    expect(await ending(asker)).toEqual(['error', 'UNAUTHENTICATED', 'credential', 4401]);
    expect(await ending(listener)).toEqual(['error', 'UNAUTHENTICATED', 'credential', 4401]);
  });

  test('D-118: more sockets than one credential may open are refused, also when it is shown on the socket', async () => {
    const world = await startGuarded({ limits: { webSocketsPerCredentialMax: 1 } });
    await connectTo(world, { headers: own });
    await expect(connectTo(world, { headers: own })).rejects.toThrow('429');
    const late = await connectTo(world);
    late.say({ op: 'auth', token: localToken });
    expect(await ending(late)).toEqual(['error', 'RATE_LIMITED', 'sockets', 4429]);
  });
});

describe('who is slow or gone', () => {
  /** Events of 100 KB for ever; how many were asked for, and whether the reading has ended. */
  function endless(): { readonly operations: typeof operations; readonly given: () => number; readonly ended: () => boolean } {
    let [given, ended] = [0, false];
    const tail = defineBatchedStream({
      name: 'tailEvents',
      doc: 'Gives large items for ever.',
      scope: 'read',
      input: z.looseObject({}),
      output: z.object({ position: z.number(), padding: z.string() }),
      async *batches() {
        try {
          for (;;) yield [{ position: ++given, padding: 'x'.repeat(100_000) }];
        } finally {
          ended = true;
        }
      },
    });
    return { operations: operations.map((operation) => (operation.name === 'tailEvents' ? tail : operation)), given: () => given, ended: () => ended };
  }

  test('bad-input I9: a client that never reads stops the reading of the log, is told where to go on, and is let go with 4008', async () => {
    const source = endless();
    const world = await startWorld({ operations: source.operations, limits: { webSocketStallMs: 300 } });
    const client = await connectTo(world);
    client.say({ op: 'subscribe', channel: 'orchestration.*' });
    await client.next();
    client.ws.pause();
    await expect.poll(source.ended, { timeout: 10_000 }).toBe(true);
    const given = source.given();
    // The kernel buffers of both ends hold a few MB; the process holds no more than a piece beyond them.
    expect(given * 100_000).toBeLessThan(30_000_000);
    await isWell(world);
    client.ws.resume();
    let [position, message] = [0, await client.next()];
    for (; message.op === 'event'; message = await client.next()) expect(message.position).toBe(++position);
    expect(message).toMatchObject({ op: 'error', code: 'RESYNC_REQUIRED', channel: 'orchestration.*', cursor: position });
    expect(await client.closed).toBe(4008);
  });

  test('bad-input I9: ten clients that never read cost others nothing: they hear every event, and memory stays flat', async () => {
    const world = await startWorld({ limits: { webSocketStallMs: 60_000 } });
    const stalled = await Promise.all(Array.from({ length: 10 }, () => connectTo(world)));
    const reader = await connectTo(world);
    for (const client of [...stalled, reader]) {
      client.say({ op: 'subscribe', channel: 'orchestration.*' });
      await client.next();
    }
    for (const client of stalled) client.ws.pause();
    const pad = 'x'.repeat(50_000);
    const appendMany = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) await world.log.append({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { pad } }] });
    };
    let heard = 0;
    const hear = async (upTo: number): Promise<void> => {
      while (heard < upTo) expect((await reader.next()).position).toBe(++heard);
    };
    await Promise.all([appendMany(300), hear(300)]);
    const before = heldBytes();
    await Promise.all([appendMany(600), hear(900)]);
    // The log in memory keeps what was appended, about twice; ten queues would keep it ten times more.
    expect(heldBytes() - before).toBeLessThan(5 * 600 * pad.length);
  });

  test('bad-input I10: who does not answer a ping is gone by the next, and what he held is free', async () => {
    const source = endless();
    const world = await startWorld({ operations: source.operations, limits: { webSocketPingMs: 50, webSocketStallMs: 60_000 } });
    const socket = await connectRaw(world);
    socket.write(clientFrame(Buffer.from(JSON.stringify({ op: 'subscribe', channel: 'orchestration.*' }))));
    // It takes the bytes and says nothing, like a cable that was pulled.
    const code = await closeCodeOf(socket);
    expect(code).toBeNull();
    await expect.poll(source.ended).toBe(true);
  });
});
