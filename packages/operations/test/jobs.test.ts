/** A job run again, and runs side by side. */
import { createCatalogRegistry } from '@refold/catalog';
import type { EventInput } from '@refold/core';
import { compareRuns, parseInput, rerunJob, termsOf, stateAt } from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { at, openWorld } from './world.ts';
import type { World } from './world.ts';

const kinds = createCatalogRegistry();
const actor = { type: 'user', id: 'ana' } as const;
const event = (type: string, data: EventInput['data'] = {}, id = '42'): EventInput => ({ type, streamType: 'job', streamId: id, actor, data });

let world: World;
const append = async (...events: readonly EventInput[]): Promise<void> => void (await world.log.append({ events }));
const jobState = async (id: string): Promise<Record<string, unknown>> => (await world.call(stateAt, { streamType: 'job', streamId: id })).state;
const rerun = (input: object): Promise<Awaited<ReturnType<typeof rerunJob.run>>> => world.call(rerunJob, { id: '42', actor, ...input });
/** The new job runs to its end. */
const finish = (id: string): Promise<void> =>
  append(event('JobStarted', {}, id), event('JobStepCompleted', { step: 'test', duration_ms: 1_500 }, id), event('JobStepCompleted', { step: 'deploy', duration_ms: 700 }, id), event('JobCompleted', { result: { url: 'x' } }, id));

beforeEach(async () => {
  world = await openWorld({ kinds });
  await append(
    event('JobCreated', { name: 'deploy', params: { model: 'gpt-4', limits: { tokens: 5 } }, steps: [{ name: 'build' }, { name: 'test' }, { name: 'deploy' }] }),
    event('JobStarted'),
    event('JobStepCompleted', { step: 'build', duration_ms: 900 }),
    event('JobStepFailed', { step: 'test', error: { message: 'flaky' } }),
    event('JobFailed', { error: { message: 'flaky' }, failed_step: 'test' }),
  );
});

describe('A rerun', () => {
  test('D-056 D-088 is a new job with changed parameters, linked both ways, that runs to its end', async () => {
    const made = await rerun({ params: { limits: { tokens: 9 } }, set: { '/model': 'claude-x' }, fromStep: 'test', reason: 'flaky' });
    expect(made).toMatchObject({ jobId: '43', rerunOf: '42', fromRevision: 5, dryRun: false, params: { model: 'claude-x', limits: { tokens: 9 } }, stepsKept: ['build'], stepsToRun: ['test', 'deploy'], eventIds: [expect.any(String), expect.any(String)] });
    expect(rerunJob.output.safeParse(made).error?.issues).toBeUndefined();
    expect(await jobState('43')).toMatchObject({ status: 'pending', rerunOf: '42', rerunFromRevision: 5 });
    expect(await jobState('42')).toMatchObject({ status: 'failed', reruns: ['43'] });
    await finish('43');
    expect(await jobState('43')).toMatchObject({ status: 'completed', progress: 1 });
  });

  test('a dry run shows the same and writes nothing', async () => {
    const { position } = await world.log.head();
    const shown = await rerun({ set: { '/model': 'claude-x' }, dryRun: true });
    expect(shown).toMatchObject({ jobId: '43', dryRun: true, changes: [{ op: 'replace', path: '/model', before: 'gpt-4', after: 'claude-x' }], eventIds: [] });
    expect((await world.log.head()).position).toBe(position);
    expect([true, false].map((dryRun) => termsOf(rerunJob, parseInput(rerunJob, { id: '42', dryRun }), {}))).toEqual([{ scope: 'read', kind: 'question' }, { scope: 'append', kind: 'write' }]);
  });

  test('that is asked for again under its key is the same one, also when the old job went on; another one under it is refused', async () => {
    const first = await rerun({ set: { '/model': 'claude-x' }, commitId: 'k1' });
    expect(first).toMatchObject({ jobId: '43', duplicate: false });
    await append(event('JobResumed', {}));
    expect(await rerun({ set: { '/model': 'claude-x' }, commitId: 'k1' })).toEqual({ ...first, duplicate: true });
    expect(await rerun({ commitId: 'k2' })).toMatchObject({ jobId: '44' });
    await expect(rerun({ set: { '/model': 'gpt-5' }, commitId: 'k1' })).rejects.toMatchObject({ code: 'DUPLICATE_ID' });
    await world.log.append({ events: [event('JobCreated', {}, 'other')], commitId: 'k3' });
    await expect(rerun({ commitId: 'k3' })).rejects.toMatchObject({ code: 'DUPLICATE_ID' });
  });

  test('D-055 D-063 begins from the job as it stood at a revision', async () => {
    expect(await rerun({ fromRevision: 3, newId: 'again' })).toMatchObject({ jobId: 'again', fromRevision: 3 });
    expect(await jobState('again')).toMatchObject({ rerunFromRevision: 3 });
  });

  test('is named after the old one: the next number, or a second of that name, that nobody has', async () => {
    await append(event('JobCreated', {}, '43'), event('JobCreated', {}, 'nightly'), event('JobStarted', {}, 'nightly'));
    expect((await rerun({})).jobId).toBe('44');
    expect((await world.call(rerunJob, { id: 'nightly', actor })).jobId).toBe('nightly-2');
  });

  test('what cannot be run again is refused, and a name that is taken is a conflict', async () => {
    await append(event('JobCreated', {}, '50'));
    await expect(world.call(rerunJob, { id: '50' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await expect(world.call(rerunJob, { id: '99' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rerun({ fromStep: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'step' } });
    await expect(rerun({ newId: '50' })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await expect(rerun({ set: { model: 1 } })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'path' } });
  });
});

describe('Runs side by side', () => {
  test('D-058 one job is compared with what it was run again as: parameters, steps with durations, results, first difference', async () => {
    await rerun({ set: { '/model': 'claude-x' }, fromStep: 'test' });
    await finish('43');
    for (const ids of ['42', '43']) {
      const compared = await world.call(compareRuns, { ids });
      expect(compareRuns.output.safeParse(compared).error?.issues).toBeUndefined();
      expect(compared.runs.map(({ streamId, status, rerunOf }) => [streamId, status, rerunOf])).toEqual([['42', 'failed', null], ['43', 'completed', '42']]);
      expect(compared.parameters).toEqual([{ path: '/model', values: ['gpt-4', 'claude-x'] }]);
      expect(compared.steps).toEqual([
        { name: 'build', runs: [{ status: 'completed', durationMs: 900, attempt: 1 }, { status: 'completed', durationMs: null, attempt: 0 }] },
        { name: 'test', runs: [{ status: 'failed', durationMs: null, attempt: 1 }, { status: 'completed', durationMs: 1_500, attempt: 1 }] },
        { name: 'deploy', runs: [{ status: 'pending', durationMs: null, attempt: 0 }, { status: 'completed', durationMs: 700, attempt: 1 }] },
      ]);
      expect(compared.results).toBe('differ');
      expect(compared.divergences).toMatchObject([{ run: 'job/43', against: 'job/42', equal: false, first: { kind: expect.any(String) } }]);
    }
  });

  test('the same job twice over is equal', async () => {
    await append(...['a', 'b'].flatMap((id) => [event('JobCreated', { params: { n: 1 } }, id), event('JobStarted', {}, id), event('JobCompleted', { result: 1 }, id)]));
    expect(await world.call(compareRuns, { ids: ['job/a', 'b'] })).toMatchObject({ parameters: [], results: 'equal', divergences: [{ equal: true, first: null }] });
  });

  test('runs of other kinds are named by type/id; phases are their steps, and they end with their newest run', async () => {
    const history: readonly (readonly [string, EventInput['data'], minute: number])[] = [
      ['OrchestrationStarted', {}, 0],
      ['PhaseStarted', { phase: 'CODE' }, 1],
      ['PhaseCompleted', { phase: 'CODE', duration_seconds: 2 }, 2],
      ['OrchestrationCompleted', {}, 5],
    ];
    for (const [id, length] of [['PROJ-1', 4], ['PROJ-2', 3]] as const)
      await world.log.append({ events: history.slice(0, length).map(([type, data, minute]) => ({ type, streamType: 'orchestration', streamId: id, issueKey: id, sessionId: 's1', actor, data, occurredAt: at(minute) })) });
    const { steps, runs } = await world.call(compareRuns, { ids: 'orchestration/PROJ-1,orchestration/PROJ-2' });
    expect(steps).toMatchObject([{ name: 'CODE', runs: [{ status: 'completed' }, { status: 'completed' }] }]);
    expect(runs).toMatchObject([{ startedAt: at(0), endedAt: at(5), durationMs: 300_000 }, { startedAt: at(0), endedAt: null, durationMs: null }]);
  });

  test('one alone that was never run again has nothing beside it, and too many do not fit', async () => {
    await expect(world.call(compareRuns, { ids: '42' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'ids' } });
    await expect(world.call(compareRuns, { ids: Array.from({ length: 21 }, (_, index) => `j${index}`) })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'ids', limit: 20 } });
    await expect(world.call(compareRuns, { ids: '42,none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
