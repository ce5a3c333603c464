/** A store in PostgreSQL, from the URL to the views: what was appended is answered as on any engine, and can be asked for in SQL. */
import { EventStore } from '@refold/sdk';
import { startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../src/open.ts';

const reason = whyNoPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (reason === null) server = await startPostgres();
  else console.warn(`NOT RUN: ${reason}`);
}, 60_000);
beforeEach((context) => {
  if (reason !== null) context.skip(reason);
});
afterAll(() => server?.stop(), 30_000);

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const event = { type: 'custom.processed', streamType: 'custom', streamId: 'c-1', data: { n: 1 }, actor: { type: 'user', id: 'ana' } } as const;

describe('A store in PostgreSQL', () => {
  test('is made by its URL, keeps what was appended, and finds it by text, filter and stream', async () => {
    const url = `${server.url}?log=kept`;
    const first = new EventStore(url);
    const ids = [await first.saveEvent(event), await first.saveEvent({ ...event, streamId: 'c-2', data: { result: 'alpha' } })];
    await first.close();
    const second = new EventStore(url);
    onTestFinished(() => second.close());
    expect((await second.queryEvents({ text: 'ALPHA' })).items).toMatchObject([{ id: ids[1], revision: 1, position: 2 }]);
    expect((await second.queryEvents({ actorId: 'ana' })).items).toHaveLength(2);
    expect(await second.getEvent(ids[0]!)).toMatchObject({ type: 'custom.processed', data: { n: 1 } });
  });

  test('never shows its password', async () => {
    const store = await openStore(server.url.replace('postgres@', 'postgres:secret@') + '?log=hidden');
    onTestFinished(() => store.close());
    expect(store.installation.store).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres\?log=hidden$/);
    expect(store.installation.engine).toEqual({ driver: 'postgres', durability: 'fsync', writers: 'many-hosts' });
  });

  test('of one log in two processes: each sees at once what the other appended, and a conflict is one winner', async () => {
    const url = `${server.url}?log=shared`;
    const [left, right] = [await openStore(url), await openStore(url)];
    onTestFinished(async () => void (await Promise.all([left.close(), right.close()])));
    const tries = await Promise.allSettled([left, right].flatMap(({ log }) => Array.from({ length: 8 }, () => log.append({ events: [{ ...event, streamId: 'race' }], expectedRevision: 'none' }))));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await left.log.head()).toEqual(await right.log.head());
  });
});

describe('The views of a log', () => {
  test('B-093 B-094 B-096 B-097 B-098 B-099 B-100 B-101 B-102 B-103 B-104 B-105 B-106 B-112 B-113 B-114 B-115 B-117 B-118 B-119 K-010: show the columns of document 002, and a snapshot as a row of event_snapshots', async () => {
    const store = await openStore(`${server.url}?log=views`, { compressSnapshots: false });
    onTestFinished(() => store.close());
    const cause = '018f0000-0000-7000-8000-000000000001';
    await store.log.append({ events: [{ ...event, correlationId: cause, causationId: cause, serviceName: 'billing', metadata: { note: 'x' }, occurredAt: '2026-01-02T03:04:05.000Z' }] });
    const [row] = await ask('SELECT * FROM views.events');
    expect(Object.keys(row!)).toEqual(['id', 'event_id', 'aggregate_id', 'aggregate_type', 'event_type', 'event_data', 'timestamp', 'version', 'correlation_id', 'causation_id', 'user_id', 'service_name', 'event_metadata']);
    expect(row).toMatchObject({ aggregate_id: 'c-1', aggregate_type: 'custom', event_type: 'processed', event_data: { n: 1 }, timestamp: new Date('2026-01-02T03:04:05.000Z'), version: '1', correlation_id: cause, causation_id: cause, user_id: 'ana', service_name: 'billing', event_metadata: { note: 'x' } });

    expect(await ask('SELECT * FROM views.event_snapshots')).toEqual([]);
    const header = { format: 1, stream: 'custom/c-1', revision: 1, eventId: row!['event_id'], leaf: null, foldVersion: 'f', stateHash: 's', sha256: 'x' };
    await store.log.driver.kvPut('snapshot/custom%2Fc-1/0000000000000001', new TextEncoder().encode(`${JSON.stringify(header)}\n{"n":1}`), 'absent');
    const [snapshot] = await ask('SELECT * FROM views.event_snapshots');
    expect(Object.keys(snapshot!)).toEqual(['id', 'aggregate_id', 'aggregate_type', 'snapshot_data', 'version', 'last_event_id', 'created_at', 'expires_at']);
    expect(snapshot).toMatchObject({ aggregate_id: 'c-1', aggregate_type: 'custom', snapshot_data: { n: 1 }, version: '1', last_event_id: row!['event_id'], created_at: expect.any(Date), expires_at: null });
  });

  test('B-116: show of a snapshot the state that the log folds to', async () => {
    const store = new EventStore({ url: `${server.url}?log=snapshots`, compressSnapshots: false });
    onTestFinished(() => store.close());
    await store.saveEvents([{ ...event, data: { n: 1 } }, { ...event, type: 'custom.other', data: { n: 2 } }]);
    await store.createSnapshot({ streamType: 'custom', streamId: 'c-1' });
    const { state } = await store.reconstructState('custom/c-1');
    expect(state).toMatchObject({ byType: { 'custom.processed': 1, 'custom.other': 1 }, last: { n: 2 } });
    expect(await ask('SELECT version, snapshot_data FROM snapshots.event_snapshots')).toEqual([{ version: '2', snapshot_data: JSON.parse(JSON.stringify(state)) }]);
  });

  test('C-103: payloads are aggregated in SQL as they are by the log itself', async () => {
    const store = new EventStore(`${server.url}?log=aggregated`);
    onTestFinished(() => store.close());
    for (const [n, streamId] of [[1, 'a'], [2, 'a'], [5, 'b']] as const) await store.saveEvent({ ...event, streamId, data: { n } });
    expect(await ask("SELECT aggregate_id, count(*)::int AS events, sum((event_data->>'n')::int)::int AS total FROM aggregated.events WHERE event_data->>'n' <> '2' GROUP BY aggregate_id ORDER BY 1")).toEqual([{ aggregate_id: 'a', events: 1, total: 1 }, { aggregate_id: 'b', events: 1, total: 5 }]);
    expect(await ask('SELECT aggregate_type, event_type, count(*)::int AS events FROM aggregated.events GROUP BY 1, 2')).toEqual([{ aggregate_type: 'custom', event_type: 'processed', events: (await store.stats()).byType['custom.processed'] }]);
    expect((await store.queryEvents({ expression: 'event.data.n != 2.0' })).items).toHaveLength(2);
  });

  test('B-095 K-014: one id is one event, and one revision of a stream is one event, whoever writes', async () => {
    const store = new EventStore(`${server.url}?log=unique`);
    onTestFinished(() => store.close());
    await store.saveEvent(event);
    const again = (id: string, revision: string): Promise<unknown> => ask(`INSERT INTO "unique".event SELECT position + 1, stream, ${revision}, recorded_ms, ${id}, place, forgotten, type, commit_id, tags, leaf, previous_leaf, body FROM "unique".event`);
    await expect(again('gen_random_uuid()', 'revision')).rejects.toMatchObject({ code: '23505', constraint: 'event_by_stream' });
    await expect(again('id', 'revision + 1')).rejects.toMatchObject({ code: '23505', constraint: 'event_by_id' });
  });

  test('K-009: show ids of any length, and doctor names those that the table of document 002 would cut', async () => {
    const store = new EventStore(`${server.url}?log=wide`);
    onTestFinished(() => store.close());
    const columns = async (): Promise<unknown> => (await store.doctor()).findings.find(({ check }) => check === 'columns');
    await store.saveEvent({ ...event, streamId: 'custom-entity-123' });
    expect(await columns()).toMatchObject({ level: 'ok' });
    const wide = 'a-customer-with-a-name-that-is-longer-than-a-uuid';
    await store.saveEvent({ ...event, streamId: wide });
    expect(await columns()).toMatchObject({ level: 'warn', detail: expect.stringContaining(`1 streams do not fit the columns of document 002: custom/${wide}`) });
    expect(await ask('SELECT aggregate_id FROM wide.events ORDER BY id')).toEqual([{ aggregate_id: 'custom-entity-123' }, { aggregate_id: wide }]);
  });

  test('C-060: show the columns of document 003, and an erased payload as nothing', async () => {
    const store = await openStore(`${server.url}?log=orchestration`);
    onTestFinished(() => store.close());
    await store.log.append({ events: [{ ...event, sessionId: 's-1', changes: { state: { before: 'a', after: 'b' } }, metadata: { note: 'x' } }, { ...event, actor: { type: 'agent', id: 'coder' } }] });
    const rows = await ask('SELECT * FROM orchestration.orchestration_events ORDER BY emitted_at, id');
    expect(Object.keys(rows[0]!)).toEqual(['id', 'event_type', 'entity_type', 'entity_id', 'correlation_id', 'session_key', 'payload', 'metadata', 'emitted_at', 'archived_at']);
    expect(rows.find((row) => row['session_key'] === 's-1')).toMatchObject({ event_type: 'orchestration.custom.processed', entity_type: 'custom', entity_id: 'c-1', payload: { n: 1 }, metadata: { note: 'x', actor: 'ana', changes: { state: { before: 'a', after: 'b' } }, correlation_chain: [expect.any(String)], timestamp: expect.any(String) }, emitted_at: expect.any(Date), archived_at: null });
    await store.log.driver.forget([1], 'asked for');
    expect((await ask('SELECT payload FROM orchestration.orchestration_events')).map(({ payload }) => payload)).toContain(null);
    // A body that is no text of ours is no error either.
    expect(await ask("SELECT orchestration.read_json('\\x00ff') AS body, orchestration.read_json('{') AS text")).toEqual([{ body: null, text: null }]);
  });
});
