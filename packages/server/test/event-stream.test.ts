/** GET /events/stream: everything once, in order, across broken connections. */
import { openMemoryLog } from '@refold/driver-memory';
import { defineStreamOperation } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { heldBytes } from './held-bytes.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

interface Frame {
  readonly id?: number;
  readonly event?: string;
  // oxlint-disable-next-line no-explicit-any -- tests look into items of every shape.
  readonly data?: any;
}

interface Reader {
  readonly response: Response;
  /** The next frame that is no comment. */
  next(): Promise<Frame>;
  /** Everything up to the end of the stream. */
  rest(): Promise<string>;
  close(): void;
}

async function follow(world: World, path = '/api/v1/events/stream', headers: Record<string, string> = {}): Promise<Reader> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(world.server.url + path, { headers, signal: stop.signal });
  const chunks = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  const frame = async (): Promise<string> => {
    while (!buffered.includes('\n\n')) {
      const { done, value } = await chunks.read();
      if (done) throw new Error('the stream ended');
      buffered += value;
    }
    const end = buffered.indexOf('\n\n');
    const text = buffered.slice(0, end);
    buffered = buffered.slice(end + 2);
    return text.startsWith(':') ? await frame() : text;
  };
  return {
    response,
    next: async () => parse(await frame()),
    async rest() {
      let text = buffered;
      for (;;) {
        const { done, value } = await chunks.read();
        if (done) return text;
        text += value;
      }
    },
    close: () => stop.abort(),
  };
}

function parse(text: string): Frame {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const [id, event, data] = [field('id'), field('event'), field('data')];
  return { ...(id === undefined ? {} : { id: Number(id) }), ...(event === undefined ? {} : { event }), ...(data === undefined ? {} : { data: JSON.parse(data) }) };
}

const append = async (world: World, text: string, streamId = 'n1'): Promise<void> => {
  const { status } = await world.post('/api/v1/events', { type: 'custom.noted', streamType: 'custom', streamId, actor: { type: 'user', id: 'ada' }, data: { text } });
  expect(status).toBe(201);
};

describe('following the lines of a job', () => {
  const actor = { type: 'user', id: 'ana' };
  const write = (world: World, ...messages: readonly string[]): Promise<unknown> => world.post('/api/v1/jobs/42/logs', { actor, lines: messages.map((message) => ({ level: message === 'no space' ? 'ERROR' : 'INFO', message })) });

  test('D-042: the lines there are, then those that come; a connection that broke goes on after the last', async () => {
    const world = await startWorld();
    await world.post('/api/v1/jobs', { id: '42', actor });
    await write(world, 'begun', 'no space');
    const first = await follow(world, '/api/v1/jobs/42/logs/stream');
    expect((await first.next()).data).toMatchObject({ line: 1, message: 'begun' });
    const second = await first.next();
    expect([second.data.line, second.id]).toEqual([2, second.data.position]);
    first.close();
    await write(world, 'again');
    const resumed = await follow(world, '/api/v1/jobs/42/logs/stream', { 'last-event-id': String(second.id) });
    // The place it goes on from, then what came meanwhile.
    expect([await resumed.next(), (await resumed.next()).data.message]).toEqual([{ id: second.id }, 'again']);
    const severe = await follow(world, '/api/v1/jobs/42/logs/stream?level=ERROR');
    expect((await severe.next()).data.line).toBe(2);
  });

  test('D-042: there are none of a job that there is not', async () => {
    const world = await startWorld();
    expect((await world.call('/api/v1/jobs/43/logs/stream')).body).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'stream' } });
  });
});

describe('following the log', () => {
  test('C-028, D-107: events come as they are appended, and the id of each is its position', async () => {
    const world = await startWorld();
    const reader = await follow(world);
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await reader.next()).toEqual({ id: 0 });
    await append(world, 'first');
    await append(world, 'line\nbreak and "quote"');
    expect(await reader.next()).toMatchObject({ id: 1, data: { position: 1, data: { text: 'first' } } });
    expect(await reader.next()).toMatchObject({ id: 2, data: { data: { text: 'line\nbreak and "quote"' } } });
  });

  test('a client that lost the connection goes on after the last id, without gap or repeat', async () => {
    const world = await startWorld();
    const before = await follow(world);
    await before.next();
    await append(world, 'one');
    const { id } = await before.next();
    before.close();
    await append(world, 'two');
    await append(world, 'three');
    const after = await follow(world, '/api/v1/events/stream?afterPosition=0', { 'last-event-id': String(id) });
    expect(await after.next()).toEqual({ id });
    expect((await after.next()).data.data.text).toBe('two');
    expect((await after.next()).data.data.text).toBe('three');
  });

  test('a connection that breaks before the first event misses nothing either', async () => {
    const world = await startWorld();
    await append(world, 'old');
    const before = await follow(world);
    const { id } = await before.next();
    before.close();
    await append(world, 'new');
    const after = await follow(world, '/api/v1/events/stream', { 'last-event-id': String(id) });
    await after.next();
    expect((await after.next()).data.data.text).toBe('new');
  });

  test('a filter holds, from the start when asked', async () => {
    const world = await startWorld();
    await append(world, 'a', 'n1');
    await append(world, 'b', 'n2');
    await append(world, 'c', 'n1');
    const reader = await follow(world, '/api/v1/events/stream?fromStart=true&streamType=custom&streamId=n1');
    expect(await reader.next()).toEqual({ id: 0 });
    expect([(await reader.next()).id, (await reader.next()).id]).toEqual([1, 3]);
  });

  test('items are shown in the dialect that was asked for, under the same ids', async () => {
    const world = await startWorld();
    await append(world, 'a');
    const reader = await follow(world, '/api/v1/events/stream?fromStart=true&dialect=cloudevents');
    await reader.next();
    expect(await reader.next()).toMatchObject({ id: 1, data: { specversion: '1.0', data: { text: 'a' } } });
  });

  test('ten thousand events reach a reader that starts late, in order', async () => {
    const world = await startWorld();
    for (let batch = 0; batch < 20; batch++)
      await world.post('/api/v1/events', Array.from({ length: 500 }, (_, index) => ({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { n: batch * 500 + index, padding: 'x'.repeat(200) } })));
    const reader = await follow(world, '/api/v1/events/stream?fromStart=true');
    await reader.next();
    for (let position = 1; position <= 10_000; position++) if ((await reader.next()).id !== position) throw new Error(`not ${position}`);
  });
});

describe('refusals', () => {
  for (const [name, path, headers, status, reason] of [
    ['a filter that is wrong', '/api/v1/events/stream?from=2026-11-20&to=2026-11-19', {}, 400, 'range'],
    ['an unknown parameter', '/api/v1/events/stream?colour=red', {}, 400, 'unknown_parameter'],
    ['a Last-Event-ID that is no position', '/api/v1/events/stream', { 'last-event-id': 'abc' }, 400, 'last_event_id'],
  ] as const)
    test(`${name} is a problem, not a stream`, async () => {
      const world = await startWorld();
      const { body, ...answer } = await world.call(path, { headers });
      expect([answer.status, body.details.reason]).toEqual([status, reason]);
    });
});

describe('a log that takes its time', () => {
  test('refuses with an answer, not with a stream that has begun, and says of a quiet stream that it is listened to', async () => {
    const slow = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    const world = await startWorld({
      open: (linker, { clock }) => {
        const driver = openMemoryLog({ linker, clock });
        return wrapLog(driver, {
          async head() {
            await slow();
            return driver.head();
          },
          async streams(request) {
            await slow();
            return driver.streams(request);
          },
          async *read(request, signal) {
            await slow();
            yield* driver.read(request, signal);
          },
        });
      },
    });
    expect(await world.call('/api/v1/jobs/42/stream')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await world.call('/api/v1/streams/custom/none/state/stream')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await world.call('/api/v1/events/stream', { headers: { 'last-event-id': '9' } })).toMatchObject({ status: 503, body: { code: 'LOG_ROLLED_BACK' } });
    const quiet = await follow(world);
    expect(quiet.response.status).toBe(200);
  });
});

describe('the end of a stream', () => {
  let ended: () => void = () => undefined;
  const faulty = defineStreamOperation({
    name: 'faulty',
    doc: 'Gives one item, then fails.',
    scope: 'read',
    input: z.object({}),
    output: z.object({ n: z.number() }),
    http: { method: 'GET', path: '/faulty' },
    async *run() {
      yield { n: 1 };
      await new Promise((resolve) => setImmediate(resolve));
      throw new TypeError('secret words');
    },
  });
  const endless = defineStreamOperation({
    name: 'endless',
    doc: 'Gives large items for ever.',
    scope: 'read',
    input: z.object({}),
    output: z.object({ n: z.number(), padding: z.string() }),
    http: { method: 'GET', path: '/endless' },
    async *run() {
      try {
        for (let n = 0; ; n++) {
          given = n;
          yield { n, padding: 'x'.repeat(100_000) };
        }
      } finally {
        ended();
      }
    },
  });
  let given = 0;

  test('a fault in the middle is an error event, masked, and one line', async () => {
    const world = await startWorld({ operations: [faulty] });
    const reader = await follow(world, '/api/v1/faulty');
    expect(await reader.next()).toEqual({ data: { n: 1 } });
    const { event, data } = await reader.next();
    expect([event, data.code]).toEqual(['error', 'INTERNAL']);
    expect(JSON.stringify(data)).not.toContain('secret');
    expect(await reader.rest()).toBe('');
    expect(world.lines).toHaveLength(1);
  });

  test('bad-input I9: a client that never reads stops the reading of the log, and costs no more memory than the socket holds', async () => {
    const world = await startWorld({ operations: [endless] });
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const stop = new AbortController();
    await fetch(`${world.server.url}/api/v1/endless`, { signal: stop.signal });
    let before = -1;
    await expect.poll(() => { const still = given === before; before = given; return still && given > 0; }, { interval: 200, timeout: 10_000 }).toBe(true);
    expect(given * 100_000).toBeLessThan(100_000_000);
    stop.abort();
    await closed;
  });

  test('a stream that is complete says so, and one that the server ends does not', async () => {
    const world = await startWorld();
    const job = { streamType: 'job', streamId: '7', actor: { type: 'user', id: 'ada' }, data: {} };
    await world.post('/api/v1/events', ['job.created', 'job.started', 'job.completed'].map((type) => ({ ...job, type })));
    const reader = await follow(world, '/api/v1/jobs/7/stream');
    expect(await reader.next()).toMatchObject({ id: 3, data: { jobId: '7', status: 'completed', position: 3 } });
    // The job may still be resumed for a while.
    const ended = reader.next();
    let isOver = false;
    void ended.then(() => void (isOver = true));
    await expect
      .poll(() => {
        world.clock.advance(1_000);
        return isOver;
      })
      .toBe(true);
    expect(await ended).toEqual({ event: 'end', data: {} });
    expect(await reader.rest()).toBe('');
  });

  test('bad-input I9: fifty clients that never read hold the same bytes, and one that reads hears every event', async () => {
    const world = await startWorld();
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    for (let client = 0; client < 50; client++) await fetch(`${world.server.url}/api/v1/events/stream`, { signal: stop.signal });
    const reader = await follow(world);
    await reader.next();
    const pad = 'x'.repeat(50_000);
    let position = 0;
    const pass = async (count: number): Promise<void> => {
      for (const last = position + count; position < last; ) {
        await append(world, pad);
        expect((await reader.next()).id).toBe(++position);
      }
    };
    await pass(100);
    const before = heldBytes();
    await pass(300);
    // The log in memory keeps what was appended, and the newest frames are there for all: 25 to 55 MB, as the collector comes. Fifty
    // queues would each keep it once more: 750 MB.
    expect(heldBytes() - before).toBeLessThan(10 * 300 * pad.length);
  });

  test('a client that has gone closes the generator', async () => {
    const world = await startWorld({ operations: [endless] });
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const reader = await follow(world, '/api/v1/endless');
    await reader.next();
    reader.close();
    await closed;
  });

  test('a silent stream gives a sign of life', async () => {
    const world = await startWorld({ limits: { heartbeatMs: 10 } });
    const response = await fetch(`${world.server.url}/api/v1/events/stream`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(': heartbeat\n\n')) text += (await reader.read()).value ?? '';
    await reader.cancel();
  });

  test('closing the server ends streams, and the client sees an end, not a break', async () => {
    const world = await startWorld();
    const reader = await follow(world);
    await reader.next();
    await world.server.close();
    expect(await reader.rest()).toBe('');
  });
});
