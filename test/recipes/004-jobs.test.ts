/** Document 004, as far as jobs are logged, folded and travelled: events, the state machine, the JobEvent form, snapshots. */
import type { EventInput, JsonObject } from '@refold/core';
import type { EventStore } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { engines, everything, idsOf, openRecipeStore, refusalOf, typesOf } from './recipe-store.ts';

const ana = { type: 'user', id: 'ana' } as const;
const on = (type: string, data: JsonObject = {}, more: Partial<EventInput> = {}): EventInput => ({ type, streamType: 'job', streamId: '42', data, actor: ana, ...more });

const created = on('JobCreated', { name: 'build', steps: [{ name: 'plan' }, { name: 'code' }] });
const failure = { error: { message: 'no' } };

type Fact = readonly [type: string, data?: JsonObject];
const types: readonly [row: string, type: string, data: JsonObject, before: readonly Fact[], state: object][] = [
  ['D-017', 'JobCreated', {}, [], { status: 'pending' }],
  ['D-018', 'JobStarted', {}, [['JobCreated']], { status: 'running' }],
  ['D-019', 'JobStepCompleted', { step: 'plan' }, [['JobCreated', created.data], ['JobStarted']], { status: 'running', progress: 0.5, steps: [{ name: 'plan', status: 'completed' }, { name: 'code' }] }],
  ['D-020', 'JobStepFailed', { step: 'plan', ...failure }, [['JobCreated', created.data], ['JobStarted']], { status: 'running', steps: [{ name: 'plan', status: 'failed' }, { name: 'code' }] }],
  ['D-021', 'JobPaused', {}, [['JobCreated'], ['JobStarted']], { status: 'paused' }],
  ['D-022', 'JobResumed', {}, [['JobCreated'], ['JobStarted'], ['JobPaused']], { status: 'running' }],
  ['D-023', 'JobCompleted', { result: 'ok' }, [['JobCreated'], ['JobStarted']], { status: 'completed', result: 'ok' }],
  ['D-024', 'JobFailed', failure, [['JobCreated'], ['JobStarted']], { status: 'failed', error: { message: 'no' } }],
  ['D-025', 'JobCancelled', {}, [['JobCreated'], ['JobStarted']], { status: 'cancelled' }],
  ['D-026', 'PlannerStarted', {}, [['JobCreated'], ['JobStarted']], { components: { planner: { status: 'running' } } }],
  ['D-027', 'PlannerCompleted', {}, [['JobCreated'], ['JobStarted'], ['PlannerStarted']], { components: { planner: { status: 'completed' } } }],
  ['D-028', 'CoderStarted', {}, [['JobCreated'], ['JobStarted']], { components: { coder: { status: 'running' } } }],
  ['D-029', 'CoderCompleted', {}, [['JobCreated'], ['JobStarted'], ['CoderStarted']], { components: { coder: { status: 'completed' } } }],
  ['D-030', 'CritiqueStarted', {}, [['JobCreated'], ['JobStarted']], { components: { critique: { status: 'running' } } }],
  ['D-031', 'CritiqueCompleted', {}, [['JobCreated'], ['JobStarted'], ['CritiqueStarted']], { components: { critique: { status: 'completed' } } }],
];

const logFacts = async (store: EventStore, facts: readonly Fact[]): Promise<void> => {
  for (const [type, data = {}] of facts) await store.saveEvent(on(type, data));
};

/** A way to each status, and the types that are legal there (the state machine of the unified model); `job.rerun` moves nothing and is always taken. */
const statuses: { readonly [status: string]: { readonly by: readonly Fact[]; readonly legal: readonly string[] } } = {
  absent: { by: [], legal: ['JobCreated'] },
  pending: { by: [['JobCreated']], legal: ['JobStarted', 'JobFailed', 'JobCancelled'] },
  running: { by: [['JobCreated'], ['JobStarted']], legal: ['JobStepCompleted', 'JobStepFailed', 'JobPaused', 'JobCompleted', 'JobFailed', 'JobCancelled', 'job.progress_updated', 'PlannerStarted', 'CoderStarted', 'CritiqueStarted'] },
  paused: { by: [['JobCreated'], ['JobStarted'], ['JobPaused']], legal: ['JobResumed', 'JobFailed', 'JobCancelled'] },
  failed: { by: [['JobCreated'], ['JobStarted'], ['JobFailed', failure]], legal: ['JobResumed'] },
  completed: { by: [['JobCreated'], ['JobStarted'], ['JobCompleted']], legal: [] },
  cancelled: { by: [['JobCreated'], ['JobCancelled']], legal: [] },
};
const jobTypes: readonly Fact[] = [
  ['JobCreated'], ['JobStarted'], ['JobStepCompleted', { step: 'plan' }], ['JobStepFailed', { step: 'plan', ...failure }], ['JobPaused'], ['JobResumed'], ['JobCompleted'], ['JobFailed', failure], ['JobCancelled'], ['job.progress_updated', { after: 0.5 }],
  ['PlannerStarted'], ['CoderStarted'], ['CritiqueStarted'],
];
const pairs = Object.entries(statuses).flatMap(([status, { by, legal }]) => jobTypes.map(([type, data = {}]) => ({ status, type, by, data, isLegal: legal.includes(type), verdict: legal.includes(type) ? 'taken' : 'refused' })));

describe.each(engines)('Jobs on %s', (engine) => {
  test.each(types)('%s %s is taken under the name of the document and folded', async (_row, type, data, before, state) => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, [...before, [type, data]]);
    expect((await store.reconstructState('job/42')).state).toMatchObject({ ...state, anomalies: [] });
    const { job } = await store.dialects();
    expect(job.toForeign((await everything(store)).at(-1)!).eventType).toBe(type);
  });

  test.each(pairs)('D-081 X-008 of a job that is $status, $type is $verdict', async ({ type, by, data, isLegal }) => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, by);
    if (isLegal) await store.saveEvent(on(type, data));
    else expect((await refusalOf(store.saveEvent(on(type, data)))).code).toBe('ILLEGAL_TRANSITION');
    expect(await everything(store)).toHaveLength(by.length + (isLegal ? 1 : 0));
  });

  test('D-032 D-033 D-034 D-035 D-036 D-037 D-038 D-039 D-040 D-077 the JobEvent of the document, there and back', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([created, on('JobStarted', { worker_id: 'w-1' }, { trace: { traceId: '0af7651916cd43dd8448eb211c80319c' }, metadata: { note: 'kept' } })]);
    const { job } = await store.dialects();
    const events = await everything(store);
    const form = job.toForeign(events[1]!);
    expect(form).toMatchObject({
      id: events[1]!.id,
      jobId: '42',
      eventType: 'JobStarted',
      eventData: { worker_id: 'w-1' },
      timestamp: new Date('2025-12-22T18:00:00.000Z'),
      sequence: 2,
      metadata: { traceId: '0af7651916cd43dd8448eb211c80319c', userId: 'ana', version: '1.0.0', note: 'kept' },
    });
    expect(events.map((event) => job.toForeign(event).sequence)).toEqual([1, 2]);
    expect(job.fromForeign(form, { trustResidue: true })).toEqual(events[1]);
    expect(job.fromForeign(JSON.parse(JSON.stringify(form)), { trustResidue: true })).toEqual(events[1]);
  });

  test('D-004 at each of its events the state of a job is the fold of what came before', async () => {
    const { store, clock } = openRecipeStore(engine);
    for (const [type, data = {}] of [['JobCreated', created.data], ['JobStarted'], ['PlannerStarted'], ['PlannerCompleted'], ['JobStepCompleted', { step: 'plan' }], ['JobPaused'], ['JobResumed'], ['JobCompleted']] satisfies readonly Fact[]) {
      clock.advance(1_000);
      await store.saveEvent(on(type, data));
    }
    const events = await everything(store);
    for (const { occurredAt, revision } of events) expect((await store.reconstructState('job/42', occurredAt)).state).toEqual(await store.foldEvents(events.slice(0, revision)));
  });

  test('D-064 from a snapshot the job is the same as from all its events', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([created, on('JobStarted'), ...Array.from({ length: 30 }, (_, index) => on('JobStepCompleted', { step: `step-${index}` }))]);
    await store.createSnapshot('job/42');
    await store.saveEvent(on('JobCompleted'));
    const [fast, whole] = [await store.reconstructState('job/42'), await store.reconstructState('job/42', { useSnapshot: false })];
    expect([fast.fromSnapshot, fast.eventsFolded, whole.eventsFolded]).toEqual([32, 1, 33]);
    expect(fast.state).toEqual(whole.state);
    expect(fast.stateHash).toBe(whole.stateHash);
  });

  test('D-062 events of jobs are found by job and by type, and running jobs are listed', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([created, { ...created, streamId: '43' }, on('JobStarted')]);
    const all = await everything(store);
    expect(typesOf(await store.queryEvents({ stream: 'job/42' }))).toEqual(['job.created', 'job.started']);
    expect(idsOf(await store.queryEvents({ type: 'JobCreated' }))).toEqual(idsOf(all.filter(({ type }) => type === 'job.created')));
    expect(await store.call('listRuns', { type: 'job', status: 'running' })).toMatchObject({ items: [{ streamId: '42', status: 'running' }] });
  });
});
