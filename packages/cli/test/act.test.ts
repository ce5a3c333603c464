/** What acts: replay, rerun, checkpoints, runs side by side, snapshots. On real logs, with real handlers. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareRuns, listCheckpoints, listReplays, listSnapshots, replayEvents, rerunJob } from '@refold/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleWithRun, fixture } from './console.ts';
import type { Console, Ran } from './console.ts';

let console: Console;
beforeEach(async () => {
  console = await consoleWithRun();
  process.env['WORLD'] = join(console.folder, 'world.txt');
  await done(`append --batch ${fixture('died-run.jsonl')}`);
});
afterEach(() => {
  delete process.env['WORLD'];
  console.close();
});

async function done(line: string, options: Parameters<Console['run']>[1] = {}): Promise<Ran> {
  const ran = await console.run(line, options);
  if (ran.exitCode !== 0) throw new Error(`${line}: ${ran.exitCode} ${ran.stderr}`);
  return ran;
}
const world = (): readonly string[] => (existsSync(join(console.folder, 'world.txt')) ? console.read('world.txt').trim().split('\n') : []);
const typesCalled = (): readonly string[] => world().map((line) => line.split(' ')[1]!);
const head = async (): Promise<number> => (await done('call systemInfo --json')).json<{ events: number }>().events;
const executeLine = `replay PROJ-9 --execute --confirm orchestration/PROJ-9 --handlers ${fixture('handlers.mjs')}`;

describe('refold replay', () => {
  test('A-024 plans by default: what would happen again, what must not, and the line that does it', async () => {
    const { stdout, stderr } = await done('replay PROJ-9 --from 2');
    expect(stdout).toBe(`dry run   4 events   precondition stream_unchanged ok, chain_valid ok, state_matches ok
  skip             1  non-repeatable: jira.comment_posted
  need allow       1  costly: agent_run.spawned    (--allow agent_run.spawned)
  no handler       2  phase.started, quality_check.started
`);
    expect(stderr).toBe('nothing executed.\ntry: refold replay orchestration/PROJ-9 --from 2 --execute --confirm orchestration/PROJ-9\n');
    expect(typesCalled()).toEqual([]);
  });

  test('JSON is exactly the answer of the operation', async () => {
    expect(replayEvents.output.safeParse((await done('replay PROJ-9 --json')).json()).error?.issues ?? []).toEqual([]);
    expect(listReplays.output.safeParse((await done('replay list --json')).json()).error?.issues ?? []).toEqual([]);
  });

  test('A-025 A-111 a run that died after posting a comment: executed, it never posts again', async () => {
    const { stdout, stderr } = await done(`${executeLine} --allow agent_run.spawned`);
    expect(stdout).toBe(`completed   5 events   precondition stream_unchanged ok, chain_valid ok, state_matches ok
  execute       4  idempotent 3, costly 1
  skip          1  non-repeatable: jira.comment_posted
`);
    expect(stderr).toMatch(/^replay [0-9a-f-]{36}\ntry: refold replay show /);
    expect(typesCalled()).toEqual(['orchestration.started', 'phase.started', 'agent_run.spawned', 'quality_check.started']);
  });

  test('executed twice, a costly effect happens once for ever and an idempotent one under its key', async () => {
    for (let time = 0; time < 2; time++) await done(`${executeLine} --allow agent_run.spawned`);
    expect(typesCalled().filter((type) => type === 'agent_run.spawned')).toHaveLength(1);
    expect(typesCalled()).not.toContain('jira.comment_posted');
    expect(new Set(world()).size).toBe(4);
  });

  test('bad-input N7: unconfirmed, or with a condition that does not hold, it exits 7 and nothing happened', async () => {
    const before = await head();
    const unconfirmed = await console.run(`replay PROJ-9 --execute --handlers ${fixture('handlers.mjs')}`);
    expect(unconfirmed).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('--execute --confirm orchestration/PROJ-9') });
    const refused = await console.run(`${executeLine} --precondition 'state.status == "completed"' --json`);
    expect([refused.exitCode, refused.error().code, refused.error().details['name']]).toEqual([7, 'PRECONDITION_FAILED', 'state.status == "completed"']);
    expect([typesCalled(), await head()]).toEqual([[], before]);
    expect((await console.run('replay PROJ-9 --precondition handler_available')).exitCode).toBe(7);
  });

  test('a handler that fails ends it with exit 1, or is counted', async () => {
    console.write('failing.mjs', "export default { 'phase.started': () => { throw new Error('no worker'); } };");
    const line = 'replay PROJ-9 --execute --confirm orchestration/PROJ-9 --handlers failing.mjs';
    const failed = await console.run(line);
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^failed {3}2 events[^]*@2 phase\.started: no worker\n$/) });
    expect(await done(`${line} --keep-going`)).toMatchObject({ stdout: expect.stringMatching(/^completed {3}5 events[^]*failed +1/) });
  });

  test('A-203 cancelled from another command while it runs, it does no more', async () => {
    const run = console.run(`${executeLine} --replay-id r-1 --allow agent_run.spawned`, { env: {} });
    // The first effect stands on record when there is a replay to cancel.
    await expect.poll(async () => (await console.run('replay cancel r-1 --reason enough')).exitCode, { interval: 5, timeout: 10_000 }).toSatisfy((code: number) => code === 0 || code === 5);
    const { exitCode, stdout } = await run;
    const { status } = (await done('replay show r-1 --json')).json<{ status: string }>();
    // It may have been quicker; what it says and what stands on record are the same.
    expect([exitCode, stdout.split(' ')[0]]).toEqual([status === 'cancelled' ? 1 : 0, status]);
  });

  test('list, show, steps and cancel tell what is on record', async () => {
    await done(`${executeLine} --replay-id r-1 --purpose debugging`);
    expect((await done('replay list')).stdout).toMatch(/^completed {2}r-1 {2}execute {2}orchestration\/PROJ-9 {2}\S+ {2}3 replayed, 2 skipped, 0 failed\n$/);
    expect((await done('replay show r-1')).stdout).toMatch(/^completed {2}r-1 {2}execute of orchestration\/PROJ-9 for debugging\n/);
    expect((await done('replay steps r-1 --plain')).stdout).toMatch(/^@1\texecuted\t[0-9a-f-]{36}\t"done"\n@2\t/);
    expect(await console.run('replay cancel r-1')).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('The replay r-1 is completed.') });
    expect((await console.run('replay show nothing')).exitCode).toBe(4);
    expect((await console.run('replay show')).exitCode).toBe(2);
  });

  test('A-204 C-048 a filter, a chain, a purpose and parameters go along', async () => {
    const { summary, target } = (await done('replay --correlation run-1 --filter "event.type == \'phase.started\'" --json')).json<{ summary: { reason: string | null; type: string }[]; target: object }>();
    expect(target).toEqual({ type: 'correlation', id: 'run-1' });
    expect(summary.filter(({ reason }) => reason !== 'filtered').map(({ type }) => type)).toEqual(['phase.started']);
    await done('replay PROJ-9 --purpose testing --param ticket=OPS-7');
    expect((await done('query --type replay.started --newest 1 --json')).stdout).toContain('"ticket": "OPS-7"');
  });

  test('--steps tells every event', async () => {
    expect((await done(`replay PROJ-9 --steps --to 3`)).stdout).toBe('@1  skip  orchestration.started  no_handler\n@2  skip  phase.started          no_handler\n@3  skip  agent_run.spawned      needs_allow\n');
  });

  test.each([
    ['replay', 'target'],
    ['replay PROJ-9 --correlation c', 'target'],
    ['replay PROJ-9 extra', 'excess_arguments'],
    ['replay PROJ-9 --execute -n', 'dry_run'],
    ['replay PROJ-9 --param x', 'param'],
    ['replay PROJ-9 --from 0', 'from'],
    ['replay PROJ-9 --precondition nothing', 'precondition'],
    ['rerun PROJ-9', 'no_job'],
    ['rerun 7 --set params=1', 'set'],
    ['compare 7', 'ids'],
    ['checkpoint restore PROJ-9', 'usage'],
    ['checkpoint restore PROJ-9 latest', 'no_checkpoint'],
    ['snapshot list', 'usage'],
  ])('%s is refused as %s', async (line, reason) => {
    const { exitCode, error } = await console.run(`${line} --json`);
    expect([exitCode, error().details['reason']]).toEqual([2, reason]);
  });

  test.each([
    ['nowhere.mjs', ''],
    ['text.mjs', 'export default "x";'],
    ['list.mjs', 'export const handlers = { "phase.started": 1 };'],
    ['twice.mjs', 'export const handlers = { "phase.started": () => {}, PhaseStarted: () => {} };'],
  ])('handlers in %s are refused as configuration', async (name, text) => {
    if (text !== '') console.write(name, text);
    const { exitCode, error } = await console.run(`replay PROJ-9 --handlers ${name} --json`);
    expect([exitCode, error().code]).toEqual([2, 'BAD_CONFIG']);
  });

  test('a plan fits a terminal of 80 columns', async () => {
    const { stdout } = await done('replay PROJ-123 --no-color', { terminal: 80 });
    expect(Math.max(...stdout.split('\n').slice(1).map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('A-203 killed in the middle and run again', () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const sources = fileURLToPath(new URL('../../testing/src/source-resolution.ts', import.meta.url));

  function run(line: string, dieAt = ''): Promise<{ signal: string | null; exitCode: number | null; stderr: string }> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', sources, main, ...line.split(' ')], { cwd: console.folder, env: { PATH: process.env['PATH'], HOME: console.folder, REFOLD_ACTOR: 'user:ana', WORLD: join(console.folder, 'world.txt'), DIE_AT: dieAt } });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    return new Promise((resolve) => child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stderr })));
  }

  /** Call 2 is the costly one. */
  test.each(['before 0', 'after 0', 'before 2', 'after 2', 'after 3'])('at "%s": each effect at most once, and nothing that must not be repeated', async (moment) => {
    const line = `${executeLine} --allow agent_run.spawned`;
    const killed = await run(line, moment);
    expect(killed.signal).toBe('SIGKILL');
    // What was told before it began names it; so does the log.
    const id = /^replay (\S+)/.exec(killed.stderr)![1]!;
    expect((await done('replay list --status running --json')).json<{ items: { replayId: string }[] }>().items.map(({ replayId }) => replayId)).toEqual([id]);

    const again = await run(`${line} --replay-id ${id}`);
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining(`replay ${id}`)]);
    const types = typesCalled();
    expect(types).not.toContain('jira.comment_posted');
    // Killed between the note and the call, the costly one stays undone; it is never done twice.
    expect(types.filter((type) => type === 'agent_run.spawned')).toHaveLength(moment === 'before 2' ? 0 : 1);
    // Only the call that was under way may come a second time, and then under its key.
    expect(world().length - new Set(world()).size).toBeLessThanOrEqual(1);
    expect(new Set(types)).toEqual(new Set(['orchestration.started', 'phase.started', 'quality_check.started', ...(moment === 'before 2' ? [] : ['agent_run.spawned'])]));
    expect((await done(`replay show ${id} --json`)).json()).toMatchObject({ status: 'completed' });
  });

  test('Ctrl-C leaves off after the effect under way and prints the line that goes on (bad-input F7)', async () => {
    const stop = new AbortController();
    console.write('stopping.mjs', "import { setTimeout } from 'node:timers/promises'; export const handlers = Object.fromEntries(['orchestration.started', 'phase.started', 'quality_check.started'].map((type) => [type, async () => { globalThis.stopReplay?.(); await setTimeout(1); return { result: type }; }]));");
    (globalThis as { stopReplay?: () => void }).stopReplay = () => stop.abort(130);
    const line = 'replay PROJ-9 --execute --confirm orchestration/PROJ-9 --handlers stopping.mjs';
    const { exitCode, stderr } = await console.run(line, { signal: stop.signal });
    delete (globalThis as { stopReplay?: () => void }).stopReplay;
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('refold: interrupted')]);
    const goOn = /^try: refold (.*)$/m.exec(stderr)![1]!;
    expect(goOn).toMatch(/^replay orchestration\/PROJ-9 --handlers stopping\.mjs .*--execute --confirm orchestration\/PROJ-9 --replay-id \S+$/);
    expect((await done('replay list --status running --json')).json<{ items: { stepsDone: number }[] }>().items).toMatchObject([{ stepsDone: 1 }]);
    expect((await done(goOn)).stdout).toMatch(/^completed {3}5 events/);
  });
});

describe('refold rerun', () => {
  test('D-056 shows what it would be, then is it: parameters, steps kept, linked', async () => {
    await done("append job.created --stream job/42 --data '{\"params\":{\"model\":\"gpt-4\"},\"steps\":[{\"name\":\"build\"},{\"name\":\"deploy\"}]}'");
    for (const type of ['job.started', "job.step_completed --data '{\"step\":\"build\"}'", "job.failed --data '{\"error\":{\"message\":\"x\"}}'"]) await done(`append ${type} --stream job/42`);
    const before = await head();
    const shown = await done("rerun job/42 --set params.model='\"claude-x\"' --from-step deploy -n");
    expect(shown.stdout).toBe('would create job/43 from job/42: 1 parameter changed, 1 step kept, 1 to run\n~ /model  "gpt-4" -> "claude-x"\n');
    expect([shown.stderr, await head()]).toEqual(['nothing written.\n', before]);
    const made = await done("job rerun 42 --set /model='\"claude-x\"' --from-step deploy --reason flaky --json");
    expect(rerunJob.output.safeParse(made.json()).error?.issues ?? []).toEqual([]);
    expect((await done('state job/43 --json')).json()).toMatchObject({ state: { rerunOf: '42', params: { model: 'claude-x' } } });
    expect((await done('job compare 42 --plain')).stdout).toBe('\tjob/42\tjob/43\nstatus\tfailed\tpending\nduration\t0 ms\t-\nevents\t5\t1\n/model\t"gpt-4"\t"claude-x"\nbuild\tcompleted\tcompleted\ndeploy\tpending\tpending\n');
  });
});

describe('refold compare', () => {
  test('D-058 sets runs side by side, and says where they part', async () => {
    const { stdout, stderr, exitCode } = await console.run('compare PROJ-123 PROJ-9 --exit-code');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ +orchestration\/PROJ-123 +orchestration\/PROJ-9\nstatus +running +running\n[^]*\nfirst difference {3}orchestration\/PROJ-9@/);
    expect(stderr).toBe('try: refold divergence orchestration/PROJ-9 orchestration/PROJ-123\n');
    expect(compareRuns.output.safeParse((await done('compare PROJ-123 PROJ-9 --json')).json()).error?.issues ?? []).toEqual([]);
  });
});

describe('refold checkpoint', () => {
  test('A-082 A-084 create, list, look at a restore, restore', async () => {
    expect((await done('checkpoint create PROJ-123 cp-1 --label "before the rewrite"')).stdout).toBe('cp-1  orchestration/PROJ-123@6  before the rewrite\n');
    await done("append phase.completed --stream orchestration/PROJ-123 --issue PROJ-123 --session sess-1 --data '{\"phase\":\"CODE\"}'");
    expect((await done('checkpoint list PROJ-123')).stdout).toMatch(/^@6 {2}cp-1 {2}\S+ {2}snapshot {2}before the rewrite\n$/);
    expect(listCheckpoints.output.safeParse((await done('checkpoint list PROJ-123 --json')).json()).error?.issues ?? []).toEqual([]);
    const before = await head();
    const shown = await done('checkpoint restore PROJ-123 latest -n');
    expect(shown.stdout).toMatch(/^would set orchestration\/PROJ-123 back to cp-1 at @6\n[^]*~ \/status +"completed" -> "running"\n[^]*stays: /);
    expect(await head()).toBe(before);
    const made = await done('checkpoint restore PROJ-123 cp-1 --reason again');
    expect(made.stdout).toMatch(/^set orchestration\/PROJ-123 back to cp-1 at @6, as @8\n/);
    expect(made.stderr).toBe('try: refold replay orchestration/PROJ-123 --from 7\n');
    expect((await done('state PROJ-123 --path /phases/CODE/status')).stdout).toContain('running');
    expect((await console.run('checkpoint restore PROJ-123 cp-7')).exitCode).toBe(4);
  });
});

describe('refold snapshot', () => {
  test('A-214 A-217 create, list, verify, gc', async () => {
    expect((await done('snapshot create PROJ-123@3')).stdout).toMatch(/^orchestration\/PROJ-123@3 {2}[\d,]+ bytes {2}state hash [0-9a-f]{12}\n$/);
    expect((await done('snapshot list PROJ-123')).stdout).toMatch(/^@3 {2}pinned /);
    expect(listSnapshots.output.safeParse((await done('snapshot list PROJ-123 --json')).json()).error?.issues ?? []).toEqual([]);
    expect((await done('snapshot verify')).stdout).toMatch(/^ok {2}1 snapshot of 3 streams\n$/);
    expect((await done('snapshot gc PROJ-123')).stdout).toBe('0 snapshots removed in 1 stream\n');
  });
});
