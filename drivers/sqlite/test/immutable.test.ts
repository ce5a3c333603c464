/** A slip of the hand at the database cannot change what was recorded. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteLog } from '@refold/driver-sqlite';
import { accept, createTraffic, temporaryFolder, testLinker } from '@refold/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = join(temporaryFolder(), 'log.db');
let db: Database.Database;

beforeAll(async () => {
  const log = openSqliteLog({ path, linker: testLinker });
  await accept(log, createTraffic(1).commit([{ tags: ['a'] }, { tags: ['b'] }]));
  await log.forget([2], 'test');
  await log.close();
  db = new Database(path);
});
afterAll(() => db.close());

describe('the triggers of a log', () => {
  it.each([
    'DELETE FROM event WHERE position = 1',
    'DELETE FROM event',
    "UPDATE event SET id = 'other' WHERE position = 1",
    'UPDATE event SET revision = 7 WHERE position = 1',
    "UPDATE event SET type = 'job.other' WHERE position = 1",
    "UPDATE event SET tags = '' WHERE position = 1",
    "UPDATE event SET commit_id = 'other' WHERE position = 1",
    'UPDATE event SET recorded_ms = 0 WHERE position = 1',
    "UPDATE event SET record = x'00' WHERE position = 1",
    "UPDATE event SET record = CAST(substr(record, 1, 32) || x'00' AS BLOB) WHERE position = 1",
    'UPDATE event SET record = zeroblob(length(record)), forgotten = 1 WHERE position = 1',
    "UPDATE event SET record = CAST(substr(record, 1, 32) || x'00' AS BLOB), forgotten = 1, tags = '' WHERE position = 1",
    'UPDATE event SET forgotten = 0 WHERE position = 2',
    "UPDATE event SET record = x'00' WHERE position = 2",
    'DELETE FROM "commit"',
    'UPDATE "commit" SET last = 1',
    'DELETE FROM log',
    "UPDATE log SET origin = 'other'",
    'UPDATE log SET indexed = -1',
  ])('refuse %s', (sql) => {
    const before = db.prepare('SELECT * FROM event').all();
    expect(() => db.exec(sql)).toThrow(expect.objectContaining({ code: 'SQLITE_CONSTRAINT_TRIGGER' }));
    expect(db.prepare('SELECT * FROM event').all()).toEqual(before);
  });

  it('allow a body to be forgotten while its hashes stay', () => {
    db.exec('BEGIN');
    expect(db.prepare("UPDATE event SET record = CAST(substr(record, 1, 32 * hashes) || x'00' AS BLOB), forgotten = 1 WHERE position = 1").run().changes).toBe(1);
    db.exec('ROLLBACK');
  });
});
