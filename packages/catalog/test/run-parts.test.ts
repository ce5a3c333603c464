import { describe, expect, it } from 'vitest';
import { effectOfToolCall, runKinds, runParts } from '../src/index.ts';
import { anomalyCodes, eventAfter, fold, given, open, registry } from './history.ts';
import type { Fact } from './history.ts';

const session = 'session/s-1';
const intakeTypes = Object.keys(runParts.withStepsById.events);

describe('the intake family', () => {
  it('has 39 types, all tolerated, with a PascalCase alias by rule and the severities of INTAKE.md section 2', () => {
    const severities = {
      ERROR: ['turn.failed', 'model_call.failed', 'step.failed', 'child_run.failed'],
      WARN: ['tool_call.failed', 'approval.denied', 'update.rejected'],
      DEBUG: ['tool_call.progressed', 'log.recorded', 'record.kept'],
    };
    expect(intakeTypes).toHaveLength(39);
    for (const type of intakeTypes) {
      const known = registry.eventType(type)!;
      const wanted = Object.entries(severities).find(([, types]) => types.includes(type))?.[0] ?? 'INFO';
      expect([type, known.policy, known.priority, known.schemaVersion, known.severity]).toEqual([type, 'tolerate', 'P2', '1.0.0', wanted]);
      const pascal = type.split(/[._]/).map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
      expect(registry.canonicalName(pascal)).toBe(type);
      expect(known.definition.summary!(eventAfter(fold.initial('session', 's'), [type, {}]))).toBeTypeOf('string');
    }
  });

  it.each([...runKinds, 'repo'])('and the work inside a run may be appended to %s, and keeps the same maps there', (kind) => {
    const state = given(`${kind}/PROJ-1`, [
      ...(kind === 'orchestration' ? [['orchestration.started'] as const] : []),
      ['prompt.submitted', { text: 'build it', prompt_id: 'p' }],
      ['tool_call.started', { tool_call_id: 't', tool: 'Bash', effect: 'exec' }],
      ['tool_call.completed', { tool_call_id: 't', duration_ms: 4 }],
      ['agent_run.spawned', { agent_name: 'helper', agent_run_id: 'a' }],
      ['git.commit_created', { sha: 'abc', message: 'm' }],
      ['error.occurred', { error_id: 'e', message: 'm' }],
      ['step.started', { step_id: 's', name: 'compile' }],
      ['step.failed', { step_id: 's', name: 'compile', error: 'no', duration_ms: 3 }],
      ['file.changed', { path: 'a.ts', operation: 'edited' }],
      ['record.kept', { source_type: 'x', reason: 'bookkeeping' }],
    ]);
    expect(state.anomalies).toEqual([]);
    expect(open(state)).toMatchObject({
      prompts: { p: { text: 'build it' } },
      toolCalls: { t: { tool: 'Bash', status: 'completed', durationMs: 4 } },
      agentRuns: { a: { status: 'running' } },
      commits: [{ sha: 'abc' }],
      errors: { e: { status: 'open' } },
      files: { 'a.ts': { changes: 1 } },
    });
    const steps = Object.values(open(state).steps) as readonly unknown[];
    expect(steps).toMatchObject([{ name: 'compile', status: 'failed', durationMs: 3, error: { message: 'no' } }]);
  });

  it('outside an orchestration the work inside a run is tolerated, with no parent to ask', () => {
    const state = given(session, [['session.started', { agent_id: 'a' }], ['session.ended'], ['phase.started', { phase: 'LATE' }], ['agent_run.completed', { agent_name: 'x', agent_run_id: 'r', duration_seconds: 2 }]]);
    expect(open(state)).toMatchObject({ status: 'ended', phases: { LATE: { status: 'running' } }, agentRuns: { r: { status: 'completed', durationSeconds: 2 } } });
    expect(anomalyCodes(state)).toEqual(['MISSING_PREDECESSOR']);
  });
});

describe('tokens', () => {
  const message = (id: string, usage: NonNullable<Fact[1]>): Fact => ['message.recorded', { role: 'assistant', kind: 'text', message_id: id, usage }];

  it('are counted once for each message, from the record with the largest output', () => {
    const state = given(session, [
      message('m1', { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 5, cache_creation_input_tokens: 2 }),
      message('m1', { input_tokens: 10, output_tokens: 30, cache_read_input_tokens: 5, cache_creation_input_tokens: 2 }),
      message('m1', { input_tokens: 10, output_tokens: 7 }),
      message('m2', { input: 100, output: 3 }),
    ]);
    expect(open(state).tokens).toEqual({ input: 117, input_cache_read: 5, input_cache_write: 2, output: 33, reasoning: 0 });
    expect(open(state).messages.m1).toMatchObject({ records: 3, kinds: ['text'] });
  });

  it('of a call that a transcript and a trace both tell are counted once, and so is its cost', () => {
    const call: Fact = ['model_call.completed', { model_call_id: 'span-1', response_id: 'm1', model: 'opus', tokens: { input: 17, output: 30 }, cost: 0.5 }];
    const state = given(session, [message('m1', { input_tokens: 17, output_tokens: 30 }), ['model_call.started', { model_call_id: 'span-1', model: 'opus' }], call, call]);
    expect(open(state)).toMatchObject({ tokens: { input: 17, output: 30 }, cost: 0.5, modelCalls: { 'span-1': { status: 'completed', model: 'opus', cost: 0.5 } } });
  });
});

describe('facts that come late, twice or by halves', () => {
  it('a start after the end does not open a tool call again', () => {
    const state = given(session, [['tool_call.failed', { tool_call_id: 't', denied: true, error: 'User rejected tool use' }], ['tool_call.started', { tool_call_id: 't', tool: 'Read', effect: 'read' }]]);
    expect(open(state).toolCalls.t).toMatchObject({ status: 'failed', denied: true, tool: 'Read', effect: 'read', error: { message: 'User rejected tool use' } });
    expect(anomalyCodes(state)).toEqual(['MISSING_PREDECESSOR', 'ILLEGAL_TRANSITION']);
  });

  it('an end told twice is one end', () => {
    const end: Fact = ['tool_call.completed', { tool_call_id: 't' }];
    const state = given(session, [['tool_call.started', { tool_call_id: 't', tool: 'Read' }], end, end]);
    expect(anomalyCodes(state)).toEqual(['DUPLICATE_FACT']);
    expect(open(state).toolCalls.t).toMatchObject({ status: 'completed', durationMs: 1_000 });
  });

  it('INTAKE 5 and 6: an agent known by its own id is merged with the tool call that spawned it, whichever comes first', () => {
    const byAgent: readonly Fact[] = [['agent_run.spawned', { agent_name: 'explore', agent_run_id: 'agent:x9' }], ['agent_run.completed', { agent_name: 'explore', agent_run_id: 'agent:x9' }]];
    const byTool: Fact = ['agent_run.spawned', { agent_name: 'explore', agent_run_id: 'toolu_1', agent_model: 'opus' }];
    const bind: Fact = ['tool_call.completed', { tool_call_id: 'toolu_1', agent_id: 'x9' }];
    for (const facts of [[byTool, ...byAgent, bind], [...byAgent, byTool, bind], [byTool, bind, ...byAgent]] as const) {
      const state = given(session, facts);
      expect(Object.keys(open(state).agentRuns)).toEqual(['toolu_1']);
      expect(open(state)).toMatchObject({ agentRuns: { toolu_1: { status: 'completed', model: 'opus' } }, activeAgents: [] });
    }
  });

  it('approvals, timers, signals, updates, child runs, markers, turns, settings and logs are kept', () => {
    const state = given('workflow/w', [
      ['approval.requested', { approval_id: 'ap', tool_call_id: 't', question: 'rm?' }],
      ['approval.denied', { approval_id: 'ap', by: 'ada' }],
      ['timer.started', { timer_id: 'ti', duration: '5s' }],
      ['timer.fired', { timer_id: 'ti' }],
      ['signal.received', { name: 'stop' }],
      ['update.accepted', { update_id: 'u', name: 'rename' }],
      ['update.rejected', { update_id: 'u' }],
      ['child_run.started', { run: 'workflow/child' }],
      ['child_run.failed', { run: 'workflow/child', error: 'x' }],
      ['marker.recorded', { name: 'Version' }],
      ['turn.completed', { duration_ms: 9, cost: 0.01 }],
      ['turn.interrupted', { reason: 'user' }],
      ['session.changed', { field: 'model', after: 'opus' }],
      ['context.compacted', { trigger: 'auto', pre_tokens: 167_094 }],
      ['handoff.made', { from_agent: 'a', to_agent: 'b' }],
      ['log.recorded', { severity: 'INFO', body: 'x' }],
    ]);
    expect(state.anomalies).toEqual([]);
    expect(open(state)).toMatchObject({
      approvals: { ap: { status: 'denied', by: 'ada', question: 'rm?', toolCallId: 't' } },
      timers: { ti: { status: 'fired', duration: '5s' } },
      signals: [{ direction: 'received', name: 'stop' }],
      updates: { u: { status: 'rejected', name: 'rename' } },
      childRuns: { 'workflow/child': { status: 'failed', error: { message: 'x' } } },
      markers: { Version: 1 },
      settings: { model: 'opus' },
      compactions: [{ trigger: 'auto', preTokens: 167_094 }],
      handoffs: [{ from: 'a', to: 'b' }],
      logs: { count: 1, bySeverity: { INFO: 1 } },
    });
    expect(Object.values(open(state).turns)).toMatchObject([{ status: 'completed', durationMs: 9, cost: 0.01 }, { status: 'interrupted', reason: 'user' }]);
  });
});

describe('effects of tool calls', () => {
  it.each([['read', 'idempotent'], ['write', 'non-repeatable'], ['exec', 'non-repeatable'], ['delegate', 'costly'], ['unknown', 'non-repeatable'], [undefined, 'non-repeatable'], ['constructor', 'non-repeatable']] as const)('INTAKE 3: %s is %s', (effect, wanted) => {
    expect(effectOfToolCall({ tool_call_id: 't', tool: 'x', ...(effect === undefined ? {} : { effect }) })).toBe(wanted);
  });
});

describe('what is only observed', () => {
  it('INTAKE 16: a case and an object-centric log keep the last activity, its time, counts and attributes', () => {
    const refs = [{ type: 'order', id: 'o1', rel: 'places' }];
    const state = given('log/shop', [['activity.recorded', { activity: 'place', attributes: { price: 3 } }, { refs }], ['activity.recorded', { activity: 'pay' }, { refs }], ['object.changed', { object: 'order/o1', attribute: 'is_blocked', after: 'Yes' }]]);
    expect(open(state)).toMatchObject({ lastActivity: 'pay', activities: { place: { count: 1 }, pay: { count: 1 } }, objects: { 'order/o1': { lastActivity: 'pay', count: 2, attributes: { price: 3, is_blocked: 'Yes' } } }, anomalies: [] });
    expect(open(given('case/log:1', [['activity.recorded', { activity: 'register', lifecycle: 'complete' }]]))).toMatchObject({ name: 'log:1', lastActivity: 'register' });
    expect(open(given('issue/9', [['issue.field_changed', { field: 'labels', before: [], after: ['x'] }], ['record.kept', { source_type: 'y', reason: 'unknown_type' }]]))).toMatchObject({ fields: { labels: ['x'] }, recordsKept: { unknown_type: 1 } });
  });

  it('a kept record is at home in every kind of stream', () => {
    for (const { type } of registry.aggregates()) expect([type, given(`${type}/x`, [['record.kept', { source_type: 's', reason: 'bookkeeping' }]]).anomalies]).toEqual([type, []]);
  });
});
