/** What a person at a terminal sees: in the width there is, without noise, with the answer first. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAt } from '@refold/operations';
import { widthOf } from '../src/terminal-text.ts';
import { consoleWithRun, openConsole } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
});
afterAll(() => console.close());

// oxlint-disable-next-line no-control-regex -- the escapes that colour
const withoutColour = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

describe('A line', () => {
  const lines = ['runs', 'query', 'state PROJ-123', 'diff PROJ-123', 'history PROJ-123', 'trace PROJ-123', 'travel PROJ-123@4', 'open PROJ-123@4', 'timeline PROJ-123', 'timeline PROJ-123 --points', 'agents', 'stats', 'verify', 'types', 'call --list'];
  test.each([80, 120].flatMap((columns) => lines.map((line) => [line, columns] as const)))('of %s is at most %i columns wide, and colour takes none', async (line, columns) => {
    const coloured = await console.run(line, { terminal: columns });
    const plain = await console.run(line, { terminal: columns, env: { NO_COLOR: '1' } });
    expect(coloured.exitCode).toBe(0);
    expect(withoutColour(coloured.stdout)).toBe(plain.stdout);
    const tooWide = plain.stdout.split('\n').filter((text) => widthOf(text) > columns);
    expect(tooWide.filter((text) => !/^tree {2}size/.test(text))).toEqual([]);
  });

  test('of a live tail says which stream it is of, whatever came before', async () => {
    expect((await console.run('tail --from-start --limit 1', { terminal: 120, env: { NO_COLOR: '1' } })).stdout).toContain('orchestration/PROJ-123@1');
  });

  test('in a pipe is whole, with ISO times and no colour', async () => {
    const { stdout } = await console.run('timeline PROJ-123 --points');
    expect(stdout).toContain('Agent api-integration spawned on opus: Call the user service\n');
    expect(stdout).toContain('2025-12-22T10:02:00.000Z');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('Golden screens at 80 columns', () => {
  const screen = async (line: string): Promise<string> => (await console.run(line, { terminal: 80, env: { NO_COLOR: '1' } })).stdout;

  test('runs tells what failed, how long it took, and what it was for', async () => {
    expect(await screen('runs')).toBe(`\
running  job/7                   11d ago  5.0 s             nightly
running  orchestration/PROJ-123  11d ago  4m 0s  1 failure  Invite teammates
`);
  });

  test('travel answers in one screen: where, what is under way, what is around it', async () => {
    expect(await screen('travel PROJ-123@4 --window 1')).toBe(`\
orchestration/PROJ-123@4  +3m 0s  2025-12-22T10:03:00.000Z
  status running   phase CODE   active agents api-integration
under way
  running  orchestration  10:00:00.000  3m 0s  @1  Orchestration started: Invit…
  running  phase          10:01:00.000  2m 0s  @2  Phase CODE started
  running  agent_run      10:02:00.000  1m 0s  @3  Agent api-integration spawne…
  open     gap            10:03:00.000   0 ms  @4  Gap found (high): No test fo…
around it
> @4  10:03:00.000  gap.identified    Gap found (high): No test for the contract
  @5  10:04:00.000  agent_run.failed  Agent api-integration failed: Expected Us…
`);
  });

  test('diff groups what changed below one part, and leaves bookkeeping to -v', async () => {
    expect(await screen('diff PROJ-123@4 PROJ-123@5 --path /agentRuns')).toBe(`\
  /agentRuns/00000000-0000-4000-8000-000000000003
  ~ /completedAt      null -> "2025-12-22T10:04:00.000Z"
  ~ /durationSeconds  null -> 120
  ~ /error            null -> {"message":"Expected User, got unknown","code":"T…
  ~ /status           "running" -> "failed"
  and 1 in bookkeeping (-v)
`);
    expect(await screen('diff PROJ-123@4 PROJ-123@5 --path /agentRuns -v')).toContain('/revision');
  });

  test('state says what there is and nothing that has not happened', async () => {
    const text = await screen('state PROJ-123');
    expect(text.split('\n').length).toBeLessThan(24);
    expect(text).toMatch(/^status +running$/m);
    expect(text).toMatch(/^gaps +1\n {2}gap-1 {2}open {2}No test for the contract {2}/m);
    expect(text).not.toMatch(/null|streamType|correlationChain|totals/);
    expect(await screen('state PROJ-123 -v')).toContain('streamType');
  });
});

describe('What was under way (refold open)', () => {
  test('is answered at an instant, at a revision, and at the end', async () => {
    const lanes = async (line: string): Promise<readonly string[]> => (await console.run(`${line} --json`)).json<{ items: { lane: string; status: string }[] }>().items.map(({ lane, status }) => `${lane} ${status}`);
    expect(await lanes('open PROJ-123 2025-12-22T10:02:30Z')).toEqual(['orchestration running', 'phase running', 'agent_run running']);
    expect(await lanes('open PROJ-123@4')).toEqual(['orchestration running', 'phase running', 'agent_run running', 'gap open']);
    expect(await lanes('open PROJ-123')).toEqual(['orchestration running', 'phase running', 'gap open']);
    expect(await lanes('open PROJ-123@2020-01-01')).toEqual([]);
  });

  test('--json is the answer of openAt', async () => {
    expect(openAt.output.safeParse((await console.run('open PROJ-123@3 --json')).json()).error?.issues).toBeUndefined();
  });

  test('--plain has one line per thing', async () => {
    expect((await console.run('open PROJ-123@2 --plain')).stdout.split('\n')[1]).toBe('running\tphase\t2025-12-22T10:01:00.000Z\t0 ms\t@2 phase.started\tPhase CODE started');
  });
});

describe('Late events', () => {
  test('are told of: recorded behind later ones, and those that are not in the state', async () => {
    const late = openConsole();
    await late.run('init');
    const append = (minute: string, name: string): Promise<unknown> => late.run(`append custom.note --stream custom/late --at 2025-12-22T10:${minute}:00Z --actor user:ana --data '{"name":"${name}"}'`);
    for (const [minute, name] of [['01', 'first'], ['09', 'much later'], ['02', 'straggler']] as const) await append(minute, name);
    const { stdout, stderr } = await late.run('travel custom/late@2025-12-22T10:05:00Z');
    expect(stderr).toContain('late: 1 event claim a time up to 2025-12-22T10:05:00.000Z and stand behind events that happened later');
    expect(stdout).toMatch(/^ {2}@2 .*\(later\) /m);
    expect(stderr).toContain('(later): happened after 2025-12-22T10:05:00.000Z');
    late.close();
  });
});

describe('Nothing found', () => {
  test('says so when a type is misspelt, and when an expression names nothing', async () => {
    expect((await console.run('query --type agent_run.faild')).stderr).toContain('try: no type is called agent_run.faild; did you mean agent_run.failed');
    expect((await console.run("query 'event.typ == 1'")).stderr).toMatch(/^refold: warning: The expression could not be evaluated for \d+ of the events looked at, which count as no match; at the first: There is no "event\.typ" here\.\n/);
    expect((await console.run("query 'event.data.nothing == 1' --type nobody.knows*")).stderr).toBe('0 events\n');
  });

  test('in a log that is not there makes no log (bad-input F5)', async () => {
    const ran = await console.run('runs --store sqlite:misspelt.db --json');
    expect({ exitCode: ran.exitCode, ...ran.error() }).toMatchObject({ exitCode: 4, code: 'NOT_FOUND', details: { reason: 'store' } });
    expect((await console.run('runs --store sqlite:misspelt.db')).exitCode).toBe(4);
  });

  test('of an empty log names the way in', async () => {
    const empty = openConsole();
    await empty.run('init');
    expect((await empty.run('runs')).stderr).toContain('try: refold import auto FILE');
    expect((await empty.run('state latest')).exitCode).toBe(4);
    expect((await empty.run('timeline')).stderr).toBe('0 rows\n');
    empty.close();
  });
});

describe('A stream', () => {
  test('is named in a filter as everywhere else: by key, by a bare id, as latest', async () => {
    const counted = async (name: string): Promise<string> => (await console.run(`query --count --stream ${name}`)).stdout;
    expect([await counted('orchestration/PROJ-123'), await counted('PROJ-123'), await counted('7'), await counted('latest')]).toEqual(['5\n', '5\n', '2\n', '2\n']);
  });

  test('alone is compared from its start to its end', async () => {
    expect((await console.run('diff PROJ-123')).stderr).toContain('orchestration/PROJ-123@1 to orchestration/PROJ-123@5');
  });
});

describe('A batch', () => {
  test('takes --actor for the lines that name nobody, and for no others', async () => {
    console.write('batch.jsonl', '{"type":"custom.note","streamType":"custom","streamId":"b"}\n{"type":"custom.note","streamType":"custom","streamId":"b","actor":{"type":"user","id":"bob"}}\n');
    expect((await console.run('append --batch batch.jsonl')).exitCode).toBe(5);
    expect((await console.run('append --batch batch.jsonl --actor agent:reader')).exitCode).toBe(0);
    expect((await console.run('query --stream custom/b --plain --fields actor.id')).stdout).toBe('reader\nbob\n');
  });
});
