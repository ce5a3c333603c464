/** The file's format: made once, brought up to date step by step, and never touched when it is from the future. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { LogError } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';
import { accept, createTraffic, readAll, temporaryFolder } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { assertFormat, formatOf, migrate, migrations } from '../src/schema/migrate.ts';

const folder = temporaryFolder();

async function newLog(name: string): Promise<string> {
  const path = join(folder, `${name}.db`);
  const log = openSqliteLog({ path });
  await accept(log, createTraffic(1).commit());
  await log.close();
  return path;
}

function changed(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

function refusal(open: () => unknown): LogError {
  try {
    open();
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

describe('the format of a log', () => {
  it.each(['event_by_id', 'event_by_stream'])('B-148 without the index %s it is refused, with the statement that makes it again', async (index) => {
    const path = await newLog(index);
    changed(path, `DROP INDEX ${index}`);
    const errors = [false, true].map((readOnly) => refusal(() => openSqliteLog({ path, readOnly })));
    for (const error of errors) expect([error.code, error.details]).toEqual(['LOG_CORRUPT', { reason: 'index_missing', missing: [index] }]);
    changed(path, /CREATE UNIQUE INDEX \w+ ON event \([\w, ]+\)/.exec(errors[0]!.hint!)![0]);
    const log = openSqliteLog({ path });
    expect((await readAll(log)).events).toHaveLength(1);
    await log.close();
  });

  it('bad-input D25: refuses a format from the future, for writing and for reading, and writes nothing', async () => {
    const path = await newLog('newer');
    changed(path, 'PRAGMA user_version = 99');
    const before = readFileSync(path);
    for (const readOnly of [false, true]) {
      const error = refusal(() => openSqliteLog({ path, readOnly }));
      expect([error.code, error.details, error.retryable]).toEqual(['LOG_UNAVAILABLE', { reason: 'format_newer', found: 99, supported: migrations.length }, false]);
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('M116: applies what is missing, once, and keeps what was stored', async () => {
    const path = await newLog('older');
    const next = [...migrations, { number: migrations.length + 1, name: 'note', sql: 'CREATE TABLE note (text TEXT) STRICT;' }];
    const db = new Database(path);
    expect([migrate(db, 1, next), migrate(db, 2, next), formatOf(db)]).toEqual([1, 0, next.length]);
    assertFormat(db, next);
    expect(db.prepare('SELECT number, name FROM migration').all()).toEqual(next.map(({ number, name }) => ({ number, name })));
    db.pragma(`user_version = ${migrations.length}`);
    db.close();
    const log = openSqliteLog({ path });
    expect((await readAll(log)).events).toHaveLength(1);
    await log.close();
  });

  it('refuses a log whose schema was made by another text than ours', async () => {
    const path = await newLog('changed');
    changed(path, "UPDATE migration SET checksum = 'other'");
    const error = refusal(() => openSqliteLog({ path }));
    expect([error.code, error.details]).toEqual(['LOG_CORRUPT', { reason: 'schema_changed', migration: 1 }]);
  });

  it('refuses a database that is not a log, and a file that is no database, and leaves both as they are', () => {
    const foreign = join(folder, 'foreign.db');
    changed(foreign, 'CREATE TABLE customer (name TEXT)');
    const text = join(folder, 'text.db');
    writeFileSync(text, 'This is a letter, and a long one, to somebody who is not a database at all.\n'.repeat(20));
    for (const path of [foreign, text]) {
      const before = readFileSync(path);
      const error = refusal(() => openSqliteLog({ path }));
      expect([error.code, error.details.reason]).toEqual(['LOG_CORRUPT', 'not_a_log']);
      expect(error.message).not.toContain(folder);
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  it('sees at open that the last events were cut off, once they were indexed', async () => {
    const path = join(folder, 'cut.db');
    const log = openSqliteLog({ path });
    await accept(log, createTraffic(1).commit(Array.from({ length: 1_100 }, () => ({}))));
    await log.close();
    changed(path, 'DROP TRIGGER event_stays; DELETE FROM event WHERE position > 1000');
    const error = refusal(() => openSqliteLog({ path }));
    expect([error.code, error.details]).toEqual(['LOG_CORRUPT', { reason: 'head', head: 1_000, indexed: 1_100 }]);
  });

  it('makes one log when two openers come at once, and keeps its origin and epoch', async () => {
    const path = join(folder, 'twice.db');
    const first = openSqliteLog({ path, origin: 'audit.example/one', epoch: 'e-1' });
    const second = openSqliteLog({ path, origin: 'audit.example/two', epoch: 'e-2' });
    expect([first.origin, second.origin]).toEqual(['audit.example/one', 'audit.example/one']);
    expect([(await first.head()).epoch, (await second.head()).epoch]).toEqual(['e-1', 'e-1']);
    await first.close();
    await second.close();
  });

  it('hands the origin to the linker', async () => {
    const origins: string[] = [];
    const linker = (origin: string) => {
      origins.push(origin);
      return { link: () => new Uint8Array(32), remainder: () => new Uint8Array() };
    };
    const log = openSqliteLog({ path: join(folder, 'origin.db'), origin: 'audit.example/prod', linker });
    expect(origins).toEqual(['audit.example/prod']);
    await log.close();
  });
});
