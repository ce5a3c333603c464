/** Lists of streams and of runs: whole, in order, and no dearer on the last page than on the first. */
import { createCatalogRegistry, keptEntriesMax } from '@refold/catalog';
import type { EventInput } from '@refold/core';
import { listRuns, listStreams, stateAt } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, eventOf, noted, openWorld } from './world.ts';

describe('listStreams', () => {
  test('pages are the whole list in order, whatever the ids, also when streams are added meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9é😀.-]{1,6}$/u).filter((id) => id !== '.' && id !== '..' && id.normalize() === id), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (ids, limit) => {
        const world = await openWorld();
        for (const id of ids) await world.append(noted(`flight/${id}`));
        await world.append(noted('voyage/v'));
        const seen: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const page = await world.call(listStreams, { type: 'flight', limit, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.items.map(({ streamId }) => streamId));
          if (cursor === undefined) await world.append(noted('flight/0000000'));
          cursor = page.nextCursor;
        }
        const inOrder = (some: readonly string[]): string[] => some.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(seen.filter((id) => id !== '0000000')).toEqual(inOrder(ids.filter((id) => id !== '0000000')));
      }),
      { numRuns: 40 },
    );
  });

  test('a page asks the engine for itself, not for all pages before it', async () => {
    const limits: (number | undefined)[] = [];
    const world = await openWorld({
      wrap: (driver) =>
        wrapLog(driver, {
          streams(request) {
            limits.push(request.limit);
            return driver.streams(request);
          },
        }),
    });
    await world.append(...Array.from({ length: 40 }, (_, index) => noted(`flight/${String(index).padStart(2, '0')}`)));
    limits.length = 0;
    let cursor: string | null = null;
    for (let page = 0; page < 4; page++) cursor = (await world.call(listStreams, { limit: 10, ...(cursor === null ? {} : { cursor }) })).nextCursor;
    expect(cursor).toBeNull();
    expect(limits).toEqual([11, 11, 11, 11]);
  });

  test('bad-input B2: a cursor of another list is refused', async () => {
    const world = await openWorld();
    await world.append(noted('flight/1'), noted('flight/2'));
    const { nextCursor } = await world.call(listStreams, { limit: 1 });
    await expect(world.call(listStreams, { limit: 1, type: 'flight', cursor: nextCursor })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'cursor' } });
  });
});

describe('listRuns', () => {
  test('the newest activity first, of every kind of run, until there are enough', async () => {
    const world = await openWorld();
    for (const stream of ['flight/1', 'voyage/1', 'flight/2']) await world.append(eventOf(`${stream.split('/')[0]}.started`, stream));
    await world.append(eventOf('flight.failed', 'flight/1'));
    const { items, scanned } = await world.call(listRuns, { limit: 2 });
    expect(items.map(({ streamType, streamId, status }) => `${streamType}/${streamId} ${status}`)).toEqual(['flight/1 failed', 'flight/2 running']);
    expect(scanned).toBe(2);
  });

  test('since looks only at what was recorded since, and leaves out what happened before', async () => {
    const world = await openWorld();
    for (let run = 0; run < 30; run++) await world.append(eventOf('flight.started', `flight/old-${run}`, { occurredAt: at(0) }));
    world.clock.set(Date.parse(at(60)));
    await world.append(eventOf('flight.started', 'flight/new'), eventOf('flight.started', 'flight/imported', { occurredAt: at(1) }));
    const { items, scanned } = await world.call(listRuns, { since: at(30) });
    expect(items.map(({ streamId }) => streamId)).toEqual(['new']);
    expect(scanned).toBe(2);
    await expect(world.call(listRuns, { since: 'yesterday' })).rejects.toMatchObject({ code: 'BAD_TIMESTAMP' });
  });

  test('since is the same instant however it is written', async () => {
    const world = await openWorld();
    await world.append(eventOf('flight.started', 'flight/1', { occurredAt: at(0) }));
    expect((await world.call(listRuns, { since: '2026-01-01T01:00:00+01:00' })).items).toHaveLength(1);
    expect((await world.call(listRuns, { since: '2026-01-01T01:00:00.001+01:00' })).items).toHaveLength(0);
  });
});

test('a run counts every agent and every failure it ever had, listed in its state or not', async () => {
  const world = await openWorld({ kinds: createCatalogRegistry() });
  const ever = 2 * keptEntriesMax;
  const told = Array.from({ length: ever }, (_, index): EventInput[] => [
    event('agent_run.spawned', { agent_name: 'coder', agent_run_id: `run-${index}` }),
    event('agent_run.completed', { agent_name: 'coder', agent_run_id: `run-${index}` }),
    event('tool_call.failed', { tool_call_id: `call-${index}`, error: { message: 'no' } }),
  ]).flat();
  for (let from = 0; from < told.length; from += 300) await world.log.append({ events: told.slice(from, from + 300) });
  const [run] = (await world.call(listRuns, {})).items;
  expect([run!.agents, run!.failures]).toEqual([ever, ever]);
  const { state } = await world.call(stateAt, { streamType: 'session', streamId: 's-1' });
  expect(Object.keys(state['agentRuns'] as object).length).toBeLessThan(ever);
});

const event = (type: string, data: EventInput['data']): EventInput => ({ type, streamType: 'session', streamId: 's-1', sessionId: 's-1', actor: { type: 'agent', id: 'coder' }, data });
