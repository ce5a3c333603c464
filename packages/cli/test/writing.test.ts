/** Commands that write: init, append, import; what a dry run leaves alone. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { appendEvents, importRecords, validateEvents } from '@refold/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleWithRun, fixture, openConsole, testStore } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeEach(() => {
  console = openConsole();
});
afterEach(() => console.close());

const head = async (): Promise<string> => (await console.run('query --count')).stdout.trim();

describe('init', () => {
  test('makes configuration, log and README, and says what is next (A-091)', async () => {
    const { exitCode, stdout, stderr } = await console.run('init');
    expect(exitCode).toBe(0);
    expect(stdout).toBe('created .refold/config.yaml, sqlite:.refold/log.db (durability fsync)\n');
    expect(stderr).toContain('try: refold import auto FILE');
    expect(console.read('.refold/README.md')).toContain('# .refold');
    expect((await console.run('config check')).stdout).toBe('ok   .refold/config.yaml\n');
    expect(await head()).toBe('0');
  });

  test.each(['blank', 'jira', 'jobs', 'agents'])('writes a configuration that holds, template %s', async (template) => {
    await console.run(`init --template ${template}`);
    expect((await console.run('config check')).exitCode).toBe(0);
    expect((await console.run('runs')).exitCode).toBe(0);
  });

  test('a log elsewhere is named in the configuration', async () => {
    expect((await console.run('init --store sqlite:data/my.db')).stdout).toContain('sqlite:data/my.db');
    await console.run("append job.created --stream job/1 --data '{}'");
    expect((await console.run('query --count --store sqlite:data/my.db')).stdout).toBe('1\n');
    expect((await console.run('init --store memory: --force')).exitCode).toBe(2);
  });

  test('--dry-run makes nothing', async () => {
    expect((await console.run('init -n')).stdout).toContain('would create .refold/config.yaml');
    expect(readdirSync(console.folder)).toEqual([]);
  });

  test('in another folder, and again with --force keeps the log', async () => {
    await console.run('init work');
    const cwd = join(console.folder, 'work');
    await console.run("append job.created --stream job/1 --data '{}'", { cwd });
    expect((await console.run('init --force', { cwd })).exitCode).toBe(0);
    expect((await console.run('query --count', { cwd })).stdout).toBe('1\n');
  });

  test('the log is found from any folder below', async () => {
    await console.run('init');
    console.write('a/b/c.txt', '');
    expect((await console.run('runs', { cwd: join(console.folder, 'a/b') })).exitCode).toBe(0);
  });
});

describe('append', () => {
  test('writes one event by hand, by its canonical name or an alias (A-004)', async () => {
    await console.run('init');
    const { stdout } = await console.run("append job.created --stream job/42 --data '{\"name\":\"nightly\"}' --actor agent:planner:opus");
    expect(stdout).toMatch(/^job\/42@1 {2}job\.created {2}[0-9a-f-]{36} {2}\d+ ms\n$/);
    expect((await console.run('log OrchestrationStarted --issue PROJ-9 --session s1 --actor system:orchestrator')).exitCode).toBe(0);
    expect((await console.run('log AgentSpawned --issue PROJ-9 --session s1 --data \'{"agent_name":"a","agent_model":"m","assigned_task":"t"}\' --actor system:orchestrator')).exitCode).toBe(0);
    expect((await console.run('show job/42 --json')).json()).toMatchObject({ actor: { type: 'agent', id: 'planner', model: 'opus' }, data: { name: 'nightly' } });
  });

  test('takes context from the environment, payload from stdin and every flag', async () => {
    await console.run('init');
    const env = { REFOLD_ACTOR: 'agent:coder', REFOLD_ISSUE_KEY: 'PROJ-1', REFOLD_SESSION_ID: 'sess-9' };
    await console.run('append custom.note --stream custom/x --data - --correlation c1 --cause 00000000-0000-4000-8000-000000000001 --at 2025-12-22T10:00:00Z --phase CODE --priority P1', { env, stdin: '{"text":"hello"}' });
    expect((await console.run('show custom/x --json')).json()).toMatchObject({
      actor: { type: 'agent', id: 'coder' }, issueKey: 'PROJ-1', sessionId: 'sess-9', data: { text: 'hello' }, correlationId: 'c1',
      causationId: '00000000-0000-4000-8000-000000000001', occurredAt: '2025-12-22T10:00:00.000Z', phase: 'CODE', priority: 'P1',
    });
  });

  test('sent twice under one key is written once', async () => {
    await console.run('init');
    const line = "append job.created --stream job/1 --data '{}' --actor user:ana --key k1 --at 2025-12-22T10:00:00Z --json";
    const [first, second] = [await console.run(line), await console.run(line)];
    expect(appendEvents.output.safeParse(first.json()).success).toBe(true);
    expect(first.json()).toMatchObject({ duplicate: false, commitId: 'k1' });
    expect(second.json()).toEqual({ ...first.json(), duplicate: true });
    expect(await head()).toBe('1');
    expect((await console.run(line.replace("'{}'", '\'{"name":"other"}\''))).error().code).toBe('DUPLICATE_ID');
  });

  test('a batch is all or none, from lines or one array (B-129)', async () => {
    await console.run('init');
    const event = (id: string, name: unknown): object => ({ type: 'job.created', streamType: 'job', streamId: id, actor: { type: 'user', id: 'ana' }, data: { name } });
    expect((await console.run('append --batch -', { stdin: `${JSON.stringify(event('1', 'a'))}\r\n\n${JSON.stringify(event('2', 'b'))}` })).stdout.trim().split('\n')).toHaveLength(2);
    expect((await console.run('append --batch -', { stdin: JSON.stringify([event('3', 'a'), event('4', 7)]) })).exitCode).toBe(5);
    expect((await console.run('append --batch -', { stdin: '[]' })).exitCode).toBe(2);
    expect((await console.run('append --batch -')).exitCode).toBe(2);
    expect((await console.run('query --type job.created --count')).stdout).toBe('2\n');
  });

  test('what the gates refuse leaves one validation.failed behind, unless emit_validation_failed is false (C-005)', async () => {
    await console.run('init');
    const refuse = async (flags = ''): Promise<number> => (await console.run(`append job.completed --stream job/42 --data '{"result":"the payload"}' ${flags}`)).exitCode;
    expect(await refuse()).toBe(5);
    expect(await head()).toBe('1');
    const { items } = (await console.run('query --type validation.failed --json')).json<{ items: { data: object }[] }>();
    expect(items).toMatchObject([{ streamType: 'store', streamId: 'log', data: { rejected_type: 'job.completed', rejected_stream: { type: 'job', id: '42' }, errors: [{ code: 'ILLEGAL_TRANSITION' }] } }]);
    expect(JSON.stringify(items)).not.toContain('the payload');

    console.write('off.yaml', 'event_sourcing:\n  validation:\n    emit_validation_failed: false\n');
    expect(await refuse('--config off.yaml --store sqlite:.refold/log.db')).toBe(5);
    expect(await head()).toBe('1');
  });

  test('a batch in the form of a document is read as that form (X-002)', async () => {
    console.close();
    console = await consoleWithRun();
    const jira = (await console.run('query --issue PROJ-123 --dialect jira --jsonl')).stdout;
    const other = openConsole();
    await other.run('init');
    other.write('jira.jsonl', jira);
    expect((await other.run('append --batch jira.jsonl')).exitCode).toBe(0);
    expect((await other.run('query --issue PROJ-123 --plain --fields id,type')).stdout).toBe((await console.run('query --issue PROJ-123 --plain --fields id,type')).stdout);
    other.close();
  });

  test('--dry-run checks and leaves the log as it is (A-104)', async () => {
    await console.run('init');
    const good = await console.run("append job.created --stream job/1 --data '{}' -n --json");
    expect([good.exitCode, validateEvents.output.safeParse(good.json()).success]).toEqual([0, true]);
    const bad = await console.run("append job.created --stream job/1 --data '{\"name\":7}' -n");
    expect(bad.exitCode).toBe(5);
    expect(bad.stdout).toContain('SCHEMA_VIOLATION');
    expect(bad.stdout).toContain('/data/name');
    expect(await head()).toBe('0');
  });

  test('--dry-run refuses what an append would refuse where the stream stands, and says the same (A-104)', async () => {
    await console.run('init');
    const started = "append job.started --stream job/1 --data '{}' --actor system:ci";
    const [rehearsed, refused] = [await console.run(`${started} --dry-run --json`), await console.run(`${started} --json`)];
    expect([rehearsed.exitCode, refused.exitCode]).toEqual([5, 5]);
    const { results } = rehearsed.json<{ results: { violations: { code: string; detail: string }[] }[] }>();
    expect(results[0]!.violations).toMatchObject([{ code: refused.error().code, detail: refused.error().detail }]);
    expect(refused.error().code).toBe('ILLEGAL_TRANSITION');
    console.write('batch.jsonl', ['job.created', 'job.started', 'job.completed'].map((type) => JSON.stringify({ type, streamType: 'job', streamId: '2', data: {} })).join('\n'));
    expect((await console.run('append --batch batch.jsonl --actor system:ci --dry-run')).stdout).toBe('3 events would be taken\n');
    // The refused append alone left something behind: that it was refused.
    expect(await head()).toBe('1');
  });
});

describe('import', () => {
  const transcript = [
    { type: 'user', uuid: 'u1', parentUuid: null, sessionId: 'abc', timestamp: '2026-01-01T10:00:00.000Z', version: '2.1.0', message: { role: 'user', content: 'list the files' } },
    { type: 'assistant', uuid: 'u2', parentUuid: 'u1', sessionId: 'abc', timestamp: '2026-01-01T10:00:01.000Z', version: '2.1.0', message: { id: 'm1', role: 'assistant', model: 'x', content: [{ type: 'text', text: 'Here they are.' }] } },
  ].map((record) => `${JSON.stringify(record)}\n`).join('');

  beforeEach(async () => {
    await console.run('init');
    console.write('abc.jsonl', transcript);
  });

  test('reads a transcript once, however often it is told to', async () => {
    const first = await console.run('import claude-code abc.jsonl');
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain('session/abc\n');
    expect(first.stdout).toContain('2 records in 1 file (claude-code)   new 2   already present 0');
    const events = await head();
    expect((await console.run('import claude-code abc.jsonl')).stdout).toBe('0 new, 2 records already present\n');
    expect(await head()).toBe(events);
  });

  test('recognises a format by its content, from a file, a folder and stdin', async (context) => {
    if (testStore === 'jsonl') context.skip('the folder that is read holds the lines of the log itself');
    expect((await console.run('import auto abc.jsonl -n --json')).json()).toMatchObject({ producer: 'claude-code', new: 2 });
    expect((await console.run('import auto . -n --json')).json()).toMatchObject({ producer: 'claude-code', new: 2 });
    expect((await console.run('import auto - -n --json', { stdin: transcript })).json()).toMatchObject({ producer: 'claude-code', new: 2 });
  });

  test('--dry-run counts and writes nothing, no file either', async () => {
    const before = readdirSync(console.folder);
    const { stderr, json } = await console.run('import claude-code abc.jsonl -n --json');
    expect(stderr).toContain('nothing written.');
    expect(importRecords.output.safeParse(json()).error?.issues ?? []).toEqual([]);
    expect(await head()).toBe('0');
    expect(readdirSync(console.folder)).toEqual(before);
  });

  test('what is refused is counted, kept in a file, and the exit code says so', async () => {
    console.write('abc.jsonl', `${transcript}{"type":"user", nonsense\n[1,2]\n`);
    const { exitCode, stdout, stderr } = await console.run('import claude-code abc.jsonl --rejects rejects.jsonl');
    expect(exitCode).toBe(5);
    expect(stdout).toContain('rejected 2');
    expect(stdout).toContain('abc.jsonl:3  BAD_JSON');
    expect(stderr).toContain('2 rejected, see rejects.jsonl');
    expect(console.read('rejects.jsonl').trim().split('\n').map((line) => (JSON.parse(line) as { line: number }).line)).toEqual([3, 4]);
    expect(existsSync(join(console.folder, `rejects.jsonl.${process.pid}.part`))).toBe(false);
    expect(await head()).not.toBe('0');
  });

  test('sub-agents in the folder beside a transcript come along', async () => {
    console.write('abc/subagents/agent-a1.jsonl', `${JSON.stringify({ type: 'user', uuid: 's1', parentUuid: null, isSidechain: true, agentId: 'a1', sessionId: 'abc', timestamp: '2026-01-01T10:00:02.000Z', message: { role: 'user', content: 'look' } })}\n`);
    expect((await console.run('import claude-code abc.jsonl --json')).json()).toMatchObject({ new: 3, report: { files: 2 } });
  });

  test('progress as JSON lines on stderr, none when quiet', async () => {
    const events = readFileSync(fixture('proj-123.jsonl'), 'utf8');
    console.write('p.jsonl', events);
    expect((await console.run('import auto p.jsonl -q')).stderr).toBe('');
    expect((await console.run('import auto p.jsonl --assume-tz +02:00 -n')).exitCode).toBe(0);
    expect((await console.run('import auto p.jsonl --assume-tz Berlin -n')).exitCode).toBe(2);
  });
});

describe('validate', () => {
  test('names the line of invalid JSON, a missing revision and a broken schema (A-115)', async () => {
    const line = (revision: number, type: string, data: object): string => JSON.stringify({ type, streamType: 'job', streamId: '1', revision, actor: { type: 'user', id: 'ana' }, data });
    console.write('events.jsonl', [line(1, 'job.created', {}), '{"type":', line(3, 'job.started', {}), line(4, 'job.failed', { error: 7, failed_step: 8 }), '[]'].join('\n'));
    const { exitCode, stdout, json } = await console.run('validate events.jsonl --json');
    expect(exitCode).toBe(5);
    const { violations } = json<{ violations: { line: number; code: string; detail: string }[] }>();
    expect(violations.map(({ line: at, code }) => `${at} ${code}`)).toEqual(expect.arrayContaining(['2 BAD_JSON', '3 INCOMPLETE_HISTORY', '4 SCHEMA_VIOLATION', '5 BAD_JSON']));
    expect(stdout).toContain('revision 3 follows 1; 2 is missing');
    expect((await console.run('validate events.jsonl')).stdout).toContain('events.jsonl:3');
  });

  test('a good file and a good stream pass, with or without a log (A-256)', async () => {
    expect((await console.run(`validate ${fixture('proj-123.jsonl')}`)).stdout).toBe('ok  5 events, 0 findings\n');
    const other = await consoleWithRun();
    expect((await other.run('validate PROJ-123')).stdout).toBe('ok  5 events, 0 findings\n');
    expect((await other.run('validate --correlation run-1')).exitCode).toBe(0);
    other.close();
  });
});
