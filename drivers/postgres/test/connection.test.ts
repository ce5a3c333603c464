/** Connections that break: before, inside and after COMMIT, one after the other, at once, and for good. */
import { isLogError } from '@refold/core';
import type { AppendResult, Commit, LogDriver } from '@refold/core';
import { openPostgresLog } from '@refold/driver-postgres';
import { accept, conformanceSeed, createSeededRandom, createTraffic, expectExactly, readSound, receiptOf } from '@refold/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCuttingProxy } from './cutting-proxy.ts';
import type { Cut } from './cutting-proxy.ts';
import { withServer } from './running-server.ts';

const running = withServer();
/** REFOLD_POSTGRES_CUTS asks for more. */
const cutsWanted = Number(process.env['REFOLD_POSTGRES_CUTS'] ?? 300);

async function cutLog() {
  const proxy = await startCuttingProxy(running.server.port);
  const url = new URL(running.server.url);
  url.port = String(proxy.port);
  const log = await running.open({ url: url.href });
  onTestFinished(() => proxy.close());
  return { proxy, log };
}

/** What whoever stands in front does: the same commit again, as long as that may help. */
async function appendThroughWeather(log: LogDriver, commit: Commit, onError: (code: string) => void): Promise<AppendResult | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await log.append([commit]))[0];
    } catch (error) {
      if (!isLogError(error) || !error.retryable || attempt > 20) throw error;
      onError(error.code);
    }
  }
}

describe('a connection that is cut', () => {
  it.each(['before', 'inside', 'after'] as const)('F15: %s COMMIT leaves an unknown outcome, and the same commit sent again is there once', async (cut: Cut) => {
    const { proxy, log } = await cutLog();
    const traffic = createTraffic(1);
    const first = traffic.commit([{ stream: 'job/1' }]);
    await accept(log, first);
    const commit = traffic.commit([{ stream: 'job/1' }, { stream: 'job/2' }], [{ kind: 'stream', stream: 'job/1', expect: 1 }]);
    proxy.cutNext(cut);
    await expect(log.append([commit])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true, hint: expect.stringContaining('again') });
    expect(proxy.cuts).toBe(1);
    const receipt = receiptOf((await log.append([commit]))[0]);
    expect(receipt).toMatchObject({ first: 2, last: 3, revisions: new Map([['job/1', 2], ['job/2', 1]]) });
    if (cut !== 'inside') expect(receipt.duplicate).toBe(cut === 'after');
    await expectExactly(log, [first, commit]);
  });

  it(`F15: ${cutsWanted} times at random moments loses nothing that was acknowledged and writes nothing twice`, { timeout: 300_000 }, async () => {
    const { proxy, log } = await cutLog();
    const seed = conformanceSeed();
    const random = createSeededRandom(seed);
    const traffic = createTraffic(seed);
    const commits: Commit[] = [];
    const errors = new Map<string, number>();
    while (proxy.cuts < cutsWanted) {
      const commit = traffic.commit([{ stream: `job/${commits.length % 7}` }, { stream: 'job/all', tags: [`n:${commits.length % 5}`] }]);
      if (random.chance(0.75)) proxy.cutNext((['before', 'inside', 'after'] as const)[random.integer(0, 2)]!);
      receiptOf(await appendThroughWeather(log, commit, (code) => errors.set(code, (errors.get(code) ?? 0) + 1)));
      commits.push(commit);
    }
    console.info(`postgres F15: ${commits.length} appends, ${proxy.cuts} cuts (seed ${seed}), ${JSON.stringify([...errors])}`);
    expect(errors.get('OUTCOME_UNKNOWN')).toBe(cutsWanted);
    await expectExactly(log, commits);
  });

  it('while it waits in the pool is replaced without anybody noticing', async () => {
    const { proxy, log } = await cutLog();
    const traffic = createTraffic(2);
    await accept(log, traffic.commit());
    proxy.cutAll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await accept(log, traffic.commit());
    expect(await readSound(log)).toHaveLength(2);
  });

  it('while it listens is made again: the watch goes on', async () => {
    const { proxy, log } = await cutLog();
    const other = await running.open({ log: await nameOf(log) });
    const traffic = createTraffic(3);
    await accept(other, traffic.commit());
    const stop = new AbortController();
    const hints = log.watch(0, stop.signal)[Symbol.asyncIterator]();
    expect((await hints.next()).value).toBe(1);
    const next = hints.next();
    proxy.cutAll();
    await accept(other, traffic.commit());
    expect((await next).value).toBe(2);
    stop.abort();
  });
});

/** Logs of a test file have one name after the other. */
async function nameOf(log: LogDriver): Promise<string> {
  const { epoch } = await log.head();
  const { query } = await import('./query.ts');
  const [row] = await query(running.server.url, `SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid`, [epoch.split('.').at(-1)]);
  return String(row?.['nspname']);
}

describe('a server', () => {
  it('F14: that is killed with its children under load keeps what was acknowledged, and the driver goes on by itself', { timeout: 120_000 }, async (context) => {
    const { crash } = running.server;
    if (crash === null) return context.skip('the server is not ours to kill');
    const log = await running.open();
    const traffic = createTraffic(4);
    const acknowledged: Commit[] = [];
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        const commit = traffic.commit([{ stream: `job/${acknowledged.length % 3}` }]);
        for (;;) {
          try {
            receiptOf((await log.append([commit]))[0]);
            break;
          } catch (error) {
            if (!isLogError(error) || !error.retryable) throw error;
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
        acknowledged.push(commit);
      }
    })();
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await crash();
    }
    isOver = true;
    await writing;
    expect(acknowledged.length).toBeGreaterThan(3);
    await expectExactly(log, acknowledged);
  });

  it('that is not there is told by its code, without the password', async () => {
    const refused = await openPostgresLog({ url: 'postgres://ana:secret@127.0.0.1:1/none', connectTimeoutMs: 2_000 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true, details: { reason: 'cannot_open', engine: 'ECONNREFUSED' } });
    expect(JSON.stringify(refused) + String(refused)).not.toContain('secret');
  });
});
