/** The spool on disk: appends outlive an absent server and their own process, in order, each once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@refold/client';
import type { Client } from '@refold/client';
import type { JsonObject } from '@refold/core';
import { openSpool } from '@refold/client/spool';
import type { Spool, SpoolOptions } from '@refold/client/spool';
import { describe, expect, onTestFinished, test } from 'vitest';
import { note, startWorld, temporaryFolder } from './client-world.ts';
import type { World, WorldOptions } from './client-world.ts';

const limits = { backoffMs: 5, backoffMsMax: 50, sendMsMax: 2_000 };

async function begin(world?: WorldOptions): Promise<{ readonly world: World; readonly client: Client; readonly folder: string }> {
  const started = await startWorld(world);
  return { world: started, client: createClient({ url: started.url }), folder: temporaryFolder() };
}

async function open(options: SpoolOptions): Promise<Spool> {
  const spool = await openSpool({ limits, ...options });
  onTestFinished(() => spool.close());
  return spool;
}

const textsIn = async (client: Client): Promise<unknown[]> => (await client.queryEvents({ streamType: 'custom', streamId: 'n1', limit: 1_000 })).items.map(({ data }) => data['text']);

describe('While the server is there', () => {
  test('a commit goes to the log at once, and the disk stays empty', async () => {
    const { client, folder } = await begin();
    const spool = await open({ client, folder });
    expect(await spool.append({ events: [note('a')], commitId: 'c1' })).toMatchObject({ commitId: 'c1', receipt: { first: 1, duplicate: false } });
    expect(spool.status()).toEqual({ waiting: 0, bytes: 0, refused: 0, error: null });
    expect(statSync(join(folder, 'waiting.log')).size).toBe(0);
  });

  test('what the log refuses is refused to the caller', async () => {
    const { client, folder } = await begin();
    const spool = await open({ client, folder });
    await expect(spool.append({ events: [note('a')], expectedRevision: 5 })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    expect(spool.status()).toMatchObject({ waiting: 0, bytes: 0 });
  });
});

describe('While the server is away', () => {
  test('what has no JSON form is refused to the caller, and the disk stays as it is', async () => {
    const { world, client, folder } = await begin();
    const spool = await open({ client, folder });
    await world.stop();
    await spool.append({ events: [note('0')] });
    const data: { self?: JsonObject } = {};
    data.self = data;
    await expect(spool.append({ events: [{ ...note('1'), data }] })).rejects.toMatchObject({ code: 'BAD_JSON', details: { reason: 'value' } });
    expect(spool.status().waiting).toBe(1);
  });

  test('B-130 K-041 the caller goes on: commits are taken on disk, and are in the log in their order, each once, when it is back', async () => {
    const { world, client, folder } = await begin();
    const spool = await open({ client, folder });
    await spool.append({ events: [note('0')] });
    await world.stop();
    for (let count = 1; count <= 20; count++) expect(await spool.append({ events: [note(String(count))] })).toMatchObject({ receipt: null });
    expect(spool.status()).toMatchObject({ waiting: 20, refused: 0, error: { code: 'LOG_UNAVAILABLE' } });
    const told = new Date().toISOString();
    await world.start();
    // What comes while some still wait stands behind them.
    await spool.append({ events: [note('21')] });
    await spool.drained();
    expect(await textsIn(client)).toEqual(Array.from({ length: 22 }, (_, index) => String(index)));
    // They happened when they were told, not when they arrived.
    expect((await client.queryEvents({ streamId: 'n1', streamType: 'custom', limit: 21 })).items.filter(({ occurredAt }) => occurredAt > told)).toEqual([]);
    expect(spool.status()).toEqual({ waiting: 0, bytes: 0, refused: 0, error: null });
  });

  test('a commit whose answer was lost is not stored twice', async () => {
    const { world, folder } = await begin();
    const client = createClient({ url: world.wire.url });
    world.wire.fail('swallow the answer', 3);
    const spool = await open({ client, folder });
    expect(await spool.append({ events: [note('a')] })).toMatchObject({ receipt: null });
    await spool.append({ events: [note('b')] });
    await spool.drained();
    expect(await textsIn(client)).toEqual(['a', 'b']);
  });

  test('what waits is found again by the next process, and commits of many callers at once keep their ids', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const first = await openSpool({ client, folder, limits });
    const taken = await Promise.all(Array.from({ length: 30 }, (_, index) => first.append({ events: [note(String(index))] })));
    expect(new Set(taken.map(({ commitId }) => commitId)).size).toBe(30);
    await first.close();
    await expect(first.append({ events: [note('late')] })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'spool_closed' } });
    await world.start();
    const second = await open({ client, folder });
    await second.drained();
    for (const { commitId } of taken) expect((await client.getCommit({ id: commitId })).events).toHaveLength(1);
    expect(await textsIn(client)).toHaveLength(30);
  });

  test('a credential that is not valid any more keeps them waiting, too', async () => {
    const { world, folder } = await begin({ token: 'refold-local-token-for-tests' });
    let token = 'old';
    const spool = await open({ client: createClient({ url: world.url, token: () => token }), folder });
    expect(await spool.append({ events: [note('a')] })).toMatchObject({ receipt: null });
    await expect.poll(() => spool.status().error?.code).toBe('UNAUTHENTICATED');
    token = 'refold-local-token-for-tests';
    await spool.drained();
    expect(spool.status()).toMatchObject({ waiting: 0, refused: 0 });
  });

  test('what the log refuses for good is set aside with the reason, told, and holds nobody up', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const refused: unknown[] = [];
    const spool = await open({ client, folder, onRefused: (one) => void refused.push(one) });
    for (const [text, type] of [['a', 'custom.noted'], ['b', 'job.startd'], ['c', 'custom.noted']] as const) await spool.append({ events: [{ ...note(text), type }], commitId: text });
    await world.start();
    await spool.drained();
    expect(await textsIn(client)).toEqual(['a', 'c']);
    expect(refused).toEqual([{ commitId: 'b', error: expect.objectContaining({ code: 'UNKNOWN_TYPE' }) }]);
    expect(spool.status()).toMatchObject({ waiting: 0, refused: 1 });
    expect(JSON.parse(readFileSync(join(folder, 'refused.log'), 'utf8').slice(9))).toMatchObject({ code: 'UNKNOWN_TYPE', request: { commitId: 'b', events: [{ data: { text: 'b' } }] } });
  });
});

describe('Bounds and damage', () => {
  test('K-041 a full spool refuses, and takes again when the server has been back', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const spool = await open({ client, folder, limits: { ...limits, spoolBytesMax: 2_000 } });
    await spool.append({ events: [note('x'.repeat(1_000))] });
    const refused = await spool.append({ events: [note('y'.repeat(1_000))] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'spool_full', limit: 2_000 }, retryable: true });
    expect(spool.status().waiting).toBe(1);
    await world.start();
    await spool.drained();
    expect(await spool.append({ events: [note('y'.repeat(1_000))] })).toMatchObject({ receipt: { first: 2 } });
  });

  test('what was sent makes room before everything is', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const spool = await open({ client, folder });
    for (let count = 0; count < 60; count++) await spool.append({ events: [note(`${count} ${'x'.repeat(50_000)}`)] });
    const full = statSync(join(folder, 'waiting.log')).size;
    await world.start();
    await expect.poll(() => statSync(join(folder, 'waiting.log')).size, { interval: 1, timeout: 20_000 }).toBeLessThan(full);
    await spool.drained();
    expect((await textsIn(client)).map((text) => Number.parseInt(String(text), 10))).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('a second opening is refused while the first holds it, in this process and in another', async () => {
    const { client, folder } = await begin();
    const spool = await openSpool({ client, folder });
    await expect(openSpool({ client, folder })).rejects.toMatchObject({ code: 'LOG_LOCKED', details: { reason: 'spool' } });
    const child = childOver('http://127.0.0.1:9', folder);
    expect(await child.ended).not.toBe(0);
    expect(child.stderr()).toContain('LOG_LOCKED');
    await spool.close();
    await (await openSpool({ client, folder })).close();
  });

  test('a torn last line is cut; it was never taken', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const before = await openSpool({ client, folder, limits });
    await before.append({ events: [note('a')] });
    await before.append({ events: [note('b')] });
    await before.close();
    const file = join(folder, 'waiting.log');
    const whole = readFileSync(file, 'utf8');
    const second = whole.slice(whole.indexOf('\n') + 1);
    // Every length that a torn write can leave, and one whose bytes did not arrive in order.
    for (const torn of [...Array.from({ length: second.length }, (_, length) => second.slice(0, length)), `${'\0'.repeat(second.length - 1)}\n`]) {
      writeFileSync(file, whole.slice(0, -second.length) + torn);
      const spool = await openSpool({ client, folder, limits });
      expect([torn.length, spool.status().waiting]).toEqual([torn.length, 1]);
      await spool.close();
      expect(statSync(file).size).toBe(whole.length - second.length);
    }
    await world.start();
    await (await open({ client, folder })).drained();
    expect(await textsIn(client)).toEqual(['a']);
  });

  test('damage further up is not guessed at, and nothing is cut', async () => {
    const { world, client, folder } = await begin();
    await world.stop();
    const before = await openSpool({ client, folder, limits });
    for (const text of ['a', 'b']) await before.append({ events: [note(text)] });
    await before.close();
    const file = join(folder, 'waiting.log');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace('"a"', '"x"'));
    await expect(openSpool({ client, folder })).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'spool', line: 1, byte: 0 } });
    expect(readFileSync(file, 'utf8')).toBe(whole.replace('"a"', '"x"'));
    // The refused opening holds nothing.
    truncateSync(file, 0);
    await (await openSpool({ client, folder })).close();
  });

  test('it is nobody else\'s to read', async () => {
    const { client } = await begin();
    const folder = join(temporaryFolder(), 'spool');
    await open({ client, folder });
    expect([statSync(folder).mode & 0o777, statSync(join(folder, 'waiting.log')).mode & 0o777]).toEqual([0o700, 0o600]);
  });
});

test('B-130 nothing that was taken is lost when its process is killed at any moment, and nothing is stored twice', async () => {
  const { world, client, folder } = await begin();
  await world.stop();
  const safe = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const child = childOver(world.url, folder);
    await child.taken(5 + 13 * round);
    child.kill();
    await child.ended;
    for (const commitId of child.stdout().split('\n').slice(0, -1)) safe.add(commitId);
    // A write that the kill cut off.
    if (round === 1) appendFileSync(join(folder, 'waiting.log'), '0badc0de {"eve');
  }
  expect(existsSync(join(folder, 'waiting.log'))).toBe(true);
  await world.start();
  const spool = await open({ client, folder });
  await spool.drained();
  for (const commitId of safe) expect((await client.getCommit({ id: commitId })).events).toHaveLength(1);
  const counts = (await client.queryEvents({ streamType: 'custom', streamId: 'n1', limit: 1_000 })).items.map(({ data }) => Number(data['count']));
  // Every round begins anew with c1, which is the same commit.
  expect(counts).toEqual(Array.from(counts, (_, index) => index + 1));
  expect(safe.size).toBeGreaterThanOrEqual(31);
  expect(spool.status()).toMatchObject({ waiting: 0, refused: 0 });
});

interface Child {
  readonly ended: Promise<number | null>;
  /** Resolves when so many commits were told to be safe. */
  taken(commits: number): Promise<void>;
  stdout(): string;
  stderr(): string;
  kill(): void;
}

function childOver(url: string, folder: string): Child {
  const child = spawn(process.execPath, ['--import', fileURLToPath(new URL('../../testing/src/source-resolution.ts', import.meta.url)), fileURLToPath(new URL('spool-child.ts', import.meta.url)), url, folder]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    ended: new Promise((resolve) => child.once('close', resolve)),
    async taken(commits) {
      while (out.split('\n').length <= commits) await once(child.stdout, 'data');
    },
    stdout: () => out,
    stderr: () => err,
    kill: () => void child.kill('SIGKILL'),
  };
}
