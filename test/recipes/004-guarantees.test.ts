/** What documents 001 and 004 promise of the store itself: many writers at once, and states that are what they were. */
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stateHash } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { EventReplayDebugger, openStore } from '@refold/sdk';
import { importFiles } from '@refold/operations';
import { createSeededRandom } from '@refold/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engines, logAll, openRecipeStore, proj123 } from './recipe-store.ts';

const actor = { type: 'service', id: 'worker' } as const;

describe('Many writers', () => {
  test('D-085 100 writers with 100 events each, half on a job of their own and half on one job: nothing lost, nothing twice', async () => {
    const store = await openStore('memory:');
    const { log } = store;
    onTestFinished(() => store.close());
    const started = (streamId: string) => ['job.created', 'job.started'].map((type) => ({ type, streamType: 'job', streamId, actor, data: {} }));
    await log.append({ events: ['shared', ...Array.from({ length: 100 }, (_, writer) => `own-${writer}`)].flatMap(started) });

    const logged = (streamId: string, writer: number, number: number) => ({ type: 'job.progress_updated', streamType: 'job', streamId, actor, data: { after: number / 100, step: `${writer}:${number}` } });
    await Promise.all(
      Array.from({ length: 100 }, async (_, writer) => {
        for (let number = 0; number < 100; number++) await log.append({ events: [logged(number % 2 === 0 ? 'shared' : `own-${writer}`, writer, number)] });
      }),
    );

    const seen = new Map<string, string[]>();
    for await (const { events } of log.events({})) for (const { streamId, type, data } of events) if (type === 'job.progress_updated') seen.set(streamId, [...(seen.get(streamId) ?? []), String(data['step'])]);
    const sentTo = (writer: number, isShared: boolean): string[] => Array.from({ length: 50 }, (_, index) => `${writer}:${index * 2 + (isShared ? 0 : 1)}`);
    const writers = Array.from({ length: 100 }, (_, writer) => writer);
    for (const writer of writers) {
      expect(seen.get(`own-${writer}`)).toEqual(sentTo(writer, false));
      // Of one writer the order is his own, on a shared job too.
      expect(seen.get('shared')!.filter((message) => message.startsWith(`${writer}:`))).toEqual(sentTo(writer, true));
    }
    expect(seen.get('shared')).toHaveLength(5_000);
    expect((await log.stream('job/shared'))!.revision).toBe(5_002);
  });
});

describe('States', () => {
  test('K-053 of a real session, more than 99 % of the recorded states (in fact all) are met again by a fold from the first event', async () => {
    const store = await openStore('memory:', { keepSnapshots: 'off' });
    onTestFinished(() => store.close());
    const { log } = store;
    const session = '258c7280-ae70-4798-800f-63464d01a85d';
    const file = fileURLToPath(new URL(`../../examples/claude-code/${session}.jsonl`, import.meta.url));
    await importFiles(store, { producer: 'auto', files: [{ name: `${session}.jsonl`, open: () => createReadStream(file) }] });
    const recorded = new Map<number, string>();
    let state = log.fold.initial('session', session);
    for await (const { events } of log.events({ stream: `session/${session}` }))
      for (const event of events) {
        state = log.fold.evolveDraft(state, event);
        if (event.revision % 100 === 0) recorded.set(event.revision, (await log.snapshots.save(state, { pinned: true }))!.stateHash);
      }
    expect(recorded.size).toBeGreaterThan(15);
    let equal = 0;
    for (const [revision, hash] of recorded) {
      let again = log.fold.initial('session', session);
      for await (const { events } of log.events({ stream: `session/${session}`, upTo: revision })) again = log.fold.foldAll(events, { from: again })!;
      if (stateHash(again, log.ports.hasher) === hash) equal++;
    }
    expect(equal / recorded.size).toBeGreaterThan(0.99);
    expect(equal).toBe(recorded.size);
  });
});

/** What a job may do next, by what it is doing; nothing follows an end. */
const nextOf: { readonly [status: string]: readonly string[] } = {
  pending: ['job.started'],
  running: ['job.step_completed', 'job.step_failed', 'job.progress_updated', 'job.paused', 'job.failed', 'job.completed'],
  paused: ['job.resumed'],
  failed: ['job.resumed'],
};
const payloads: { readonly [type: string]: JsonObject } = {
  'job.created': { steps: [{ name: 'plan' }, { name: 'code' }] },
  'job.step_completed': { step: 'plan' },
  'job.step_failed': { step: 'code', error: { message: 'no' } },
  'job.progress_updated': { after: 0.5 },
  'job.failed': { error: { message: 'no' } },
};

describe.each(engines)('Jobs at any time (%s)', (engine) => {
  test('D-115 of 1,000 random moments of random jobs, more than 99 % (in fact all) give the state that was shown at that moment', async () => {
    const { store, clock } = openRecipeStore(engine);
    const random = createSeededRandom(115);
    let equal = 0;
    for (let job = 0; job < 20; job++) {
      const stream = `job/${job}`;
      const shown: { readonly atMs: number; readonly stateHash: string }[] = [];
      const send = async (type: string): Promise<string> => {
        clock.advance(random.integer(1, 60_000));
        await store.saveEvent({ type, streamType: 'job', streamId: String(job), actor, data: payloads[type] ?? {} });
        if (random.chance(0.1)) await store.createSnapshot(stream);
        const { state, stateHash: hash } = await store.reconstructState(stream);
        shown.push({ atMs: clock.now(), stateHash: hash });
        return String(state['status']);
      };
      let next: readonly string[] | undefined = ['job.created'];
      for (let left = random.integer(5, 40); left > 0 && next !== undefined; left--) next = nextOf[await send(random.pick(next))];
      for (let count = 0; count < 50; count++) {
        const atMs = random.integer(shown[0]!.atMs, clock.now() + 1_000);
        const { stateHash: hash } = await store.reconstructState(stream, new Date(atMs).toISOString());
        if (hash === shown.findLast((one) => one.atMs <= atMs)!.stateHash) equal++;
      }
    }
    expect(equal / 1_000).toBeGreaterThan(0.99);
    expect(equal).toBe(1_000);
  });
});

async function countOf(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _event of events) count++;
  return count;
}

describe.each(engines)('The meanings of replay (%s)', (engine) => {
  test('K-026 each has one name: reconstruct, read, replay, debug, rerun and what-if; only an execution and a rerun write', async () => {
    const { store } = openRecipeStore(engine);
    const events = await logAll(store, proj123);
    await store.append('job/42', ['job.created', 'job.started', 'job.failed'].map((type) => ({ type, actor, data: type === 'job.failed' ? { error: { message: 'flaky' } } : {} })));
    const { log } = await store.opened();
    const { position } = await log.head();
    const hasGrown = async (): Promise<boolean> => (await log.head()).position > position;

    const { state } = await store.reconstructState('PROJ-123');
    expect(state.revision).toBe(events.length);
    expect(await countOf(store.readStream('PROJ-123'))).toBe(events.length);
    // Document 002's name for reading on.
    expect(await countOf(store.replayEvents('orchestration/PROJ-123'))).toBe(events.length);
    expect(await store.call('fork', { streamType: 'orchestration', streamId: 'PROJ-123', edits: [{ op: 'omit', at: events.length }] })).toMatchObject({ applied: 1, rejected: [] });
    const debug = new EventReplayDebugger(store);
    await debug.startReplay('PROJ-123', { fromVersion: 1 });
    await debug.stepReplay();
    expect(debug.getDebugInfo()).toBeDefined();
    await debug.stopReplay();
    expect(await hasGrown()).toBe(false);

    expect(await store.replayEvents({ issueKey: 'PROJ-123' })).toMatchObject({ mode: 'execute' });
    expect(await hasGrown()).toBe(true);
    expect(await store.rerunJob({ jobId: '42', params: { model: 'x' } })).toMatchObject({ jobId: '43' });
  });
});
