/** L109 to L114, looked at more closely: the bytes are gone while the log stays open and whatever the order. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { acceptAll, chainFaults, createSeededRandom, createTraffic, readAll, temporaryFolder, testLinker } from '@refold/testing';
import { describe, expect, it } from 'vitest';

const folder = temporaryFolder();

function isStored(path: string, text: string): boolean {
  return ['', '-wal'].some((suffix) => existsSync(path + suffix) && readFileSync(path + suffix).includes(text));
}

describe('forgetting', () => {
  it('leaves no byte of a body in any file, in any order, with small and large neighbours', async () => {
    const path = join(folder, 'order.db');
    const log = openSqliteLog({ path, linker: testLinker });
    const random = createSeededRandom(4);
    const traffic = createTraffic(4);
    const secretOf = (position: number): string => `secret-${position}-of-somebody`;
    const total = 240;
    const bodies = Array.from({ length: total }, (_, index) => secretOf(index + 1).repeat(random.pick([1, 3, 20, 20, 300])));
    await acceptAll(log, bodies.map((body, index) => traffic.commit([{ body, stream: `job/${index % 9}` }])));
    const left = new Set(Array.from({ length: total }, (_, index) => index + 1));
    while (left.size > 0) {
      const chosen = [...left].filter(() => random.chance(0.1)).slice(0, 12);
      for (const position of chosen) left.delete(position);
      expect(await log.forget(chosen, 'asked for')).toBe(chosen.length);
      for (const position of chosen) expect(isStored(path, secretOf(position))).toBe(false);
      for (const position of [...left].slice(0, 3)) expect(isStored(path, secretOf(position))).toBe(true);
    }
    const { events } = await readAll(log);
    expect(events.every((event) => event.forgotten === true)).toBe(true);
    expect(chainFaults(events, testLinker)).toEqual([]);
    await log.close();
  });

  it('says so when a reader elsewhere keeps the bytes, and finishes when asked again', async () => {
    const path = join(folder, 'reader.db');
    const log = openSqliteLog({ path, busyTimeoutMs: 30 });
    await acceptAll(log, createTraffic(5).commits(3));
    const { default: Database } = await import('better-sqlite3');
    const reader = new Database(path, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM event').get();
    await expect(log.forget([2], 'asked for')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'busy', dropped: 1 } });
    reader.close();
    expect(await log.forget([2], 'asked for')).toBe(0);
    expect(isStored(path, '{"n":2}')).toBe(false);
    expect(isStored(path, '{"n":3}')).toBe(true);
    await log.close();
  });

  it('keeps an account of when and why', async () => {
    const path = join(folder, 'account.db');
    const log = openSqliteLog({ path, clock: { now: () => 1_000 } });
    await acceptAll(log, createTraffic(6).commits(2));
    await log.forget([1], 'request 17');
    await log.close();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(path, { readonly: true });
    expect(db.prepare('SELECT * FROM forgetting').all()).toEqual([{ position: 1, forgotten_ms: 1_000, reason: 'request 17' }]);
    db.close();
  });
});
