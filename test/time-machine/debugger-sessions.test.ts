/** The debugger over real logs with the built-in domain: document 002's session as written, calls, a session as a test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDebugSessions, createDebugger, exportSession, forkSession, importSession, parseScript, regressionTestSource, runScript } from '@refold/core';
import type { Actor, Debugger, DebuggerParts, EventInput, Log } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readerOf } from './replay-world.ts';

const actor: Actor = { type: 'agent', id: 'runner' };
const root = fileURLToPath(new URL('../../', import.meta.url));
const at = (revision: number) => ({ kind: 'revision' as const, revision });

const agentEvents: readonly EventInput[] = [
  { type: 'agent.created', data: { name: 'Customer Support Agent', model: 'gpt-4' } },
  { type: 'agent.updated', data: { changes: { model: 'gpt-5' }, reward: 0.5 } },
  { type: 'agent.deployed', data: { environment: 'staging', version: '1', reward: 0.95 } },
  { type: 'agent.updated', data: { changes: { model: 'gpt-6' } } },
].map((event) => ({ ...event, streamType: 'agent', streamId: 'agent-123', actor }));

const call = (type: string, id: string, data: EventInput['data'] = {}): EventInput => ({ type: `tool_call.${type}`, streamType: 'session', streamId: 's-1', actor, data: { tool_call_id: id, ...data } });
const sessionEvents: readonly EventInput[] = [
  { type: 'session.started', streamType: 'session', streamId: 's-1', actor, data: { agent_id: 'runner' } },
  call('started', 'outer', { tool: 'Task', effect: 'delegate' }),
  call('started', 'inner', { tool: 'Read', effect: 'read' }),
  call('progressed', 'inner', { elapsed_ms: 5 }),
  call('completed', 'inner', { output: 'text' }),
  call('completed', 'outer', { output: 'done' }),
  call('started', 'lost', { tool: 'Bash', effect: 'exec' }),
];

describe.each([
  ['memory', () => 'memory:'],
  ['sqlite', () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'refold-debug-')), 'log.db')}`],
])('debugging over %s', (_engine, url) => {
  let store: OpenedStore;
  let log: Log;
  let parts: DebuggerParts;

  beforeEach(async () => {
    store = await openStore(url());
    ({ log } = store);
    parts = { reader: readerOf(log), fold: log.fold, hasher: log.ports.hasher, snapshots: log.snapshots, clock: log.ports.clock, byId: (id) => log.event(id) };
    await log.append({ events: agentEvents, validation: 'flag' });
    await log.append({ events: sessionEvents, validation: 'flag' });
  });
  afterEach(async () => await store.close());

  const debugAgent = async (): Promise<Debugger> => {
    const session = await createDebugger(parts, { streamType: 'agent', streamId: 'agent-123' }, { stopsBefore: true });
    await session.start(at(1));
    return session;
  };

  test('B-059 to B-069 document 002, as written: start, breakpoints, watches, pause, step, resume, stop', async () => {
    const session = await debugAgent();
    session.addBreakpoint({ eventType: 'agent.updated' });
    session.addBreakpoint({ condition: "event_data.get('reward', 0) > 0.8" });
    session.addWatch("event_data.get('reward', 0)");
    session.addWatch('event_type');
    expect((await session.pause()).state).toBe('paused');
    expect(await session.step()).toMatchObject({ revision: 2 });
    expect(Object.fromEntries(session.watchedValues())).toEqual({ "event_data.get('reward', 0)": 0.5, event_type: 'agent.updated' });
    expect(await session.resume()).toMatchObject({ reason: 'breakpoint', revision: 3 });
    expect(session.info()).toMatchObject({ state: 'paused', currentEvent: { type: 'agent.deployed' }, currentState: { revision: 2 } });
    expect(await session.resume()).toMatchObject({ reason: 'breakpoint', revision: 4 });
    expect((await session.timeline()).entries.map(({ revision, watches }) => [revision, watches['event_type']])).toEqual([[1, undefined], [2, 'agent.updated'], [3, 'agent.deployed'], [4, 'agent.updated']]);
    session.stop();
    await expect(async () => await session.resume()).rejects.toMatchObject({ code: 'BAD_DEBUG_STATE' });
  });

  test.each(['agent.updated', 'orchestration.agent.updated', 'agent.up*'])('B-060 the name %s finds the type', async (eventType) => {
    const session = await debugAgent();
    session.addBreakpoint({ eventType });
    expect(await session.resume()).toMatchObject({ reason: 'breakpoint', revision: 2 });
  });

  test('B-070 an export opens where the log is not, and shows the same', async () => {
    const session = await debugAgent();
    session.addWatch('event_type');
    await session.resume();
    const file: unknown = JSON.parse(JSON.stringify(await exportSession(session, { now: log.ports.clock.now() })));
    const again = await importSession(file, { fold: log.fold, hasher: log.ports.hasher, clock: log.ports.clock }, { stopsBefore: true });
    const { entries } = await session.timeline();
    expect((await again.timeline({ limit: entries.length })).entries).toEqual(JSON.parse(JSON.stringify(entries)));
    expect(again.watches()).toEqual(session.watches().map((watch) => ({ ...watch, id: expect.any(String) })));
  });

  test('a step over a call goes from its start to its end and back, whatever lies in between', async () => {
    const session = await createDebugger(parts, { streamType: 'session', streamId: 's-1' });
    await session.start(at(2));
    expect(await session.step({ grain: 'call' })).toMatchObject({ revision: 6 });
    expect(await session.stepBack({ grain: 'call' })).toMatchObject({ revision: 2 });
    await session.goTo(at(3));
    expect(await session.step({ grain: 'call' })).toMatchObject({ revision: 5 });
    expect(await session.step({ grain: 'call' })).toMatchObject({ revision: 6 });
    expect(await session.step({ grain: 'call' })).toMatchObject({ revision: 7 });
    // A call that was never answered has no end; that is said, and the session stays.
    expect(await session.step({ grain: 'call' })).toMatchObject({ revision: 7, reason: 'no_answer', moved: false });
  });

  test('a script of the prompt runs against a log, and its assertions decide', async () => {
    const session = await createDebugger(parts, { streamType: 'session', streamId: 's-1' });
    await session.start();
    const script = parseScript('break tool_call.completed if data.tool_call_id == "outer"\nc\nassert revision == 6.0\nassert state.toolCalls["inner"].status == "completed"\nwho /toolCalls/outer/status\nq');
    const run = runScript(session, script, parts);
    const results = [];
    let next = await run.next();
    for (; next.done !== true; next = await run.next()) results.push(next.value.result);
    expect(next.value).toEqual({ ok: true, assertions: 2, failed: 0, refused: null });
    expect(results[4]).toMatchObject({ kind: 'provenance', entries: [{ value: 'completed', before: 'running', setBy: { revision: 6 } }] });
  });

  test('edit-and-fork shows what would have been, and the log stays as it is', async () => {
    const before = (await log.head()).position;
    const session = await createDebugger(parts, { streamType: 'session', streamId: 's-1' });
    await session.start(at(7));
    session.addWatch('state.toolCalls["inner"].status');
    const { session: forked, result } = await forkSession(session, parts, [{ op: 'omit', at: 5 }]);
    expect(result).toMatchObject({ applied: 1, rejected: [] });
    expect([session.watches()[0]!.value, forked.watches()[0]!.value]).toEqual(['completed', 'running']);
    expect((await log.head()).position).toBe(before);
  });

  test('many sessions run at once over one log, each on its own', async () => {
    const sessions = createDebugSessions({ clock: log.ports.clock, ids: log.ports.ids });
    const opened = await Promise.all(Array.from({ length: 8 }, () => sessions.open((id) => createDebugger(parts, { streamType: 'session', streamId: 's-1' }, { id }))));
    await Promise.all(
      opened.map(async (session, index) => {
        await session.start();
        session.addBreakpoint({ condition: `revision == ${index + 1}.0` });
        await session.resume();
      }),
    );
    expect(opened.map(({ state, revision }) => [state, revision])).toEqual([1, 2, 3, 4, 5, 6, 7].map((revision) => ['paused', revision] as const).concat([['completed', 7]] as never));
  });
});

test('a session exported as a regression test is a test that vitest runs: it passes, and fails when the history is another one', async () => {
  const store = await openStore('memory:');
  const { log } = store;
  await log.append({ events: agentEvents, validation: 'flag' });
  const session = await createDebugger({ reader: readerOf(log), fold: log.fold, hasher: log.ports.hasher, clock: log.ports.clock }, { streamType: 'agent', streamId: 'agent-123' });
  await session.start();
  session.addWatch('event_type');
  session.addWatch("event_data.get('reward', 0)");
  await session.resume();
  const exported = await exportSession(session, { now: 0 });
  await store.close();

  // Below the repository, so that the packages are found; outside of what its own test run looks at.
  const built = fileURLToPath(new URL('./dist/', import.meta.url));
  mkdirSync(built, { recursive: true });
  const folder = mkdtempSync(join(built, 'regression-'));
  try {
    writeFileSync(join(folder, 'agent.test.ts'), regressionTestSource(exported, { fixture: 'agent.debug.json', registry: { module: '@refold/catalog', name: 'createCatalogRegistry' } }));
    writeFileSync(join(folder, 'vitest.config.mjs'), `import config from ${JSON.stringify(new URL('../../vitest.config.ts', import.meta.url).href)};\nexport default { ...config, root: ${JSON.stringify(folder)}, test: { include: ['*.test.ts'], exclude: [] } };\n`);
    writeFileSync(join(folder, 'agent.debug.json'), JSON.stringify(exported));
    expect(await runVitest(folder)).toMatchObject({ passed: 8, failed: 0 });
    const events = exported.events.map((event) => (event.revision === 3 ? { ...event, data: { ...event.data, reward: 0.1 } } : event));
    writeFileSync(join(folder, 'agent.debug.json'), JSON.stringify({ ...exported, events }));
    expect(await runVitest(folder)).toMatchObject({ passed: 7, failed: 1 });
  } finally {
    rmSync(built, { recursive: true });
  }
}, 120_000);

async function runVitest(folder: string): Promise<{ readonly passed: number; readonly failed: number }> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(folder, 'vitest.config.mjs'), '--reporter=json', `--outputFile=${report}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await once(child, 'close');
  if (!existsSync(report)) throw new Error(`vitest left no report: ${told}`);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as { readonly numPassedTests: number; readonly numFailedTests: number };
  return { passed: numPassedTests, failed: numFailedTests };
}
