/** GET /export: the log as JSON lines, whole, in order, once; and what happens when the transfer, the client or the log breaks. */
import { connect } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import { openMemoryLog } from '@refold/driver-memory';
import { exportEvents, queryAudit, runOperation, runStream } from '@refold/operations';
import { createMemorySearch } from '@refold/core';
import type { LogDriver } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { bearer, get, newKey, startGuarded } from './guarded-world.ts';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const path = '/api/v1/export';
const note = (text: string, streamId = 'n1'): object => ({ type: 'custom.noted', streamType: 'custom', streamId, actor: { type: 'user', id: 'ada' }, data: { text } });
const append = async (world: World, ...events: readonly object[]): Promise<void> => void (await world.log.append({ events: events as never }));
const fill = async (world: World, count: number, text = 'x'): Promise<void> => {
  for (let from = 0; from < count; from += 100) await append(world, ...Array.from({ length: Math.min(100, count - from) }, (_, index) => note(`${text}${from + index + 1}`, `n${(from + index) % 3}`)));
};

// oxlint-disable-next-line no-explicit-any -- tests look into items of every shape.
const linesOf = ({ text }: Pick<Answer, 'text'>): any[] => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
const positionsOf = (answer: Pick<Answer, 'text'>): number[] => linesOf(answer).map(({ position }) => position as number);

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('R55: GET /export', () => {
  test('A-231, X-019: every event once, in order, one per line, as it is', async () => {
    const world = await startWorld();
    await fill(world, 2_500);
    const answer = await world.call(path);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([200, 'application/x-ndjson; charset=utf-8', 'attachment; filename="events.jsonl"']);
    expect(answer.text.endsWith('}\n')).toBe(true);
    expect(positionsOf(answer)).toEqual(range(1, 2_500));
    expect(linesOf(answer).slice(0, 100)).toEqual((await world.call('/api/v1/events?limit=100')).body.items);
  });

  test('what is exported goes in again as lines, and the new log holds the same events', async () => {
    const [world, other] = await Promise.all([startWorld(), startWorld({ seed: 2 })]);
    await fill(world, 120);
    const lines = linesOf(await world.call(path)).map(({ id, type, streamType, streamId, occurredAt, actor, correlationId, data }) => JSON.stringify({ id, type, streamType, streamId, occurredAt, actor, correlationId, data }));
    const sent = await other.call('/api/v1/events', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n') });
    expect(sent.status).toBe(201);
    const what = (answer: Answer): unknown[] => linesOf(answer).map(({ id, revision, position, data }) => [id, revision, position, data]);
    expect(what(await other.call(path))).toEqual(what(await world.call(path)));
  });

  test('a filter leaves a part of it, by tag, by stream, by words and by expression', async () => {
    const world = await startWorld();
    await fill(world, 30, 'word ');
    for (const [filter, positions] of [
      ['streamType=custom&streamId=n1', range(1, 30).filter((position) => position % 3 === 2)],
      ['type=custom.noted&afterPosition=28', [29, 30]],
      ['text=17', [17]],
      ['expression=data.text%20%3D%3D%20%22word%209%22', [9]],
      ['type=job.failed', []],
    ] as const)
      expect([filter, positionsOf(await world.call(`${path}?${filter}`))]).toEqual([filter, positions]);
  });

  test('it goes on after a position, named as a parameter or as Last-Event-ID', async () => {
    const world = await startWorld();
    await fill(world, 40);
    expect(positionsOf(await world.call(`${path}?afterPosition=37`))).toEqual([38, 39, 40]);
    expect(positionsOf(await world.call(path, { headers: { 'last-event-id': '38' } }))).toEqual([39, 40]);
    expect((await world.call(`${path}?afterPosition=40`)).text).toBe('');
  });

  test('dialect=cloudevents writes each line as a CloudEvent; naming=snake its keys', async () => {
    const world = await startWorld();
    await fill(world, 2);
    expect(linesOf(await world.call(`${path}?dialect=cloudevents`))).toMatchObject([{ specversion: '1.0', refoldposition: '1' }, { specversion: '1.0', refoldposition: '2' }]);
    expect(linesOf(await world.call(`${path}?naming=snake`))[0]).toMatchObject({ stream_type: 'custom', stream_id: 'n0' });
  });

  test('it is compressed as it is made, for whoever takes that', async () => {
    const world = await startWorld();
    await fill(world, 300);
    const raw = await world.raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${world.server.port}\r\nAccept-Encoding: zstd\r\nConnection: close\r\n\r\n`);
    expect(raw).toMatch(/content-encoding: zstd/i);
    const response = await fetch(world.server.url + path, { headers: { 'accept-encoding': 'zstd' } });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes[0] === 0x28 ? zstdDecompressSync(bytes).toString() : bytes.toString();
    expect(positionsOf({ text })).toEqual(range(1, 300));
  });
});

describe('an export is bounded', () => {
  test('what is appended while it runs is not in it', async () => {
    const world = await startWorld();
    await fill(world, 1_500);
    const { log } = world;
    const seen: number[] = [];
    for await (const { position } of runStream(exportEvents, { log, search: createMemorySearch(), installation: undefined as never }, {})) {
      if (seen.length === 0) await append(world, note('late'));
      seen.push(position);
    }
    expect(seen).toEqual(range(1, 1_500));
  });

  test('TRUST 11: two at once; a third is told to wait, and may when one has ended', async () => {
    const world = await startWorld();
    await fill(world, 3_000, 'x'.repeat(2_000));
    const stop = new AbortController();
    const open = await Promise.all([fetch(world.server.url + path, { signal: stop.signal }), fetch(world.server.url + path, { signal: stop.signal })]);
    expect(await world.call(path)).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', details: { reason: 'exports', limit: 2 } } });
    expect(positionsOf({ text: await open[0].text() })).toEqual(range(1, 3_000));
    expect((await world.call(`${path}?afterPosition=2999`)).status).toBe(200);
    stop.abort();
  });

  test('a client that does not read is waited for: of a large log little is read', async () => {
    let reads = 0;
    const counting = (driver: LogDriver): LogDriver => ({
      ...driver,
      read: async function* (request, signal) {
        for await (const page of driver.read(request, signal)) {
          reads += page.events.length;
          yield page;
        }
      },
    });
    const world = await startWorld({ open: (linker, { clock }) => counting(openMemoryLog({ linker, clock })) });
    await fill(world, 6_000, 'x'.repeat(4_000));
    reads = 0;
    const socket = connect(world.server.port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${world.server.port}\r\n\r\n`));
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    socket.once('readable', () => resolve());
    await begun;
    // Until the pipe is full and nothing moves any more.
    for (let before = -1; before !== reads; ) {
      before = reads;
      await new Promise((turn) => setTimeout(turn, 100));
    }
    expect(reads).toBeLessThan(6_000);
    socket.destroy();
    // Its place is free again once the server has noticed.
    await expect.poll(async () => (await world.call(`${path}?afterPosition=5999`)).status).toBe(200);
  });
});

describe('an export that cannot be given', () => {
  test('bad-input N15: a damaged event breaks the transfer off; the lines before it are whole, and one goes on after them', async () => {
    const damaged = (driver: LogDriver): LogDriver => ({
      ...driver,
      read: async function* (request, signal) {
        for await (const page of driver.read(request, signal))
          yield { ...page, events: page.events.map((record) => (record.position === 2_000 && record.body !== null && record.body !== undefined ? { ...record, body: Buffer.from(Buffer.from(record.body).toString().replace('x2000', 'y2000')) } : record)) };
      },
    });
    const world = await startWorld({ open: (linker, { clock }) => damaged(openMemoryLog({ linker, clock })) });
    await fill(world, 2_500);
    const response = await fetch(world.server.url + path);
    let text = '';
    const read = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })();
    await expect(read).rejects.toThrow(/terminated|aborted/);
    const whole = positionsOf({ text: text.slice(0, text.lastIndexOf('\n') + 1) });
    expect(whole).toEqual(range(1, whole.length));
    expect(whole.length).toBeLessThan(2_000);
    expect(world.lines.at(-1)).toMatchObject({ code: 'INTEGRITY_VIOLATION', route: path });
    expect(positionsOf(await world.call(`${path}?afterPosition=2000`))).toEqual(range(2_001, 2_500));
    expect(await world.call(`${path}?afterPosition=1999`)).toMatchObject({ status: 422, body: { code: 'INTEGRITY_VIOLATION', details: { position: 2_000 } } });
  });

  test('wrong wishes are refused before anything is written', async () => {
    const world = await startWorld();
    await fill(world, 1);
    for (const [query, status, code] of [
      ['format=parquet', 400, 'BAD_REQUEST'],
      ['nonsense=1', 400, 'BAD_REQUEST'],
      ['from=yesterday', 422, 'BAD_TIMESTAMP'],
      ['expression=%2B', 422, 'BAD_EXPRESSION'],
    ] as const)
      expect(await world.call(`${path}?${query}`)).toMatchObject({ status, body: { code } });
    expect((await world.call(path, { headers: { accept: 'text/html' } })).status).toBe(406);
    expect(await world.call(path, { headers: { 'last-event-id': 'x' } })).toMatchObject({ status: 400, body: { details: { reason: 'last_event_id' } } });
  });

  test('TRUST 10.2: it needs the scope audit, and is on record in the audit log', async () => {
    const world = await startGuarded();
    await fill(world, 1);
    const [auditor, viewer] = await Promise.all([newKey(world, { role: 'auditor' }), newKey(world, { role: 'viewer' })]);
    expect(await get(world, bearer(viewer.key), path)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', details: { scope: 'audit' } } });
    expect((await get(world, bearer(auditor.key), path)).status).toBe(200);
    const { items } = await runOperation(queryAudit, { log: world.log, search: createMemorySearch(), installation: undefined as never }, {});
    expect(items.map(({ type, data }) => [type, data['operation']])).toContainEqual(['access.used', 'exportEvents']);
  });
});
