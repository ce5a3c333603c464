/** The tables of a log: made once however many start at once, told by their format, changed by nobody. */
import pg from 'pg';
import { openPostgresLog } from '@refold/driver-postgres';
import { accept, createTraffic, readAll, readSound, testLinker } from '@refold/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openConnections } from '../src/connections.ts';
import { migrate, migrations } from '../src/schema/migrate.ts';
import { texts } from '../src/sql.ts';
import { query } from './query.ts';
import { withServer } from './running-server.ts';

const running = withServer();

describe('a log that is made', () => {
  it('by eight instances that start at once is made once, and all of them write it', async () => {
    const log = running.newName();
    // Pools of their own, as in processes of their own.
    const drivers = await Promise.all(Array.from({ length: 8 }, (_, index) => running.open({ log, connectionsMax: 2 + index })));
    const traffic = createTraffic(1);
    await Promise.all(drivers.map((driver) => accept(driver, traffic.commit())));
    expect(await readSound(drivers[0]!)).toHaveLength(8);
    expect(new Set(drivers.map((driver) => driver.origin)).size).toBe(1);
    expect(await query(running.server.url, `SELECT number, name FROM "${log}".migration ORDER BY number`)).toEqual(migrations.map(({ number, name }) => ({ number, name })));
  });

  it('in an older format is brought up by one of four instances, and the other three find nothing to do', async () => {
    const log = running.newName();
    const connections = openConnections({ url: running.server.url, lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, connectTimeoutMs: 5_000, connectionsMax: 4 });
    onTestFinished(() => connections.close());
    const made = { origin: 'o', epoch: 'e' };
    expect(await migrate(connections, log, made, 0, migrations.slice(0, 1))).toBe(1);
    const newer = [...migrations, { number: migrations.length + 1, name: 'next', sql: 'CREATE TABLE next (n int); SELECT pg_sleep(0.1)' }];
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(connections, log, made, 0, newer)));
    expect(applied.toSorted((left, right) => left - right)).toEqual([0, 0, 0, newer.length - 1]);
  });

  it('M115: in a newer format, or by a changed build, is refused and left as it is', async () => {
    const log = running.newName();
    await (await running.open({ log })).close();
    await query(running.server.url, `INSERT INTO "${log}".migration VALUES (${migrations.length + 1}, 'later', 'x', 0)`);
    await expect(running.open({ log })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: false, details: { reason: 'format_newer', found: migrations.length + 1, supported: migrations.length } });
    await query(running.server.url, `DELETE FROM "${log}".migration WHERE name = 'later'`);
    await query(running.server.url, `UPDATE "${log}".migration SET checksum = 'other' WHERE number = 1`);
    await expect(running.open({ log })).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'schema_changed', migration: 1 } });
  });

  it('in a schema with tables of somebody else is refused', async () => {
    const log = running.newName();
    await query(running.server.url, `CREATE SCHEMA "${log}"; CREATE TABLE "${log}".customer (name text)`);
    await expect(running.open({ log })).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'not_a_log' } });
  });

  it.each(['', 'Öl', 'a b', 'pg_mine', 'a"; DROP SCHEMA public; --', 'a'.repeat(64)])('bad-input: the name "%s" is refused', async (log) => {
    await expect(running.open({ log })).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'log_name', found: log } });
  });

  it('is not made by somebody who only reads', async () => {
    const log = running.newName();
    await expect(running.open({ log, readOnly: true })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'missing', log } });
    expect(await query(running.server.url, 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [log])).toEqual([]);
  });
});

describe('the triggers of a log', () => {
  const log = 'immutable';
  beforeAll(async () => {
    const driver = await openPostgresLog({ url: running.server.url, log, linker: testLinker });
    await accept(driver, createTraffic(1).commit([{ tags: ['a'] }, { tags: ['b'] }]));
    await driver.forget([2], 'test');
    await driver.close();
  });

  it.each([
    'DELETE FROM :log.event WHERE position = 1',
    'DELETE FROM :log.event',
    'TRUNCATE :log.event',
    'UPDATE :log.event SET id = gen_random_uuid() WHERE position = 1',
    'UPDATE :log.event SET revision = 7 WHERE position = 1',
    "UPDATE :log.event SET type = 'job.other' WHERE position = 1",
    "UPDATE :log.event SET tags = '[]' WHERE position = 1",
    "UPDATE :log.event SET commit_id = 'other' WHERE position = 1",
    'UPDATE :log.event SET recorded_ms = 0 WHERE position = 1',
    "UPDATE :log.event SET body = 'x' WHERE position = 1",
    "UPDATE :log.event SET leaf = body, forgotten = true WHERE position = 1",
    "UPDATE :log.event SET body = 'x' WHERE position = 2",
    'UPDATE :log.event SET forgotten = false WHERE position = 2',
    'DELETE FROM :log."commit"',
    'UPDATE :log."commit" SET last = 9',
    'TRUNCATE :log."commit"',
    "UPDATE :log.stream SET name = 'job/other'",
    'DELETE FROM :log.stream',
    'DELETE FROM :log.log',
    'UPDATE :log.log SET position = 1',
    "UPDATE :log.log SET origin = 'other'",
  ])('refuse: %s', async (statement) => {
    await expect(query(running.server.url, statement.replaceAll(':log', log))).rejects.toMatchObject({ code: '23001' });
  });
});

describe('the role of an application', () => {
  it('reads, appends, forgets and keeps cursors through the functions, and can insert, update and delete nothing', async () => {
    const log = running.newName();
    await (await running.open({ log })).close();
    await query(running.server.url, `CREATE ROLE app LOGIN; SELECT "${log}".grant_to('app')`);
    const url = running.server.url.replace('postgres@', 'app@');
    const driver = await running.open({ url, log, linker: testLinker });
    const traffic = createTraffic(2);
    await accept(driver, traffic.commit([{ stream: 'job/1', tags: ['t'] }]));
    await accept(driver, traffic.commit([{ stream: 'job/1' }], [{ kind: 'query', query: { items: [{ tags: ['t'] }] }, after: 1 }]));
    expect(await driver.kvPut('cursor/a', Uint8Array.of(1), 'absent')).toBe(1);
    expect(await driver.forget([1], 'asked for')).toBe(1);
    expect((await readAll(driver, { query: { items: [{ tags: ['t'] }] } })).events).toMatchObject([{ position: 1, forgotten: true }]);
    expect((await driver.head()).position).toBe(2);
    for (const statement of [`INSERT INTO "${log}".posting VALUES (1, 1, 1)`, `UPDATE "${log}".event SET body = ''`, `DELETE FROM "${log}".event`, `UPDATE "${log}".log SET position = 9`, `DELETE FROM "${log}".kv`, `TRUNCATE "${log}".event`]) {
      await expect(query(url, statement)).rejects.toMatchObject({ code: '42501' });
    }
    await query(running.server.url, 'CREATE ROLE stranger LOGIN');
    await expect(running.open({ url: running.server.url.replace('postgres@', 'stranger@'), log })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'read_only', engine: '42501' } });
  });
});

describe('F74, B-127: the queries of readings', () => {
  it('are answered by an index and without a sort, by plans that fit any values, in a log without statistics', async () => {
    const log = running.newName();
    const driver = await running.open({ log });
    const traffic = createTraffic(3);
    await driver.append(Array.from({ length: 200 }, (_, index) => traffic.commit(Array.from({ length: 5 }, () => ({ stream: `job/${index % 20}`, tags: [`n:${index % 7}`] })))));
    const all = texts(log);
    const client = new pg.Client({ connectionString: running.server.url, options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off' });
    await client.connect();
    onTestFinished(() => client.end());
    const planOf = async (name: keyof typeof all, types: string, values: string): Promise<string> => {
      await client.query(`PREPARE q_${name} (${types}) AS ${all[name]}`);
      const { rows } = await client.query<Record<string, string>>(`EXPLAIN (COSTS OFF) EXECUTE q_${name} (${values})`);
      return rows.map((row) => Object.values(row)[0]).join('\n');
    };
    for (const name of ['logForward', 'logBackward'] as const) expect(await planOf(name, 'bigint, bigint, bigint, bigint', '0, 100, 10, 1000')).toMatch(/^(?![^]*\b(?:Incremental )?Sort\b)[^]*Index Scan(?: Backward)? using event_pkey on event\b/);
    for (const name of ['logForwardBare', 'logBackwardBare'] as const) expect(await planOf(name, 'bigint, bigint, bigint', '0, 100, 10')).toMatch(/^(?![^]*\bSort\b)[^]*Index Scan(?: Backward)? using event_pkey on event\b/);
    for (const name of ['streamForward', 'streamBackward'] as const) expect(await planOf(name, 'bigint, bigint, bigint, bigint, bigint, bigint', '1, 0, 100, 900, 10, 1000')).toMatch(/^(?![^]*\bSort\b)[^]*Index Scan(?: Backward)? using event_by_stream on event\b/);
    expect(await planOf('kvList', 'text, text, text, bigint', "'a', 'b', null, 10")).toMatch(/^(?![^]*\bSort\b)[^]*Index Scan using kv_pkey/);
    expect(await planOf('streams', 'text, text, text, bigint', "'a', 'b', '', 10")).toMatch(/Index Scan using stream_name_key/);
    expect(await planOf('matches', 'smallint[], text[], int[], int[], bigint, bigint, int, int', "'{}', '{}', '{}', '{}', 1, 2, 3, 4")).toContain('find_matches');
  });
});
