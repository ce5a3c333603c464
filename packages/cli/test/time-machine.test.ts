/** Questions over a history, and the debugger: on a small run, and on the runs that come with Refold. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blameOf, compareState, coverageOf, divergenceOf, flipsOf, forkStream } from '@refold/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleWithRun, fixture, openConsole } from './console.ts';
import type { Console, Ran } from './console.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const session = '258c7280-ae70-4798-800f-63464d01a85d';

let small: Console;
let demo: Console;
beforeAll(async () => {
  small = await consoleWithRun();
  small.write('other.jsonl', otherRun());
  demo = openConsole();
  for (const [console, line] of [
    [small, 'append --batch other.jsonl'],
    [demo, 'init'],
    [demo, `import auto ${examples}jira-orchestration`],
    [demo, `import claude-code ${examples}claude-code`],
  ] as const) {
    const { exitCode, stderr } = await console.run(line);
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
});
afterAll(() => {
  small.close();
  demo.close();
});

/** The run of PROJ-123 again as PROJ-119; there the agent was given another model, and did not fail. */
function otherRun(): string {
  const lines = readFileSync(fixture('proj-123.jsonl'), 'utf8').trim().split('\n').slice(0, 4);
  return lines.map((line) => line.replaceAll('PROJ-123', 'PROJ-119').replaceAll('00000000-0000-4000-8000-', '00000000-0000-4000-8000-9').replace(/(4000-8000-9)0/g, '$1').replaceAll('run-1', 'run-2').replaceAll('"opus"', '"haiku"')).join('\n');
}

const widest = ({ stdout }: Ran): number => Math.max(...stdout.split('\n').map((line) => line.length));

describe('JSON is exactly the answer of the operation', () => {
  test.each([
    ["flips 'state.status == \"failed\"' PROJ-123", flipsOf],
    ['blame PROJ-123', blameOf],
    ['blame PROJ-123 --path /lastError', blameOf],
    ['divergence PROJ-123 PROJ-119', divergenceOf],
    ['fork PROJ-123 --omit 4', forkStream],
    ['coverage PROJ-123', coverageOf],
  ])('%s', async (line, { output }) => {
    const { json, exitCode } = await small.run(`${line} --json`);
    expect(output.safeParse(json()).error?.issues ?? []).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('Text stays within 80 columns of a terminal', () => {
  test.each(["flips 'size(state.errors) > 0' PROJ-123", 'blame PROJ-123', `coverage ${session}`, "bisect PROJ-123 --run '! grep -q err-user-contract'", 'divergence PROJ-123 PROJ-123', "fork PROJ-123 --set '10:/result/contract=\"UserV2\"' --insert '5={\"type\":\"no.such_type_of_this_rather_long_name_here\"}'", `debug PROJ-123 --script ${fixture('proj-123.debug')}`])('%s', async (line) => {
    expect(widest(await demo.run(`${line} --no-color`, { terminal: 80 }))).toBeLessThanOrEqual(80);
  });
});

describe('flips', () => {
  test('tells every change of truth with the values that made it', async () => {
    const { stdout, stderr } = await demo.run("flips 'size(state.gaps) > 1 || state.status == \"failed\"' PROJ-123");
    expect(stdout).toMatch(/^@35 {2}false -> true {2}gap\.identified/);
    expect(stderr).toMatch(/^1 flip, 73 events, \d+ ms\n$/);
  });

  test('--first and --last take one of them, --jsonl one record per line', async () => {
    const line = "flips 'state.currentPhase == \"CODE\"' PROJ-123";
    const revisions = ({ stdout }: Ran): number[] => stdout.trim().split('\n').map((text) => (JSON.parse(text) as { revision: number }).revision);
    const all = revisions(await demo.run(`${line} --jsonl`));
    expect(all[0]).toBe(27);
    expect(revisions(await demo.run(`${line} --first --jsonl`))).toEqual([all[0]]);
    expect(revisions(await demo.run(`${line} --last --jsonl`))).toEqual([all.at(-1)]);
    expect((await demo.run(`${line} --first --last`)).exitCode).toBe(2);
  });

  test('--from and --to are places of the stream, first-bad included', async () => {
    const events = async (range: string): Promise<number> => (await demo.run(`flips 'state.status == "failed"' PROJ-123 ${range} --json`)).json<{ summary: { events: number } }>().summary.events;
    expect([await events('--from 70'), await events('--to 10'), await events('--from first-bad --to 10'), await events('--from ~2')]).toEqual([4, 10, 5, 3]);
  });

  test('what never changes is told, a range that runs backward (bad-input B11) and swapped arguments are refused', async () => {
    expect((await demo.run("flips 'revision > 0' PROJ-123")).stderr).toMatch(/^0 flips, 73 events/);
    expect((await demo.run("flips 'size(state.gaps) >= 0' PROJ-123")).stderr).toMatch(/^0 flips \(true all the way\), 73 events/);
    const { exitCode, error } = await demo.run("flips 'true' PROJ-123 --from 60 --to 10 --json");
    expect([exitCode, error()]).toEqual([2, expect.objectContaining({ code: 'BAD_REQUEST', details: expect.objectContaining({ reason: 'range' }) as unknown })]);
    const swapped = await demo.run("flips PROJ-123 'state.status == \"failed\"'");
    expect([swapped.exitCode, swapped.stderr]).toEqual([2, expect.stringContaining("refold flips 'state.status == \"failed\"' PROJ-123") as string]);
  });

  test('--exit-code says whether it was ever true, and a bad expression is refused (bad-input C1)', async () => {
    expect((await demo.run("flips 'state.status == \"failed\"' PROJ-123 --exit-code")).exitCode).toBe(0);
    expect((await demo.run("flips 'state.status == \"cancelled\"' PROJ-123 --exit-code")).exitCode).toBe(1);
    expect((await demo.run("flips 'state.status ==' PROJ-123")).stderr).toContain('BAD_EXPRESSION');
  });

  test('what cannot be evaluated is told as not known, never as false', async () => {
    const { stdout, stderr } = await demo.run("flips 'state.testRuns[\"unit-1\"].coverage > 80.0' PROJ-123");
    expect(stdout).toMatch(/^@\d+ {2}first -> (?:true|false)/);
    expect(stderr).toContain('not known at');
  });
});

describe('blame', () => {
  test('finds the lookup that failed first, with the chain from it to the end', async () => {
    const { stdout, stderr } = await demo.run('blame PROJ-123');
    expect(stdout).toMatch(/^first bad {2}@6 error\.occurred {2}Error HTTP_404/);
    expect(stdout).toContain('asked about: @73 orchestration.failed (the run failed)');
    expect(stdout).toMatch(/\n {2}> @8 recovery\.succeeded .*\(recorded: began the same error\)\n/);
    expect(stderr).toContain('refold debug orchestration/PROJ-123@6     refold diff orchestration/PROJ-123@5 @73');
  });

  test('--path says who set a value, and what led to that', async () => {
    const { stdout } = await demo.run('blame PROJ-123 --path /lastError');
    expect(stdout).toMatch(/^\/lastError\/code +"CONTRACT_MISMATCH" +set @70 phase\.failed/);
    expect(stdout).toContain('(set the value)');
    expect((await demo.run('blame PROJ-123 --path /nothing/here')).exitCode).toBe(4);
  });

  test('--expect and --against accuse by another idea of good', async () => {
    expect((await demo.run("blame PROJ-123 --expect 'state.status != \"paused\"'")).stdout).toMatch(/^first bad {2}@37 orchestration\.paused {2}Orchestration paused.*\n {2}expectation failed, nothing leads from it\n/);
    expect((await small.run('blame PROJ-123 --against PROJ-119')).stdout).toMatch(/^first bad {2}@3 agent_run\.spawned .*\n {2}first difference/);
  });

  test('a session whose calls failed without an error says which, and what to type next', async () => {
    const { stdout, stderr, exitCode } = await demo.run(`blame session/${session} --exit-code`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^no error in session/${session}; 7 things failed on the way\n(?: {2}@[\\d,]+ tool_call\\.failed {2}.+\n){7}$`));
    const next = /refold (blame session\/\S+@\d+)/.exec(stderr)![1]!;
    expect((await demo.run(next)).stdout).toMatch(/^first bad {2}@\d+ tool_call\.failed .*\n {2}recorded chain, itself, bad by failed\n/);
  });

  test('--exit-code says whether something is bad', async () => {
    expect((await demo.run('blame PROJ-123 --exit-code')).exitCode).toBe(1);
    const good = await demo.run('blame PROJ-123@5 --exit-code');
    expect([good.exitCode, good.stdout]).toEqual([0, expect.stringMatching(/^nothing bad in orchestration\/PROJ-123/) as string]);
  });
});

describe('first-bad', () => {
  test('is a place for every command that takes one', async () => {
    expect((await demo.run('state PROJ-123@first-bad --json')).json()).toMatchObject({ revision: 6 });
    expect((await demo.run('show PROJ-123@first-bad --json')).json()).toMatchObject({ revision: 6, type: 'error.occurred' });
    expect((await demo.run('diff PROJ-123@5 @first-bad --json')).json()).toMatchObject({ to: { revision: 6 } });
  });

  test('is not found where nothing is bad', async () => {
    const { exitCode, error } = await small.run('state PROJ-119@first-bad --json');
    expect([exitCode, error()]).toEqual([4, expect.objectContaining({ code: 'NOT_FOUND', details: { reason: 'first_bad', stream: 'orchestration/PROJ-119' } }) as unknown]);
  });
});

describe('divergence', () => {
  test('shows the first difference with both sides, and the alias does too', async () => {
    const { stdout, exitCode } = await small.run('divergence PROJ-123 PROJ-119 --context 1');
    expect(stdout).toMatch(/^first difference {3}A @3 {3}B @3 {3}input\n {2}A {2}agent_run\.spawned .*\n {5}\/agent_model {2}"opus"\n {2}B .*\n {5}\/agent_model {2}"haiku"\n/);
    expect(exitCode).toBe(0);
    expect((await small.run('diverge PROJ-123 PROJ-119 --context 1')).stdout).toBe(stdout);
    expect((await small.run('divergence PROJ-123 PROJ-119 --plain')).stdout).toBe('input\tDATA_DIFFERS\t3\t3\t/agent_model\t"opus"\t"haiku"\n');
  });

  test('--exit-code is 1 when they differ, and --ignore takes a pointer or a file of rules', async () => {
    const { write } = small;
    write('rules.txt', '# what may differ\n/agent_model\nagent_run.failed\n');
    const exit = async (flags: string): Promise<number> => (await small.run(`divergence PROJ-123 PROJ-119 --exit-code ${flags}`)).exitCode;
    expect([await exit(''), await exit('--ignore /agent_model'), await exit('--ignore rules.txt'), await exit('--ignore nowhere.txt')]).toEqual([1, 1, 0, 4]);
    expect((await small.run('divergence PROJ-123 PROJ-123 --exit-code')).stdout).toBe('no difference   5 events equal, states equal\n');
  });
});

describe('fork', () => {
  const set = `--set '3:/agent_model="a, b"'`;

  test('prints what the edits change, and writes nothing', async () => {
    const before = (await small.run('stats --json')).stdout;
    const { stdout, exitCode } = await small.run(`fork PROJ-123 ${set}`);
    expect(stdout).toMatch(/^what-if \(nothing written\) {3}base orchestration\/PROJ-123@5 {3}1 edit, 0 rejected\n~ \/agentRuns\/[^/]+\/model {2}"opus" -> "a, b"\n/);
    expect(exitCode).toBe(0);
    expect((await small.run(`whatif PROJ-123 ${set}`)).stdout).toBe(stdout);
    expect((await small.run('stats --json')).stdout).toBe(before);
  });

  test('replaces and inserts events from JSON and from files', async () => {
    small.write('gap.json', JSON.stringify({ type: 'gap.identified', issueKey: 'PROJ-123', sessionId: 'sess-1', data: { gap_id: 'gap-2', description: 'another', severity: 'low' } }));
    const gaps = async (flags: string): Promise<string[]> => Object.keys((await small.run(`fork PROJ-123 ${flags} --json`)).json<{ variant: { state: { gaps: object } } }>().variant.state.gaps);
    expect(await gaps('--replace 4=@gap.json')).toEqual(['gap-2']);
    expect(await gaps('--insert 4=@gap.json')).toEqual(['gap-1', 'gap-2']);
    expect(await gaps('--omit 4')).toEqual([]);
  });

  test('an edit that the rules forbid is told with exit 5; --lenient takes it', async () => {
    const { exitCode, stdout, stderr } = await small.run(`fork PROJ-123 --insert '5={"type":"no.such_type"}'`);
    expect([exitCode, stdout]).toEqual([5, expect.stringContaining('rejected  insert after 5  UNKNOWN_TYPE') as string]);
    expect(stderr).toContain('--lenient');
    const absent = await small.run('fork PROJ-123 --omit 400');
    expect([absent.exitCode, absent.stderr]).toEqual([5, expect.not.stringContaining('--lenient') as string]);
  });

  test.each([
    ['fork PROJ-123', 2],
    ["fork PROJ-123 --set '3:agent_model=1'", 2],
    ['fork PROJ-123 --set 3:/agent_model=opus', 2],
    ['fork PROJ-123 --replace 4=@nowhere.json', 4],
    ["fork PROJ-123 --set '3:/__proto__/x=1'", 2],
  ])('%s exits %i (bad-input A19)', async (line, exitCode) => {
    expect((await small.run(line)).exitCode).toBe(exitCode);
  });
});

describe('coverage', () => {
  test('says per producer what was seen, and lists what was not', async () => {
    const { stdout, stderr } = await demo.run(`coverage ${session}`);
    expect(stdout).toMatch(/^producer +form +events +concluded +late +flagged\nclaude-code +transcript +2,087 /);
    expect(stdout).toMatch(/\n\d+ {2}without an end\n {3}@1 session\.started {2}no end was seen/);
    expect(stderr).toMatch(/^[\d,]+ gaps in 2,087 events/);
    expect((await demo.run(`coverage ${session} --exit-code --plain`)).exitCode).toBe(1);
  });
});

describe('bisect', () => {
  test('finds the first bad event with a command that reads the state from stdin', async () => {
    const { stdout, stderr, exitCode } = await demo.run("bisect PROJ-123 --run '! grep -q err-user-contract'");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^first bad: @53 error\.occurred/) as string]);
    expect(stderr).toMatch(/^\d probes, 0 skipped\ntry: refold debug orchestration\/PROJ-123@53/);
  });

  test('REFOLD_PLACE says where it is asked, 125 skips, and what skips hide is told as candidates', async () => {
    const run = (script: string): Promise<Ran> => demo.run(`bisect PROJ-123 --run '${script}' --good 10 --bad @20 --json`);
    const place = 'rev=${REFOLD_PLACE##*@}; ';
    expect((await run(`${place} test $rev -lt 14`)).json()).toMatchObject({ streamId: 'PROJ-123', firstBad: 14, event: { revision: 14 }, skipped: 0 });
    expect((await run(`${place} test $rev -eq 13 && exit 125; test $rev -lt 13`)).json()).toMatchObject({ firstBad: null, candidates: [13, 14], event: null, skipped: 1 });
  });

  test('a command that says the same everywhere, or cannot run, is found out at the ends', async () => {
    for (const command of ['true', 'false', './no-such-command']) {
      const { exitCode, error } = await demo.run(`bisect PROJ-123 --run ${command} --json`);
      expect([exitCode, error().details['reason']]).toEqual([2, 'ends']);
    }
    expect((await demo.run("bisect PROJ-123 --run 'kill -9 $$' --json")).error().details['reason']).toBe('run');
    expect((await demo.run('bisect PROJ-123')).exitCode).toBe(2);
  });
});

describe('debug', () => {
  test.each([
    ['proj-123', 'PROJ-123', '2 of 2 assertions hold\n', 0],
    ['session', session, '0 of 1 assertions hold\n', 1],
  ])('D-065 the transcript of %s.debug is the golden one', async (name, stream, counts, exitCode) => {
    const ran = await demo.run(`debug ${stream} --script ${fixture(`${name}.debug`)}`);
    expect(ran.stdout).toBe(readFileSync(fixture(`${name}.transcript.txt`), 'utf8'));
    expect([ran.stderr, ran.exitCode]).toEqual([counts, exitCode]);
  });

  test('a script is also data: one document, or one record per line', async () => {
    small.write('two.debug', 's 2\nassert state.currentPhase == "CODE"\n');
    const { json, exitCode } = await small.run('debug PROJ-123 --script two.debug --json');
    expect([exitCode, json()]).toEqual([0, expect.objectContaining({ streamId: 'PROJ-123', ok: true, assertions: 1, failed: 0, steps: [expect.objectContaining({ line: 1, command: 's 2', kind: 'stop' }), expect.objectContaining({ line: 2, kind: 'assertion', holds: true })] }) as unknown]);
    const records = (await small.run('debug PROJ-123 --script two.debug --jsonl')).stdout.trim().split('\n');
    expect(records.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(['stop', 'assertion']);
  });

  test('a failed assertion exits 1 and the script goes on; a refusal ends it with its own code', async () => {
    small.write('fails.debug', 'assert false\ns\n');
    const failed = await small.run('debug PROJ-123 --script fails.debug');
    expect([failed.exitCode, failed.stdout]).toEqual([1, '(refold) assert false\nFAILED  false\n(refold) s\n@1 orchestration.started  Orchestration started: Invite teammates\n']);
    small.write('refused.debug', 'g 400\ns\n');
    const refused = await small.run('debug PROJ-123 --script refused.debug');
    expect([refused.exitCode, refused.stdout, refused.stderr]).toEqual([4, '(refold) g 400\n', expect.stringContaining('refold: error NOT_FOUND') as string]);
    small.write('broken.debug', 's\nsteppe\n');
    const broken = await small.run('debug PROJ-123 --script broken.debug');
    expect([broken.exitCode, broken.stdout, broken.stderr]).toEqual([2, '', expect.stringContaining('Line 2') as string]);
  });

  test('lines from a pipe are a conversation with prompts, help included', async () => {
    const { stdout, exitCode } = await small.run("debug PROJ-123 --break 'agent_run.f*' --watch state.currentPhase", { stdin: 'c\nnonsense\nhelp\nq\ns\n' });
    expect(stdout).toMatch(/^\(refold\) c\nbreakpoint 1\n@5 agent_run\.failed .*\n {2}2 {2}state\.currentPhase = "CODE"\n\(refold\) nonsense\nBAD_REQUEST: There is no command "nonsense"\./);
    expect(stdout).toMatch(/\(refold\) help\ns \[n\] b \[n\] [^]*\n\(refold\) q\n$/);
    expect(exitCode).toBe(2);
  });

  test('begins at a place, expressions with commas included', async () => {
    small.write('here.debug', 'p event.revision\n');
    const { stdout } = await small.run("debug PROJ-123@first-bad --watch 'size([1, 2])' --script here.debug");
    expect(stdout).toBe('(refold) p event.revision\n5\n');
  });

  test('a breakpoint on a type that nobody declared is taken, and doubted', async () => {
    const { stdout, stderr, exitCode } = await small.run("debug PROJ-123 --break agent_run.fialed --break 'agent_run.f*'", { stdin: 'break orchestration.startd\nbreak started\nq\n' });
    expect(stdout).toContain('3  break orchestration.startd');
    expect(stderr).toMatch(/^try: no type is called agent_run\.fialed; did you mean agent_run\.failed.*\ntry: no type is called orchestration\.startd; did you mean orchestration\.started.*\n$/);
    expect(exitCode).toBe(0);
  });

  test('export as .debug writes what the watches showed as a script that holds, and fails over another history', async () => {
    small.write('watched.debug', 'watch state.currentPhase\nwatch event.type\ns 3\nexport kept.debug\n');
    expect((await small.run('debug PROJ-123 --script watched.debug')).exitCode).toBe(0);
    expect(small.read('kept.debug')).toContain('g @3\nassert (event.type) == "agent_run.spawned"\n');
    const again = await small.run('debug PROJ-123 --script kept.debug');
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringMatching(/^(\d+) of \1 assertions hold\n$/) as string]);
    expect((await small.run('debug job/job-7 --script kept.debug')).exitCode).not.toBe(0);
  });

  test('export writes the session once, and over a file only with --force (bad-input F8)', async () => {
    small.write('export.debug', 's 3\nexport session.json\n');
    expect((await small.run('debug PROJ-123 --script export.debug')).exitCode).toBe(0);
    expect(existsSync(`${small.folder}/session.json`)).toBe(true);
    expect(JSON.parse(small.read('session.json'))).toMatchObject({ format: 'refold-debug-session', info: { aggregateId: 'PROJ-123', revision: 3 } });
    expect((await small.run('debug PROJ-123 --script export.debug')).exitCode).toBe(2);
    expect((await small.run('debug PROJ-123 --script export.debug --force')).exitCode).toBe(0);
  });
});

test('B-071 the debugger service is a process that one starts: debug serve is serve, and has its routes', async () => {
  const stop = new AbortController();
  const answers: Promise<unknown>[] = [];
  const { exitCode } = await small.run('debug serve --port 0 --json --no-auth', {
    signal: stop.signal,
    onOutput(text) {
      const { url } = JSON.parse(text) as { url: string };
      const started = fetch(`${url}/sessions/start`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"aggregate_id":"PROJ-123"}' });
      answers.push(started.then(async (response) => [response.status, await response.json()]).finally(() => stop.abort(130)));
    },
  });
  expect(exitCode).toBe(0);
  expect(await answers[0]).toEqual([201, { session_id: expect.stringMatching(/^ds_/) as string, info: expect.objectContaining({ aggregate_id: 'PROJ-123', state: 'paused' }) as unknown }]);
});

describe('refold divergence --state', () => {
  test('D-057 holds what `refold state` printed against the log at the same place', async () => {
    small.write('kept.json', (await small.run('state PROJ-123@2 --json')).stdout);
    expect(await small.run('divergence PROJ-123 --state kept.json --exit-code')).toMatchObject({ exitCode: 0, stdout: 'no difference   the state is what the log says\n' });
  });

  test('names what drifted, its two values and the event that set it', async () => {
    const { state } = (await small.run('state PROJ-123 --json')).json<{ state: object }>();
    small.write('drifted.json', JSON.stringify({ ...state, status: 'paused' }));
    const { stdout, stderr, exitCode } = await small.run('divergence PROJ-123@end --state drifted.json --exit-code');
    expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^first difference {3}\/status {3}of 1\n {2}kept {2}"paused"\n {2}log {3}"\w+"\n {8}set by @\d+ {2}\S+\n$/)]);
    expect(stderr).toMatch(/^try: refold show orchestration\/PROJ-123@\d+ /);
    expect(compareState.output.safeParse((await small.run('divergence PROJ-123 --state drifted.json --json')).json()).error?.issues ?? []).toEqual([]);
  });

  test.each([
    ['divergence PROJ-123', 2],
    ['divergence PROJ-123 PROJ-119 --state kept.json', 2],
    ['divergence PROJ-123 --state nowhere.json', 4],
  ])('%s is refused with what to write', async (line, code) => {
    const { exitCode, stderr } = await small.run(line);
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(/\ntry: /)]);
  });
});
