/** The driver for the conformance suite: a file per log, other connections and processes on it, and real harm to it. */
import { existsSync, copyFileSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { backUpSqliteLog, openSqliteLog, restoreSqliteLog } from '@refold/driver-sqlite';
import type { Fixture, Harm, OpenOptions, Tampering } from '@refold/testing';

export function sqliteFixture(folder: string): Fixture {
  const pathOf = (name: string): string => join(folder, `${name}.db`);
  const open = async (name: string, options: OpenOptions = {}) => openSqliteLog({ path: pathOf(name), ...options });
  return {
    capabilities: {
      durability: 'fsync',
      writers: 'one-host',
      commitBytesMax: 16 * 1_048_576,
      commitEventsMax: 10_000,
      query: 'indexed',
      watch: 'poll',
      forget: true,
      cluster: false,
    },
    open,
    reopen: open,
    connect: open,
    process: { module: new URL('./sqlite-worker.ts', import.meta.url).href, argument: pathOf },
    drop: async (name) => removeFiles(pathOf(name)),
    harm: harmTo(pathOf),
  };
}

function harmTo(pathOf: (name: string) => string): Harm {
  return {
    async tearTail(name) {
      tearWriteAheadLog(pathOf(name));
    },
    async openOnFullDisk(name) {
      const path = pathOf(name);
      let fileBytesMax = statSync(path).size + 10 * 65_536;
      const driver = openSqliteLog({ path, fileBytesMax: () => fileBytesMax });
      return {
        driver,
        async heal() {
          fileBytesMax = Infinity;
        },
      };
    },
    async backUp(name) {
      const backup = `${pathOf(name)}.backup`;
      await backUpSqliteLog(pathOf(name), backup);
      return {
        async restore() {
          await restoreSqliteLog(backup, pathOf(name));
        },
      };
    },
    openReadOnly: async (name) => openSqliteLog({ path: pathOf(name), readOnly: true }),
    storedBytes: async (name) => filesOf(pathOf(name)).map((file) => new Uint8Array(readFileSync(file))),
    async tamper(name, change) {
      tamperWith(pathOf(name), change);
    },
  };
}

/** A transaction that was written to the write-ahead log but for its last bytes, and so never committed. */
function tearWriteAheadLog(path: string): void {
  const db = new Database(path);
  db.pragma('wal_autocheckpoint = 0');
  db.exec(`INSERT INTO stream (name) VALUES ('torn')`);
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, `${path}.torn${suffix}`);
  db.close();
  removeFiles(path);
  for (const suffix of ['', '-wal']) copyFileSync(`${path}.torn${suffix}`, path + suffix);
  truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - 100);
}

/** What somebody does who can write the file: the triggers go first and come back after. */
function tamperWith(path: string, change: Tampering): void {
  const db = new Database(path);
  const triggers = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  applyTampering(db, change);
  for (const { sql } of triggers) db.exec(sql);
  db.close();
}

function applyTampering(db: Database.Database, change: Tampering): void {
  switch (change.kind) {
    case 'flip-bit': {
      const record = db.prepare<[number], Buffer>('SELECT record FROM event WHERE position = ?').pluck().get(change.position);
      if (record === undefined) throw new Error('there is no such event');
      record[record.length - 1] = (record[record.length - 1] ?? 0) ^ 1;
      db.prepare('UPDATE event SET record = ? WHERE position = ?').run(record, change.position);
      return;
    }
    case 'remove':
      db.prepare('DELETE FROM event WHERE position = ?').run(change.position);
      return;
    case 'swap':
      swapContents(db, ...change.positions);
      return;
    case 'truncate':
      db.prepare('DELETE FROM event WHERE position > ?').run(change.position);
      db.prepare('DELETE FROM "commit" WHERE last > ?').run(change.position);
  }
}

function swapContents(db: Database.Database, left: number, right: number): void {
  type Contents = { id: string; type: string; body: Buffer };
  const read = db.prepare<[number], Contents>('SELECT id, type, substr(record, 1 + 32 * hashes) AS body FROM event WHERE position = ?');
  const write = db.prepare('UPDATE event SET id = ?, type = ?, record = ? WHERE position = ?');
  const leavesOf = db.prepare<[number], Buffer>('SELECT substr(record, 1, 32 * hashes) FROM event WHERE position = ?').pluck();
  const [first, second] = [read.get(left), read.get(right)];
  if (first === undefined || second === undefined) throw new Error('there is no such event');
  const put = (position: number, { id, type, body }: Contents): unknown => write.run(id, type, Buffer.concat([leavesOf.get(position) ?? Buffer.alloc(0), body]), position);
  // Out of the way of the unique index over ids.
  db.prepare("UPDATE event SET id = 'aside' WHERE position = ?").run(left);
  put(right, first);
  put(left, second);
}

const filesOf = (path: string): readonly string[] => ['', '-wal', '-shm'].map((suffix) => path + suffix).filter((file) => existsSync(file));
const removeFiles = (path: string): void => filesOf(path).forEach((file) => rmSync(file, { force: true }));
