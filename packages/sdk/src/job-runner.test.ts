/** Jobs kept in the log: run, left off, gone on with, paused by somebody else. */
import { createTestPorts } from '@refold/testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { EventStore, JobRepository, runJob, withContext } from './index.ts';
import type { JobSteps, RunJobOptions } from './index.ts';

const ana = { type: 'user', id: 'ana' } as const;
let store: EventStore;
let did: string[];

beforeEach(() => {
  did = [];
  store = new EventStore({ url: 'memory:', ports: createTestPorts(1) });
  onTestFinished(() => store.close());
});

const run = (steps: JobSteps, options: RunJobOptions = {}): ReturnType<typeof runJob> => withContext({ actor: { type: 'agent', id: 'runner' } }, () => runJob('42', steps, { store, name: 'deploy', params: { n: 1 }, ...options }));
const doing = (step: string): (() => string) => () => {
  did.push(step);
  return `${step} done`;
};
const types = async (): Promise<readonly string[]> => (await store.getEventStream('job/42')).events.map(({ type }) => type);

describe('A runner', () => {
  test('A-003 D-061: tells the whole life of a job without a call of its steps', async () => {
    expect(await run({ build: doing('build'), test: doing('test') })).toMatchObject({ status: 'completed', name: 'deploy', params: { n: 1 }, progress: 1, steps: [{ name: 'build', status: 'completed' }, { name: 'test', status: 'completed' }], anomalies: [] });
    expect(await types()).toEqual(['job.created', 'job.started', 'job.step_completed', 'job.step_completed', 'job.completed']);
    expect((await store.getEventStream('job/42')).events.map(({ actor }) => actor.id)).toEqual(Array.from({ length: 5 }, () => 'runner'));
    await run({ build: doing('build'), test: doing('test') });
    expect(did).toEqual(['build', 'test']);
  });

  test('D-100: goes on where the log says the job stood, when the one before was left off within a step', async () => {
    const { promise: isInTest, resolve } = Promise.withResolvers<void>();
    const leaveOff = (): Promise<never> => {
      resolve();
      return new Promise(() => {});
    };
    void run({ build: doing('build'), test: leaveOff }, { durable: 'each' });
    await isInTest;
    expect(await run({ build: doing('build'), test: doing('test') })).toMatchObject({ status: 'completed', anomalies: [] });
    expect(did).toEqual(['build', 'test']);
  });

  test('D-020 D-024 D-100: records a failure, throws it on, and does the failed step again the next time', async () => {
    const broken = new Error('no space');
    const fail = (): never => {
      throw broken;
    };
    await expect(run({ build: doing('build'), test: fail })).rejects.toBe(broken);
    expect(await new JobRepository(store).load('42')).toMatchObject({ status: 'failed', failedStep: 'test', error: { message: 'no space' } });
    expect(await run({ build: doing('build'), test: doing('test') })).toMatchObject({ status: 'completed', attempt: 2, anomalies: [] });
    expect([did, (await types()).slice(3, 6)]).toEqual([['build', 'test'], ['job.step_failed', 'job.failed', 'job.resumed']]);
  });

  test('D-021: stops when somebody pauses the job within a step, and goes on with that step when it is called again', async () => {
    const pause = async (): Promise<void> => void (await store.call('pauseJob', { id: '42', actor: ana }));
    expect(await run({ build: doing('build'), test: pause, deploy: doing('deploy') })).toMatchObject({ status: 'paused' });
    expect(await run({ build: doing('build'), test: doing('test'), deploy: doing('deploy') })).toMatchObject({ status: 'completed' });
    expect(did).toEqual(['build', 'test', 'deploy']);
  });

  test('D-025: does not touch a job that was cancelled', async () => {
    const cancel = async (): Promise<void> => void (await store.call('cancelJob', { id: '42', actor: ana }));
    expect(await run({ build: cancel })).toMatchObject({ status: 'cancelled' });
    await expect(run({ build: doing('build') })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(did).toEqual([]);
  });
});

describe('A repository', () => {
  test('D-066: loads by folding and saves by appending, on the revision that was loaded', async () => {
    const jobs = new JobRepository(store);
    expect(await jobs.load('7')).toBeNull();
    await jobs.save({ streamId: '7', revision: 0 }, [{ type: 'job.created', actor: ana, data: { name: 'deploy' } }]);
    const job = (await jobs.load('7'))!;
    expect(job).toMatchObject({ status: 'pending', name: 'deploy', revision: 1 });
    await jobs.save(job, [{ type: 'job.started', actor: ana, data: {} }]);
    await expect(jobs.save(job, [{ type: 'job.cancelled', actor: ana, data: {} }])).rejects.toMatchObject({ code: 'REVISION_CONFLICT', details: { expected: 1, actual: 2 } });
    expect(await jobs.load('7')).toMatchObject({ status: 'running' });
  });
});
