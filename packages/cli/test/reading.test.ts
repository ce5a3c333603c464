/** Commands that read: what they print in every mode, and that their JSON is the operation's answer. */
import { existsSync, readFileSync } from 'node:fs';
import { agentMetrics, diffStates, doctor, getEvent, getEventType, listEventTypes, listRuns, lodOf, marksOf, provenanceOf, queryEvents, stateAt, stateHistory, stats, systemState, timeline, traceEvent, travelTo, validateCorrelation, verifyLog } from '@refold/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleWithRun, testStore } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
});
afterAll(() => console.close());

const failed = '00000000-0000-4000-8000-000000000005';

describe('JSON is exactly the answer of the operation', () => {
  test.each([
    ['query --issue PROJ-123', queryEvents],
    ['recent -n 3', queryEvents],
    ['show PROJ-123@3', getEvent],
    ['show PROJ-123@3 --causes 2', traceEvent],
    ['runs', listRuns],
    ['state PROJ-123@2', stateAt],
    ['state PROJ-123 --path /agentRuns --provenance', provenanceOf],
    ['history PROJ-123 --with-state', stateHistory],
    ['travel PROJ-123@3', travelTo],
    ['diff PROJ-123@1 @5', diffStates],
    ['trace PROJ-123@5 --down', traceEvent],
    ['timeline PROJ-123', timeline],
    ['timeline PROJ-123 --lod --axis time', lodOf],
    ['timeline PROJ-123 --marks', marksOf],
    ['state @2025-12-22T10:03:30Z --all', systemState],
    ['stats --bucket hour', stats],
    ['agents', agentMetrics],
    ['types --count', listEventTypes],
    ['types AgentFailed', getEventType],
    ['verify --state', verifyLog],
    ['validate --correlation run-1', validateCorrelation],
    ['doctor --issue PROJ-123', doctor],
  ])('%s', async (line, { output }) => {
    const { json, exitCode } = await console.run(`${line} --json`);
    const parsed = output.safeParse(json());
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('call answers the same as the command does', async () => {
    const called = await console.run('call stateAt --json --input \'{"streamType":"orchestration","streamId":"PROJ-123","place":"2"}\'');
    expect(called.json()).toEqual((await console.run('state PROJ-123@2 --json')).json());
  });
});

describe('Events', () => {
  const typesOf = (page: { items: { type: string }[] }): string[] => page.items.map(({ type }) => type);

  test('are listed by issue, type and both (A-009, A-010, A-012)', async () => {
    const items = async (flags: string): Promise<string[]> => typesOf((await console.run(`query ${flags} --json`)).json());
    expect(await items('--issue PROJ-123')).toHaveLength(5);
    expect(await items('--type AgentFailed,job.created')).toEqual(['agent_run.failed', 'job.created']);
    expect(await items('--issue PROJ-123 --type AgentFailed --type job.created')).toEqual(['agent_run.failed']);
    expect(await items('--type "agent_run.*"')).toEqual(['agent_run.spawned', 'agent_run.failed']);
  });

  test('are cut by the time they happened (A-011, A-211)', async () => {
    const { json } = await console.run('query --from 2025-12-22T10:02:00Z --to 2025-12-22T10:03:00Z --json');
    expect(typesOf(json())).toEqual(['agent_run.spawned', 'gap.identified']);
    expect((await console.run('query --since 1d --count')).stdout).toBe('0\n');
  });

  test('are filtered by phase, agent and an expression (A-212)', async () => {
    expect((await console.run('query --phase CODE --agent api-integration --count')).stdout).toBe('3\n');
    expect((await console.run('query \'has(event.data.severity) && event.data.severity == "high"\' --fields id,data.gap_id --plain')).stdout).toBe('00000000-0000-4000-8000-000000000004\tgap-1\n');
  });

  test('come in pages that go on from a cursor (A-213)', async () => {
    const first = await console.run('query --limit 4 --json');
    const cursor = first.json<{ nextCursor: string }>().nextCursor;
    expect(first.stderr).toContain(`--cursor ${cursor}`);
    expect(typesOf((await console.run(`query --limit 4 --cursor ${cursor} --json`)).json())).toEqual(['agent_run.failed', 'job.created', 'job.started']);
    expect((await console.run('query --all --limit 2 --jsonl')).stdout.trim().split('\n')).toHaveLength(7);
  });

  test('recent shows the newest first (B-150)', async () => {
    const { json } = await console.run('recent -n 2 --json');
    expect(typesOf(json())).toEqual(['job.started', 'job.created']);
  });

  test('are counted by a field', async () => {
    const { stdout, stderr } = await console.run('query --group-by phase --plain');
    expect(stdout).toBe('CODE\t4\t1\n-\t3\t2\n');
    expect(stderr).toBe('7 events in 2 groups\n');
  });

  test('one is found by its id and by its place (A-210)', async () => {
    const byId = await console.run(`get ${failed} --json`);
    expect(byId.json()).toMatchObject({ id: failed, revision: 5 });
    expect((await console.run('show PROJ-123@5 --json')).json()).toEqual(byId.json());
    expect((await console.run('show orchestration/PROJ-123@~0 --json')).json()).toEqual(byId.json());
  });

  test('tail begins where it is told and ends after its limit', async () => {
    const { stdout } = await console.run('tail --from-start --limit 2 --jsonl');
    expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as { position: number }).position)).toEqual([1, 2]);
    expect((await console.run('tail --after 5 --limit 1 --plain')).stdout).toMatch(/^6\t/);
  });
});

describe('tail', () => {
  test('shows what comes while it follows, ends at Ctrl-C, and a glob finds it afterwards (C-028, K-043)', async (context) => {
    if (testStore === 'jsonl') context.skip('one process at a time has a log of lines');
    const own = await consoleWithRun();
    const stop = new AbortController();
    const seen: string[] = [];
    const following = own.run('tail --after 7 --jsonl', {
      signal: stop.signal,
      onOutput(text) {
        seen.push((JSON.parse(text) as { type: string }).type);
        stop.abort(130);
      },
    });
    const appended = await own.run('append custom.note --stream custom/tail --actor user:ana');
    expect([appended.exitCode, (await following).exitCode, seen]).toEqual([0, 0, ['custom.note']]);
    expect((await own.run('query --type custom.* --jsonl')).stdout.trim().split('\n').map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['custom.note']);
    own.close();
  });
});

describe('Text for people', () => {
  test('a list of events in a pipe', async () => {
    const { stdout, stderr } = await console.run('query --issue PROJ-123');
    expect(stdout).toBe(`\
1  2025-12-22T10:00:00.000Z  orchestration/PROJ-123@1  orchestration.started  agent:orchestrator  Orchestration started: Invite teammates
2  2025-12-22T10:01:00.000Z  orchestration/PROJ-123@2  phase.started          agent:orchestrator  Phase CODE started
3  2025-12-22T10:02:00.000Z  orchestration/PROJ-123@3  agent_run.spawned      agent:orchestrator  Agent api-integration spawned on opus: Call the user service
4  2025-12-22T10:03:00.000Z  orchestration/PROJ-123@4  gap.identified         agent:orchestrator  Gap found (high): No test for the contract
5  2025-12-22T10:04:00.000Z  orchestration/PROJ-123@5  agent_run.failed       agent:orchestrator  Agent api-integration failed: Expected User, got unknown
`);
    expect(stderr).toBe('5 events\n');
  });

  test('is cut to the terminal, with relative times and colour', async () => {
    const { stdout } = await console.run('query --issue PROJ-123 --limit 1', { terminal: 100 });
    expect(stdout).toContain('\u001b[36morchestration.started\u001b[39m');
    expect(stdout).toContain('11d ago');
    const bare = await console.run('query --issue PROJ-123 --no-color', { terminal: 100 });
    expect(bare.stdout).not.toContain('\u001b');
    for (const line of bare.stdout.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  test('NO_COLOR is honoured on a terminal', async () => {
    expect((await console.run('runs', { terminal: 120, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });

  test('runs: status as a word, newest activity first', async () => {
    expect((await console.run('runs')).stdout).toBe(`\
running  job/7                   2025-12-22T11:00:00.000Z  5.0 s                      2 events  nightly
running  orchestration/PROJ-123  2025-12-22T10:00:00.000Z  4m 0s  1 failure  1 agent  5 events  Invite teammates
`);
  });

  test('causes from the first down to the event (A-068)', async () => {
    expect((await console.run(`trace ${failed}`)).stdout).toBe(`\
  orchestration/PROJ-123@1  2025-12-22T10:00:00.000Z  orchestration.started  Orchestration started: Invite teammates
  orchestration/PROJ-123@2  2025-12-22T10:01:00.000Z  phase.started          Phase CODE started
  orchestration/PROJ-123@3  2025-12-22T10:02:00.000Z  agent_run.spawned      Agent api-integration spawned on opus: Call the user service
> orchestration/PROJ-123@5  2025-12-22T10:04:00.000Z  agent_run.failed       Agent api-integration failed: Expected User, got unknown
`);
    expect((await console.run('trace PROJ-123@1 --down')).stdout).toMatch(/^ {2}> orchestration\/PROJ-123@2 .*\n {4}> orchestration\/PROJ-123@3 /m);
  });

  test('a state in an overview and at a depth, without what is empty', async () => {
    expect((await console.run('state PROJ-123@2 --path /phases')).stdout).toBe(`\
orchestration/PROJ-123@2 of 5  2025-12-22T10:01:00.000Z
CODE  running  attempt 1  startedAt 2025-12-22T10:01:00.000Z
`);
    expect((await console.run('state PROJ-123@2 --path /phases --depth 2')).stdout).toBe(`\
orchestration/PROJ-123@2 of 5  2025-12-22T10:01:00.000Z
CODE
  name       CODE
  status     running
  attempt    1
  startedAt  2025-12-22T10:01:00.000Z
`);
    expect((await console.run('state PROJ-123@2 --path /phases/CODE/status --plain')).stdout).toContain('/\t"running"\n');
  });

  test('a difference as marks, as RFC 6902 and as counts', async () => {
    const { stdout, stderr } = await console.run('diff PROJ-123@4 PROJ-123@5 --path /agentRuns');
    expect(stdout).toMatch(/^ {2}\/agentRuns\/00000000-0000-4000-8000-000000000003$/m);
    expect(stdout).toMatch(/^ {2}~ \/status +"running" -> "failed"$/m);
    expect(stderr).toContain('orchestration/PROJ-123@4 to orchestration/PROJ-123@5');
    const patch = JSON.parse((await console.run('diff PROJ-123@4 PROJ-123@5 --path /agentRuns --format patch')).stdout) as object[];
    expect(patch).toContainEqual({ op: 'replace', path: '/agentRuns/00000000-0000-4000-8000-000000000003/status', value: 'failed' });
    expect((await console.run('diff PROJ-123@4 @5 --path /agentRuns --format stat')).stdout).toMatch(/^\d+ changed, \d+ added, \d+ removed\n$/);
  });

  test('times in another zone, and by the clock', async () => {
    expect((await console.run('query --limit 1 --tz Europe/Berlin')).stdout).toContain('2025-12-22 11:00:00.000 GMT+01:00');
    expect((await console.run('query --limit 1 --time clock')).stdout).toContain('  10:00:00.000  ');
  });

  test('longer than the screen goes to the pager, shorter does not', async () => {
    const path = `${console.folder}/paged.txt`;
    const env = { PAGER: `dd of=${path} status=none` };
    const short = await console.run('runs', { terminal: 100, rows: 10, env });
    expect([short.stdout.split('\n').length, existsSync(path)]).toEqual([3, false]);
    const long = await console.run('query --no-color', { terminal: 100, rows: 3, env });
    expect(long.stdout).toBe('');
    expect(readFileSync(path, 'utf8')).toBe((await console.run('query --no-color --no-pager', { terminal: 100, rows: 3 })).stdout);
  });

  test('--plain is tab-separated, with a header on -v', async () => {
    const { stdout } = await console.run('runs --plain -v');
    expect(stdout.split('\n')[0]).toBe('status\tstream\tstarted\tlast\tfailures\tagents\tevents\tlast failure\ttitle');
    expect(stdout.split('\n')[1]).toBe('running\tjob/7\t2025-12-22T11:00:00.000Z\t2025-12-22T11:00:05.000Z\t0\t0\t2\t\tnightly');
  });

  test('-q leaves data and nothing else', async () => {
    expect((await console.run('runs -q')).stderr).toBe('');
  });
});

describe('The time machine', () => {
  test('folds to a revision, to an instant given three ways, and to the end (A-013, A-014, A-015)', async () => {
    const revision = async (line: string): Promise<number> => (await console.run(`${line} --json`)).json<{ revision: number }>().revision;
    expect(await revision('state PROJ-123')).toBe(5);
    expect(await revision('state PROJ-123 --revision 2')).toBe(2);
    expect(await revision('state PROJ-123 2025-12-22T10:03:30Z')).toBe(4);
    expect(await revision('state PROJ-123@2025-12-22T10:03:30Z')).toBe(4);
    expect(await revision('state PROJ-123 --at 2025-12-22T11:03:30+01:00')).toBe(4);
    expect(await revision('state PROJ-123@start')).toBe(1);
    expect(await revision('state PROJ-123@~1')).toBe(4);
  });

  test('by what was known, an instant before the recording shows nothing', async () => {
    const { json } = await console.run('state PROJ-123@2025-12-22T10:03:30Z --clock known --json');
    expect(json()).toMatchObject({ revision: 0, state: { exists: false } });
  });

  test('travels to an instant: summary, events around it, timeline (A-016 to A-023)', async () => {
    const view = (await console.run('time-travel PROJ-123 2025-12-22T10:03:30Z --window 1 --json')).json();
    expect(view).toMatchObject({ queryTimestamp: '2025-12-22T10:03:30.000Z', stateSummary: { currentPhase: 'CODE', activeAgents: ['api-integration'], completedPhases: [] } });
    const { stdout } = await console.run('travel PROJ-123@4 --watch state.currentPhase');
    expect(stdout).toContain('state.currentPhase = "CODE"');
    expect(stdout).toContain('> @4  2025-12-22T10:03:00.000Z  gap.identified');
    expect(stdout).toMatch(/^ {2}running +agent_run +2025-12-22T10:02:00\.000Z +1m 0s +@3 /m);
  });

  test('finds the failure, the state then, and what led to it (A-067)', async () => {
    const failures = (await console.run('query --issue PROJ-123 --type AgentFailed --json')).json<{ items: { id: string; occurredAt: string }[] }>();
    const [failure] = failures.items;
    const state = (await console.run(`state PROJ-123 ${failure!.occurredAt} --json`)).json<{ state: { lastError: { code: string } } }>();
    expect(state.state.lastError.code).toBe('TYPE_MISMATCH');
    expect((await console.run(`time-travel PROJ-123 ${failure!.occurredAt}`)).exitCode).toBe(0);
    expect((await console.run(`trace ${failure!.id} --json`)).json<{ causes: unknown[] }>().causes).toHaveLength(3);
  });

  test('shows how a value came about (A-200)', async () => {
    expect((await console.run('history PROJ-123 --path /currentPhase')).stdout).toContain('/currentPhase  null -> "CODE"');
    expect((await console.run('history PROJ-123 --limit 2')).stderr).toContain('refold history orchestration/PROJ-123 --after 2');
    expect((await console.run('history PROJ-123 --jsonl')).stdout.trim().split('\n')).toHaveLength(5);
    expect((await console.run('state PROJ-123 --path /currentPhase --provenance')).stdout).toContain('@2 phase.started');
  });
});

describe('Streams by name', () => {
  test('a bare id names its only stream, latest the newest run, latest:KIND the newest of a kind', async () => {
    const streamOf = async (name: string): Promise<string> => {
      const { streamType, streamId } = (await console.run(`state ${name} --json`)).json<{ streamType: string; streamId: string }>();
      return `${streamType}/${streamId}`;
    };
    expect(await streamOf('7')).toBe('job/7');
    expect(await streamOf('latest')).toBe('job/7');
    expect(await streamOf('latest:orchestration')).toBe('orchestration/PROJ-123');
    expect((await console.run('state latest:failed')).exitCode).toBe(4);
  });
});

describe('Other spellings', () => {
  test('--naming snake spells envelope keys and leaves payload keys alone (X-005)', async () => {
    const { items } = (await console.run('query --issue PROJ-123 --type gap.identified --naming snake --json')).json<{ items: Record<string, unknown>[] }>();
    expect(items[0]).toMatchObject({ stream_type: 'orchestration', occurred_at: '2025-12-22T10:03:00.000Z', data: { gap_id: 'gap-1' } });
    expect(items[0]).not.toHaveProperty('streamType');
  });

  test('--dialect writes events in the form of a document (X-002)', async () => {
    const { items } = (await console.run('query --issue PROJ-123 --type AgentFailed --dialect jira --json')).json<{ items: Record<string, unknown>[] }>();
    expect(items[0]).toMatchObject({ event_type: 'AgentFailed', issue_key: 'PROJ-123', event_id: failed });
  });
});

describe('What is in the log', () => {
  test('types are counted per document (X-026)', async () => {
    const { stderr, stdout } = await console.run('types --count');
    expect(stdout).toContain('agent_run.failed');
    expect(stderr).toMatch(/^\d+ types; by name in a document: .*jira \d+/);
  });

  test('counts by type and actor (C-046)', async () => {
    expect((await console.run('stats --issue PROJ-123 --plain')).stdout).toContain('type\t1\tagent_run.failed\n');
  });

  test('the size on disk (A-117)', async (context) => {
    if (testStore === 'postgres') context.skip('its files are the database\'s');
    const { bytes, files } = (await console.run('stats --storage --json')).json<{ bytes: number; files: { bytes: number }[] }>();
    expect(bytes).toBe(files.reduce((sum, file) => sum + file.bytes, 0));
    expect(bytes).toBeGreaterThan(0);
  });

  test('metrics per agent (A-069, A-070)', async () => {
    expect((await console.run('agents metrics --plain')).stdout).toMatch(/^api-integration\tfailed\t1\t1\t/);
  });

  test('the timeline has one row per span, with how long it took; points when asked for', async () => {
    const { stdout } = await console.run('timeline PROJ-123 --width 20 --lanes phase');
    expect(stdout).toMatch(/^2025-12-22T10:01:00\.000Z {2}open {2}[=> ]+ phase {2}running {2}Phase CODE started\n$/);
  });

  test('the level of detail has one row per bucket: how many, which family most, how bad', async () => {
    expect((await console.run('timeline PROJ-123 --lod --rows 2 --plain')).stdout).toBe('0\t1\tINFO\t@1\torchestration\n2\t2\tINFO\t@2\tphase\n4\t2\tERROR\t@4\tagent_run\n');
    expect((await console.run('timeline PROJ-123 --lod --window 4..5 --rows 2 --type AgentFailed --plain')).stdout).toBe('4\t0\t\t\t\n5\t1\tERROR\t@5\tagent_run\n');
    expect((await console.run('timeline --lod')).exitCode).toBe(2);
    expect((await console.run('timeline PROJ-123 --lod --window 4')).exitCode).toBe(2);
    expect((await console.run('timeline PROJ-123 --lod --window 5..4')).exitCode).toBe(2);
  });

  test('the marks are the run itself, its phases and its gaps', async () => {
    const { stdout } = await console.run('timeline PROJ-123 --marks --plain');
    expect(stdout.split('\n').map((line) => line.split('\t').slice(1, 3).concat(line.split('\t').slice(4, 6)).join(' '))).toEqual(['@1 open orchestration running', '@2 open phase running', '@4 open gap open', '']);
  });

  test('the whole system at one instant: the streams that had begun and not ended (A-148)', async () => {
    const at = async (place: string): Promise<string> => (await console.run(`state ${place} --plain`)).stdout;
    expect(await at('@2025-12-22T10:01:30Z')).toMatch(/^running\torchestration\/PROJ-123@2\t.*\tphase\.started\tphase CODE\n$/);
    expect(await at('@2020-01-01')).toBe('');
    expect(await at('@now')).toMatch(/^\S+\tjob\/7@2\t.*\n\S+\torchestration\/PROJ-123@5\t/);
    expect((await console.run('state @yesterday')).exitCode).toBe(5);
  });

  test('verify says how much, which root, and what was not checked (A-150, D-057)', async () => {
    const { stdout } = await console.run('verify --state');
    expect(stdout).toMatch(/^ok {2}7 events of 2 streams, 2 states compared\ntree {2}size 7 {2}root [0-9a-f]{64}\nnot checked: /);
    expect((await console.run('verify PROJ-123')).stdout).toContain('ok  5 events of 1 stream\n');
  });

  test('doctor finds an issue with fewer events than expected (A-112, B-149)', async () => {
    expect((await console.run('doctor --issue PROJ-123 --expect 5')).exitCode).toBe(0);
    const short = await console.run('doctor --issue PROJ-123 --expect 6');
    expect(short.exitCode).toBe(1);
    expect(short.stdout).toContain('has 5 events, expected 6');
  });
});
