/** The shared samples, figure by figure (INTAKE.md section 20, rows 1 to 8). */
import { describe, expect, test } from 'vitest';
import { translateClaudeCode } from '../src/claude-code/translate.ts';
import type { IntakeEvent } from '../src/source.ts';
import { examples, fileAt, samples, session258, translateAll } from './import-file.ts';
import type { Translation } from './import-file.ts';
import { countRaw, rawCallsAt, rawLines } from './raw-transcript.ts';

const exampleFolder = `${examples}claude-code/`;
const sampleFolder = `${samples}claude-code/`;
const mainFile = fileAt(exampleFolder, `${session258}.jsonl`);
const agentFiles = ['a881341', 'acompact-fffbd0'].map((agent) => fileAt(exampleFolder, `${session258}/subagents/agent-${agent}.jsonl`));

const translate = (folder: string, name: string): Promise<Translation> => translateAll(translateClaudeCode, [fileAt(folder, name)]);
const data = (event: IntakeEvent, key: string): unknown => event.data[key];
const isMainThread = (event: IntakeEvent): boolean => event.data.agent_run_id === undefined;
const tally = (values: readonly unknown[]): Record<string, number> => Object.fromEntries([...Map.groupBy(values, String)].map(([key, list]) => [key, list.length]));

function toolsOf(events: readonly IntakeEvent[], ids: readonly IntakeEvent[]): readonly unknown[] {
  const tools = new Map(events.filter(({ type }) => type === 'tool_call.started').map((event) => [data(event, 'tool_call_id'), data(event, 'tool')]));
  return ids.map((event) => tools.get(data(event, 'tool_call_id')));
}

describe('row 1: the long session without its folder', () => {
  const raw = rawLines(`${exampleFolder}${session258}.jsonl`);
  const counts = countRaw(raw);
  const translated = translateAll(translateClaudeCode, [mainFile]);

  test('every one of 1,863 records is one commit, and the report agrees with a plain count of the lines', async () => {
    const { commits, report } = await translated;
    expect(counts.records).toBe(1_863);
    expect(commits).toHaveLength(1_863);
    expect(report.recordsRead).toBe(1_863);
    expect(report.stepsBackInTime).toBe(191);
    expect(counts.stepsBack).toBe(191);
    expect(report.recordsWithoutTime).toBe(28);
    expect(counts.withoutTime).toBe(28);
    expect(report.rejectCount).toBe(0);
    expect(new Set(commits.map(({ commitId }) => commitId)).size).toBe(1_863);
  });

  test('186 tool calls of the main thread and 2 of the sub-agent are all answered', async () => {
    const { ofType, report } = await translated;
    const started = ofType('tool_call.started');
    const main = started.filter(isMainThread);
    expect(tally(main.map((event) => data(event, 'tool')))).toEqual({ Bash: 79, Read: 42, Edit: 35, Write: 13, Glob: 8, Grep: 5, TaskOutput: 3, Task: 1 });
    expect(counts.callsByTool).toEqual(tally(main.map((event) => data(event, 'tool'))));
    expect(main).toHaveLength(186);
    expect(started).toHaveLength(188);
    expect(ofType('tool_call.completed').length + ofType('tool_call.failed').length).toBe(188);
    expect(counts.answered).toBe(186);
    expect(report.openToolCalls).toBe(0);
  });

  test('7 calls failed, the one of TaskOutput because it was denied', async () => {
    const { events, ofType } = await translated;
    const failed = ofType('tool_call.failed');
    expect(tally(toolsOf(events, failed))).toEqual({ Bash: 5, TaskOutput: 1, Read: 1 });
    expect(counts.failedByTool).toEqual({ Bash: 5, TaskOutput: 1, Read: 1 });
    expect(toolsOf(events, failed.filter((event) => data(event, 'denied') === true))).toEqual(['TaskOutput']);
  });

  test('one sub-agent ran 32,855 ms on 43,179 tokens and made 2 calls', async () => {
    const { ofType, report } = await translated;
    expect(ofType('agent_run.spawned')).toHaveLength(1);
    const [completed] = ofType('agent_run.completed');
    expect(completed!.data).toMatchObject({ agent_id: 'a881341', duration_ms: 32_855, total_tokens: 43_179, tool_calls: 2 });
    expect(Number(completed!.data.tokens_input) + Number(completed!.data.tokens_output)).toBe(43_179);
    const inner = ofType('tool_call.started').filter((event) => !isMainThread(event));
    expect(inner.map((event) => data(event, 'agent_run_id'))).toEqual(Array(2).fill(ofType('agent_run.spawned')[0]!.data.agent_run_id));
    expect(report.subAgentsLinked).toBe(1);
  });

  test('5 commits are read from the output of the shell, each caused by its call', async () => {
    const { ofType, events } = await translated;
    const commits = ofType('git.commit_created');
    expect(commits.map((event) => data(event, 'sha'))).toEqual(['99b497c', 'ceff8c3', 'bb53fb4', '05fd186', 'a230dbf']);
    const ids = new Map(events.map((event) => [event.id, event.type]));
    expect(commits.map((event) => ids.get(event.causationId!))).toEqual(Array(5).fill('tool_call.completed'));
    expect(commits.every((event) => typeof event.metadata?.derived === 'string')).toBe(true);
  });

  test('prompts, turns and the compaction are told apart', async () => {
    const { ofType } = await translated;
    expect(tally(ofType('prompt.submitted').map((event) => data(event, 'source')))).toEqual({ typed: 2, task_notification: 2, compaction: 1 });
    expect(ofType('turn.completed')).toHaveLength(3);
    expect(ofType('turn.interrupted')).toHaveLength(1);
    expect(ofType('turn.completed').map((event) => data(event, 'duration_ms'))).toEqual([2_729_883, undefined, undefined]);
    expect(ofType('context.compacted').map((event) => event.data)).toEqual([{ trigger: 'auto', pre_tokens: 167_094 }]);
    expect(ofType('session.started')).toHaveLength(1);
  });

  test('output tokens are 38,899 in 152 messages when a message counts once with its largest usage', async () => {
    const { ofType } = await translated;
    const outputs = new Map<string, number>();
    for (const event of ofType('message.recorded')) {
      const usage = event.data.usage as { output: number } | undefined;
      if (usage !== undefined) outputs.set(String(event.data.message_id), Math.max(usage.output, outputs.get(String(event.data.message_id)) ?? 0));
    }
    expect(outputs.size).toBe(152);
    expect([...outputs.values()].reduce((sum, output) => sum + output, 0)).toBe(38_899);
    expect(outputs).toEqual(counts.outputs);
  });

  test('everything stands in one stream under the common envelope', async () => {
    const { events, report } = await translated;
    expect([...report.streams]).toEqual([`session/${session258}`]);
    for (const event of events) {
      const source = event.metadata!.source as Record<string, unknown>;
      expect(source).toMatchObject({ producer: 'claude-code', file: `${session258}.jsonl`, nativeId: expect.any(String), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(event.correlationId).toBe(session258);
      expect(event.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test('nothing of a record is dropped: its values are in the payload, the envelope or the rest', async () => {
    const { commits } = await translated;
    for (const index of [0, 1, 5, 8, 12, 300, 606, 1_255, 1_479, 1_845]) {
      const text = JSON.stringify(commits[index]!.events);
      for (const value of leaves(raw[index]).filter((leaf) => leaf.length > 12)) expect(text).toContain(JSON.stringify(value).slice(1, -1));
    }
  });
});

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

describe('row 2: calls of the main thread as of an instant', () => {
  const raw = rawLines(`${exampleFolder}${session258}.jsonl`);
  const translated = translateAll(translateClaudeCode, [mainFile]);
  test.each([
    ['2026-02-11T20:40:00Z', 26, 25, 0, ['Bash']],
    ['2026-02-11T21:00:00Z', 77, 76, 2, ['Bash']],
    ['2026-02-11T21:24:30Z', 153, 152, 6, ['Task']],
    ['2026-02-11T21:30:00Z', 169, 169, 6, []],
  ])('at %s %i had started, %i ended, %i failed', async (at, started, ended, failed, open) => {
    const { events } = await translated;
    const before = events.filter((event) => Date.parse(event.occurredAt) <= Date.parse(at) && isMainThread(event));
    const starts = before.filter(({ type }) => type === 'tool_call.started');
    const ends = before.filter(({ type }) => type === 'tool_call.completed' || type === 'tool_call.failed');
    const endedIds = new Set(ends.map((event) => data(event, 'tool_call_id')));
    expect([starts.length, ends.length, ends.filter(({ type }) => type === 'tool_call.failed').length]).toEqual([started, ended, failed]);
    expect(starts.filter((event) => !endedIds.has(data(event, 'tool_call_id'))).map((event) => data(event, 'tool'))).toEqual(open);
    expect(rawCallsAt(raw, at)).toEqual({ started, ended, failed, open });
  });
});

describe('row 3: the same session with its folder', () => {
  const alone = translateAll(translateClaudeCode, [mainFile]);
  const whole = translateAll(translateClaudeCode, [...agentFiles, mainFile]);

  test('adds 10 and 4 records; the 5 records that the main file repeats are not doubled', async () => {
    const { commits, ofType, report } = await whole;
    expect(commits).toHaveLength(1_863 + 10 + 4);
    expect(ofType('tool_call.started')).toHaveLength(188);
    expect(new Set(ofType('tool_call.started').map((event) => data(event, 'tool_call_id'))).size).toBe(188);
    expect(report.keptByType['progress:agent_progress: corroborates']).toBe(5);
    expect(report.eventsByType['tool_call.failed']).toBe(7);
  });

  test('the compaction spawns no agent, and all parents resolve', async () => {
    const { ofType, report } = await whole;
    expect(ofType('agent_run.spawned').map((event) => data(event, 'agent_run_id'))).toHaveLength(1);
    expect(report.keptByType['compaction:user: bookkeeping']).toBe(3);
    expect(report.keptByType['compaction:assistant: bookkeeping']).toBe(1);
    expect(report.danglingParents).toBe(0);
  });

  test('the compaction alone has 3 parents that are nowhere, and says so', async () => {
    const { report } = await translateAll(translateClaudeCode, [agentFiles[1]!]);
    expect(report.danglingParents).toBe(3);
  });

  test('a fact has the same id whether the main file or the sub-agent told it', async () => {
    const idsOf = (translation: Translation): ReadonlySet<string> =>
      new Set(translation.events.filter((event) => event.data.agent_run_id !== undefined && event.type.startsWith('tool_call.')).map(({ id }) => id));
    expect(idsOf(await whole)).toEqual(idsOf(await alone));
  });

  test('files are merged by time: the sub-agent speaks between the start and the end of its call', async () => {
    const { events } = await whole;
    const spawned = events.findIndex(({ type }) => type === 'agent_run.spawned');
    const completed = events.findIndex(({ type }) => type === 'agent_run.completed');
    const first = events.findIndex((event) => event.type === 'message.recorded' && event.data.agent_run_id !== undefined);
    expect(spawned).toBeLessThan(first);
    expect(first).toBeLessThan(completed);
  });
});

describe('rows 4 and 5: the short sessions', () => {
  test('subagent.jsonl: 96 records, 16 calls and 9 inside, as the agent counted itself', async () => {
    const { commits, ofType } = await translate(`${sampleFolder}spotter/`, 'subagent.jsonl');
    const started = ofType('tool_call.started');
    expect(commits).toHaveLength(96);
    expect(started).toHaveLength(25);
    expect(started.filter(isMainThread)).toHaveLength(16);
    expect(ofType('agent_run.completed').map((event) => [data(event, 'agent_id'), data(event, 'tool_calls')])).toEqual([['afb92ff', 9]]);
  });

  test('short.jsonl: 15 records, 2 calls, both denied, one turn interrupted', async () => {
    const { commits, ofType } = await translate(`${sampleFolder}spotter/`, 'short.jsonl');
    expect(commits).toHaveLength(15);
    expect(ofType('tool_call.started')).toHaveLength(2);
    expect(ofType('tool_call.failed').map((event) => data(event, 'denied'))).toEqual([true, true]);
    expect(ofType('turn.interrupted')).toHaveLength(1);
  });

  test('tool_heavy.jsonl: 39 records, 6 calls, 2 queue operations kept', async () => {
    const { commits, ofType, report } = await translate(`${sampleFolder}spotter/`, 'tool_heavy.jsonl');
    expect(commits).toHaveLength(39);
    expect(ofType('tool_call.started')).toHaveLength(6);
    expect(report.keptByType['queue-operation: bookkeeping']).toBe(2);
  });
});

test('row 6: a sub-agent file without its parent makes one agent, its usage flagged as partial', async () => {
  const { commits, ofType, report, events } = await translate(`${sampleFolder}spotter/`, '6c2214d7-b87e-4432-8e41-22ba294ea584/subagents/agent-afc096d.jsonl');
  expect(commits).toHaveLength(199);
  expect(ofType('tool_call.started')).toHaveLength(48);
  expect(ofType('tool_call.failed')).toHaveLength(2);
  expect(ofType('agent_run.spawned').map((event) => data(event, 'agent_run_id'))).toEqual(['agent:afc096d']);
  expect([report.subAgentsWithoutParent, report.usagePartial]).toEqual([1, 1]);
  const partial = events.filter((event) => event.metadata?.usagePartial === true);
  const outputs = new Map(partial.map((event) => [data(event, 'message_id'), (event.data.usage_partial as { output: number }).output]));
  expect([outputs.size, [...outputs.values()].reduce((sum, output) => sum + output, 0)]).toEqual([18, 28]);
  expect(ofType('message.recorded').filter((event) => event.data.usage !== undefined)).toEqual([]);
});

describe('row 7: edge cases of the older format (bad-inputs K8, K9, K10)', () => {
  const translated = translate(`${sampleFolder}claude-code-log/`, 'edge_cases.jsonl');

  test('16 records in two sessions are read around 3 lines that are none', async () => {
    const { commits, report } = await translated;
    expect(commits).toHaveLength(16);
    expect(report.rejects.map(({ line, code, reason }) => [line, code, reason])).toEqual([13, 15, 16].map((line) => [line, 'BAD_JSON', 'not_an_object']));
    expect(tally(commits.map(({ stream }) => stream))).toEqual({ 'session/edge_cases': 15, 'session/todowrite_session': 1 });
    const withoutSession = rawRecords(`${sampleFolder}claude-code-log/edge_cases.jsonl`).filter((record) => record.sessionId === undefined);
    expect(withoutSession).toHaveLength(2);
  });

  test('two ids that come again with other content are kept twice, under keys of their own', async () => {
    const { commits, report } = await translated;
    expect(report.duplicatesWithOtherContent.map(({ line, key }) => [line, key])).toEqual([
      [12, 'claude-code|edge_cases|edge_011~2'],
      [18, 'claude-code|edge_cases|edge_010~2'],
    ]);
    expect(commits.filter(({ key }) => /edge_01[01]/.test(key))).toHaveLength(4);
  });

  test('3 records have no time of their own, and 2 calls are never answered', async () => {
    const { report, ofType } = await translated;
    expect(report.recordsWithoutTime).toBe(3);
    expect(report.openToolCalls).toBe(2);
    const ended = new Set([...ofType('tool_call.completed'), ...ofType('tool_call.failed')].map((event) => data(event, 'tool_call_id')));
    expect(ofType('tool_call.started').map((event) => data(event, 'tool_call_id')).filter((id) => !ended.has(id))).toEqual(['tool_edge_002', 'toolu_todowrite_002']);
  });

  test('an item of a to-do list that is no object is left out and counted', async () => {
    const { report, ofType } = await translated;
    expect(report.itemsLeftOut).toBe(1);
    expect(ofType('task.created').map((event) => [`${event.streamType}/${event.streamId}`, data(event, 'status'), data(event, 'priority')])).toEqual([
      ['task/todowrite_session:1', 'in_progress', 'P1'],
      ['task/todowrite_session:2', 'pending', 'P2'],
      ['task/todowrite_session:3', 'pending', 'P3'],
      ['task/todowrite_session:4', 'pending', 'P2'],
    ]);
  });
});

function rawRecords(path: string): readonly Record<string, unknown>[] {
  return rawLines(path).filter((value) => typeof value === 'object' && !Array.isArray(value));
}

describe('row 8: the web export and its file form', () => {
  test('sample_session.json: 33 records, 12 calls, commits abc1234 and def5678', async () => {
    const { commits, ofType, report } = await translate(`${sampleFolder}simonw-transcripts/`, 'sample_session.json');
    expect(commits).toHaveLength(33);
    expect(ofType('tool_call.started')).toHaveLength(12);
    expect(ofType('git.commit_created').map((event) => data(event, 'sha'))).toEqual(['abc1234', 'def5678']);
    expect(report.streams.has('session/sample_session')).toBe(true);
  });

  test('sample_session.jsonl: 8 records, 2 calls, commit abc1234', async () => {
    const { commits, ofType, report } = await translate(`${sampleFolder}simonw-transcripts/`, 'sample_session.jsonl');
    expect(commits).toHaveLength(8);
    expect(ofType('tool_call.started')).toHaveLength(2);
    expect(ofType('git.commit_created').map((event) => data(event, 'sha'))).toEqual(['abc1234']);
    expect([...report.streams]).toEqual(['session/test-session-id']);
  });
});
