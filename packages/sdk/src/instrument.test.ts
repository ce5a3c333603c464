/** Work told by the events that it began and how it ended, on a real store. */
import { createTestPorts } from '@refold/testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { EventStore, withAgent, withContext, withPhase, withQualityCheck, withRecovery, withTestRun, wrapCoder, wrapCritique, wrapPlanner } from './index.ts';

const surroundings = { issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'system', id: 'orchestrator' } } as const;
let store: EventStore;

beforeEach(async () => {
  store = new EventStore({ url: 'memory:', ports: createTestPorts(1) });
  onTestFinished(() => store.close());
  await withContext(surroundings, () => store.logEvent({ type: 'orchestration.started', data: {} }));
});

const inside = <T>(work: () => Promise<T>): Promise<T> => withContext(surroundings, work);
const told = async (stream = 'orchestration/PROJ-1') => (await store.getEventStream(stream)).events.filter(({ type }) => type !== 'orchestration.started' && !type.startsWith('job.'));
const broken = Object.assign(new Error('no space'), { code: 'ENOSPC' });
const fail = (): never => {
  throw broken;
};

describe('A phase', () => {
  test('A-124: is started and completed around its work, with what comes of it; the work is caused by the beginning', async () => {
    const value = await inside(() =>
      withPhase('CODE', async () => {
        await store.logEvent({ type: 'gap.identified', data: { gap_id: 'g-1', description: 'x' } });
        return 7;
      }, { store, outcome: (score) => ({ quality_score: score }) }),
    );
    expect(value).toBe(7);
    const [started, gap, completed] = await told();
    expect([started, gap, completed]).toMatchObject([{ type: 'phase.started' }, { type: 'gap.identified', causationId: started!.id, correlationId: started!.correlationId }, { type: 'phase.completed', data: { phase: 'CODE', quality_score: 7 }, causationId: started!.id }]);
    expect((await store.reconstructState('PROJ-1')).state).toMatchObject({ completedPhases: ['CODE'], anomalies: [] });
  });

  test('A-124: that throws is failed, and what it threw is thrown on', async () => {
    await expect(inside(() => withPhase('CODE', fail, { store }))).rejects.toBe(broken);
    expect(await told()).toMatchObject([{ type: 'phase.started' }, { type: 'phase.failed', data: { phase: 'CODE', error: { message: 'no space', code: 'ENOSPC' } } }]);
  });

  test('that cannot be recorded does not run, and a failure that cannot be recorded hides no other', async () => {
    let ran = false;
    await expect(withPhase('CODE', () => void (ran = true), { store: new EventStore({ url: 'memory:' }), stream: 'job' })).rejects.toMatchObject({ code: 'BAD_STREAM_ADDRESS' });
    expect(ran).toBe(false);
    const failure = await inside(() => withPhase('CODE', fail, { store: { saveEvent: (event) => (event as { type: string }).type === 'phase.started' ? store.saveEvent(event) : Promise.reject(new Error('log gone')) } })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ errors: [broken, { message: 'log gone' }], cause: broken });
  });
});

describe('An agent', () => {
  test('A-003 A-123 A-220: is spawned and completed, and acts inside, without a call of its own', async () => {
    await inside(() => withPhase('CODE', () => withAgent('coder', () => store.logEvent({ type: 'gap.identified', data: { gap_id: 'g-1', description: 'x' } }), { store, model: 'm', task: 'code', phase: 'CODE', outcome: () => ({ tokens_input: 5 }) }), { store }));
    const [, spawned, gap, completed] = await told();
    expect([spawned, gap, completed]).toMatchObject([
      { type: 'agent_run.spawned', actor: surroundings.actor, data: { agent_name: 'coder', agent_model: 'm', assigned_task: 'code' } },
      { type: 'gap.identified', actor: { type: 'agent', id: 'coder', model: 'm' }, causationId: spawned!.id },
      { type: 'agent_run.completed', data: { agent_run_id: spawned!.id, tokens_input: 5 } },
    ]);
    expect((await store.agentMetrics())['coder']).toMatchObject({ status: 'completed', runs: 1, tokensInput: 5 });
  });

  test('A-123: that throws is failed', async () => {
    await expect(inside(() => withAgent('coder', fail, { store }))).rejects.toBe(broken);
    expect((await told()).map(({ type }) => type)).toEqual(['agent_run.spawned', 'agent_run.failed']);
  });
});

describe('A check and a test run', () => {
  test('A-223: a check is completed when it passes, and failed when it does not or throws', async () => {
    await inside(() => withQualityCheck('lint', () => ({ passed: true, score: 9 }), { store, tool: 'oxlint' }));
    await inside(() => withQualityCheck('types', () => ({ passed: false, reason: '2 errors', findings: [{ line: 1 }] }), { store }));
    await expect(inside(() => withQualityCheck('security', fail, { store }))).rejects.toBe(broken);
    expect((await told()).map(({ type, data }) => [type, data['passed'] ?? data['reason']])).toEqual([
      ['quality_check.started', undefined],
      ['quality_check.completed', true],
      ['quality_check.started', undefined],
      ['quality_check.failed', '2 errors'],
      ['quality_check.started', undefined],
      ['quality_check.failed', 'no space'],
    ]);
    expect(Object.values((await store.reconstructState('PROJ-1')).state['qualityChecks'] as object)).toMatchObject([{ name: 'lint', status: 'completed' }, { name: 'types', status: 'failed' }, { name: 'security', status: 'failed' }]);
  });

  test('A-223: a test run is completed when every test passes, and failed when one fails or the run throws', async () => {
    await inside(() => withTestRun('unit', () => ({ total: 2, passed: 2, failed: 0, coverage: 90 }), { store, command: 'npm test' }));
    await inside(() => withTestRun('e2e', () => ({ total: 2, passed: 1, failed: 1, failures: [{ name: 'login' }] }), { store }));
    await expect(inside(() => withTestRun('load', fail, { store }))).rejects.toBe(broken);
    expect((await told()).map(({ type }) => type)).toEqual(['test_run.started', 'test_run.completed', 'test_run.started', 'test_run.failed', 'test_run.started', 'test_run.failed']);
    expect((await store.reconstructState('PROJ-1')).state['anomalies']).toEqual([]);
  });
});

describe('A recovery', () => {
  test('A-126 A-222: an error, the strategies that were tried, and the one that worked, all caused by the error', async () => {
    const value = await inside(() => withRecovery(fail, { retry: fail, smaller: (error) => (error === broken ? 'done' : 'what?') }, { store }));
    expect(value).toBe('done');
    const [occurred, ...rest] = await told();
    expect(occurred).toMatchObject({ type: 'error.occurred', data: { message: 'no space', code: 'ENOSPC' } });
    expect(rest).toMatchObject([
      { type: 'recovery.attempted', data: { error_id: occurred!.id, strategy: 'retry', attempt: 1 } },
      { type: 'recovery.failed', data: { strategy: 'retry', error: { message: 'no space' } } },
      { type: 'recovery.attempted', data: { strategy: 'smaller', attempt: 2 } },
      { type: 'recovery.succeeded', data: { strategy: 'smaller', attempt: 2 } },
    ]);
    expect(new Set(rest.map(({ causationId }) => causationId))).toEqual(new Set([occurred!.id]));
    expect((await store.reconstructState('PROJ-1')).state['anomalies']).toEqual([]);
  });

  test('A-126: that does not work throws what the last strategy threw; work that goes well is not told', async () => {
    const last = new Error('still no space');
    await expect(inside(() => withRecovery<number>(fail, { retry: () => Promise.reject(last) }, { store }))).rejects.toBe(last);
    const before = (await told()).length;
    expect(await inside(() => withRecovery(() => 1, { retry: fail }, { store }))).toBe(1);
    expect((await told()).length).toBe(before);
  });
});

describe('The components of a job', () => {
  test('D-061 D-026 D-027 D-028 D-029 D-030 D-031: planner, coder and critique are told iteration by iteration', async () => {
    await withContext(surroundings, () => store.append('job/42', [{ type: 'job.created', data: {} }, { type: 'job.started', data: {} }]));
    const plan = wrapPlanner((goal: string) => [goal], { store, jobId: '42', model: 'm', outcome: (steps) => ({ plan: steps.map((step) => ({ step })), tokens_input: 3 }) });
    const code = wrapCoder(fail, { store, jobId: '42' });
    const judge = wrapCritique(() => 'approve', { store, jobId: '42', outcome: (verdict) => ({ verdict }) });
    expect(await inside(() => plan('ship'))).toEqual(['ship']);
    await expect(inside(() => code())).rejects.toBe(broken);
    await inside(() => judge());
    await inside(() => plan('again'));
    expect((await told('job/42')).map(({ type }) => type)).toEqual(['planner.started', 'planner.completed', 'coder.started', 'coder.failed', 'critique.started', 'critique.completed', 'planner.started', 'planner.completed']);
    expect((await store.reconstructState('job/42')).state).toMatchObject({ components: { planner: { status: 'completed', iteration: 2, tokensInput: 6, model: 'm' }, coder: { status: 'failed', error: { message: 'no space' } }, critique: { lastVerdict: 'approve' } }, anomalies: [] });
  });
});
