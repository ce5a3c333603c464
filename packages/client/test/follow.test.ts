/** Following over connections that end: each position once, in order, and every change of the connection told. */
import { createClient } from '@refold/client';
import type { Client, FollowOptions, FollowState, LogError } from '@refold/client';
import { defineStreamOperation, operations } from '@refold/operations';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { note, startWorld } from './client-world.ts';
import type { World, WorldOptions } from './client-world.ts';

const limits = { backoffMs: 5, backoffMsMax: 20 };

async function beginOver(streams: 'answers' | 'socket', options?: WorldOptions): Promise<{ readonly world: World; readonly direct: Client; readonly client: Client }> {
  const world = await startWorld(options);
  return { world, direct: createClient({ url: world.url, limits: { ...limits, retriesMax: 100 } }), client: createClient({ url: world.wire.url, limits, streams }) };
}

interface Follower<T> {
  readonly items: T[];
  readonly states: FollowState[];
  readonly errors: (LogError | null)[];
  /** Settles when it ended: with what it threw, else with null. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

/** Reads until it is stopped, and never reads faster than it is told. */
function read<T>(open: (options: FollowOptions) => AsyncIterable<T>): Follower<T> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const [items, states, errors]: [T[], FollowState[], (LogError | null)[]] = [[], [], []];
  const all = async (): Promise<null> => {
    for await (const item of open({ signal: stop.signal, onState: (state, error) => void (states.push(state), errors.push(error)) })) items.push(item);
    return null;
  };
  return { items, states, errors, ended: all().catch((error: unknown) => error), stop: () => stop.abort() };
}

const positions = ({ items }: Follower<{ readonly position: number }>): number[] => items.map(({ position }) => position);

describe.each(['answers', 'socket'] as const)('Following the log over %s', (streams) => {
  const begin = (options?: WorldOptions): ReturnType<typeof beginOver> => beginOver(streams, options);

  test('events come as they are appended, until the signal', async () => {
    const { direct, client } = await begin();
    const follower = read((options) => client.tailEvents({}, options));
    await expect.poll(() => follower.states).toEqual(['connecting', 'live']);
    await direct.appendEvents({ events: [note('a'), note('ä\n"b"')] });
    await expect.poll(() => follower.items.map(({ data }) => data)).toEqual([{ text: 'a' }, { text: 'ä\n"b"' }]);
    follower.stop();
    expect(await follower.ended).toBeNull();
    expect(follower.states).toEqual(['connecting', 'live', 'ended']);
  });

  test('a broken connection is taken up again after the last event; what came meanwhile is not missed', async () => {
    const { world, direct, client } = await begin();
    await direct.appendEvents({ events: [note('old')] });
    const follower = read((options) => client.tailEvents({ fromStart: true }, options));
    for (let round = 0; round < 5; round++) {
      await expect.poll(() => follower.states.at(-1)).toBe('live');
      await direct.appendEvents({ events: [note('a'), note('b', 'n2')] });
      world.wire.fail('cut', 2);
      world.wire.cut();
      await direct.appendEvents({ events: [note('c')] });
    }
    await expect.poll(() => positions(follower)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(follower.states.filter((state) => state === 'reconnecting').length).toBeGreaterThanOrEqual(5);
    expect(follower.errors.find((error) => error !== null)).toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });

  test('a connection that breaks before the first event misses nothing either', async () => {
    const { world, direct, client } = await begin();
    const follower = read((options) => client.tailEvents({ streamId: 'n1', streamType: 'custom' }, options));
    await expect.poll(() => follower.states).toEqual(['connecting', 'live']);
    // Where the stream begins is on its way; a quiet log says nothing else.
    await client.health();
    world.wire.fail('cut', 3);
    world.wire.cut();
    await direct.appendEvents({ events: [note('other', 'n2'), note('mine')] });
    await expect.poll(() => follower.items.map(({ data }) => data)).toEqual([{ text: 'mine' }]);
  });

  test('a server that closes and starts again is waited for', async () => {
    const { world, direct, client } = await begin();
    const follower = read((options) => client.tailEvents({}, options));
    await expect.poll(() => follower.states).toEqual(['connecting', 'live']);
    await direct.appendEvents({ events: [note('before')] });
    await expect.poll(() => positions(follower)).toEqual([1]);
    await world.stop();
    await expect.poll(() => follower.states.at(-1)).toBe('reconnecting');
    await world.start();
    await direct.appendEvents({ events: [note('after')] });
    await expect.poll(() => positions(follower)).toEqual([1, 2]);
    expect(follower.states.at(-1)).toBe('live');
  });

  test('a wire that has gone dead is noticed by its silence', async () => {
    const { world, direct } = await begin({ limits: { heartbeatMs: 20 } });
    const client = createClient({ url: world.wire.url, limits: { ...limits, silenceMsMax: 500 }, streams });
    const follower = read((options) => client.tailEvents({ fromStart: true }, options));
    await expect.poll(() => follower.states).toEqual(['connecting', 'live']);
    world.wire.stall();
    await direct.appendEvents({ events: [note('a')] });
    await expect.poll(() => positions(follower), { timeout: 10_000 }).toEqual([1]);
    expect(follower.errors).toContainEqual(expect.objectContaining({ details: { reason: 'silent' } }));
  });

  test('another log behind the same address ends it: its positions mean other events', async () => {
    const { world, direct, client } = await begin();
    await direct.appendEvents({ events: [note('a')] });
    const follower = read((options) => client.tailEvents({ fromStart: true }, options));
    await expect.poll(() => positions(follower)).toEqual([1]);
    await world.stop();
    await world.start('restored.db');
    expect(await follower.ended).toMatchObject({ code: 'LOG_ROLLED_BACK', details: { reason: 'epoch', position: 1 } });
    expect(follower.states.at(-1)).toBe('ended');
  });

  test('what no waiting helps against ends it: a filter that is wrong, a credential that is not valid', async () => {
    const { client } = await begin({ token: 'refold-local-token-for-tests' });
    expect(await read((options) => client.tailEvents({}, options)).ended).toMatchObject({ code: 'UNAUTHENTICATED' });
    const { client: other } = await begin();
    expect(await read((options) => other.tailEvents({ colour: 'red' }, options)).ended).toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('a reader who takes his time gets everything, and nothing is kept for him here', async () => {
    const { direct, client } = await begin();
    for (let batch = 0; batch < 4; batch++) await direct.appendEvents({ events: Array.from({ length: 500 }, () => note('x'.repeat(200))) });
    let expected = 1;
    for await (const { position } of client.tailEvents({ fromStart: true })) {
      expect(position).toBe(expected++);
      if (position % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (position === 2_000) break;
    }
  });

  test('one connection, for who wants no more than that, ends with it', async () => {
    const { world, direct, client } = await begin();
    await direct.appendEvents({ events: [note('a')] });
    const read = async (): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { position } of client.stream('tailEvents', { fromStart: true })) {
        seen.push(position);
        world.wire.cut();
      }
      return seen;
    };
    await expect(read()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'connection' } });
  });
});

describe.each(['answers', 'socket'] as const)('Following other things over %s', (streams) => {
  const begin = (options?: WorldOptions): ReturnType<typeof beginOver> => beginOver(streams, options);

  test('D-049 a job: how it stands, then every update with the event that made it, in the form of document 004; and it ends', async () => {
    const { world, direct, client } = await begin();
    const actor = 'user:ana';
    await direct.createJob({ id: '42', steps: ['build', 'test'], start: true, actor });
    const follower = read((options) => client.follow('followJob', { id: '42' }, { ...options, dialect: 'job' }) as AsyncIterable<unknown> as AsyncIterable<{ status: string; currentStep: string | null; progress: number; events: { eventType: string; jobId: string }[]; position: number }>);
    await expect.poll(() => follower.items).toMatchObject([{ status: 'running', progress: 0 }]);
    await direct.endJobStep({ id: '42', step: 'build', status: 'completed', actor });
    world.wire.cut();
    await direct.endJobStep({ id: '42', step: 'test', status: 'completed', actor });
    await direct.completeJob({ id: '42', actor });
    expect(await follower.ended).toBeNull();
    expect(follower.items.map(({ status, progress, events }) => [status, progress, ...events.map(({ eventType, jobId }) => `${jobId} ${eventType}`)])).toEqual([
      ['running', 0, '42 JobStarted'],
      ['running', 0.5, '42 JobStepCompleted'],
      ['running', 1, '42 JobStepCompleted'],
      ['completed', 1, '42 JobCompleted'],
    ]);
    expect(follower.states.at(-1)).toBe('ended');
  });

  test('D-042 the lines of a job, all of them, in order, across a broken connection', async () => {
    const { world, direct, client } = await begin();
    const actor = 'user:ana';
    await direct.createJob({ id: '42', start: true, actor });
    await direct.appendJobLogs({ id: '42', lines: [{ level: 'INFO', message: 'one' }, { level: 'WARN', message: 'two' }], actor });
    const follower = read((options) => client.followJobLogs({ id: '42' }, options));
    await expect.poll(() => follower.items.length).toBe(2);
    world.wire.cut();
    await direct.appendJobLogs({ id: '42', lines: [{ level: 'ERROR', message: 'three' }], actor });
    await expect.poll(() => follower.items.map(({ line, message }) => [line, message])).toEqual([[1, 'one'], [2, 'two'], [3, 'three']]);
  });

  test('D-043 the health of the orchestration, which has no positions', async () => {
    const { world, direct, client } = await begin();
    const follower = read((options) => client.followOrchestratorHealth({}, options));
    await expect.poll(() => follower.items.length).toBe(1);
    world.wire.cut();
    await direct.createJob({ id: '42', start: true, actor: 'user:ana' });
    await expect.poll(() => follower.items.at(-1), { timeout: 10_000 }).toMatchObject({ state: 'HEALTHY', runningJobs: 1 });
  });

  test('who is held to streams of his own follows those, though he may not ask about the log', async () => {
    const token = 'refold-local-token-for-tests';
    const { world } = await begin({ token });
    const owner = createClient({ url: world.url, token });
    const { key } = await owner.createApiKey({ name: 'a worker', actor: { type: 'agent', id: 'worker' }, role: 'agent', streamPrefix: 'job/4' });
    await owner.createJob({ id: '42', start: true });
    const worker = createClient({ url: world.wire.url, limits, token: key, streams });
    await expect(worker.systemInfo()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const follower = read((options) => worker.followJob({ id: '42' }, options));
    await expect.poll(() => follower.items.length).toBe(1);
    world.wire.cut();
    await owner.progressJob({ id: '42', progress: 0.5 });
    await expect.poll(() => follower.items.map(({ progress }) => progress)).toEqual([0, 0.5]);
    expect(await read((options) => worker.followJob({ id: '7' }, options)).ended).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a job that there is not is an error', async () => {
    const { client } = await begin();
    expect(await read((options) => client.followJob({ id: 'nothing' }, options)).ended).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a fault in the middle of a stream is an error of it, after what came before', async () => {
    const faulty = defineStreamOperation({
      name: 'tailEvents',
      doc: 'Tells of one and breaks.',
      scope: 'none',
      input: z.looseObject({}),
      output: z.object({ position: z.number() }),
      http: { method: 'GET', path: '/events/stream' },
      async *run() {
        yield { position: 1 };
        throw new Error('secret');
      },
    });
    const { client } = await begin({ operations: [...operations.filter(({ name }) => name !== 'tailEvents'), faulty] });
    const follower = read((options) => client.tailEvents({}, options));
    expect(await follower.ended).toMatchObject({ code: 'INTERNAL' });
    expect(positions(follower)).toEqual([1]);
  });
});
