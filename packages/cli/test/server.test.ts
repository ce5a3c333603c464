/** serve, and the same questions asked through it: what comes back is what the opened log answers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@refold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readServerFile, removeServerFile, writeServerFile } from '../src/server-file.ts';
import { consoleWithRun, fixture, openConsole, testStore } from './console.ts';
import type { Console, Ran } from './console.ts';
import { serve } from './serve.ts';
import type { Served } from './serve.ts';

describe('Through a server', () => {
  let console: Console;
  let served: Served;
  beforeAll(async () => {
    console = await consoleWithRun();
    console.write('steps.debug', 'break agent_run.f*\nc\nb cause\nwho /lastError/message\ng 2\nfirst state.currentPhase == "CODE"\n');
    served = await serve(console);
  });
  afterAll(async () => {
    await served.stop();
    console.close();
  });

  test.each([
    'query --issue PROJ-123',
    'query \'event.type == "job.created"\'',
    'query --type AgentFailed,job.created --newest 2',
    'show PROJ-123@3',
    'runs',
    'state PROJ-123@2',
    'state PROJ-123 --at 2025-12-22T10:03:30Z',
    'state job/7 --path /name --provenance',
    'history PROJ-123 --with-state',
    'travel PROJ-123@3 --window 2',
    'open PROJ-123@3',
    'diff PROJ-123@1 job/7@end',
    'flips \'state.currentPhase == "CODE"\' PROJ-123 --from first-bad',
    'blame PROJ-123 --path /lastError',
    'divergence PROJ-123 job/7 --ignore /a',
    'bisect PROJ-123 --run "! grep -q gap-1"',
    'fork PROJ-123 --omit 4 --set \'3:/agent_model="a, b"\'',
    'coverage PROJ-123',
    'debug PROJ-123@start --script steps.debug',
    'compare PROJ-123 job/7',
    'rerun job/7 --set params.n=1 --dry-run',
    'job list --status pending',
    'job show 7',
    'job show nothing',
    'job logs 7',
    'checkpoint list PROJ-123',
    'checkpoint restore PROJ-123 nothing',
    'snapshot list PROJ-123',
    'snapshot verify',
    'replay list',
    'replay show nothing',
    'replay PROJ-123 --precondition nothing',
    'trace PROJ-123@5 --down --depth 3',
    'timeline PROJ-123 --lanes phase,agent_run',
    'timeline PROJ-123 --lod --window 2..4',
    'timeline PROJ-123 --marks',
    'state @2025-12-22T10:03:30Z',
    'stats --bucket hour',
    'agents',
    'types --count',
    'types AgentFailed',
    'verify',
    'validate PROJ-123',
    'validate --correlation run-1',
    'call getCommit --input \'{"id":"none"}\'',
    'state nothing',
    'state PROJ-123@9',
    'query --limit 0',
  ])('%s --json is the same', async (line) => {
    const [local, remote] = [await console.run(`${line} --json`), await console.run(`${line} --json`, { env: { REFOLD_SERVER: served.url } })];
    expect(remote.exitCode).toBe(local.exitCode);
    if (local.stdout !== '') expect(remote.json()).toEqual(local.json());
    else expect(remote.error()).toMatchObject({ code: local.error().code, detail: local.error().detail });
  });

  test('a refusal of the server is told with the id under which the server has it in its own log', async (context) => {
    if (testStore === 'jsonl') context.skip('the server has the log of lines, so the command asks it, too');
    const said = (await console.run(`state nothing --server ${served.url}`)).stderr;
    expect(said).toMatch(/^refold: error NOT_FOUND: .*\n {2}.*requestId [0-9a-f-]{36}\n/);
    expect((await console.run('state nothing')).stderr).not.toContain('requestId');
  });

  test('text is the same too', async () => {
    for (const line of ['query', 'runs', 'state PROJ-123@2', 'trace PROJ-123@5']) expect((await console.run(`${line} --server ${served.url}`)).stdout).toBe((await console.run(line)).stdout);
  });

  test('debug start, break, watch, step, resume, info, timeline, export and stop move a session that the server keeps', async () => {
    const debug = (line: string): Promise<Ran> => console.run(`debug ${line} --server ${served.url}`);
    const id = (await debug('start PROJ-123@1')).stdout.trim();
    const said = async (line: string): Promise<string> => (await debug(`${line} --session ${id}`)).stdout;
    expect(await said('break \'agent_run.f* if event.data.agent_name == "nobody"\'')).toBe('1  break agent_run.f* if event.data.agent_name == "nobody"\n');
    expect(await said("break 'agent_run.f*'")).toBe('2  break agent_run.f*\n');
    expect(await said('watch state.currentPhase')).toBe('3  state.currentPhase = null\n');
    expect(await said('step 2')).toMatch(/^@3 agent_run\.spawned {2}/);
    expect(await said('resume')).toMatch(/^breakpoint 2\n@5 agent_run\.failed {2}/);
    expect(await said('info')).toBe('paused  orchestration/PROJ-123@5 of 5  agent_run.failed\n  state.currentPhase = "CODE"\n  2 breakpoints, 1 watch\n');
    expect(await said('timeline --plain')).toMatch(/\n\d\t@5\tagent_run\.failed\t2\tstate\.currentPhase = "CODE"\n$/);
    expect(JSON.parse(await said('export'))).toMatchObject({ format: 'refold-debug-session', info: { revision: 5 } });
    expect(await said('stop')).toMatch(/^stopped /);
    expect((await debug(`pause --session ${id}`)).exitCode).toBe(5);
    expect((await debug('step --session ds_nothing')).exitCode).toBe(4);
    expect((await debug('step 2')).exitCode).toBe(2);
    // A log of lines is held by the server, so the command turns to it and is told that the session has ended.
    expect((await console.run(`debug step --session ${id}`)).exitCode).toBe(testStore === 'jsonl' ? 5 : 2);
    expect((await console.run('debug PROJ-123 and more')).exitCode).toBe(2);
  });

  test('replay plans as the opened log does, and executes by the handlers that serve was started with', async () => {
    const onlyPlan = (text: string): unknown => {
      const { replayId: _id, startedAt: _started, endedAt: _ended, ...plan } = JSON.parse(text) as Record<string, unknown>;
      return plan;
    };
    // Neither way has handlers here.
    expect(onlyPlan((await console.run(`replay PROJ-123 --json --server ${served.url}`)).stdout)).toEqual(onlyPlan((await console.run('replay PROJ-123 --json')).stdout));
    expect((await console.run(`replay PROJ-123 --handlers x.mjs --server ${served.url} --json`)).exitCode).toBe(2);

    const other = await consoleWithRun();
    other.write('handlers.mjs', "export const handlers = { PhaseStarted: () => ({ result: 'by the server' }) };");
    const serving = await serve(other, '--handlers handlers.mjs');
    const ran = await other.run(`replay PROJ-123 --execute --confirm orchestration/PROJ-123 --replay-id r-1 --server ${serving.url}`);
    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^completed {3}5 events/) as string });
    expect((await other.run(`replay steps r-1 --plain --server ${serving.url}`)).stdout).toMatch(/^@2\texecuted\t\S+\t"by the server"\n$/);
    const refused = await other.run(`replay PROJ-123 --handlers handlers.mjs --server ${serving.url} --json`);
    expect([refused.exitCode, refused.error().details['reason']]).toEqual([2, 'handlers']);
    await serving.stop();
    other.close();
  });

  test('D-042: the lines of a job follow over server-sent events, or the job is not found', async () => {
    await console.run(`job create 42 --start --server ${served.url}`);
    await console.run(`call appendJobLogs --input '{"id":"42","actor":"user:ana","lines":[{"level":"INFO","message":"begun"},{"level":"ERROR","message":"no space"}]}' --server ${served.url}`);
    const { stdout } = await console.run(`job logs 42 -f --limit 1 --level WARN --jsonl --server ${served.url}`);
    expect(JSON.parse(stdout)).toMatchObject({ jobId: '42', line: 2, message: 'no space' });
    expect((await console.run(`job logs 43 -f --server ${served.url}`)).exitCode).toBe(4);
  });

  test('tail follows over server-sent events', async () => {
    const { stdout } = await console.run(`tail --from-start --limit 3 --jsonl --server ${served.url}`);
    expect(stdout).toBe((await console.run('query --limit 3 --jsonl')).stdout);
  });

  test('append and import write through it', async () => {
    expect((await console.run(`append custom.note --stream custom/remote --data '{"a":1}' --actor user:ana --server ${served.url}`)).exitCode).toBe(0);
    expect((await console.run('show custom/remote --json')).json()).toMatchObject({ data: { a: 1 } });
    const { json } = await console.run(`import auto ${fixture('job-7.jsonl')} --server ${served.url} --json -n`);
    expect(json()).toMatchObject({ report: { recordsRead: 2 } });
  });

  test('serve prints the real durability, the epoch and where the log is, and leaves its address', async () => {
    expect(served.banner).toMatchObject({ store: expect.stringContaining({ sqlite: 'sqlite:.refold/log.db', jsonl: 'jsonl:.refold/lines' }[testStore] ?? `${testStore}:`) as string, durability: 'fsync', epoch: expect.stringMatching(/^[0-9a-f-]{36}(?:\.|$)/) as string });
    expect(readServerFile(join(console.folder, '.refold'))).toEqual({ url: served.url, pid: process.pid });
  });

  test('what is not Refold is named as that', async () => {
    const { exitCode, error } = await console.run(`runs --server ${served.url}/elsewhere --json`);
    expect([exitCode, error().code]).toEqual([4, 'NOT_FOUND']);
  });
});

describe('serve', () => {
  test('makes a log where there is none, and removes its address when it ends (X-018)', async () => {
    const console = openConsole();
    const served = await serve(console);
    expect(existsSync(join(console.folder, '.refold/server.json'))).toBe(true);
    expect(await (await fetch(`${served.url}/api/v1/health`)).json()).toMatchObject({ status: 'ok', durability: 'fsync' });
    const { exitCode, stderr } = await served.stop();
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('refold: stopping') as string]);
    expect(existsSync(join(console.folder, '.refold/server.json'))).toBe(false);
    await expect(fetch(served.url)).rejects.toThrow();
    console.close();
  });

  test('--demo loads the example runs once', async () => {
    const console = openConsole();
    const first = await serve(console, '--demo');
    expect(first.banner.events).toBeGreaterThan(2_000);
    const { items } = (await console.run('runs --json')).json<{ items: { streamType: string }[] }>();
    expect(items.map(({ streamType }) => streamType).sort()).toEqual(['orchestration', 'session']);
    expect((await first.stop()).stderr).toContain('loaded the example runs');
    const second = await serve(console, '--demo');
    expect(second.banner.events).toBe(first.banner.events);
    expect((await second.stop()).stderr).not.toContain('loaded');
    console.close();
  });

  test('--demo leaves a log that holds events alone', async () => {
    const console = await consoleWithRun();
    const served = await serve(console, '--demo');
    expect(served.banner.events).toBe(7);
    expect((await served.stop()).stderr).toContain('the example runs are not added');
    console.close();
  });

  test('says on -v which requests it refused, without what they said', async () => {
    const console = await consoleWithRun();
    const served = await serve(console, '-v');
    await fetch(`${served.url}/api/v1/events?limit=secret-value`, { headers: served.headers });
    const { stderr } = await served.stop();
    expect(stderr).toContain('"code":"BAD_REQUEST"');
    expect(stderr).not.toContain('secret-value');
    console.close();
  });

  test.each([
    ['leaves one validation.failed behind', true, ['validation.failed']],
    ['leaves nothing behind when emit_validation_failed is false', false, []],
  ])('an append that it refuses %s (C-005)', async (_what, isKept, types) => {
    const console = openConsole();
    await console.run('init');
    console.write('c.yaml', `event_sourcing:\n  validation:\n    emit_validation_failed: ${isKept}\n`);
    const served = await serve(console, `--config c.yaml --store "${console.storeUrl}"`);
    const refused = await fetch(`${served.url}/api/v1/events`, {
      method: 'POST',
      headers: { ...served.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'job.completed', streamType: 'job', streamId: '42', actor: { type: 'user', id: 'ana' }, data: { result: 'the payload' } }),
    });
    expect([refused.status, await refused.json()]).toEqual([422, expect.objectContaining({ code: 'ILLEGAL_TRANSITION' })]);
    // Stopping waits until it is written.
    await served.stop();
    const { items } = (await console.run('query --json')).json<{ items: { type: string }[] }>();
    expect(items.map(({ type }) => type)).toEqual(types);
    expect(JSON.stringify(items)).not.toContain('the payload');
    console.close();
  });

  test('a port in use is refused', async (context) => {
    if (testStore === 'jsonl') context.skip('one process at a time has a log of lines');
    const console = await consoleWithRun();
    const served = await serve(console);
    const { exitCode, error } = await console.run(`serve --port ${new URL(served.url).port} --json`);
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'BAD_CONFIG', details: { reason: 'port' } });
    await served.stop();
    console.close();
  });
});

describe('The address of a running server', () => {
  test('counts only while its process lives', () => {
    const console = openConsole();
    expect(readServerFile(console.folder)).toBeNull();
    writeServerFile(console.folder, { url: 'http://127.0.0.1:1', pid: process.pid });
    expect(readServerFile(console.folder)).toEqual({ url: 'http://127.0.0.1:1', pid: process.pid });
    // No process has this number: it is above the kernel's ceiling.
    writeServerFile(console.folder, { url: 'http://127.0.0.1:1', pid: 2 ** 30 });
    expect(readServerFile(console.folder)).toBeNull();
    console.write('server.json', '{"url":');
    expect(readServerFile(console.folder)).toBeNull();
    removeServerFile(console.folder);
    expect(existsSync(join(console.folder, 'server.json'))).toBe(false);
    console.close();
  });
});

test('a log that the command wrote opens as a library finds it', async () => {
  const console = await consoleWithRun();
  const store = await openStore(console.storeUrl);
  expect((await store.log.head()).position).toBe(7);
  await store.close();
  console.close();
});
