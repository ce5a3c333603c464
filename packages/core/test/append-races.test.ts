/** Appends that meet: in one process, across processes, and with weather in between. */
import { LogError, openLog } from '@refold/core';
import type { AppendResult, Commit, Log, LogDriver } from '@refold/core';
import { createSeededIds, createTestPorts, withFaults, wrapLog } from '@refold/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allEvents, event, openJobLog, openProcesses, refusal, registry, typesIn } from './job-log.ts';

/** Does something once, right before the engine takes the next append. */
function beforeNextAppend(): { readonly wrap: (driver: LogDriver) => LogDriver; arm(work: () => Promise<unknown>): void } {
  let armed: (() => Promise<unknown>) | null = null;
  return {
    wrap: (driver) =>
      wrapLog(driver, {
        async append(commits: readonly Commit[]): Promise<readonly AppendResult[]> {
          const work = armed;
          armed = null;
          await work?.();
          return await driver.append(commits);
        },
      }),
    arm: (work) => void (armed = work),
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const firstId = '019352a0-0000-7000-8000-000000000001';

describe('appends of one process', () => {
  test.each(Array.from({ length: 40 }, (_, steps) => steps))('go in the order of their calls, the second %i steps after the first, whatever the first has to read', async (steps) => {
    const writing = await openJobLog();
    await writing.append({ events: [event('job.created')] });
    await writing.append({ events: [event('job.noted', { streamId: 'cause', id: firstId })] });
    // A fresh process: the first of these reads the stream, and its cause; the second needs neither when it overtakes.
    const log = await openJobLog({ shared: writing.driver, seed: 2 });
    const started = log.append({ events: [event('job.started', { causationId: firstId }), event('job.noted', { streamId: 'other' })] });
    for (let step = 0; step < steps; step++) await Promise.resolve();
    await Promise.all([started, log.append({ events: [event('job.stepped')] }), log.append({ events: [event('job.completed')] })]);
    expect((await allEvents(log)).flatMap(({ streamId, type }) => (streamId === '42' ? [type] : []))).toEqual(['job.created', 'job.started', 'job.stepped', 'job.completed']);
  });

  test('one that is refused half-way does not spoil the state that another is judged on', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.created')] });
    const other = await openJobLog({ shared: log.driver, seed: 2 });
    const [refused, taken] = await Promise.allSettled([other.append({ events: [event('job.started'), event('job.created')] }), other.append({ events: [event('job.started')] })]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ILLEGAL_TRANSITION', details: { index: 1 } } });
    expect(taken).toMatchObject({ status: 'fulfilled' });
  });

  test('tell when their events are on their way, before the engine has them; what is refused never is, and a lost race is told anew', async () => {
    const engine = beforeNextAppend();
    const log = await openJobLog({ wrap: engine.wrap });
    const told: string[] = [];
    const onQueued = (events: readonly { readonly type: string; readonly revision: number }[]): void => void told.push(...events.map(({ type, revision }) => `${type} ${revision}`));
    engine.arm(async () => void told.push('the engine'));
    await log.append({ events: [event('job.created')], onQueued });
    await expect(log.append({ events: [event('job.created')], onQueued })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(told).toEqual(['job.created 1', 'the engine']);
    const other = await openJobLog({ shared: log.driver, seed: 2 });
    engine.arm(() => other.append({ events: [event('job.noted')] }));
    await log.append({ events: [event('job.started')], onQueued });
    expect(told.slice(2)).toEqual(['job.started 2', 'job.started 3']);
  });

  test('may name a cause that is still on its way: its conversation is that of the cause', async () => {
    const log = await openJobLog();
    const appended = [log.append({ events: [event('job.created', { id: firstId })] }), log.append({ events: [event('job.created', { streamId: 'effect', causationId: firstId })] })];
    await Promise.all(appended);
    expect((await allEvents(log)).map(({ correlationChain }) => correlationChain[0])).toEqual([firstId, firstId]);
  });

  test('a malformed commit takes nobody with it', async () => {
    const log = await openJobLog();
    const malformed = [
      { events: [event('job.noted', { id: 'no uuid' })] },
      { events: [event('job.noted')], commitId: 'a\nb' },
      { events: [event('job.noted')], expectedRevisions: { 'job/a\u0000': 0 } },
      { events: [event('job.noted', { id: '019352a0-0000-7000-8000-000000000001' }), event('job.noted', { id: '019352a0-0000-7000-8000-000000000001' })] },
    ];
    const answers = await Promise.allSettled([...malformed.map((request) => log.append(request)), log.append({ events: [event('job.created')] })]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    expect(answers.slice(0, 4).map((answer) => (answer as PromiseRejectedResult).reason.code)).toEqual(['BAD_REQUEST', 'BAD_REQUEST', 'BAD_STREAM_ADDRESS', 'DUPLICATE_ID']);
  });

  test('a conflict is told at once, however busy other streams are', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.created')] });
    let isBusy = true;
    const busy = (async () => {
      while (isBusy) await Promise.all([1, 2].map(async (id) => log.append({ events: [event('job.noted', { streamId: `busy-${id}` })] })));
    })();
    const busyToo = (async () => {
      while (isBusy) await log.append({ events: [event('job.noted', { streamId: 'busy-3' })] });
    })();
    const answers = await Promise.race([
      Promise.all([refusal(log, { events: [event('job.noted')], expectedRevision: 7 }), refusal(log, { events: [event('job.created')] })]),
      new Promise<null>((resolve) => {
        let turns = 0;
        const count = (): unknown => (++turns > 200 ? resolve(null) : setImmediate(count));
        count();
      }),
    ]);
    isBusy = false;
    await Promise.all([busy, busyToo]);
    expect(answers?.map(({ code }) => code)).toEqual(['REVISION_CONFLICT', 'ILLEGAL_TRANSITION']);
  });

  test('a refusal never rests on an append that then fails', async () => {
    let isDown = false;
    const log = await openJobLog({
      wrap: (driver) =>
        wrapLog(driver, {
          append: (commits) => (isDown ? Promise.reject(new LogError('LOG_UNAVAILABLE', 'no disk', { details: { reason: 'read_only' } })) : driver.append(commits)),
        }),
    });
    await log.append({ events: [event('job.created')] });
    isDown = true;
    const first = log.append({ events: [event('job.started')] });
    const second = log.append({ events: [event('job.started')] });
    await expect(first).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    isDown = false;
    expect(await second).toMatchObject({ events: [{ revision: 2 }] });
  });

  test('closing waits for every append that was called, also one whose stream is still being read', async () => {
    const log = await openJobLog();
    const appended = log.append({ events: [event('job.created')] });
    await log.close();
    expect(await appended).toMatchObject({ first: 1 });
  });
});

describe('appends of several processes', () => {
  test('what was judged on a commit that lost is judged again, even when another process left the stream at the same revision', async () => {
    const gate = beforeNextAppend();
    const [here] = await openProcesses(1);
    const gated = await openJobLog({ shared: gate.wrap(here.driver), seed: 3 });
    await here.append({ events: [event('job.created')] });
    await gated.append({ events: [event('job.noted')] });
    // The second rests on the first; between them and the engine somebody else writes one event.
    gate.arm(() => here.append({ events: [event('job.noted')] }));
    const [started, stepped] = await Promise.allSettled([gated.append({ events: [event('job.started')] }), gated.append({ events: [event('job.stepped')] })]);
    expect([started.status, stepped.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(await typesIn(here)).toEqual(['job.created', 'job.noted', 'job.noted', 'job.started', 'job.stepped']);
    expect(here.fold.foldAll(await allEvents(here))).toMatchObject({ anomalies: [] });
  });

  test('many that are called at once on one stream of two processes are all written, in the order of their calls', async () => {
    const [here, there] = (await openProcesses(2)) as [Log, Log];
    await here.append({ events: [event('job.created'), event('job.started')] });
    const ids = createSeededIds(7);
    const calls = [here, there].map((log) => Array.from({ length: 100 }, () => ({ log, id: ids.uuid() })));
    await Promise.all(calls.flat().map(({ log, id }) => log.append({ events: [event('job.stepped', { id })] })));
    const written = (await allEvents(here)).map(({ id }) => id);
    for (const own of calls) expect(written.filter((id) => own.some((call) => call.id === id))).toEqual(own.map(({ id }) => id));
  });

  test('a caller who changes his event after the call changes nothing that was judged; what is judged again is judged as it is then', async () => {
    const gate = beforeNextAppend();
    const [here] = await openProcesses(1);
    const gated = await openJobLog({ shared: gate.wrap(here.driver), seed: 3 });
    const [sent, lost] = [event('job.created'), event('job.created', { streamId: '43' })];
    gate.arm(async () => void Reflect.deleteProperty(sent.data, 'name'));
    await gated.append({ events: [sent] });
    gate.arm(async () => {
      await here.append({ events: [event('job.noted', { streamId: '43' })] });
      Reflect.deleteProperty(lost.data, 'name');
    });
    expect(await refusal(gated, { events: [lost] })).toMatchObject({ code: 'MISSING_FIELD' });
    expect((await allEvents(here)).map(({ type, data }) => [type, data])).toEqual([['job.created', { name: 'build' }], ['job.noted', {}]]);
  });

  test('what waits for its turn, or loses a race, happened when it was told', async () => {
    const gate = beforeNextAppend();
    const ports = createTestPorts(5, { isSleepInstant: true });
    const [here] = await openProcesses(1);
    const gated = await openLog({ open: () => gate.wrap(here.driver), registry, ports });
    await gated.append({ events: [event('job.created'), event('job.started')] });
    const told = new Date(ports.clock.now()).toISOString();
    gate.arm(async () => {
      await here.append({ events: [event('job.noted')] });
      ports.clock.advance(60_000);
    });
    await Promise.all([gated.append({ events: [event('job.stepped')] }), gated.append({ events: [event('job.stepped')] })]);
    expect((await allEvents(here)).flatMap(({ type, occurredAt }) => (type === 'job.stepped' ? [occurredAt] : []))).toEqual([told, told]);
  });

  test('who loses a second race on a stream reads what came since the first, not the whole stream again', async () => {
    const gate = beforeNextAppend();
    const [here] = await openProcesses(1);
    const readFrom: number[] = [];
    const gated = await openJobLog({
      shared: wrapLog(gate.wrap(here.driver), {
        read: (request, signal) => {
          if (request.stream === 'job/42') readFrom.push(request.after ?? 0);
          return here.driver.read(request, signal);
        },
      }),
      seed: 3,
    });
    await here.append({ events: [event('job.created'), event('job.started'), ...Array.from({ length: 20 }, () => event('job.stepped'))] });
    for (const [first] of [[22], [24]]) {
      gate.arm(() => here.append({ events: [event('job.stepped')] }));
      expect(await gated.append({ events: [event('job.stepped')] })).toMatchObject({ events: [{ revision: first! + 2 }] });
    }
    // Before the first append, after each lost race.
    expect(readFrom).toEqual([0, 0, 23]);
    expect(here.fold.foldAll(await allEvents(here))).toMatchObject({ steps: 24, anomalies: [] });
  });

  test('bad-input A31: all failing expectations are told at once, on streams that are written and on others, and only those of the caller', async () => {
    const gate = beforeNextAppend();
    const [here] = await openProcesses(1);
    const gated = await openJobLog({ shared: gate.wrap(here.driver), seed: 3 });
    await here.append({ events: [event('job.created'), event('job.noted', { streamId: 'lease' })] });
    expect((await refusal(gated, { events: [event('job.noted')], expectedRevision: 9, expectedRevisions: { 'job/lease': 5, 'job/none': 'exists', 'job/other': 'any' } })).details['failed']).toEqual([
      { stream: 'job/42', expected: 9, actual: 1 },
      { stream: 'job/lease', expected: 5, actual: 1 },
      { stream: 'job/none', expected: 'exists', actual: 0 },
    ]);
    // The stream that is written moved too, but of that the caller expected nothing.
    gate.arm(() => here.append({ events: [event('job.noted'), event('job.noted', { streamId: 'lease' })] }));
    const error = await refusal(gated, { events: [event('job.noted')], expectedRevisions: { 'job/lease': 1 } });
    expect(error.details['failed']).toEqual([{ stream: 'job/lease', expected: 1, actual: 2 }]);
    expect(error.details).toMatchObject({ stream: 'job/lease', expected: 1, actual: 2 });
  });

  test('random appends of several processes: every answer is true, revisions are dense, nothing illegal is in the log', async () => {
    const types = ['job.created', 'job.started', 'job.stepped', 'job.completed', 'job.noted'] as const;
    const act = fc.record({
      process: fc.nat(2),
      facts: fc.array(fc.record({ type: fc.constantFrom(...types), streamId: fc.constantFrom('a', 'a', 'a', 'b') }), { minLength: 1, maxLength: 2 }),
      expected: fc.constantFrom('any' as const, 'any' as const, 'any' as const, 'exists' as const, 1, 2),
      pause: fc.constantFrom(0, 0, 0, 1, 3),
      isLost: fc.nat(9),
      delay: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        // Fewer than the front's retries, so that every outcome gets known.
        const losses = acts.filter(({ isLost }) => isLost === 0).slice(0, 4).flatMap(() => ['reply', 'none'] as const);
        const delays = acts.map(({ delay }) => delay);
        const slow = async (): Promise<void> => turns(delays.shift() ?? 0);
        const processes = await openProcesses(3, { wrap: (driver) => withFaults(driver, { loss: () => losses.shift() ?? 'none', delay: slow }) });
        await processes[0].append({ events: [event('job.created', { streamId: 'a', id: firstId })] });
        const written = new Map([[firstId, { type: 'job.created', stream: 'job/a', revision: 1 }]]);
        const sent: Promise<void>[] = [];
        for (const { process, facts, expected, pause } of acts) {
          const request = { events: facts.map(({ type, streamId }) => event(type, { streamId })), expectedRevision: expected };
          sent.push(
            processes[process]!.append(request).then(
              ({ events }) => events.forEach(({ id, type, streamType, streamId, revision }) => void written.set(id, { type, stream: `${streamType}/${streamId}`, revision })),
              (error: unknown) => {
                if (!(error instanceof LogError) || (error.code !== 'ILLEGAL_TRANSITION' && error.code !== 'REVISION_CONFLICT')) throw error;
                // Nobody who expects nothing loses a race.
                if (expected === 'any') expect(error.code).toBe('ILLEGAL_TRANSITION');
              },
            ),
          );
          await turns(pause);
        }
        await Promise.all(sent);

        const events = await allEvents(processes[0]);
        expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
        expect(new Map(events.map(({ id, type, streamType, streamId, revision }) => [id, { type, stream: `${streamType}/${streamId}`, revision }]))).toEqual(written);
        for (const streamId of ['a', 'b']) {
          const own = events.filter((one) => one.streamId === streamId);
          expect(own.map(({ revision }) => revision)).toEqual(own.map((_, index) => index + 1));
          // The fold of what is read is legal all along, so it is the state that every process judged on.
          expect(processes[0].fold.foldAll(own)?.anomalies ?? []).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('unknown outcomes', () => {
  test('bad-input N9: an answer that got lost stays unknown, whatever the engine says afterwards', async () => {
    const weather: (LogError | null)[] = [];
    const log = await openJobLog({
      wrap: (driver) =>
        wrapLog(driver, {
          async append(commits) {
            const results = weather[0] instanceof LogError && weather[0].code !== 'OUTCOME_UNKNOWN' ? [] : await driver.append(commits);
            const trouble = weather.shift();
            if (trouble instanceof LogError) throw trouble;
            return results;
          },
        }),
    });
    const away = new LogError('LOG_UNAVAILABLE', 'gone', { details: { reason: 'connection' } });
    weather.push(new LogError('OUTCOME_UNKNOWN', 'dropped'), ...Array.from({ length: 10 }, () => away));
    expect(await refusal(log, { events: [event('job.created')], commitId: 'c-1' })).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { commitId: 'c-1' } });
    weather.length = 0;
    expect(await log.append({ events: [event('job.created')], commitId: 'c-1' })).toMatchObject({ duplicate: true });
  });
});
