/** A run may be as long as it likes, its state may not (decisions/0010). */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canonicalText } from '@refold/core';
import type { JsonObject, State } from '@refold/core';
import { createSeededRandom } from '@refold/testing';
import { keptEntriesMax } from '../src/index.ts';
import { dropBlock } from '../src/run-parts/keep.ts';
import { anomalyCodes, eventAfter, fold, given, open } from './history.ts';
import type { Fact } from './history.ts';

const address = 'session/s-1';
const endedMax = keptEntriesMax + dropBlock;

const foldOn = (state: State, facts: Iterable<Fact>): State => {
  let next = state;
  for (const fact of facts) next = fold.evolveDraft(next, eventAfter(next, fact));
  return next;
};
const foldAll = (facts: Iterable<Fact>): State => foldOn(fold.initial('session', 's-1'), facts);

/** As a snapshot holds it: every key in canonical order, so no order of insertion survives. */
const textOf = (state: State): string => canonicalText(state, { limits: { jsonKeysMax: Infinity, eventBytesMax: Infinity } });
const throughSnapshot = (state: State): State => JSON.parse(textOf(state)) as State;

interface Told {
  readonly facts: readonly Fact[];
  /** By id: the last status that was told, and the revision of the last event that told of it. */
  readonly calls: ReadonlyMap<string, { status: string; revision: number }>;
  readonly runs: ReadonlyMap<string, { name: string; status: string; revision: number }>;
  readonly denied: number;
  readonly outputTokens: number;
  readonly messages: number;
}

/** A history of calls, agent runs and messages, and what it told, counted beside the fold. Ids look like integers here and there. */
function tell(seed: number, length: number): Told {
  const random = createSeededRandom(seed).next;
  const chance = (share: number): boolean => random() < share;
  const facts: Fact[] = [];
  const calls = new Map<string, { status: string; revision: number }>();
  const runs = new Map<string, { name: string; status: string; revision: number }>();
  const [openCalls, openRuns]: [string[], string[]] = [[], []];
  let [denied, outputTokens, messages, ended] = [0, 0, 0, ''];

  while (facts.length < length) {
    const revision = facts.length + 1;
    const kind = random();
    if (kind < 0.4) {
      // Some ids count down and look like integers: objects put those keys first, smallest first.
      const id = chance(0.5) ? String(1_000_000 - revision) : `call-${revision}`;
      calls.set(id, { status: 'running', revision });
      openCalls.push(id);
      facts.push(['tool_call.started', { tool_call_id: id, tool: 'Bash' }]);
    } else if (kind < 0.78 && openCalls.length > 0) {
      const [id] = openCalls.splice(Math.floor(random() * openCalls.length), 1) as [string];
      const failed = chance(0.2);
      const isDenied = failed && chance(0.5);
      denied += Number(isDenied);
      calls.set(id, { status: failed ? 'failed' : 'completed', revision });
      ended = id;
      facts.push(failed ? ['tool_call.failed', { tool_call_id: id, denied: isDenied }] : ['tool_call.completed', { tool_call_id: id }]);
    } else if (kind < 0.8 && ended !== '') {
      // The last end is told again, by another source: a contradiction moves the call.
      const call = calls.get(ended)!;
      if (call.status === 'failed') continue;
      calls.set(ended, { status: 'completed', revision });
      facts.push(['tool_call.completed', { tool_call_id: ended }]);
    } else if (kind < 0.87) {
      const name = `agent-${Math.floor(random() * 4)}`;
      runs.set(`run-${revision}`, { name, status: 'running', revision });
      openRuns.push(`run-${revision}`);
      facts.push(['agent_run.spawned', { agent_name: name, agent_run_id: `run-${revision}` }]);
    } else if (kind < 0.94 && openRuns.length > 0) {
      const place = Math.floor(random() * openRuns.length);
      const { name } = runs.get(openRuns[place]!)!;
      const newest = openRuns.findLastIndex((id) => runs.get(id)!.name === name);
      const byName = chance(0.5);
      const [id] = openRuns.splice(byName ? newest : place, 1) as [string];
      runs.set(id, { name, status: 'completed', revision });
      facts.push(['agent_run.completed', byName ? { agent_name: name } : { agent_name: name, agent_run_id: id }]);
    } else {
      const output = 1 + Math.floor(random() * 100);
      messages += 1;
      outputTokens += output;
      facts.push(['message.recorded', { role: 'assistant', kind: 'text', message_id: `m-${revision}`, usage: { output } }]);
    }
  }
  return { facts, calls, runs, denied, outputTokens, messages };
}

const long = 9_000;
const countOf = (told: Iterable<{ status: string }>, status: string): number => [...told].filter((entry) => entry.status === status).length;

describe('the state of a long run', () => {
  it('A-116 B-057 is the same from the start and from a snapshot at any revision', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.integer({ min: 0, max: long }), { minLength: 1, maxLength: 3 }), (seed, cuts) => {
        const { facts } = tell(seed, long);
        const whole = textOf(foldAll(facts));
        let state = fold.initial('session', 's-1');
        let from = 0;
        for (const cut of cuts.toSorted((a, b) => a - b)) {
          state = throughSnapshot(foldOn(state, facts.slice(from, cut)));
          from = cut;
        }
        expect(textOf(foldOn(state, facts.slice(from))) === whole).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('counts all that ever were, lists all that is open and the newest of what is over', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { facts, calls, runs, denied, outputTokens, messages } = tell(seed, long);
        const { toolCalls, agentRuns, totals, tokens, anomalies } = open(foldAll(facts));
        const figures = (told: ReadonlyMap<string, { status: string }>, listed: object) => ({
          started: told.size,
          dropped: told.size - Object.keys(listed).length,
          running: countOf(told.values(), 'running'),
          completed: countOf(told.values(), 'completed'),
          failed: countOf(told.values(), 'failed'),
        });
        expect(totals.toolCalls).toEqual({ ...figures(calls, toolCalls), denied });
        expect(totals.agentRuns).toEqual({ ...figures(runs, agentRuns), blocked: 0 });
        expect([tokens.output, totals.messages.recorded, totals.usage.recorded]).toEqual([outputTokens, messages, messages]);
        expect(new Set((anomalies as { code: string }[]).map(({ code }) => code))).toEqual(new Set(['DUPLICATE_FACT']));

        for (const [told, listed] of [[calls, toolCalls], [runs, agentRuns]] as const) {
          const over = [...told].filter(([, { status }]) => status !== 'running').toSorted(([, a], [, b]) => b.revision - a.revision);
          const listedOver = Object.keys(listed).filter((id) => listed[id].status !== 'running');
          for (const [id, { status }] of told) if (status === 'running') expect(listed[id]).toMatchObject({ status });
          expect(listedOver.length).toBeLessThanOrEqual(keptEntriesMax + Math.max(dropBlock, countOf(told.values(), 'running')));
          // No gap: what is listed of what is over is the newest of it.
          expect(new Set(listedOver)).toEqual(new Set(over.slice(0, listedOver.length).map(([id]) => id)));
          expect(listedOver.length).toBeGreaterThanOrEqual(Math.min(over.length, keptEntriesMax));
        }
      }),
      { numRuns: 8 },
    );
  });

  it('stays under a megabyte over 200,000 events of tool calls, and does not grow with them', () => {
    const calls = function* (from: number, to: number): Generator<Fact> {
      for (let index = from; index < to; index++) {
        yield ['tool_call.started', { tool_call_id: `toolu_${String(index).padStart(24, '0')}`, tool: 'mcp__browser__click', kind: 'mcp', effect: 'write' }];
        yield ['tool_call.completed', { tool_call_id: `toolu_${String(index).padStart(24, '0')}`, duration_ms: index }];
      }
    };
    const early = foldAll(calls(0, 10_000));
    const earlyBytes = textOf(early).length;
    const late = foldOn(early, calls(10_000, 100_000));
    expect(late.revision).toBe(200_000);
    expect(open(late).totals.toolCalls).toMatchObject({ started: 100_000, completed: 100_000, running: 0 });
    expect(textOf(late).length).toBeLessThan(1_000_000);
    // Numbers of more digits, and at most a block more of entries.
    expect(textOf(late).length).toBeLessThan(earlyBytes * (endedMax / keptEntriesMax) * 1.1);
  });

  it('bounds every family: whatever an agent tells for ever, nothing is listed without end', () => {
    const rounds = endedMax * 2;
    const each = (index: number): readonly Fact[] => {
      const id = `x-${index}`;
      return [
        ['prompt.submitted', { text: 'go', prompt_id: id }],
        ['turn.completed', { turn_id: id }],
        ['message.recorded', { role: 'user', kind: 'text', message_id: id, usage: { output: 1 } }],
        ['tool_call.started', { tool_call_id: id, tool: 'Read' }],
        ['tool_call.failed', { tool_call_id: id, error: 'no' }],
        ['model_call.started', { model_call_id: id }],
        ['model_call.completed', { model_call_id: id, tokens: { output: 2 } }],
        ['step.started', { step_id: id, name: id }],
        ['step.failed', { step_id: id }],
        ['approval.requested', { approval_id: id }],
        ['approval.granted', { approval_id: id }],
        ['file.changed', { path: id, operation: 'edited' }],
        ['timer.started', { timer_id: id }],
        ['timer.cancelled', { timer_id: id }],
        ['update.accepted', { update_id: id }],
        ['update.rejected', { update_id: id }],
        ['child_run.started', { run: `job/${id}` }],
        ['child_run.completed', { run: `job/${id}` }],
        ['signal.sent', { name: id }],
        ['handoff.made', { from_agent: 'a', to_agent: id }],
        ['context.compacted'],
        ['activity.recorded', { activity: id }, { refs: [{ type: 'order', id }] }],
        ['agent_run.spawned', { agent_name: id, agent_run_id: id, agent_id: id }],
        ['agent_run.failed', { agent_name: id, error: { message: 'm' } }],
        ['gap.identified', { gap_id: id, description: 'd' }],
        ['gap.resolved', { gap_id: id, resolution: 'r' }],
        ['error.occurred', { error_id: id, message: 'm' }],
        ['recovery.attempted', { error_id: id, strategy: 's' }],
        ['recovery.succeeded', { error_id: id }],
        ['git.commit_created', { sha: id, message: 'm' }],
        ['git.pr_created', { pr_number: index, title: 't' }],
        ['git.pr_merged', { pr_number: index }],
        ['documentation.created', { path: id }],
        ['quality_check.started', { check_id: id, check_name: id }],
        ['quality_check.completed', { check_id: id, passed: true }],
        ['test_run.started', { test_run_id: id, suite: id }],
        ['test_run.completed', { test_run_id: id, total: 1, passed: 1, failed: 0 }],
        ['decision.recorded', { decision_id: id, decision: 'd' }],
      ];
    };
    const state = open(foldAll(Array.from({ length: rounds }, (_, index) => each(index)).flat()));
    expect(state.anomalies).toEqual([]);
    const sizes = Object.entries(state).flatMap(([key, value]) => (typeof value === 'object' && value !== null ? [[key, Object.keys(value).length] as const] : []));
    expect(sizes.filter(([, size]) => size > endedMax)).toEqual([]);
    const families = Object.entries(state.totals as Record<string, Record<string, number>>).filter(([family]) => family !== 'restores');
    for (const [family, total] of families) expect([family, total['started'] ?? total['recorded']]).toEqual([family, rounds]);
    expect(sizes.filter(([, size]) => size >= keptEntriesMax).map(([key]) => key).toSorted()).toEqual([...families.map(([family]) => family), 'agentRunAliases', 'agentRunsByName'].toSorted());
    // One key for a message and a model call: the larger figure counts, dropped or not.
    expect(state.tokens.output).toBe(rounds * 2);
  });
});

describe('an end that arrives when its start is no longer listed', () => {
  const ended = (count: number): readonly Fact[] =>
    Array.from({ length: count }, (_, index): readonly Fact[] => [['tool_call.started', { tool_call_id: `t-${index}`, tool: 'Read' }], ['tool_call.completed', { tool_call_id: `t-${index}`, duration_ms: 1 }]]).flat();

  it('is taken as any end without a start: an implicit call, marked', () => {
    const state = foldOn(foldAll(ended(endedMax + 1)), [['tool_call.completed', { tool_call_id: 't-0' }]]);
    expect(anomalyCodes(state)).toEqual(['MISSING_PREDECESSOR']);
    expect(open(state).toolCalls['t-0']).toMatchObject({ status: 'completed', tool: 'unknown', startedAt: null });
    expect(open(state).totals.toolCalls).toMatchObject({ started: endedMax + 2, completed: endedMax + 2, dropped: endedMax + 1 - keptEntriesMax });
  });

  it('a call that is still open is never dropped, however old it is, and ends as ever', () => {
    const running = foldOn(foldAll([['tool_call.started', { tool_call_id: 'slow', tool: 'Bash' }]]), ended(3 * endedMax));
    expect(open(running).toolCalls['slow']).toMatchObject({ status: 'running' });
    const done = foldOn(running, [['tool_call.completed', { tool_call_id: 'slow' }]]);
    expect(open(done).toolCalls['slow']).toMatchObject({ status: 'completed', tool: 'Bash', durationMs: expect.any(Number) });
    expect(done.anomalies).toEqual([]);
  });
});

describe('agents named by their name alone', () => {
  it('A-071 are found after a snapshot as before: an end belongs to the newest run that goes on, whatever the ids sort like', () => {
    const spawned = given(address, [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'z' }], ['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }]]);
    const end: Fact = ['agent_run.completed', { agent_name: 'coder' }];
    for (const state of [spawned, throughSnapshot(spawned)]) expect(open(given(address, [end], state)).agentRuns).toMatchObject({ z: { status: 'running' }, a: { status: 'completed' } });
  });

  it('an open run that was moved by hand is found, and the figures follow', () => {
    const spawned = given(address, [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['agent_run.completed', { agent_name: 'coder' }]]);
    const undo: Fact = ['stream.state_compensated', { path: '/agentRuns/a/status', before: 'completed', after: 'running', compensates: 'e', reason: 'it had not ended' }];
    const undone = given(address, [undo], spawned);
    expect(open(undone)).toMatchObject({ activeAgents: ['coder'], totals: { agentRuns: { started: 1, running: 1, completed: 0 } } });
    expect(open(given(address, [['agent_run.failed', { agent_name: 'coder', error: { message: 'm' } }]], undone))).toMatchObject({ activeAgents: [], totals: { agentRuns: { started: 1, running: 0, failed: 1 } } });
  });

  it('two records that turn out to be one run count once', () => {
    const state = given(address, [['agent_run.spawned', { agent_name: 'x', agent_run_id: 'agent:9' }], ['agent_run.completed', { agent_name: 'x', agent_run_id: 'agent:9' }], ['agent_run.spawned', { agent_name: 'x', agent_run_id: 't', agent_id: '9' }]]);
    expect(open(state)).toMatchObject({ activeAgents: [], agentRunsByName: { x: { listed: 1, open: [], newest: 't' } }, totals: { agentRuns: { started: 1, running: 0, completed: 1 } } });
  });
});

describe('figures of a state that did not grow event by event', () => {
  it('X-027 an imported state without figures is counted, one with figures is believed', () => {
    const toolCalls = { a: { id: 'a', status: 'running' }, b: { id: 'b', status: 'failed', denied: true } };
    const imported = (state: JsonObject): Fact => ['stream.imported', { state, source: 'elsewhere' }];
    expect(open(given(address, [imported({ toolCalls, commits: [{ sha: 'x' }] })])).totals).toMatchObject({ toolCalls: { started: 2, running: 1, failed: 1, denied: 1, dropped: 0 }, commits: { recorded: 1 } });
    const believed = { ...open(given(address, [imported({ toolCalls })])).totals, toolCalls: { started: 9, running: 1, completed: 7, failed: 1, denied: 1, dropped: 7 } };
    expect(open(given(address, [imported({ toolCalls, totals: believed })])).totals).toEqual(believed);
  });

  it('K-052 a restore of a checkpoint sets the figures of what it sets back, and of nothing else', () => {
    const before: readonly Fact[] = [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['checkpoint.created', { checkpoint_id: 'c' }]];
    const since: readonly Fact[] = [['agent_run.completed', { agent_name: 'coder' }], ['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'b' }], ['tool_call.started', { tool_call_id: 't', tool: 'Bash' }]];
    const restored = given(address, [...before, ...since, ['checkpoint.restored', { checkpoint_id: 'c', restored_sequence: 2 }]]);
    expect(open(restored)).toMatchObject({ activeAgents: ['coder'], totals: { agentRuns: { started: 1, running: 1, completed: 0 }, toolCalls: { started: 1, running: 1 }, restores: { recorded: 1 } } });
    expect(open(given(address, [['agent_run.completed', { agent_name: 'coder' }]], restored)).agentRuns).toMatchObject({ a: { status: 'completed' } });
  });

  it('K-052 X-027 a copy of the state shares what a checkpoint keeps, and a value set back inside it is set in one state alone', () => {
    const marked = given(address, [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['checkpoint.created', { checkpoint_id: 'c' }]]);
    const copy = fold.copy(marked);
    expect(open(copy).checkpoints.c.saved).toBe(open(marked).checkpoints.c.saved);
    const undo: Fact = ['stream.state_compensated', { path: '/checkpoints/c/saved/agentRuns/a/status', before: 'running', after: 'failed', compensates: 'e', reason: 'it had failed' }];
    const compensated = fold.evolveDraft(copy, eventAfter(copy, undo));
    expect(open(compensated).checkpoints.c.saved.agentRuns.a.status).toBe('failed');
    expect(open(marked).checkpoints.c.saved.agentRuns.a.status).toBe('running');
    const restored = given(address, [['checkpoint.restored', { checkpoint_id: 'c', restored_sequence: 2 }], ['agent_run.completed', { agent_name: 'coder' }]], marked);
    expect([open(restored).agentRuns.a.status, open(restored).checkpoints.c.saved.agentRuns.a.status]).toEqual(['completed', 'running']);
  });
});
