/** What the driver says when the database refuses: a code by SQLSTATE, and nothing half done. */
import pg from 'pg';
import { openPostgresLog } from '@refold/driver-postgres';
import { accept, acceptAll, append, createTraffic, expectExactly, readAll, readSound } from '@refold/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverError } from '../src/engine-error.ts';
import { query } from './query.ts';
import { withServer } from './running-server.ts';

const running = withServer();

/** A session of somebody else at the database. */
async function otherSession(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: running.server.url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe('somebody who holds the head', () => {
  it('F17: keeps an append waiting until lockTimeoutMs, which is told as busy, and lets it through when he is done', async () => {
    const log = running.newName();
    const driver = await running.open({ log, lockTimeoutMs: 150 });
    const traffic = createTraffic(1);
    const commit = traffic.commit();
    const other = await otherSession();
    await other.query('BEGIN');
    await other.query(`SELECT * FROM "${log}".log FOR UPDATE`);
    await expect(driver.append([commit])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true, details: { reason: 'busy', engine: '55P03' } });
    // Readings do not wait.
    expect((await readAll(driver)).events).toEqual([]);
    await other.query('ROLLBACK');
    await accept(driver, commit);
    await expectExactly(driver, [commit]);
  });

  it('F17: is not felt by one who waits longer', async () => {
    const log = running.newName();
    const driver = await running.open({ log });
    const other = await otherSession();
    await other.query('BEGIN');
    await other.query(`SELECT * FROM "${log}".log FOR UPDATE`);
    const appending = append(driver, createTraffic(2).commit());
    await other.query('COMMIT');
    expect(await appending).toMatchObject({ ok: true, first: 1 });
  });
});

describe('a statement that the database stops', () => {
  it('F17: is QUERY_TIMEOUT after statementTimeoutMs, and the connection serves the next', async () => {
    const log = running.newName();
    const driver = await running.open({ log, statementTimeoutMs: 200, lockTimeoutMs: 10_000 });
    const traffic = createTraffic(3);
    const commit = traffic.commit();
    const other = await otherSession();
    await other.query('BEGIN');
    await other.query(`LOCK TABLE "${log}".event IN ACCESS EXCLUSIVE MODE`);
    await expect(driver.append([commit])).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', retryable: true, details: { engine: '57014' } });
    await expect(readAll(driver)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
    await other.query('ROLLBACK');
    await accept(driver, commit);
    await expectExactly(driver, [commit]);
  });

  it('F17: by pg_terminate_backend leaves an unknown outcome at worst, and the pool heals', async () => {
    const log = running.newName();
    const driver = await running.open({ log });
    const traffic = createTraffic(4);
    await accept(driver, traffic.commit());
    const other = await otherSession();
    await other.query('BEGIN');
    await other.query(`SELECT * FROM "${log}".log FOR UPDATE`);
    const commit = traffic.commit();
    const appending = driver.append([commit]).catch((error: unknown) => error);
    await expect.poll(async () => (await query(running.server.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'refold' AND wait_event_type = 'Lock'")).length).toBeGreaterThan(0);
    expect(await appending).toMatchObject({ code: expect.stringMatching(/^(OUTCOME_UNKNOWN|LOG_UNAVAILABLE)$/), retryable: true });
    await other.query('ROLLBACK');
    await append(driver, commit);
    expect(await readSound(driver)).toHaveLength(2);
  });
});

describe('an error by its SQLSTATE', () => {
  it('F16: a real deadlock is told as such, nothing was written, and the same commit goes in', async () => {
    const log = running.newName();
    const driver = await running.open({ log, lockTimeoutMs: 20_000 });
    const traffic = createTraffic(5);
    await accept(driver, traffic.commit([{ stream: 'job/1' }]));
    // A trigger of somebody else's that takes locks in the other order.
    await query(running.server.url, `CREATE TABLE "${log}".elsewhere (n int); INSERT INTO "${log}".elsewhere VALUES (1);
      CREATE FUNCTION "${log}".touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM * FROM "${log}".elsewhere FOR UPDATE; RETURN NEW; END $$;
      CREATE TRIGGER touch BEFORE INSERT ON "${log}"."commit" FOR EACH ROW EXECUTE FUNCTION "${log}".touch()`);
    const other = await otherSession();
    // The one who looks for deadlocks first is the one who is broken off: let it be the append.
    await other.query("SET deadlock_timeout = '30s'");
    await other.query('BEGIN');
    await other.query(`SELECT * FROM "${log}".elsewhere FOR UPDATE`);
    const commit = traffic.commit([{ stream: 'job/1' }]);
    const appending = driver.append([commit]).catch((error: unknown) => error);
    await expect.poll(async () => (await query(running.server.url, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'refold' AND wait_event_type = 'Lock'")).length).toBeGreaterThan(0);
    const crossing = other.query(`SELECT * FROM "${log}".log FOR UPDATE`);
    expect(await appending).toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true, details: { reason: 'deadlock', engine: '40P01' } });
    await crossing;
    await other.query('ROLLBACK');
    await accept(driver, commit);
    expect(await readSound(driver)).toHaveLength(2);
  });

  it.each([
    ['40001', 'LOG_UNAVAILABLE', 'serialization'],
    ['53100', 'LOG_UNAVAILABLE', 'no_space'],
    ['53300', 'LOG_UNAVAILABLE', 'connections'],
    ['58030', 'LOG_UNAVAILABLE', 'io'],
    ['57P01', 'LOG_UNAVAILABLE', 'connection'],
    ['25006', 'LOG_UNAVAILABLE', 'read_only'],
    ['XX001', 'LOG_CORRUPT', 'corrupt'],
    ['22021', 'BAD_UTF8', 'character'],
    ['42P01', 'INTERNAL', undefined],
  ])('F16: %s, raised by the server in whatever words, is %s %s', async (state, code, reason) => {
    const raised = await query(running.server.url, `DO $$ BEGIN RAISE EXCEPTION 'in whatever words' USING ERRCODE = '${state}'; END $$`).catch((error: unknown) => serverError(error));
    expect(raised).toMatchObject({ code, message: expect.not.stringContaining('words') });
    expect((raised as { details: { reason?: string } }).details.reason).toBe(reason);
  });

  it('bad-input: a key with U+0000, which PostgreSQL does not keep, is refused as BAD_UTF8', async () => {
    const driver = await running.open();
    await expect(driver.kvPut('a\u0000b', new Uint8Array(1), 'absent')).rejects.toMatchObject({ code: 'BAD_UTF8' });
  });

  it('bad-input: a question about what has U+0000 in its name is answered as on any engine: there is none', async () => {
    const driver = await running.open();
    const traffic = createTraffic(7);
    await accept(driver, traffic.commit([{ stream: 'job/1' }]));
    for (const request of [{ stream: 'job/\u0000' }, { commits: ['\u0000'] }, { query: { items: [{ types: ['\u0000'] }] } }, { query: { items: [{ tags: ['a\u0000'] }] } }]) {
      const pages: unknown[] = [];
      for await (const page of driver.read(request)) pages.push(page);
      expect({ request, pages }).toEqual({ request, pages: [{ events: [], next: null, head: 1 }] });
    }
    expect([await driver.kvGet('\u0000'), await driver.kvList('\u0000'), await driver.streams({ prefix: 'job/\u0000' })]).toEqual([null, [], []]);
    expect(await driver.streams({ after: 'job/\u0000' })).toMatchObject([{ stream: 'job/1' }]);
  });
});

describe('a server that may lose what it acknowledged', () => {
  it('S24: is refused at open by the setting, found and needed, and taken with durability relaxed', async () => {
    await query(running.server.url, 'ALTER SYSTEM SET full_page_writes = off');
    await query(running.server.url, 'SELECT pg_reload_conf()');
    onTestFinished(async () => {
      await query(running.server.url, 'ALTER SYSTEM RESET full_page_writes');
      await query(running.server.url, 'SELECT pg_reload_conf()');
    });
    await expect.poll(async () => (await query(running.server.url, 'SHOW full_page_writes'))[0]).toEqual({ full_page_writes: 'off' });
    await expect(running.open()).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'durability', setting: 'full_page_writes', found: 'off', needed: 'on' } });
    expect(await running.open({ durability: 'relaxed' })).toBeDefined();
  });

  it('S24: a database in another encoding is refused', async () => {
    await query(running.server.url, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    await expect(openPostgresLog({ url: running.server.url.replace(/postgres$/, 'latin') })).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'encoding', found: 'LATIN1', needed: 'UTF8' } });
  });
});

describe('many writers', () => {
  it('F21: 12 of them, a reader that tails and an unrelated transaction that stays open: no gap, and nothing waits for the stranger', { timeout: 60_000 }, async () => {
    const log = running.newName();
    const drivers = await Promise.all(Array.from({ length: 4 }, (_, index) => running.open({ log, connectionsMax: 4 + index })));
    const stranger = await otherSession();
    // It has a snapshot and a transaction id: whoever reads up to the oldest open transaction would stand still here.
    await stranger.query('CREATE TABLE IF NOT EXISTS public.stranger (n int)');
    await stranger.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await stranger.query('INSERT INTO public.stranger VALUES (1)');
    const traffic = createTraffic(6);
    const perWriter = 25;
    let done = 0;
    const writing = Promise.all(
      Array.from({ length: 12 }, async (_, lane) => {
        for (let number = 0; number < perWriter; number += 1) await acceptAll(drivers[lane % 4]!, [traffic.commit([{ stream: `lane/${lane}` }, { stream: 'lane/all' }])]);
        done += 1;
      }),
    );
    const reader = drivers[0]!;
    const seen: number[] = [];
    while (done < 12 || seen.length < 12 * perWriter * 2) {
      const { events, head } = await readAll(reader, { after: seen.length });
      expect(events.map((event) => event.position)).toEqual(Array.from({ length: head - seen.length }, (_, index) => seen.length + index + 1));
      seen.push(...events.map((event) => event.position));
    }
    await writing;
    expect(await readSound(reader)).toHaveLength(12 * perWriter * 2);
    await stranger.query('ROLLBACK');
  });
});
