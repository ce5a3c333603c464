/** Several processes on one file, and one that wants it for itself. */
import { join } from 'node:path';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { openSqliteLog } from '@refold/driver-sqlite';
import { accept, acceptAll, chainFaults, createTraffic, readAll, readSound, startWorker, temporaryFolder, testLinker } from '@refold/testing';
import { describe, expect, it } from 'vitest';

const folder = temporaryFolder();
const moduleOf = (file: string): string => new URL(file, import.meta.url).href;
const workerOn = (file: string, path: string) => startWorker({ module: moduleOf(file), argument: () => path }, path);

describe('two processes on one file', () => {
  it('F28: write the same streams with gapless positions and unbroken chains, and see each other', async () => {
    const path = join(folder, 'shared.db');
    const log = openSqliteLog({ path, linker: testLinker });
    const worker = await workerOn('./linked-worker.ts', path);
    const traffic = createTraffic(1);
    const commits = Array.from({ length: 200 }, (_, index) => traffic.commit([{ stream: `job/${index % 3}`, tags: [`n:${index % 5}`] }, { stream: 'job/0' }]));
    const receipts = await Promise.all(commits.map((commit, index) => accept(index % 2 === 0 ? log : worker, commit)));
    expect(new Set(receipts.map((receipt) => receipt.first)).size).toBe(200);
    const stored = await readSound(log);
    expect(stored).toHaveLength(400);
    expect(chainFaults(stored, testLinker)).toEqual([]);
    expect(await worker.head()).toEqual(await log.head());
    // What waits for the index comes from both processes.
    expect((await readAll(log, { query: { items: [{ tags: ['n:3'] }] } })).events).toHaveLength(40);
    await worker.close();
    await log.close();
  });

  it('bad-input D24: a second sole writer is told who holds the log, and takes over when that process is killed', async () => {
    const path = join(folder, 'sole.db');
    const worker = await workerOn('./sole-writer-worker.ts', path);
    await accept(worker, createTraffic(2).commit());
    const open = () => openSqliteLog({ path, soleWriter: true });
    expect(open).toThrow(expect.objectContaining({ code: 'LOG_LOCKED', details: { reason: 'locked', pid: expect.any(Number), host: hostname(), since: expect.stringMatching(/Z$/) } }));
    // Reading needs no lock.
    const reader = openSqliteLog({ path, readOnly: true });
    expect((await reader.head()).position).toBe(1);
    await reader.close();
    await worker.kill();
    const log = open();
    expect((await readAll(log)).events).toHaveLength(1);
    await log.close();
    await open().close();
  });

  it('a writer that waits for another process lets this one go on, and gives up with LOG_UNAVAILABLE busy', async () => {
    const path = join(folder, 'busy.db');
    const log = openSqliteLog({ path, busyTimeoutMs: 150 });
    const traffic = createTraffic(3);
    await accept(log, traffic.commit());
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const commit = traffic.commit();
    const waiting = log.append([commit]);
    // The waiting append holds up neither readings nor timers.
    expect((await readAll(log)).events).toHaveLength(1);
    await expect(waiting).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'busy' }, retryable: true });
    const patient = log.append([commit]);
    other.exec('ROLLBACK');
    expect(await patient).toMatchObject([{ ok: true, duplicate: false, first: 2 }]);
    other.close();
    await log.close();
  });

  it('an append that lost its race keeps the lock for this turn of the loop, so that the next try wins, and no longer', async () => {
    const path = join(folder, 'lost.db');
    const log = openSqliteLog({ path });
    const traffic = createTraffic(7);
    await accept(log, traffic.commit([{ stream: 'job/0' }]));
    const other = new Database(path, { timeout: 0 });
    const lose = () => log.append([{ ...traffic.commit([{ stream: 'job/0' }]), checks: [{ kind: 'stream', stream: 'job/0', expect: 9 }] }]);
    expect(await lose()).toMatchObject([{ ok: false, reason: 'conflict' }]);
    expect(() => other.exec('BEGIN IMMEDIATE')).toThrow(expect.objectContaining({ code: 'SQLITE_BUSY' }));
    expect(await log.append([traffic.commit([{ stream: 'job/0' }])])).toMatchObject([{ ok: true, first: 2 }]);
    // Nobody tries again.
    await lose();
    await new Promise((resolve) => setImmediate(resolve));
    other.exec('BEGIN IMMEDIATE; ROLLBACK');
    other.close();
    // Closing with the lock kept.
    await lose();
    await log.close();
    const again = openSqliteLog({ path });
    expect((await again.head()).position).toBe(2);
    await again.close();
  });

  it('a loop of appends does not starve timers', async () => {
    const log = openSqliteLog({ path: join(folder, 'loop.db') });
    const traffic = createTraffic(6);
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    }, 1);
    let appends = 0;
    // Without turns of the loop the timer would never fire; the bound only ends a run that failed.
    for (; !isOver && appends < 20_000; appends += 1) await accept(log, traffic.commit());
    expect(isOver).toBe(true);
    await log.close();
  });

  it('S23: close waits for the append that waits for another process', async () => {
    const path = join(folder, 'closing.db');
    const log = openSqliteLog({ path });
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const appending = log.append([createTraffic(4).commit()]);
    const closing = log.close();
    other.exec('ROLLBACK');
    other.close();
    expect(await appending).toMatchObject([{ ok: true, first: 1 }]);
    await closing;
    await expect(log.head()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
  });

  it('a batch in which one event id is taken is stored but for that commit', async () => {
    const log = openSqliteLog({ path: join(folder, 'taken.db') });
    const traffic = createTraffic(5);
    const first = traffic.commit();
    await accept(log, first);
    const taken = traffic.commit([{}, { id: first.events[0].id }]);
    const results = await log.append([traffic.commit(), taken, traffic.commit()]);
    expect(results.map((result) => (result.ok ? result.first : result.reason))).toEqual([2, 'event-id-taken', 3]);
    await acceptAll(log, [traffic.commit()]);
    expect(await readSound(log)).toHaveLength(4);
    await log.close();
  });
});
