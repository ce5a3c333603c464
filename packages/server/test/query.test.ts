/** What comes out of the REST door: lists, relations, views, and the literal paths of document 003. */
import { describe, expect, test } from 'vitest';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

/** Two conversations of which one began in the other, two sessions, three actors, over three days. */
async function appendTwoRuns(world: World): Promise<void> {
  await appendSmallRun(world);
  const note = (streamId: string, more: object): object => ({ type: 'custom.noted', streamType: 'custom', streamId, data: { text: 'a note' }, ...more });
  const { status, text } = await world.post('/api/v1/events', [
    note('n1', { actor: { type: 'user', id: 'ada' }, correlationChain: ['c1', 'c2'], correlationId: 'c2', sessionId: 'sess-2', occurredAt: '2026-11-19T12:00:00.000Z' }),
    note('n2', { actor: { type: 'service', id: 'ci' }, correlationId: 'c3', sessionId: 'sess-2', occurredAt: '2026-11-18T12:00:00.000Z' }),
  ]);
  if (status !== 201) throw new Error(text);
}

const itemsOf = async (world: World, path: string): Promise<readonly { position: number; type: string }[]> => (await world.call(path)).body.items;
const positionsOf = async (world: World, path: string): Promise<readonly number[]> => (await itemsOf(world, path)).map(({ position }) => position);

describe('lists of events', () => {
  test('C-038, C-043: the events of a conversation include those of the conversations it started', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events/correlation/c1')).toEqual([1, 2, 3, 4]);
    expect(await positionsOf(world, '/api/v1/events/correlation/c2')).toEqual([4]);
    expect((await world.call('/api/orchestration/events/correlation/c1')).body.items).toHaveLength(4);
  });

  test('C-039, C-044: the events of a session are those that carry its id', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events/session/sess-2')).toEqual([4, 5]);
    expect((await world.call('/api/orchestration/events/session/sess-2')).body.items).toHaveLength(2);
  });

  test('C-040: a range of dates includes both ends', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events?from=2026-11-18T12:00:00.000Z&to=2026-11-19T12:00:00.000Z')).toEqual([4, 5]);
    expect(await positionsOf(world, '/api/v1/events?from_timestamp=2026-11-19&to_timestamp=2026-11-19')).toEqual([4]);
  });

  test('C-041: by the actor', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events?actorId=ci')).toEqual([5]);
    expect(await positionsOf(world, '/api/v1/events?actor=user/ada')).toEqual([4]);
  });

  test('C-042: the events of an entity', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events/entity/custom/n1')).toEqual([4]);
  });

  test('types may be given several times, with commas, and as globs', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    expect(await positionsOf(world, '/api/v1/events?type=phase.*&type=orchestration.started')).toEqual([1, 2]);
    expect(await positionsOf(world, '/api/v1/events?event_types=phase.started,orchestration.started')).toEqual([1, 2]);
  });

  test('a page leads to the next one, in the same spelling', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    const first = (await world.call('/api/v1/events?limit=2&naming=snake')).body;
    expect(Object.keys(first)).toEqual(['items', 'next_cursor', 'total']);
    expect(await positionsOf(world, `/api/v1/events?limit=3&cursor=${encodeURIComponent(first.next_cursor)}`)).toEqual([3, 4, 5]);
  });
});

describe('the literal paths of document 003', () => {
  test('C-045: the timeline has rows in lanes, with snake_case keys', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    const { rows } = (await world.call('/api/orchestration/events/timeline')).body;
    expect(rows.length).toBeGreaterThan(0);
    expect(Object.keys(rows[0])).toEqual(expect.arrayContaining(['lane', 'event_id', 'end_event_id']));
  });

  test('B-006, C-046: the counts are those of a count by hand', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    const { body } = await world.call('/api/v1/events/stats');
    expect(body).toMatchObject({ total: 5, byType: { 'orchestration.started': 1, 'phase.started': 1, 'custom.noted': 3 }, byActor: { 'agent/planner': 3, 'user/ada': 1, 'service/ci': 1 } });
    expect((await world.call('/api/orchestration/events/stats')).body).toMatchObject({ total: 5, by_type: body.byType });
  });

  test('K-068: the counts are by type, by actor and by day, of a range as of everything', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    const all = (await world.call('/api/v1/events/stats')).body;
    expect(all.byDate).toEqual({ '2026-11-18': 1, '2026-11-19': 1, '2026-11-20': 3 });
    const { body } = await world.call('/api/v1/events/stats?from=2026-11-20T00:00:00Z&to=2026-11-20T23:59:59Z');
    expect(body).toMatchObject({ total: 3, byActor: { 'agent/planner': 3 }, byDate: { '2026-11-20': 3 } });
    const { body: dayBefore } = await world.call('/api/orchestration/events/stats?from=2026-11-19&to=2026-11-19');
    expect(dayBefore).toMatchObject({ total: 1, by_type: { 'custom.noted': 1 }, by_actor: { 'user/ada': 1 }, by_date: { '2026-11-19': 1 } });
  });

  test('K-064: an alias is the same handler: same events, no redirect, and it names the canonical address', async () => {
    const world = await startWorld();
    await appendTwoRuns(world);
    const canonical = await world.call('/api/v1/events/correlation/c%2F1?limit=2');
    const alias = await world.call('/api/orchestration/events/correlation/c%2F1?limit=2&dialect=canonical&naming=camel', { redirect: 'error' });
    expect(alias.text).toBe(canonical.text);
    expect(alias.headers.get('link')).toBe('</api/v1/events/correlation/c%2F1>; rel="canonical"');
    expect(canonical.headers.get('link')).toBeNull();
  });

  test('K-064: /api/orchestration answers events in the orchestration form', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const [event] = (await world.call('/api/orchestration/events?limit=1')).body.items;
    expect(event).toMatchObject({ event_type: 'orchestration.orchestration.started', entity_type: 'orchestration', entity_id: 'PROJ-1', session_key: 'sess-1', payload: {} });
  });

  test('K-064, D-011: /api/orchestrator/events answers JobEvents', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { type: 'custom.noted', streamType: 'job', streamId: 'j1', actor: { type: 'user', id: 'ada' }, data: { text: 'x' } });
    const [event] = (await world.call('/api/orchestrator/events')).body.items;
    expect(event).toMatchObject({ jobId: 'j1', eventType: 'custom.noted', eventData: { text: 'x' }, timestamp: expect.stringMatching(/Z$/), sequence: 1, metadata: { userId: 'ada', version: '1.0.0' } });
  });

  for (const dialect of ['jira', 'agentLightning', 'orchestration', 'job', 'cloudevents'])
    test(`K-011: an event asked for in the form of ${dialect} and posted to another log is the same fact`, async () => {
      const [from, to] = [await startWorld(), await startWorld({ seed: 2 })];
      await from.post('/api/v1/events', { type: 'job.created', streamType: 'job', streamId: 'j1', actor: { type: 'user', id: 'ada' }, occurredAt: '2026-11-20T09:00:00.000Z', data: { name: 'nightly' } });
      const [original] = (await from.call('/api/v1/events')).body.items;
      const [foreign] = (await from.call(`/api/v1/events?dialect=${dialect}`)).body.items;
      expect(Object.keys(foreign)).not.toContain('recordedAt');
      const { status, text, body } = await to.post('/api/v1/events', foreign);
      expect([status, text]).toEqual([201, expect.any(String)]);
      expect((await to.call(`/api/v1/events/${body.events[0].id}`)).body).toMatchObject({ id: original.id, type: original.type, data: original.data, occurredAt: original.occurredAt });
    });
});

describe('questions that are refused', () => {
  const refusals: readonly (readonly [string, string, number, string, string?])[] = [
    ['bad-input B1: limit 0', '/api/v1/events?limit=0', 400, 'BAD_REQUEST', 'limit'],
    ['bad-input B1: limit -1', '/api/v1/events?limit=-1', 400, 'BAD_REQUEST', 'limit'],
    ['bad-input B1: limit 1e9', '/api/v1/events?limit=1000000000', 400, 'BAD_REQUEST', 'limit'],
    ['bad-input B1: limit abc', '/api/v1/events?limit=abc', 400, 'BAD_REQUEST', 'limit'],
    ['bad-input B2: a cursor of garbage', '/api/v1/events?cursor=xyz', 400, 'BAD_REQUEST', 'cursor'],
    ['bad-input B5: a date that is none', '/api/v1/streams/orchestration/PROJ-1/state?at=yesterday', 422, 'BAD_TIMESTAMP'],
    ['bad-input B6: a revision above the head', '/api/v1/streams/orchestration/PROJ-1/state?revision=99', 404, 'NOT_FOUND'],
    ['bad-input B7: an unknown stream by its address', '/api/v1/streams/orchestration/NONE-1', 404, 'NOT_FOUND', 'stream'],
    ['bad-input B10: an unknown field to sort by', '/api/v1/events?sort=data.x', 400, 'BAD_REQUEST', 'sort'],
    ['bad-input B11: from after to', '/api/v1/events?from=2026-11-20&to=2026-11-19', 400, 'BAD_REQUEST', 'range'],
    ['bad-input G16: a limit given twice', '/api/v1/events?limit=1&limit=2', 400, 'BAD_REQUEST', 'repeated_parameter'],
    ['an unknown parameter of a filter', '/api/v1/events?colour=red', 400, 'BAD_REQUEST', 'unknown_parameter'],
    ['an unknown parameter of anything else', '/api/v1/runs?colour=red', 400, 'BAD_REQUEST', 'unknown_parameter'],
    ['an unknown naming', '/api/v1/events?naming=kebab', 400, 'BAD_REQUEST', 'naming'],
    ['an unknown dialect', '/api/v1/events?dialect=klingon', 400, 'BAD_REQUEST', 'dialect'],
    ['bad-input B8: a text of 1 KiB and one byte', `/api/v1/events?text=${'x'.repeat(1_025)}`, 400, 'BAD_REQUEST', 'text'],
    ['bad-input C1: an expression that is none', '/api/v1/events?expression=1%20%2B', 422, 'BAD_EXPRESSION'],
  ];
  for (const [name, path, status, code, reason] of refusals)
    test(`${name} is ${code}${reason === undefined ? '' : ` ${reason}`}`, async () => {
      const world = await startWorld();
      await appendSmallRun(world);
      const { body, ...answer } = await world.call(path);
      expect([answer.status, body.code, ...(reason === undefined ? [] : [body.details.reason])]).toEqual([status, code, ...(reason === undefined ? [] : [reason])]);
    });

  for (const words of ['"', '*', 'AND', 'NEAR(', "' OR 1=1 --", '$where', '\u0000', '{"$gt":""}'])
    test(`bad-input B8, B9: ${JSON.stringify(words)} is literal text that is nowhere`, async () => {
      const world = await startWorld();
      await appendSmallRun(world);
      const { status, body } = await world.call(`/api/v1/events?text=${encodeURIComponent(words)}`);
      expect([status, body.items]).toEqual([200, []]);
      expect((await world.call(`/api/v1/events?issueKey=${encodeURIComponent(words)}`)).status).toBeLessThan(500);
    });

  test('bad-input B7: an unknown stream as a filter is an empty list', async () => {
    const world = await startWorld();
    expect((await world.call('/api/v1/events?streamType=task&streamId=none')).body.items).toEqual([]);
  });

  test('K-043: events of types that nobody declared are found by the kind of their stream, by glob and by category', async () => {
    const world = await startWorld();
    for (const type of ['custom.noted', 'custom.processed']) await world.post('/api/v1/events', { type, streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} });
    for (const filter of ['streamType=custom', 'type=custom.*', 'category=custom'])
      expect([filter, ...(await world.call(`/api/v1/events?${filter}`)).body.items.map(({ type }: { type: string }) => type)]).toEqual([filter, 'custom.noted', 'custom.processed']);
  });

  test('bad-input N1: an id that several kinds of stream have is ambiguous, with the candidates', async () => {
    const world = await startWorld();
    for (const streamType of ['custom', 'task']) await world.post('/api/v1/events', { type: 'custom.noted', streamType, streamId: 'same', actor: { type: 'user', id: 'ada' }, data: { text: 'x' } });
    const { status, body } = await world.call('/api/v1/aggregates/same');
    expect([status, body.code, body.details.types.toSorted()]).toEqual([409, 'AMBIGUOUS_STREAM', ['custom', 'task']]);
  });
});

describe('answers that cannot change', () => {
  test('one event carries a digest; a client that has it is told so and gets nothing', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const { id } = (await itemsOf(world, '/api/v1/events'))[0] as unknown as { id: string };
    const first = await world.call(`/api/v1/events/${id}`);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"[\w-]{43}"$/);
    for (const known of [etag, etag.slice('W/'.length), `"other", ${etag}`, '*']) {
      const again = await world.call(`/api/v1/events/${id}`, { headers: { 'if-none-match': known } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await world.call(`/api/v1/events/${id}`, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    expect((await world.call(`/api/v1/events/${id}?naming=snake`)).headers.get('etag')).not.toBe(etag);
  });

  test('what can change is not kept by anybody', async () => {
    const world = await startWorld();
    expect((await world.call('/api/v1/events')).headers.get('cache-control')).toBe('no-store');
  });

  test('bad-input G14: a nonsense Range is passed over', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    expect((await world.call('/api/v1/events', { headers: { range: 'bytes=9-1' } })).status).toBe(200);
  });

  test('HEAD answers what GET would, without the body', async () => {
    const world = await startWorld();
    const [get, head] = [await world.call('/api/v1/health'), await world.call('/api/v1/health', { method: 'HEAD' })];
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', get.headers.get('content-length')]);
  });
});
