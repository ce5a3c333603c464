/** What the driver says when the world fails: a code, a reason, no path; and it goes on when the world is well again. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { backUpSqliteLog, openSqliteLog, restoreSqliteLog } from '@refold/driver-sqlite';
import { accept, acceptAll, createTraffic, loadUntilRefused, readAll, readSound, temporaryFolder, visitReadOnly } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { openForReading } from '../src/connection.ts';

const folder = temporaryFolder();
const worker = new URL('./sqlite-worker.ts', import.meta.url);

async function logWith(name: string, events: number): Promise<string> {
  const path = join(folder, name);
  const log = openSqliteLog({ path });
  await acceptAll(log, createTraffic(1).commits(events));
  await log.close();
  return path;
}

describe('a log that cannot be opened', () => {
  it.each([
    ['in a folder that is missing', 'missing-folder/log.db', false, 'cannot_open'],
    ['that is a folder', '.', false, 'cannot_open'],
    ['that is missing, for reading', 'missing.db', true, 'missing'],
  ])('%s is told by its reason and without its path', (_name, path, readOnly, reason) => {
    expect(() => openSqliteLog({ path: join(folder, path), readOnly })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', message: expect.not.stringContaining(folder), details: expect.objectContaining({ reason }) }));
  });

  it('reads nothing from a file that holds no log yet', () => {
    const path = join(folder, 'empty.db');
    writeFileSync(path, '');
    expect(() => openSqliteLog({ path, readOnly: true })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', details: { reason: 'missing' } }));
  });
});

describe('a damaged file', () => {
  it('F9: is LOG_CORRUPT for whoever reads the damaged part', async () => {
    const path = await logWith('damaged.db', 300);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 3, bytes.length);
    writeFileSync(path, bytes);
    const read = async () => {
      const log = openSqliteLog({ path, readOnly: true });
      try {
        await readAll(log);
      } finally {
        await log.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'corrupt' }, retryable: false });
  });
});

describe('a disk with no room', () => {
  it('F8: a write beyond the bound on file sizes is LOG_UNAVAILABLE, and what was acknowledged is there', async () => {
    const path = await logWith('bounded.db', 1);
    // A shell sets the bound (in blocks of 512 bytes) for a process of its own, and has it ignore the signal.
    const answer = loadUntilRefused({ module: worker, argument: path }, { inShell: `trap '' XFSZ; ulimit -f 600;` });
    expect(answer).toMatchObject({ code: 'LOG_UNAVAILABLE', reason: expect.stringMatching(/^(io|no_space)$/) });
    expect(answer.acknowledged).toBeGreaterThan(0);
    // Readings went on in the process that could not write.
    expect(answer.head).toBe(answer.acknowledged + 1);
    const log = openSqliteLog({ path });
    expect(await readSound(log)).toHaveLength(answer.acknowledged + 1);
    await accept(log, createTraffic(99).commit());
    await log.close();
  });

  it('J100: a quota refuses with no_space, readings go on, and writing resumes without a restart', async () => {
    const path = await logWith('quota.db', 1);
    let fileBytesMax = 300_000;
    const log = openSqliteLog({ path, fileBytesMax: () => fileBytesMax });
    const traffic = createTraffic(7);
    const large = () => traffic.commit([{ body: new Uint8Array(100_000) }]);
    await accept(log, large());
    await accept(log, large());
    const refused = large();
    await expect(log.append([refused])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'no_space' }, retryable: true });
    expect((await readAll(log)).events).toHaveLength(3);
    fileBytesMax = Infinity;
    expect(await accept(log, refused)).toMatchObject({ first: 4 });
    await log.close();
  });
});

describe('a log that can only be read', () => {
  it('J105: is read from a folder that cannot be written, by somebody who may not write', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    const path = join(closed, 'log.db');
    copyFileSync(await logWith('readable.db', 5), path);
    chmodSync(folder, 0o755);
    chmodSync(path, 0o444);
    chmodSync(closed, 0o555);
    expect(visitReadOnly({ module: worker, argument: path })).toEqual({ positions: [1, 2, 3, 4, 5], append: 'read-only', kvPut: 'LOG_UNAVAILABLE read_only', forget: 'LOG_UNAVAILABLE read_only', forWriting: 'LOG_UNAVAILABLE read_only' });
    expect(readdirSync(closed)).toEqual(['log.db']);
    chmodSync(closed, 0o755);
  });

  it('never changes the file', async () => {
    const path = await logWith('untouched.db', 5);
    const before = readFileSync(path);
    const log = openSqliteLog({ path, readOnly: true });
    expect((await readAll(log)).events).toHaveLength(5);
    await log.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('keeps a connection for reading from writing by mistake', async () => {
    const db = openForReading(await logWith('guarded.db', 1), 100);
    expect(() => db.exec("INSERT INTO stream (name) VALUES ('x')")).toThrow(expect.objectContaining({ code: 'SQLITE_READONLY' }));
    db.close();
  });
});

describe('a backup', () => {
  it('F40: is taken while the log is written, is whole, and gives the log another epoch when it is put back', async () => {
    const path = join(folder, 'busy-log.db');
    const backup = join(folder, 'backup.db');
    const log = openSqliteLog({ path, epoch: 'e-1' });
    const traffic = createTraffic(8);
    await acceptAll(log, traffic.commits(50));
    const [, ...later] = await Promise.all([backUpSqliteLog(path, backup), ...Array.from({ length: 20 }, () => accept(log, traffic.commit()))]);
    expect(later.at(-1)?.last).toBe(70);
    const all = await readSound(log);
    await log.close();

    const copy = openSqliteLog({ path: backup, readOnly: true });
    const kept = await readSound(copy);
    expect([kept.length >= 50, (await copy.head()).epoch]).toEqual([true, 'e-1']);
    expect(kept).toEqual(all.slice(0, kept.length));
    await copy.close();

    const { epoch } = await restoreSqliteLog(backup, path);
    const restored = openSqliteLog({ path });
    expect(epoch).not.toBe('e-1');
    expect((await restored.head()).epoch).toBe(epoch);
    expect(await readSound(restored)).toEqual(kept);
    await accept(restored, traffic.commit());
    await restored.close();
  });

  it('of a file that is no log puts nothing in the place of the log', async () => {
    const path = await logWith('kept.db', 2);
    const foreign = join(folder, 'foreign.db');
    const db = new Database(foreign);
    db.exec('CREATE TABLE customer (name TEXT)');
    db.close();
    const before = readFileSync(path);
    await expect(restoreSqliteLog(foreign, path)).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'not_a_log' } });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
