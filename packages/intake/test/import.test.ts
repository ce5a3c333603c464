/** Commits into a real log: once for ever, in order, whatever was there before (INTAKE.md sections 1, 19, 20 rows 1 to 9). */
import { LogError } from '@refold/core';
import type { AppendRequest, EventEnvelope, Log } from '@refold/core';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { translateClaudeCode } from '../src/claude-code/translate.ts';
import { importCommits } from '../src/import.ts';
import type { ImportResult, IntakeLog } from '../src/import.ts';
import { contextOf, examples, fileAt, fileOf, linesFile, samples, session258 } from './import-file.ts';
import { eventsOf, hashOf, idOf, importFiles, openTestLog, stateOf } from './open-log.ts';

const folder = `${examples}claude-code/`;
const stream = `session/${session258}`;
const mainFile = fileAt(folder, `${session258}.jsonl`);
const agentFiles = ['a881341', 'acompact-fffbd0'].map((agent) => fileAt(folder, `${session258}/subagents/agent-${agent}.jsonl`));
const lines = readFileSync(`${folder}${session258}.jsonl`, 'utf8').split('\n').filter((line) => line !== '');
const copyOf = (length: number) => fileOf(`copy-${length}.jsonl`, `${lines.slice(0, length).join('\n')}\n`);

interface SessionView {
  readonly toolCalls: Record<string, { readonly status: string; readonly tool: string; readonly agent: string | null; readonly startedAt: string | null; readonly denied: boolean }>;
  readonly prompts: Record<string, { readonly source: string }>;
  readonly turns: Record<string, { readonly status: string }>;
  readonly agentRuns: Record<string, { readonly agentName: string; readonly status: string; readonly durationSeconds: number; readonly tokensInput: number; readonly tokensOutput: number }>;
  readonly commits: Record<string, unknown> | readonly unknown[];
  readonly compactions: readonly { readonly trigger: string; readonly preTokens: number }[];
  readonly tokens: { readonly output: number };
  readonly usage: Record<string, unknown>;
  readonly files: Record<string, unknown>;
  readonly status: string;
}

const view = async (log: Log, at?: string): Promise<SessionView> => (await stateOf(log, stream, at)) as unknown as SessionView;
const tally = (values: readonly string[]): Record<string, number> => Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, list]) => [value, list.length]));

describe('row 1, folded: the long session', () => {
  const imported = (async () => {
    const log = await openTestLog();
    return { log, result: await importFiles(log, translateClaudeCode, [mainFile]) };
  })();

  test('every record is written once; none is refused', async () => {
    const { result } = await imported;
    expect(result).toMatchObject({ new: 1_863, alreadyPresent: 0, corroborating: 0, refused: [] });
  });

  test('a second import writes nothing and leaves the head where it is', async () => {
    const { log } = await imported;
    const head = (await log.head()).position;
    expect(await importFiles(log, translateClaudeCode, [mainFile])).toMatchObject({ new: 0, alreadyPresent: 1_863, eventsWritten: 0 });
    expect((await log.head()).position).toBe(head);
  });

  test('the state has 188 calls, 7 of them failed, none open', async () => {
    const { toolCalls } = await view((await imported).log);
    const calls = Object.values(toolCalls);
    expect(tally(calls.map(({ status }) => status))).toEqual({ completed: 181, failed: 7 });
    expect(tally(calls.filter(({ agent }) => agent === 'claude-code').map(({ tool }) => tool))).toEqual({ Bash: 79, Read: 42, Edit: 35, Write: 13, Glob: 8, Grep: 5, TaskOutput: 3, Task: 1 });
    expect(calls.filter(({ denied }) => denied).map(({ tool }) => tool)).toEqual(['TaskOutput']);
  });

  test('the state has one sub-agent, 5 prompts, 4 turns, 5 commits, 1 compaction and 38,899 output tokens in 152 messages', async () => {
    const state = await view((await imported).log);
    const [run, ...others] = Object.values(state.agentRuns);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ status: 'completed', durationSeconds: 32.855 });
    expect(run!.tokensInput + run!.tokensOutput).toBe(43_179);
    expect(tally(Object.values(state.prompts).map(({ source }) => source))).toEqual({ typed: 2, task_notification: 2, compaction: 1 });
    expect(tally(Object.values(state.turns).map(({ status }) => status))).toEqual({ completed: 3, interrupted: 1 });
    expect(Object.values(state.commits)).toHaveLength(5);
    expect(state.compactions).toEqual([{ trigger: 'auto', preTokens: 167_094, at: '2026-02-11T21:18:41.543Z' }]);
    expect([state.tokens.output, Object.keys(state.usage).length]).toEqual([38_899, 152]);
    expect(state.status).toBe('active');
  });

  test.each([
    ['2026-02-11T20:40:00Z', 26, 25, 0, ['Bash']],
    ['2026-02-11T21:00:00Z', 77, 76, 2, ['Bash']],
    ['2026-02-11T21:24:30Z', 153, 152, 6, ['Task']],
    ['2026-02-11T21:30:00Z', 169, 169, 6, []],
  ])('row 2: at %s the state had %i calls of the main thread started, %i ended, %i failed', async (at, started, ended, failed, open) => {
    const { toolCalls } = await view((await imported).log, at);
    const calls = Object.values(toolCalls).filter(({ agent }) => agent === 'claude-code');
    expect([calls.length, calls.filter(({ status }) => status !== 'running').length, calls.filter(({ status }) => status === 'failed').length]).toEqual([started, ended, failed]);
    expect(calls.filter(({ status }) => status === 'running').map(({ tool }) => tool)).toEqual(open);
  });

  test('nothing in the history is illegal or unknown', async () => {
    const state = await stateOf((await imported).log, stream);
    expect(state.anomalies).toEqual([]);
  });

  test('the stream stands in the order of the file', async () => {
    const events = await eventsOf((await imported).log, stream);
    const places = events.map((event) => (event.metadata.source as { line: number }).line);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index + 1));
  });
});

describe('row 3, folded: the same session with its folder', () => {
  test('the folder together with the main file: 188 calls as before, one agent', async () => {
    const log = await openTestLog();
    expect(await importFiles(log, translateClaudeCode, [...agentFiles, mainFile])).toMatchObject({ new: 1_877, alreadyPresent: 0 });
    const state = await view(log);
    expect(tally(Object.values(state.toolCalls).map(({ status }) => status))).toEqual({ completed: 181, failed: 7 });
    expect(Object.keys(state.agentRuns)).toHaveLength(1);
    expect([state.tokens.output, Object.keys(state.usage).length]).toEqual([38_899, 152]);
    expect(await importFiles(log, translateClaudeCode, [...agentFiles, mainFile])).toMatchObject({ new: 0, alreadyPresent: 1_877 });
  });

  test('the folder after the main file: 14 new records, of which 5 corroborate what the main file told', async () => {
    const log = await openTestLog();
    await importFiles(log, translateClaudeCode, [mainFile]);
    const result = await importFiles(log, translateClaudeCode, [mainFile, ...agentFiles]);
    expect(result).toMatchObject({ new: 14, alreadyPresent: 1_863, corroborating: 5, refused: [] });
    const state = await view(log);
    expect(Object.keys(state.toolCalls)).toHaveLength(188);
    expect(Object.keys(state.agentRuns)).toHaveLength(1);
    const kept = (await eventsOf(log, stream)).filter((event) => event.type === 'record.kept' && event.data.reason === 'corroborates' && event.data.differs !== undefined);
    expect(kept.length).toBeGreaterThanOrEqual(5);
    for (const event of kept) expect(event.data.refers_to).toBe(event.causationId);
  });
});

describe('row 9: growing copies', () => {
  test('500 lines, then 1,200, then all, then all three again: 500, 700, 663 new, then none; the state as from one import', async () => {
    const log = await openTestLog();
    const counts: number[] = [];
    for (const length of [500, 1_200, 1_863]) counts.push((await importFiles(log, translateClaudeCode, [copyOf(length)])).new);
    for (const length of [500, 1_200, 1_863]) counts.push((await importFiles(log, translateClaudeCode, [copyOf(length)])).new);
    expect(counts).toEqual([500, 700, 663, 0, 0, 0]);
    const once = await openTestLog();
    await importFiles(once, translateClaudeCode, [mainFile]);
    expect(await hashOf(log, stream)).toBe(await hashOf(once, stream));
  });

  test('in reverse order: 1,863 new, then none; the same state', async () => {
    const log = await openTestLog();
    const counts: number[] = [];
    for (const length of [1_863, 1_200, 500]) counts.push((await importFiles(log, translateClaudeCode, [copyOf(length)])).new);
    expect(counts).toEqual([1_863, 0, 0]);
    const once = await openTestLog();
    await importFiles(once, translateClaudeCode, [mainFile]);
    expect(await hashOf(log, stream)).toBe(await hashOf(once, stream));
  });

  test('cut between a stop summary and its duration, the turn still ends once', async () => {
    const log = await openTestLog();
    await importFiles(log, translateClaudeCode, [copyOf(1_845)]);
    expect((await importFiles(log, translateClaudeCode, [copyOf(1_863)])).corroborating).toBe(1);
    expect(tally(Object.values((await view(log)).turns).map(({ status }) => status))).toEqual({ completed: 3, interrupted: 1 });
  });
});

describe('two importers', () => {
  test('of the same file at once leave one copy (bad-input K7)', async () => {
    const log = await openTestLog();
    const small = fileAt(`${samples}claude-code/spotter/`, 'subagent.jsonl');
    const results = await Promise.all([importFiles(log, translateClaudeCode, [small]), importFiles(log, translateClaudeCode, [small])]);
    const count = (key: 'new' | 'alreadyPresent'): number => results.reduce((sum, result) => sum + result[key], 0);
    expect([count('new'), count('alreadyPresent'), results.flatMap(({ refused }) => refused)]).toEqual([96, 96, []]);
    const once = await openTestLog();
    await importFiles(once, translateClaudeCode, [small]);
    expect((await log.head()).position).toBe((await once.head()).position);
  });

  test('stopped at any place and run again, the log is as if nothing had happened', async () => {
    const small = fileAt(`${samples}claude-code/spotter/`, 'subagent.jsonl');
    const whole = await openTestLog();
    await importFiles(whole, translateClaudeCode, [small]);
    for (const stopAfter of [1, 17, 60, 95]) {
      const log = await openTestLog();
      let calls = 0;
      const failing: IntakeLog = {
        knownCommits: (ids) => log.knownCommits(ids),
        append: (request) => (calls++ < stopAfter ? log.append(request) : Promise.reject(new LogError('LOG_UNAVAILABLE', 'The disk is gone.', { details: { reason: 'closed' } }))),
      };
      await expect(importCommits(failing, translateClaudeCode([small], contextOf()), { idOf })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      expect((await importFiles(log, translateClaudeCode, [small])).new).toBe(96 - stopAfter);
      const strip = (events: readonly EventEnvelope[]) => events.map(({ id, type, revision, data }) => ({ id, type, revision, data }));
      expect(strip(await eventsOf(log))).toEqual(strip(await eventsOf(whole)));
    }
  });
});

describe('the importer', () => {
  const records = (count: number) => Array.from({ length: count }, (_, index) => ({ type: 'user', uuid: `u${index}`, sessionId: 's1', timestamp: '2026-02-01T10:00:00.000Z', message: { role: 'user', content: `say ${index}` } }));

  test('keeps many appends in flight and the order within a stream', async () => {
    const log = await openTestLog();
    let [now, most] = [0, 0];
    const watched: IntakeLog = {
      knownCommits: (ids) => log.knownCommits(ids),
      async append(request) {
        most = Math.max(most, ++now);
        try {
          return await log.append(request);
        } finally {
          now--;
        }
      },
    };
    await importCommits(watched, translateClaudeCode([linesFile('s1.jsonl', records(300))], contextOf()), { idOf, inFlightMax: 40 });
    expect(most).toBe(40);
    const texts = (await eventsOf(log, 'session/s1')).filter(({ type }) => type === 'prompt.submitted').map(({ data }) => data.text);
    expect(texts).toEqual(Array.from({ length: 300 }, (_, index) => `say ${index}`));
  });

  test('waits for the streams that a commit touches when it touches several', async () => {
    const log = await openTestLog();
    const todo = (uuid: string, todos: readonly object[]) => ({ type: 'assistant', uuid, sessionId: 's1', timestamp: '2026-02-01T10:00:00.000Z', message: { id: `m${uuid}`, role: 'assistant', content: [{ type: 'tool_use', id: `t${uuid}`, name: 'TodoWrite', input: { todos } }] } });
    const list = (status: string) => Array.from({ length: 12 }, (_, index) => ({ content: `item ${index}`, status }));
    await importFiles(log, translateClaudeCode, [linesFile('s1.jsonl', [...records(5), todo('a', list('pending')), ...records(20).slice(5), todo('b', list('in_progress')), todo('c', list('completed'))])]);
    const places = (await eventsOf(log, 'session/s1')).map((event) => (event.metadata.source as { line: number }).line);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect((await stateOf(log, 'task/s1:12')) as unknown as { status: string }).toMatchObject({ status: 'completed', anomalies: [] });
  });

  test('in a dry run counts and writes nothing', async () => {
    const log = await openTestLog();
    expect(await importFiles(log, translateClaudeCode, [linesFile('s1.jsonl', records(3))], { dryRun: true })).toMatchObject({ new: 3, eventsWritten: 0 });
    expect((await log.head()).position).toBe(0);
  });

  test('says how far it is, and stops when it is told to', async () => {
    const log = await openTestLog();
    const seen: ImportResult[] = [];
    const stop = new AbortController();
    const work = importFiles(log, translateClaudeCode, [linesFile('s1.jsonl', records(1_000))], {
      lookupCommits: 100,
      signal: stop.signal,
      onProgress(result) {
        seen.push(result);
        if (seen.length === 3) stop.abort(new Error('enough'));
      },
    });
    await expect(work).rejects.toThrow('enough');
    expect(seen).toHaveLength(3);
    expect((await importFiles(log, translateClaudeCode, [linesFile('s1.jsonl', records(1_000))])).new).toBeGreaterThanOrEqual(700);
  });

  test('goes on when the log refuses one commit, and says which', async () => {
    const log = await openTestLog();
    const picky: IntakeLog = {
      knownCommits: (ids) => log.knownCommits(ids),
      append: (request: Omit<AppendRequest, 'sanitize'>) =>
        request.events.some((event) => event.data.text === 'say 1') ? Promise.reject(new LogError('TOO_LARGE', 'Too large.', { details: { reason: 'event' } })) : log.append(request),
    };
    const result = await importCommits(picky, translateClaudeCode([linesFile('s1.jsonl', records(3))], contextOf()), { idOf });
    expect(result).toMatchObject({ new: 2, refused: [{ file: 's1.jsonl', line: 2, key: 'claude-code|s1|u1', code: 'TOO_LARGE', reason: 'event' }] });
  });

  test('writes a start that the source did not show, unless another producer told it', async () => {
    const end = { type: 'user', uuid: 'u1', sessionId: 's1', timestamp: '2026-02-01T10:00:00.000Z', message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'x' }] } };
    const alone = await openTestLog();
    await importFiles(alone, translateClaudeCode, [linesFile('s1.jsonl', [end])]);
    const told = (await eventsOf(alone)).map(({ type }) => type);
    expect(told).toEqual(['session.started', 'tool_call.started', 'tool_call.completed']);
    expect((await stateOf(alone, 'session/s1')).anomalies).toEqual([]);

    const both = await openTestLog();
    const start = { type: 'assistant', uuid: 'a1', sessionId: 's1', timestamp: '2026-02-01T09:59:00.000Z', message: { id: 'm1', role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Read', input: {} }] } };
    await importFiles(both, translateClaudeCode, [linesFile('other.jsonl', [start])]);
    await importFiles(both, translateClaudeCode, [linesFile('s1.jsonl', [end])]);
    expect((await eventsOf(both)).filter(({ type }) => type === 'tool_call.started')).toHaveLength(1);
  });
});
