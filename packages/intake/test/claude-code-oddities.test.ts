/** What transcripts are known to do and no shared sample shows: each oddity as a small fixture (INTAKE.md section 5). */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { translateClaudeCode } from '../src/claude-code/translate.ts';
import type { IntakeCommit } from '../src/source.ts';
import { examples, fileOf, linesFile, session258, translateAll } from './import-file.ts';

const session = 's1';
let minute = 0;
const base = (uuid: string, extra: object = {}): Record<string, unknown> => ({
  uuid,
  parentUuid: null,
  sessionId: session,
  timestamp: new Date(Date.UTC(2026, 1, 1, 10, minute++)).toISOString(),
  cwd: '/w',
  gitBranch: 'main',
  version: '2.1.39',
  ...extra,
});
const user = (uuid: string, content: unknown, extra: object = {}) => base(uuid, { type: 'user', message: { role: 'user', content }, ...extra });
const assistant = (uuid: string, content: unknown, extra: object = {}) => base(uuid, { type: 'assistant', message: { id: `m-${uuid}`, role: 'assistant', model: 'opus', content }, ...extra });
const call = (uuid: string, id: string, name: string, input: object = {}) => assistant(uuid, [{ type: 'tool_use', id, name, input }]);
const result = (uuid: string, id: string, content: unknown, extra: object = {}, block: object = {}) => user(uuid, [{ type: 'tool_result', tool_use_id: id, content, ...block }], extra);

const translate = (records: readonly unknown[], name = 's1.jsonl') => translateAll(translateClaudeCode, [linesFile(name, records)]);

describe('identity', () => {
  test('one uuid under two sessions is two records (a resumed copy)', async () => {
    const { commits, report } = await translate([user('u1', 'hello'), user('u1', 'hello', { sessionId: 's2' })]);
    expect(commits.map(({ stream }) => stream)).toEqual(['session/s1', 'session/s2']);
    expect(new Set(commits.map(({ commitId }) => commitId)).size).toBe(2);
    expect(report.repeats).toBe(0);
  });

  test('byte-identical neighbours without a uuid are two records', async () => {
    const line = { type: 'queue-operation', operation: 'remove', sessionId: session, timestamp: '2026-02-01T10:00:00.000Z' };
    const { commits, report } = await translate([line, line]);
    expect(commits.map(({ key }) => key)).toEqual(['claude-code|s1|queue-operation#0', 'claude-code|s1|queue-operation#1']);
    expect(report.keptByType).toEqual({ 'queue-operation: bookkeeping': 2 });
  });

  test('the same record twice in a file is one commit', async () => {
    const record = user('u1', 'hello');
    const { commits, report } = await translate([record, record]);
    expect(commits).toHaveLength(1);
    expect(report.repeats).toBe(1);
  });

  test('two records glued on one line are both there', async () => {
    const line = JSON.stringify(user('u1', 'one')) + JSON.stringify(user('u2', 'two'));
    const { commits, report } = await translateAll(translateClaudeCode, [fileOf('s1.jsonl', `${line}\n`)]);
    expect(commits).toHaveLength(2);
    expect(report.gluedLines).toHaveLength(1);
  });

  test.each([['the export first', ['p/a.json', 'p/a.jsonl']], ['the transcript first', ['p/a.jsonl', 'p/a.json']]])('a transcript and an export of one name are both read, %s; the sub-agent beside them is the transcript\'s', async (_, names) => {
    const contents: Record<string, string> = {
      'p/a.json': JSON.stringify({ loglines: [{ type: 'user', timestamp: '2026-02-01T10:00:00.000Z', message: { role: 'user', content: 'exported' } }] }, null, 2),
      'p/a.jsonl': `${JSON.stringify(call('u1', 'toolu_1', 'Task'))}\n`,
      'p/a/subagents/agent-x1.jsonl': `${JSON.stringify(user('x1', 'go', { isSidechain: true, agentId: 'x1' }))}\n`,
    };
    const { report, commits } = await translateAll(translateClaudeCode, [...names, 'p/a/subagents/agent-x1.jsonl'].map((name) => fileOf(name, contents[name]!)));
    expect(report.recordsByFile).toEqual({ 'p/a.json': 1, 'p/a.jsonl': 1, 'p/a/subagents/agent-x1.jsonl': 1 });
    expect(new Set(commits.map(({ stream }) => stream))).toEqual(new Set(['session/a', 'session/s1']));
  });

  test("another tool's object named .jsonl is one reject, not one for each line", async () => {
    const { commits, report } = await translateAll(translateClaudeCode, [fileOf('x.jsonl', JSON.stringify({ events: [{ a: 1 }], other: true }, null, 2))]);
    expect(commits).toEqual([]);
    expect(report.rejects.map(({ reason }) => reason)).toEqual(['foreign_format']);
  });

  test('identifiers of version 4 are made on demand', async () => {
    const { commits } = await translateAll(translateClaudeCode, [linesFile('s1.jsonl', [user('u1', 'x')])], { uuidVersion: 4 });
    expect(commits[0]!.commitId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('growing copies', () => {
  const lines = readFileSync(`${examples}claude-code/${session258}.jsonl`, 'utf8').split('\n').filter((line) => line !== '');
  const essence = (commits: readonly IntakeCommit[]) => commits.map(({ commitId, events }) => [commitId, events.map(({ id, type, data, occurredAt }) => [id, type, data, occurredAt])]);

  test('a longer copy gives the same commits for its first part, wherever the shorter one ends', async () => {
    const whole = essence((await translateAll(translateClaudeCode, [fileOf('all.jsonl', lines.join('\n'))])).commits);
    await fc.assert(
      // The first line alone has no time and no neighbour that has one.
      fc.asyncProperty(fc.integer({ min: 2, max: lines.length - 1 }), async (length) => {
        // One line looks ahead: a stop summary ends the turn unless a duration follows. The log settles that cut by the turn's id.
        fc.pre(length !== 1_845);
        const part = essence((await translateAll(translateClaudeCode, [fileOf('part.jsonl', lines.slice(0, length).join('\n'))])).commits);
        expect(part).toEqual(whole.slice(0, part.length));
      }),
      { numRuns: 12 },
    );
  });

  test('cut between a stop summary and its duration, the end of the turn has one id in both copies', async () => {
    const endsOf = async (length: number) => (await translateAll(translateClaudeCode, [fileOf('x.jsonl', lines.slice(0, length).join('\n'))])).ofType('turn.completed').map(({ id }) => id);
    expect(await endsOf(1_845)).toEqual(await endsOf(1_846));
  });

  test('copies imported together give every record once', async () => {
    const files = [500, 1_200, 1_863].map((length) => fileOf(`${length}.jsonl`, lines.slice(0, length).join('\n')));
    const { commits, report } = await translateAll(translateClaudeCode, files);
    expect(commits).toHaveLength(1_863);
    expect(report.repeats).toBe(500 + 1_200);
    expect(report.duplicatesWithOtherContent).toEqual([]);
    const alone = await translateAll(translateClaudeCode, [files[2]!]);
    expect(essence(commits)).toEqual(essence(alone.commits));
  });
});

test('when one line in a hundred is corrupt the rest is imported and each corrupt one is listed', async () => {
  const lines = readFileSync(`${examples}claude-code/${session258}.jsonl`, 'utf8').split('\n').filter((line) => line !== '');
  const corrupt = lines.map((line, index) => (index % 100 === 50 ? line.slice(0, line.length - 7) : line));
  const { commits, report } = await translateAll(translateClaudeCode, [fileOf(`${session258}.jsonl`, `${corrupt.join('\n')}\n`)]);
  const bad = lines.flatMap((_, index) => (index % 100 === 50 ? [index + 1] : []));
  expect(report.rejects.map(({ line }) => line)).toEqual(bad);
  expect(commits).toHaveLength(lines.length - bad.length);
});

describe('session and time of a record', () => {
  test('come from the record before, at the start of a file from the one after, else from its name', async () => {
    const { commits, report } = await translate([{ type: 'summary', summary: 'A' }, user('u1', 'x', { timestamp: '2026-02-01T10:00:00.500Z' }), { type: 'summary', summary: 'B' }]);
    expect(commits.map(({ stream }) => stream)).toEqual(Array(3).fill('session/s1'));
    expect(commits.map(({ events }) => events[0]!.metadata!.timeInferred)).toEqual(['next', undefined, 'previous']);
    expect(commits.map(({ events }) => events[0]!.occurredAt)).toEqual(Array(3).fill('2026-02-01T10:00:00.500Z'));
    expect(report.recordsWithoutTime).toBe(2);
    expect((await translate([{ type: 'summary', summary: 'A' }], 'folder/s9.jsonl')).commits[0]!.stream).toBe('session/s9');
  });

  test('a file without any time gets the time of import, marked', async () => {
    const { events } = await translate([{ type: 'user', sessionId: session, message: { role: 'user', content: 'x' } }]);
    expect(events.every((event) => event.metadata!.timeUnknown === true)).toBe(true);
    expect(events[0]!.occurredAt).toBe('2026-11-20T00:00:00.000Z');
  });

  test.each([
    ['1970-01-01T00:00:05.000Z', '1970-01-01T00:00:05.000Z', { oddClock: true }],
    ['2100-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z', { oddClock: true }],
    ['2026-02-01 10:00:00', '2026-02-01T10:00:00.000Z', { zoneAssumed: true }],
    ['2026-02-01T10:00:00.123456789+01:00', '2026-02-01T09:00:00.123Z', { occurredNanos: 456_789 }],
  ])('%s is kept as %s and flagged (bad-input K8)', async (timestamp, at, flags) => {
    const { events } = await translate([user('u1', 'x', { timestamp })]);
    expect(events[0]!.occurredAt).toBe(at);
    expect(events[0]!.metadata).toMatchObject(flags);
    expect(events[0]!.metadata!.source).toMatchObject({ time: timestamp });
  });

  test('a time that does not exist is no time', async () => {
    const { report } = await translate([user('u1', 'x'), user('u2', 'y', { timestamp: '2026-02-30T00:00:00Z' })]);
    expect(report.recordsWithoutTime).toBe(1);
  });

  test('a record more than a second behind the latest of its stream is flagged late and stays where it is', async () => {
    const { commits, report } = await translate([user('u1', 'x', { timestamp: '2026-02-01T10:00:05.000Z' }), user('u2', 'y', { timestamp: '2026-02-01T10:00:03.999Z' }), user('u3', 'z', { timestamp: '2026-02-01T10:00:04.500Z' })]);
    expect(commits.map(({ events }) => events.at(-1)!.metadata!.late)).toEqual([undefined, true, undefined]);
    expect([report.stepsBackInTime, report.lateRecords]).toEqual([1, 1]);
  });
});

describe('records', () => {
  test('of unknown type, with unknown fields, of an unknown version are kept and counted (bad-input K9)', async () => {
    const odd = base('u1', { type: 'telepathy', thought: { deep: [1, { x: null }] }, version: '9.0.0' });
    const { events, report } = await translate([odd, user('u2', 'x', { newField: { a: 1 } })]);
    const kept = events.find(({ type }) => type === 'record.kept')!;
    expect(kept.data).toEqual({ source_type: 'telepathy', reason: 'unknown_type', raw: odd });
    expect(report.unknownVersions).toEqual(['9.0.0']);
    expect(events.find((event) => (event.metadata!.source as { nativeId: string }).nativeId === 'u2')!.metadata!.source).toMatchObject({ rest: { newField: { a: 1 } } });
  });

  test('of the API with an error: the error, the retry, and a turn that failed', async () => {
    const { ofType } = await translate([
      user('u1', 'go'),
      base('e1', { type: 'system', subtype: 'api_error', error: { status: 529 }, retryAttempt: 2, maxRetries: 10, retryInMs: 1_000 }),
      assistant('a1', [{ type: 'text', text: 'API Error: 529 overloaded' }], { isApiErrorMessage: true, error: 'overloaded' }),
    ]);
    expect(ofType('error.occurred')[0]!.data).toMatchObject({ error_id: 'api_error:e1', code: '529' });
    expect(ofType('recovery.attempted')[0]!.data).toMatchObject({ error_id: 'api_error:e1', strategy: 'retry', attempt: 2 });
    expect(ofType('recovery.attempted')[0]!.causationId).toBe(ofType('error.occurred')[0]!.id);
    expect(ofType('turn.failed')[0]!.data).toEqual({ turn_id: 'u1', error: { message: 'API Error: 529 overloaded', code: 'overloaded' } });
    expect(ofType('message.recorded')).toEqual([]);
  });

  test('of stop hooks: a check that starts and ends at once, failed when a hook complains', async () => {
    const stop = (uuid: string, extra: object) => base(uuid, { type: 'system', subtype: 'stop_hook_summary', hookErrors: [], preventedContinuation: false, toolUseID: `t-${uuid}`, ...extra });
    const { events, ofType } = await translate([user('u1', 'go'), stop('h1', {}), user('u2', 'again'), stop('h2', { hookErrors: ['lint failed'], preventedContinuation: true })]);
    expect(ofType('quality_check.started').map((event) => event.metadata!.derived)).toEqual(['implicit start', 'implicit start']);
    expect(ofType('quality_check.completed').map(({ data }) => data)).toEqual([{ check_id: 'stop_hook:t-h1', passed: true }]);
    expect(ofType('quality_check.failed').map(({ data }) => data)).toEqual([{ check_id: 'stop_hook:t-h2', reason: 'lint failed' }]);
    expect(ofType('turn.completed').map(({ data }) => data)).toEqual([{ turn_id: 'u1' }, { turn_id: 'u2' }]);
    expect(events.filter(({ type }) => type === 'turn.completed')).toHaveLength(2);
  });

  test('of a link to a pull request, a title, a compaction', async () => {
    const { ofType } = await translate([
      { type: 'pr-link', prNumber: 7, prUrl: 'https://git.example.com/a/b/pull/7', prRepository: 'a/b', timestamp: '2026-02-01T10:00:00Z', sessionId: session },
      { type: 'custom-title', customTitle: 'Fix the parser', sessionId: session },
      base('c1', { type: 'system', subtype: 'microcompact_boundary', microcompactMetadata: { trigger: 'auto', preTokens: 9_000 } }),
    ]);
    expect(ofType('git.pr_created')[0]!.data).toEqual({ pr_number: 7, title: 'a/b#7', url: 'https://git.example.com/a/b/pull/7' });
    expect(ofType('session.changed').filter(({ data }) => data.field === 'title').map(({ data }) => data.after)).toEqual(['Fix the parser']);
    expect(ofType('context.compacted')[0]!.data).toEqual({ trigger: 'auto', pre_tokens: 9_000, micro: true });
  });

  test('that differ in branch, folder, mode or model from the one before say so once', async () => {
    const { ofType } = await translate([user('u1', 'a', { permissionMode: 'default' }), user('u2', 'b', { gitBranch: 'feature', cwd: '/w2', permissionMode: 'plan' }), assistant('a1', 'x', { gitBranch: 'feature', cwd: '/w2' }), assistant('a2', 'y', { gitBranch: 'feature', cwd: '/w2' })]);
    expect(ofType('session.changed').filter(({ data }) => data.before !== undefined).map(({ data }) => data)).toEqual([
      { field: 'branch', before: 'main', after: 'feature' },
      { field: 'cwd', before: '/w', after: '/w2' },
      { field: 'permission_mode', before: 'default', after: 'plan' },
    ]);
    expect(ofType('session.changed').filter(({ data }) => data.field === 'model')).toHaveLength(1);
  });

  test('of a resumed session: one resumption, however many hooks report it', async () => {
    const hook = (uuid: string) => base(uuid, { type: 'progress', toolUseID: 'r1', data: { type: 'hook_progress', hookEvent: 'SessionStart', hookName: 'SessionStart:resume' } });
    const { ofType, report } = await translate([user('u1', 'a'), hook('h1'), hook('h2'), hook('h3')]);
    expect(ofType('session.resumed')).toHaveLength(1);
    expect(report.keptByType).toEqual({ 'progress:hook_progress: corroborates': 3 });
  });
});

describe('tool calls', () => {
  test('the effect of a call is in it: reads may run again, writes may not, a shell that only reads is a read', async () => {
    const names: readonly (readonly [string, object, string])[] = [
      ['Read', {}, 'read'],
      ['Edit', {}, 'write'],
      ['Task', {}, 'delegate'],
      ['mcp__x__y', {}, 'unknown'],
      ['Bash', { command: 'git status && ls -la | head -5' }, 'read'],
      ['Bash', { command: 'git log 2>/dev/null' }, 'read'],
      ['Bash', { command: 'cat a > b' }, 'exec'],
      ['Bash', { command: 'ls $(rm -rf x)' }, 'exec'],
      ['Bash', { command: 'git diff --output=x' }, 'exec'],
      ['Bash', { command: 'lsof' }, 'exec'],
      ['Bash', { command: 'ls\nrm x' }, 'exec'],
    ];
    const { ofType } = await translate(names.map(([name, input], index) => call(`c${index}`, `t${index}`, name, input)));
    expect(ofType('tool_call.started').map(({ data }) => data.effect)).toEqual(names.map(([, , effect]) => effect));
  });

  test('a result without its call gets a start that the writer may leave out', async () => {
    const { commits } = await translate([result('r1', 't1', 'done')]);
    const [commit] = commits;
    expect(commit!.implicitStarts!.map(({ before, event }) => [commit!.events[before]!.type, event.type, event.metadata!.derived])).toEqual([['tool_call.completed', 'tool_call.started', 'implicit start']]);
  });

  test('a call or a result that is delivered twice is one fact', async () => {
    const { ofType, report } = await translate([call('c1', 't1', 'Read'), call('c2', 't1', 'Read'), result('r1', 't1', 'x'), result('r2', 't1', 'x')]);
    expect([ofType('tool_call.started').length, ofType('tool_call.completed').length]).toEqual([1, 1]);
    expect(report.keptByType).toEqual({ 'assistant:tool_use: duplicate_delivery': 1, 'user:tool_result: duplicate_delivery': 1 });
  });

  test('a background agent that was only launched completes nothing, but its name is bound to the call', async () => {
    const { ofType } = await translate([call('c1', 't1', 'Agent', { subagent_type: 'Explore', description: 'look' }), result('r1', 't1', 'started', { toolUseResult: { status: 'async_launched', agentId: 'abc' } })]);
    expect(ofType('agent_run.spawned')[0]!.data).toMatchObject({ agent_name: 'Explore', assigned_task: 'look', agent_run_id: 't1' });
    expect(ofType('agent_run.completed')).toEqual([]);
    expect(ofType('tool_call.completed')[0]!.data).toMatchObject({ agent_id: 'abc' });
  });

  test('an agent that failed is a failed run', async () => {
    const { ofType } = await translate([call('c1', 't1', 'Task', { subagent_type: 'Plan' }), result('r1', 't1', 'no luck', {}, { is_error: true })]);
    expect(ofType('agent_run.failed')[0]!.data).toMatchObject({ agent_name: 'Plan', agent_run_id: 't1', error: { message: 'no luck' } });
  });

  test('files that were written or edited are facts of their own', async () => {
    const { ofType } = await translate([
      call('c1', 't1', 'Write', { file_path: '/w/a' }),
      result('r1', 't1', 'ok', { toolUseResult: { type: 'create', filePath: '/w/a' } }),
      call('c2', 't2', 'Write', { file_path: '/w/a' }),
      result('r2', 't2', 'ok', { toolUseResult: { type: 'update', filePath: '/w/a' } }),
      call('c3', 't3', 'Edit', { file_path: '/w/b' }),
      result('r3', 't3', 'denied', {}, { is_error: true }),
    ]);
    expect(ofType('file.changed').map(({ data }) => [data.path, data.operation, data.tool_call_id])).toEqual([
      ['/w/a', 'created', 't1'],
      ['/w/a', 'edited', 't2'],
    ]);
  });

  test('a line like a commit is one only in the output of a command that runs git', async () => {
    const output = '[main (root-commit) abc1234] first\n 1 file changed, 2 insertions(+), 3 deletions(-)\n[detached HEAD def5678] second';
    const { ofType } = await translate([
      call('c1', 't1', 'Bash', { command: 'git commit -m first' }),
      result('r1', 't1', output),
      call('c2', 't2', 'Bash', { command: 'cat log' }),
      result('r2', 't2', '[info 1234567] not a commit'),
    ]);
    expect(ofType('git.commit_created').map(({ data }) => data)).toEqual([
      { sha: 'abc1234', message: 'first', branch: 'main', insertions: 2, deletions: 3 },
      { sha: 'def5678', message: 'second', branch: 'detached HEAD' },
    ]);
  });

  test('tasks are followed from their creation through every change of status', async () => {
    const { ofType } = await translate([
      call('c1', 't1', 'TaskCreate', { subject: 'Parse', description: 'x' }),
      result('r1', 't1', 'Task #1 created successfully: Parse', { toolUseResult: { task: { id: '1', subject: 'Parse' } } }),
      call('c2', 't2', 'TaskUpdate', { taskId: '1', status: 'in_progress' }),
      result('r2', 't2', 'Updated task #1'),
      call('c3', 't3', 'TodoWrite', { todos: [{ content: 'A', status: 'pending' }] }),
      call('c4', 't4', 'TodoWrite', { todos: [{ content: 'A', status: 'completed' }, { content: 'B', status: 'pending' }] }),
    ]);
    expect(ofType('task.created').map(({ streamId, data }) => [streamId, data.title])).toEqual([
      ['s1:1', 'Parse'],
      ['s1:2', 'A'],
      ['s1:3', 'B'],
    ]);
    expect(ofType('task.status_changed').map(({ streamId, data }) => [streamId, data.before, data.after])).toEqual([
      ['s1:1', 'pending', 'in_progress'],
      ['s1:2', 'pending', 'completed'],
    ]);
  });
});

describe('sub-agents', () => {
  const agentLine = (uuid: string, content: unknown, extra: object = {}) => assistant(uuid, content, { agentId: 'x9', isSidechain: true, ...extra });

  test('whose meta file names the call are linked before their parent says so', async () => {
    const files = [
      linesFile('p/s1.jsonl', [call('c1', 't1', 'Task', { subagent_type: 'Plan' })]),
      linesFile('p/s1/subagents/agent-x9.jsonl', [agentLine('a1', [{ type: 'tool_use', id: 't2', name: 'Read', input: {} }])]),
      fileOf('p/s1/subagents/agent-x9.meta.json', JSON.stringify({ agentType: 'Plan', description: 'd', toolUseId: 't1' })),
    ];
    const { ofType, report } = await translateAll(translateClaudeCode, files);
    expect(ofType('tool_call.started').at(-1)).toMatchObject({ agent: 'Plan', data: { agent_run_id: 't1' }, refs: [{ type: 'agent_run', id: 't1', rel: 'agent' }] });
    expect([report.subAgentsLinked, report.subAgentsWithoutParent]).toEqual([1, 0]);
  });

  test('in a file beside the main one (older versions) belong to the session that they name', async () => {
    const files = [linesFile('p/agent-x9.jsonl', [agentLine('a1', 'hi')]), linesFile('p/s1.jsonl', [user('u1', 'go')])];
    const { commits, ofType } = await translateAll(translateClaudeCode, files);
    expect(commits.map(({ stream }) => stream)).toEqual(['session/s1', 'session/s1']);
    expect(ofType('session.started')).toHaveLength(1);
  });

  test('large outputs beside a session are no records', async () => {
    const { report } = await translateAll(translateClaudeCode, [linesFile('p/s1.jsonl', [user('u1', 'go')]), fileOf('p/s1/tool-results/t1.txt', 'x')]);
    expect(report.filesIgnored).toEqual(['p/s1/tool-results/t1.txt']);
    expect(report.rejectCount).toBe(0);
  });
});
