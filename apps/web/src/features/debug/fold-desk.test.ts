import { createCatalogRegistry } from '@refold/catalog';
import { LogError, createFold } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { createFoldDesk } from './fold-desk.ts';
import type { DeskClient } from './fold-desk.ts';
import type { PlaceQuestion } from './fold-messages.ts';
import { recordedRun } from './recorded-run.fixture.ts';

const registry = createCatalogRegistry();
const fold = createFold(registry);
const address = { streamType: 'orchestration', streamId: 'PROJ-1' };
const ask = (revision: number, more: Partial<PlaceQuestion> = {}): PlaceQuestion => ({ revision, base: 'previous', open: [], search: '', from: 0, to: 100, expressions: [], ...more });
const never = new AbortController().signal;

/** A server's answers to the two questions of the desk, from events in memory, folded by the same core. */
function deskOver(events: readonly EventEnvelope[], { timeouts = 0 }: { readonly timeouts?: number } = {}) {
  const asked: string[] = [];
  let refusals = timeouts;
  const client = {
    stateAt: async ({ revision }: { revision: number }) => {
      asked.push(`state ${revision}`);
      if (refusals-- > 0) throw new LogError('QUERY_TIMEOUT', 'stateAt took longer than 10000 ms.');
      return { state: fold.foldAll(events.slice(0, revision), { from: fold.initial('orchestration', 'PROJ-1') }) };
    },
    streamEvents: async ({ fromRevision, toRevision }: { fromRevision: number; toRevision: number }) => {
      asked.push(`events ${fromRevision}..${toRevision}`);
      return { items: events.slice(fromRevision - 1, toRevision) };
    },
  };
  const desk = createFoldDesk(client as unknown as DeskClient, registry, address);
  desk.setHead(events.length);
  return { desk, asked };
}

describe('the desk that folds', () => {
  test('given a short run, when one walks in it, then it is fetched once and nothing more is asked', async () => {
    const { desk, asked } = deskOver(recordedRun(300));
    for (const revision of [300, 1, 0, 150, 149, 151]) expect((await desk.place(ask(revision), never)).revision).toBe(revision);
    await desk.setters(150, ['/status'], never);
    expect(asked).toEqual(['events 1..300']);
  });

  test('given a long run, when one jumps and then steps, then the jump asks twice and the steps ask nothing', async () => {
    const { desk, asked } = deskOver(recordedRun(3_000));
    const jump = await desk.place(ask(2_000), never);
    expect([asked, jump.event?.revision, jump.counts]).toEqual([['state 1999', 'events 2000..2032'], 2_000, { added: expect.any(Number), removed: expect.any(Number), changed: expect.any(Number) }]);
    for (let revision = 2_001; revision <= 2_032; revision++) await desk.place(ask(revision), never);
    expect(asked.length).toBe(2);
    expect(await desk.setters(2_000, ['/revision', '/status'], never)).toEqual({ setBy: [2_000, null], since: 1_744 });
    for (let revision = 2_000; revision > 1_745; revision -= 5) await desk.place(ask(revision), never);
    expect(asked.length).toBe(4);
  });

  test('given a run that takes longer to fold than one question may, when it is opened, then it is asked for until it is there, or there is no end of it', async () => {
    const { desk, asked } = deskOver(recordedRun(3_000), { timeouts: 3 });
    expect((await desk.place(ask(2_000), never)).revision).toBe(2_000);
    expect(asked.filter((question) => question === 'state 1999')).toHaveLength(4);
    await expect(deskOver(recordedRun(3_000), { timeouts: Infinity }).desk.place(ask(2_000), never)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  });

  test('given a base that is no neighbour, when the changes are asked for, then they lead from it to here', async () => {
    const { desk } = deskOver(recordedRun(60));
    const { changes, counts, base } = await desk.place(ask(40, { base: 2 }), never);
    expect([base, counts!.added > 0, changes.every(({ path }) => path !== '/revision')]).toEqual([2, true, true]);
    expect((await desk.place(ask(2, { base: 2 }), never)).counts).toEqual({ added: 0, removed: 0, changed: 0 });
  });

  test('given expressions, when a place is looked at, then each has its value and the one before, or why it has none', async () => {
    const { desk } = deskOver(recordedRun(60));
    const { values } = await desk.place(ask(40, { expressions: ['state.revision', 'event.type', 'event.data.nothing', 'no('] }), never);
    expect(values.map(({ value, previous }) => [value, previous])).toEqual([[40, 39], ['tool_call.completed', 'tool_call.started'], [null, null], [null, null]]);
    expect(values.map(({ error }) => error === null)).toEqual([true, true, false, false]);
    await expect(desk.evaluate(40, 'nope > 1', never)).rejects.toBeInstanceOf(LogError);
  });

  test('given a value, when the whole of it is asked for, then it comes as JSON', async () => {
    const { desk } = deskOver(recordedRun(20));
    expect(await desk.value(20, '/revision', never)).toEqual({ json: '20', isWhole: true });
  });

  test('given a reader who went on, when the answer comes, then it is not kept', async () => {
    const { desk } = deskOver(recordedRun(3_000));
    const left = new AbortController();
    const answer = desk.place(ask(2_000), left.signal);
    left.abort();
    await expect(answer).rejects.toThrow();
  });
});
