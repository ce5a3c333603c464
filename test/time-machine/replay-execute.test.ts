/** Replay over real logs with the built-in domain: what is done again, what never is, and what a dry run leaves untouched. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { celPrecondition, chainValid, handlerAvailable, stateHash, stateMatches } from '@refold/core';
import type { EventEnvelope, Log } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { actor, createWorld, diedRun, dry, eventsOf, execute, handlersFor, issue, planFor, recordDiedRun, stream, unchanged } from './replay-world.ts';
import type { World } from './replay-world.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'refold-replay-'));

describe.each([
  ['memory', () => 'memory:'],
  ['sqlite', () => `sqlite:${join(folder(), 'log.db')}`],
])('replay over %s', (_engine, url) => {
  let store: OpenedStore;
  let log: Log;
  let world: World;
  let events: readonly EventEnvelope[];

  beforeEach(async () => {
    store = await openStore(url());
    ({ log } = store);
    world = createWorld(join(folder(), 'world.jsonl'));
    events = await recordDiedRun(log);
  });
  afterEach(async () => await store.close());

  const idOf = (type: string): string => events.find((event) => event.type === type)!.id;

  test('A-024 C-051 a dry run lists what would be done and why not, and does nothing: no handler, no event', async () => {
    const before = (await log.head()).position;
    const report = await dry(log, await planFor(log), 'dry-1', false);
    expect((await log.head()).position).toBe(before);
    expect(report).toMatchObject({ mode: 'dry_run', status: 'completed', failed: 0, preconditions: [{ name: 'stream_unchanged', ok: true }] });
    expect(report.steps.map(({ event: { type }, action, reason }) => [type, action, reason])).toEqual([
      ['orchestration.started', 'would_execute', null],
      ['phase.started', 'would_execute', null],
      ['agent_run.spawned', 'would_skip', 'needs_allow'],
      ['checkpoint.created', 'would_apply', null],
      ['jira.comment_posted', 'would_skip', 'non_repeatable'],
      ['agent_run.completed', 'would_compare', null],
      ['quality_check.started', 'would_execute', null],
      ['quality_check.completed', 'would_compare', null],
      ['git.commit_created', 'would_skip', 'non_repeatable'],
      ['checkpoint.restored', 'would_skip', 'control_event'],
    ]);
    // The scratch fold is the live fold: a dry replay says where the log stands.
    expect(report.finalStateHash).toBe(stateHash(log.fold.foldAll(events)!, log.ports.hasher));
  });

  test('A-024 no dry run, of whatever part and with whatever allowed, causes an effect: the handlers are tripwires', async () => {
    const before = (await log.head()).position;
    const types = [...new Set(events.map(({ type }) => type))];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: events.length }), fc.integer({ min: 1, max: events.length }), fc.subarray(types), fc.subarray(types), async (a, b, allowTypes, kept) => {
        const plan = await planFor(log, { fromSequence: Math.min(a, b), toSequence: Math.max(a, b), allowTypes, filter: ({ type }) => kept.includes(type) });
        const report = await dry(log, plan, 'dry-any', false);
        expect(report.steps.map(({ result, producedEventIds }) => [result, producedEventIds])).toEqual(report.steps.map(() => [null, []]));
        expect([(await log.head()).position, world.calls(), await eventsOf(log, stream)]).toEqual([before, [], events]);
      }),
      { numRuns: 25 },
    );
  });

  test('A-024 a recorded dry run writes that it was, and nothing else', async () => {
    await dry(log, await planFor(log), 'dry-2', true);
    expect((await eventsOf(log, 'replay/dry-2')).map(({ type, data }) => [type, data['mode'] ?? null])).toEqual([['replay.started', 'dry_run'], ['replay.completed', null]]);
    expect(await eventsOf(log, stream)).toHaveLength(diedRun.length);
  });

  test('A-025 A-203 A-206 an execution calls each handler once, in order, and never what must not be repeated', async () => {
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [unchanged(log)] });
    expect(report).toMatchObject({ mode: 'execute', status: 'completed', failed: 0 });
    expect(world.calls()).toEqual([
      { key: idOf('orchestration.started'), type: 'orchestration.started' },
      { key: idOf('phase.started'), type: 'phase.started' },
      { key: idOf('quality_check.started'), type: 'quality_check.started' },
    ]);
    const recorded = await eventsOf(log, 'replay/r-1');
    expect(recorded.map(({ type }) => type)).toEqual(['replay.started', 'replay.step_completed', 'replay.step_completed', 'replay.step_completed', 'replay.completed']);
    expect(recorded.at(-1)!.data).toMatchObject({ failed: 0, divergences: 1, report: { skipped: { non_repeatable: 2, needs_allow: 1, control_event: 1 } } });
  });

  test('A-025 what a handler produced carries the replay, the original and a cause', async () => {
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world) });
    const started = (await eventsOf(log, 'replay/r-1'))[0]!;
    const produced = (await eventsOf(log, stream)).slice(diedRun.length);
    expect(produced.map(({ type }) => type)).toEqual(['quality_check.started', 'quality_check.completed']);
    for (const event of produced) expect(event).toMatchObject({ metadata: { replayId: 'r-1', replayOf: idOf('quality_check.started') }, causationId: started.id, actor });
    expect(report.steps.find(({ event }) => event.type === 'quality_check.started')!.producedEventIds).toEqual(produced.map(({ id }) => id));
  });

  test('X-013 nothing that was recorded before changes by a byte, whatever the replay does', async () => {
    const stored = async (upTo?: number): Promise<readonly unknown[]> => {
      const records: unknown[] = [];
      for await (const page of log.driver.read(upTo === undefined ? {} : { upTo })) records.push(...page.events);
      return records;
    };
    const { position } = await log.head();
    const before = await stored();
    await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world) });
    expect((await log.head()).position).toBeGreaterThan(position);
    expect(await stored(position)).toEqual(before);
    // Each new event of the stream says which replay made it, from which event, and why.
    for (const event of (await eventsOf(log, stream)).slice(events.length)) expect(event).toMatchObject({ metadata: { replayId: 'r-1', replayOf: expect.any(String) as string }, causationId: expect.any(String) as string });
  });

  test('outcomes on record are compared with what came of it now, and differences are told', async () => {
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world) });
    expect(report.divergences).toEqual([{ atRevision: 8, eventId: idOf('quality_check.completed'), path: '/score', expected: 0.9, actual: 0.8, reason: 'DATA_DIFFERS' }]);
    const actions = Object.fromEntries(report.steps.map(({ event, action, reason }) => [event.type, [action, reason]]));
    expect(actions['quality_check.completed']).toEqual(['compared', null]);
    // Nobody was spawned again, so there is nothing to compare with.
    expect(actions['agent_run.completed']).toEqual(['skipped', 'not_executed']);
  });

  test('K-050 a costly effect is done again only when it is allowed by name, and once for ever', async () => {
    const plan = await planFor(log, { allowTypes: ['AgentSpawned'] });
    const once = await execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world) });
    expect(once.steps[2]).toMatchObject({ action: 'executed' });
    const twice = await execute(log, plan, { replayId: 'r-2', handlers: handlersFor(log, world) });
    expect(twice.steps[2]).toMatchObject({ action: 'skipped', reason: 'attempted_before' });
    expect(world.calls().filter(({ type }) => type === 'agent_run.spawned')).toHaveLength(1);
  });

  test('executing the plan twice does each idempotent effect once by its key and appends its outcome once', async () => {
    const plan = await planFor(log);
    await execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world) });
    const length = (await eventsOf(log, stream)).length;
    const second = await execute(log, plan, { replayId: 'r-2', handlers: handlersFor(log, world) });
    expect(second).toMatchObject({ status: 'completed', failed: 0, divergences: [{ reason: 'DATA_DIFFERS' }] });
    expect(world.effects()).toHaveLength(3);
    expect(await eventsOf(log, stream)).toHaveLength(length);
    await expect(execute(log, plan, { replayId: 'r-2', handlers: handlersFor(log, world) })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'not_ended' } });
  });

  test('A-111 production does nothing costly again, allowed or not, unless that is overridden', async () => {
    const guarded = await planFor(log, { allowTypes: ['agent_run.spawned'], environment: 'production' });
    expect(guarded.steps[2]).toMatchObject({ action: 'would_skip', reason: 'production_guard' });
    const overridden = await planFor(log, { allowTypes: ['agent_run.*'], environment: 'production', allowOverrideInProduction: true });
    expect(overridden.steps[2]).toMatchObject({ action: 'would_execute' });
  });

  test('A-206 an installation names further types that must not be repeated, and allowing them does not help', async () => {
    const plan = await planFor(log, { nonRepeatable: ['PhaseStarted'], allowTypes: ['phase.started', 'jira.*'] });
    expect(plan.steps[1]).toMatchObject({ action: 'would_skip', reason: 'non_repeatable' });
    expect(plan.steps[4]).toMatchObject({ action: 'would_skip', reason: 'non_repeatable' });
  });

  test('A-204 a filter leaves out the rest, and what has no handler is told', async () => {
    const plan = await planFor(log, { filter: ({ type }) => type.startsWith('quality_check.'), hasHandler: () => false });
    expect(plan.steps.filter(({ reason }) => reason === 'filtered')).toHaveLength(7);
    expect(plan.steps[6]).toMatchObject({ action: 'would_skip', reason: 'no_handler' });
    await expect(execute(log, await planFor(log, { hasHandler: () => false }), { replayId: 'r-1', handlers: new Map(), preconditions: [handlerAvailable] })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { name: 'handler_available' },
    });
  });

  test('bad-input N7 A-205 a precondition that does not hold stops before any effect and any record, and is named', async () => {
    const plan = await planFor(log);
    await log.append({ events: [{ ...diedRun[9]!, type: 'ErrorOccurred', data: { error_id: 'e1', error: { message: 'x' }, message: 'x' } }], validation: 'flag', transitions: 'flag' });
    await expect(execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [unchanged(log)] })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { name: 'stream_unchanged', detail: expect.stringContaining('revision 11') },
    });
    for (const [condition, name] of [
      [chainValid(async () => 'a hash does not fit'), 'chain_valid'],
      [stateMatches(async () => 'aa', 'bb'), 'state_matches'],
      [celPrecondition('state.exists'), 'state.exists'],
    ] as const)
      await expect(execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [condition] })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name } });
    expect(world.calls()).toEqual([]);
    expect(await eventsOf(log, 'replay/r-1')).toEqual([]);
  });

  test('A-205 a condition in CEL is asked again before each effect and stops in front of it', async () => {
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [celPrecondition('type != "quality_check.started"', 'no checks')] });
    expect(report).toMatchObject({ status: 'failed', preconditions: [{ name: 'no checks', ok: false }] });
    expect(world.calls().map(({ type }) => type)).toEqual(['orchestration.started', 'phase.started']);
    expect((await eventsOf(log, 'replay/r-1')).at(-1)).toMatchObject({ type: 'replay.failed', data: { at_sequence: 7, failed_precondition: 'no checks' } });
  });

  test('A-205 what somebody else appends meanwhile stops the replay before its next effect', async () => {
    const handlers = handlersFor(log, world);
    const meddling = new Map(handlers).set('phase.started', async () => {
      await log.append({ events: [{ ...diedRun[1]!, type: 'DecisionRecorded', data: { decision: 'x', decision_id: 'd1' } }], validation: 'flag', transitions: 'flag' });
    });
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: meddling, preconditions: [unchanged(log)] });
    expect(report).toMatchObject({ status: 'failed', preconditions: [{ name: 'stream_unchanged', ok: false }] });
    expect(world.calls().map(({ type }) => type)).toEqual(['orchestration.started']);
  });

  test('an error of a handler ends the replay, or is counted, as asked', async () => {
    const failing = new Map(handlersFor(log, world)).set('phase.started', () => {
      throw new Error('no worker');
    });
    const stopped = await execute(log, await planFor(log), { replayId: 'r-1', handlers: failing });
    expect(stopped).toMatchObject({ status: 'failed', failed: 1 });
    expect((await eventsOf(log, 'replay/r-1')).map(({ type }) => type)).toEqual(['replay.started', 'replay.step_completed', 'replay.step_failed', 'replay.failed']);
    const counted = await execute(log, await planFor(log), { replayId: 'r-2', handlers: failing, stopOnError: false });
    expect(counted).toMatchObject({ status: 'completed', failed: 1 });
    expect(counted.steps[1]).toMatchObject({ action: 'failed', reason: 'no worker' });
    expect(counted.steps[6]).toMatchObject({ action: 'executed' });
  });

  test('a handler that takes too long fails, and gets to know it', async () => {
    let told = false;
    const slow = new Map(handlersFor(log, world)).set('phase.started', (_event, { signal }) => new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        told = true;
        resolve({});
      });
    }));
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers: slow, handlerTimeoutMs: 5 });
    expect(report).toMatchObject({ status: 'failed' });
    expect(report.steps.at(-1)).toMatchObject({ action: 'failed', reason: expect.stringContaining('5 ms') });
    expect(told).toBe(true);
  });

  test('a cancelled replay does nothing more and says so on record', async () => {
    const controller = new AbortController();
    const handlers = handlersFor(log, world, (moment) => {
      if (moment === 'after') controller.abort('enough');
    });
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers, signal: controller.signal });
    expect(report.status).toBe('cancelled');
    expect(world.calls()).toHaveLength(1);
    expect((await eventsOf(log, 'replay/r-1')).at(-1)).toMatchObject({ type: 'replay.cancelled', data: { reason: 'enough' } });
  });

  /** Whoever asks the log for it, also from another process: an event on the replay's own stream. */
  const cancelElsewhere = async (): Promise<void> => void (await log.append({ events: [{ type: 'replay.cancelled', streamType: 'replay', streamId: 'r-1', actor, data: { reason: 'wrong run' } }] }));

  test('A-203 cancelled by somebody else while an effect is under way: that one is told, and no other is done', async () => {
    let calls = 0;
    const handlers = new Map([...handlersFor(log, world)].map(([type, handler]) => [type, async (...call: Parameters<typeof handler>) => {
      if (++calls === 2) await cancelElsewhere();
      return await handler(...call);
    }] as const));
    const report = await execute(log, await planFor(log), { replayId: 'r-1', handlers });
    expect(report).toMatchObject({ status: 'cancelled', failed: 0 });
    expect(world.calls().map(({ type }) => type)).toEqual(['orchestration.started', 'phase.started']);
    expect((await eventsOf(log, 'replay/r-1')).map(({ type }) => type)).toEqual(['replay.started', 'replay.step_completed', 'replay.cancelled', 'replay.step_completed']);
    await expect(execute(log, await planFor(log), { replayId: 'r-1', handlers })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'not_ended' } });
  });

  test.each([
    ['before a costly effect', ['agent_run.spawned'], 'replay.step_started', 2],
    ['at the very end', [], 'replay.completed', 3],
  ] as const)('A-203 cancelled by somebody else %s: it ends as cancelled, with one end on record', async (_when, allowTypes, before, calls) => {
    let isCancelled = false;
    const racing = {
      ...log,
      async append(request: Parameters<Log['append']>[0]) {
        if (request.events[0]!.type === before && !isCancelled) {
          isCancelled = true;
          await cancelElsewhere();
        }
        return await log.append(request);
      },
    };
    const report = await execute(log, await planFor(log, { allowTypes }), { replayId: 'r-1', handlers: handlersFor(log, world), log: racing });
    expect(report.status).toBe('cancelled');
    expect(world.calls()).toHaveLength(calls);
    expect((await eventsOf(log, 'replay/r-1')).filter(({ type }) => /completed$|failed$|cancelled$/.test(type) && !type.includes('step')).map(({ type }) => type)).toEqual(['replay.cancelled']);
  });

  test('A-203 interrupted it leaves no end on record, and goes on under its id', async () => {
    const controller = new AbortController();
    const stopping = handlersFor(log, world, (moment) => {
      if (moment === 'after') controller.abort(130);
    });
    await expect(execute(log, await planFor(log), { replayId: 'r-1', handlers: stopping, interruption: controller.signal })).rejects.toBe(130);
    expect((await eventsOf(log, 'replay/r-1')).map(({ type }) => type)).toEqual(['replay.started', 'replay.step_completed']);
    expect(await execute(log, await planFor(log), { replayId: 'r-1', handlers: handlersFor(log, world) })).toMatchObject({ status: 'completed', failed: 0 });
    expect(world.calls()).toHaveLength(3);
  });

  test('C-048 K-049 a chain is replayed in the order of positions, up to where it stood', async () => {
    const { position } = await log.head();
    const plan = await planFor(log, { target: { type: 'correlation', id: events[0]!.correlationId } });
    expect(plan).toMatchObject({ fromSequence: 1, toSequence: position });
    expect(plan.steps.map(({ event }) => event.position)).toEqual(events.map((event) => event.position));
    const report = await execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [unchanged(log)] });
    expect(report).toMatchObject({ status: 'completed', target: { type: 'correlation' } });
  });

  test('A-026 K-048 a real replay without handlers applies what is state and does nothing', async () => {
    const report = await execute(log, await planFor(log, { hasHandler: () => false }), { replayId: 'r-1', handlers: new Map(), finalState: async () => log.fold.foldAll(await eventsOf(log, stream)) });
    expect(report).toMatchObject({ status: 'completed', finalState: { streamId: issue, revision: diedRun.length } });
    expect(await eventsOf(log, stream)).toHaveLength(diedRun.length);
  });
});
