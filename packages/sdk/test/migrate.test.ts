/** A store copied from engine to engine: nothing that can be asked of the copy tells it from the source. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyLog } from '@refold/core';
import type { Commit, LogDriver, Recorded } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createApiKey, createSnapshot, runOperation, verifyLog } from '@refold/operations';
import { createTestPorts, nodeArguments, nodeHasher, startPostgres, whyNoPostgres, wrapLog } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { migrateStore, openStore } from '../src/index.ts';
import type { OpenedStore } from '../src/index.ts';

const reason = whyNoPostgres();
let server: PostgresServer;
let folder: string;
let count = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refold-migrate-'));
  if (reason === null) server = await startPostgres();
  else console.warn(`NOT RUN: ${reason}`);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const engines = ['sqlite', 'jsonl', 'postgres'] as const;
type Engine = (typeof engines)[number];

/** A place where there is no log yet. */
function freshUrl(engine: Engine): string {
  const name = `log_${++count}`;
  return engine === 'postgres' ? `${server.url}?log=${name}` : `${engine}:${join(folder, engine === 'sqlite' ? `${name}.db` : name)}`;
}

const admin = { type: 'user', id: 'ana' } as const;
const note = (streamId: string, data: Record<string, string>): { type: string; streamType: string; streamId: string; data: Record<string, string>; actor: typeof admin } => ({ type: 'custom.noted', streamType: 'custom', streamId, data, actor: admin });

/** A log with everything that could get lost on the way. */
async function fill(url: string, ports = createTestPorts(3)): Promise<void> {
  const store = await openStore(url, { ports, keepSnapshots: 'off' });
  const { log } = store;
  await log.append({ events: [note('a', { text: 'ä\u{1f600}' }), note('b', { text: 'first' }), note('a', { text: 'second' })] });
  // Many commits of one time, then many times.
  await Promise.all(Array.from({ length: 300 }, (_, index) => log.append({ events: [note(`s-${index % 7}`, { index: String(index) })] })));
  for (let index = 0; index < 20; index++) {
    ports.clock.advance(1);
    await log.append({ events: [note('late', { index: String(index) })] });
  }
  await log.append({ events: [{ ...note('large', {}), data: { text: { $blob: { ...(await log.blobs.put(new Uint8Array(1_200_000).fill(120), { mediaType: 'text/plain' })).$blob } } } }] });
  await log.driver.forget([2, 5], 'asked for');
  await runOperation(createSnapshot, contextOf(store), { streamType: 'custom', streamId: 'late' });
  await runOperation(createApiKey, contextOf(store), { name: 'reader', role: 'viewer', actor: admin });
  await store.close();
}

const contextOf = ({ log, search, installation, replay }: OpenedStore) => ({ log, search, installation, replay, signal: new AbortController().signal });

async function recordsOf(driver: LogDriver): Promise<readonly Recorded[]> {
  const records: Recorded[] = [];
  for await (const page of driver.read({})) records.push(...page.events.map((event) => ({ ...event, body: event.body.slice(), leaf: event.leaf!.slice(), ...(event.previousLeaf && { previousLeaf: event.previousLeaf.slice() }) })));
  return records;
}

/** Everything that a store holds but its epoch and its cursors. */
async function contentsOf(url: string) {
  const store = await openStore(url, { readOnly: true });
  try {
    const { driver } = store.log;
    const keys = (await driver.kvList('')).map(({ key }) => key).filter((key) => !key.startsWith('cursor/'));
    const verified = await runOperation(verifyLog, contextOf(store), {});
    // What was erased here without an event that says why is told of both alike.
    expect(verified.findings.filter(({ code }) => code !== 'PAYLOAD_MISSING')).toEqual([]);
    return { identity: store.log.identity, records: await recordsOf(driver), values: await Promise.all(keys.map(async (key) => [key, (await driver.kvGet(key))!.value])), verified };
  } finally {
    await store.close();
  }
}

describe('A log copied from engine to engine', () => {
  beforeEach((context) => {
    if (reason !== null) context.skip(reason);
  });

  test.each(engines.flatMap((from) => engines.map((to) => [from, to] as const)))('%s to %s: the same positions, revisions, times, leaves, tree and values; erased payloads stay erased', async (fromEngine, toEngine) => {
    const [from, to] = [freshUrl(fromEngine), freshUrl(toEngine)];
    await fill(from);
    const report = await migrateStore({ from, to });
    const source = await contentsOf(from);
    expect(await contentsOf(to)).toEqual(source);
    expect(report).toMatchObject({ events: 324, present: 0, copied: 324, erased: 0, root: source.verified.tree?.root });
    // Again is nothing to do.
    expect(await migrateStore({ from, to })).toMatchObject({ events: 324, present: 324, copied: 0, erased: 0, values: 0, root: report.root });
  });

  test('what came to the source since, and what was erased in it since, comes with the next run', async () => {
    const [from, to] = [freshUrl('sqlite'), freshUrl('postgres')];
    await fill(from);
    await migrateStore({ from, to });
    const store = await openStore(from);
    await store.log.append({ events: [note('a', { text: 'later' })] });
    await store.log.driver.forget([7], 'asked for later');
    await store.close();
    expect(await migrateStore({ from, to, isDryRun: true })).toMatchObject({ events: 325, present: 324, copied: 0 });
    expect(await migrateStore({ from, to })).toMatchObject({ events: 325, present: 324, copied: 1, erased: 1 });
    expect(await contentsOf(to)).toEqual(await contentsOf(from));
  });

  test.each(engines)('killed in the middle on its way to %s, it is gone on with', async (toEngine) => {
    const [from, to] = [freshUrl('sqlite'), freshUrl(toEngine)];
    const ports = createTestPorts(4);
    const store = await openStore(from, { ports });
    for (let index = 0; index < 400; index++) {
      ports.clock.advance(1);
      await store.log.append({ events: [note(`s-${index % 5}`, { index: String(index) }), note('both', {})] });
    }
    await store.close();

    const child = spawn(process.execPath, [...nodeArguments(new URL('./migrate-child.ts', import.meta.url)), from, to], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));

    const report = await migrateStore({ from, to });
    expect(report.present).toBeGreaterThan(0);
    expect(report).toMatchObject({ events: 800, copied: 800 - report.present });
    expect(await contentsOf(to)).toEqual(await contentsOf(from));
  });

  test('the audit log comes with it', async () => {
    const [from, to] = [freshUrl('jsonl'), freshUrl('sqlite')];
    await fill(from);
    const store = await openStore(from);
    expect((await migrateStore({ from, to })).audit).toMatchObject({ events: 1 });
    await store.close();
  });
});

describe('What is no copy', () => {
  test('a target with a history of its own is refused, and stays as it is', async () => {
    const [from, to] = [freshUrl('sqlite'), freshUrl('sqlite')];
    await fill(from);
    await fill(to, createTestPorts(9));
    const before = await contentsOf(to);
    await expect(migrateStore({ from, to })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'other_log' } });
    expect(await contentsOf(to)).toEqual(before);
  });

  test('a target that was written to since is refused with the position', async () => {
    const [from, to] = [freshUrl('sqlite'), freshUrl('jsonl')];
    await fill(from);
    await migrateStore({ from, to });
    for (const [url, text] of [[from, 'here'], [to, 'there']] as const) {
      const store = await openStore(url);
      await store.log.append({ events: [note('a', { text })] });
      await store.close();
    }
    await expect(migrateStore({ from, to })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'not_a_prefix', position: 325 } });
  });

  test('a source that is behind the target is refused', async () => {
    const [from, to] = [freshUrl('sqlite'), freshUrl('sqlite')];
    await fill(from);
    await migrateStore({ from, to });
    const store = await openStore(to);
    await store.log.append({ events: [note('a', {})] });
    await store.close();
    await expect(migrateStore({ from, to })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'not_a_prefix', position: 325, field: 'position' } });
  });

  test('no log, the same log, and a log in memory are refused, and nothing is made', async () => {
    const [none, to] = [freshUrl('sqlite'), freshUrl('sqlite')];
    await expect(migrateStore({ from: none, to })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'store' } });
    await expect(migrateStore({ from: none, to: none })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'store' } });
    await expect(migrateStore({ from: none, to: 'memory:' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'store' } });
    await expect(openStore(to, { readOnly: true })).rejects.toMatchObject({ details: { reason: 'missing' } });
  });

  test('a dry run says what would come, and makes nothing', async () => {
    const [from, to] = [freshUrl('sqlite'), freshUrl('sqlite')];
    await fill(from);
    expect(await migrateStore({ from, to, isDryRun: true })).toMatchObject({ events: 324, present: 0, copied: 0 });
    await expect(openStore(to, { readOnly: true })).rejects.toMatchObject({ details: { reason: 'missing' } });
  });
});

describe('A copy at the port', () => {
  const ports = { ...createTestPorts(1), hasher: nodeHasher };

  /** A source whose commits are remembered as they were handed to it. */
  async function sourceWithCommits(): Promise<{ readonly source: LogDriver; readonly commits: readonly Commit[]; readonly store: OpenedStore }> {
    const store = await openStore(freshUrl('sqlite'), { ports: createTestPorts(5), keepSnapshots: 'off' });
    onTestFinished(() => store.close());
    const commits: Commit[] = [];
    const { driver } = store.log;
    const append = driver.append.bind(driver);
    driver.append = (batch) => {
      commits.push(...batch);
      return append(batch);
    };
    for (const streamId of ['a', 'b', 'a']) await store.log.append({ events: [note(streamId, { text: streamId }), note('both', {})] });
    await driver.forget([3], 'asked for');
    return { source: driver, commits, store };
  }

  test('a commit that the source took is known to the copy by id and digest, also when its payload was erased', async () => {
    const { source, commits: taken } = await sourceWithCommits();
    const commits = [...taken];
    let target!: LogDriver;
    await copyLog(source, async (parts) => (target = wrapLog(openMemoryLog(parts), { close: async () => {} })), ports);
    expect(commits).toHaveLength(3);
    expect(await target.append(commits)).toEqual(await source.append(commits));
    expect(await target.append(commits)).toEqual([1, 3, 5].map((first) => expect.objectContaining({ ok: true, duplicate: true, first, last: first + 1 }) as unknown));
  });

  test('an event that is not what was recorded is not written, and its position is told', async () => {
    const { source } = await sourceWithCommits();
    const altered = wrapLog(source, {
      async *read(request) {
        for await (const page of source.read(request)) yield { ...page, events: page.events.map((event) => (event.position === 4 ? { ...event, type: 'custom.other' } : event)) };
      },
    });
    let target!: LogDriver;
    await expect(copyLog(altered, async (parts) => (target = wrapLog(openMemoryLog(parts), { close: async () => {} })), ports)).rejects.toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { position: 4, field: 'leaf' } });
    expect((await target.head()).position).toBeLessThan(4);
  });

  test('what reads back differently is told', async () => {
    const { source } = await sourceWithCommits();
    const faulty = async (parts: Parameters<typeof openMemoryLog>[0]): Promise<LogDriver> => {
      const driver = openMemoryLog(parts);
      return wrapLog(driver, {
        async *read(request) {
          for await (const page of driver.read(request)) yield { ...page, events: page.events.map((event) => (event.position === 6 ? { ...event, body: event.body.slice(1) } : event)) };
        },
      });
    };
    await expect(copyLog(source, faulty, ports)).rejects.toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { reason: 'copy', position: 6, field: 'body' } });
  });

  test('somebody else who writes to the target meanwhile is noticed before anything is mixed', async () => {
    const { source, commits } = await sourceWithCommits();
    const stranger = { ...commits[0]!, id: 'of-another', events: [{ ...commits[0]!.events[0], id: '018f0000-0000-7000-8000-000000000009' }] as const };
    let target!: LogDriver;
    const disturbed = wrapLog(source, {
      async *read(request) {
        // Between the look at the target and the first write.
        await target.append([stranger]).catch(() => undefined);
        yield* source.read(request);
      },
    });
    const open = async (parts: Parameters<typeof openMemoryLog>[0]): Promise<LogDriver> => (target = wrapLog(openMemoryLog({ clock: parts!.clock! }), { close: async () => {} }));
    await expect(copyLog(disturbed, open, ports)).rejects.toMatchObject({ code: 'REVISION_CONFLICT', details: { reason: 'target_in_use', head: 1, expected: 0 } });
  });
});
