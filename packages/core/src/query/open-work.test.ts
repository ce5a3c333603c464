/** What is open, and spans whose ends know only a name. */
import { describe, expect, test } from 'vitest';
import { defineAggregate } from '../fold/aggregate.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createRegistry } from '../schema/registry.ts';
import { createEntityTree } from '../travel/entity-tree.ts';
import { eventOf } from '../../test/query-world.ts';
import { openWorkOf } from './open-work.ts';
import { timelineOf } from './timeline.ts';

const status = (): string => 'absent';
const worker = (from: readonly string[], to: string) => ({
  transition: { machine: 'worker', status, from, to },
  entity: ({ data, id }: { readonly data: Record<string, unknown>; readonly id: string }) => ({ type: 'worker', id: typeof data['worker_id'] === 'string' ? data['worker_id'] : typeof data['name'] === 'string' ? data['name'] : id }),
  timeline: { name: ({ data }: { readonly data: Record<string, unknown> }) => (typeof data['name'] === 'string' ? data['name'] : null) },
});

const registry = createRegistry({
  aggregates: [
    defineAggregate({
      type: 'crew',
      version: '1',
      initial: () => ({}),
      events: {
        'worker.hired': { ...worker(['absent'], 'running'), summary: ({ data }) => `hired ${String(data['name'])}` },
        'worker.blocked': worker(['running'], 'blocked'),
        'worker.left': worker(['running', 'blocked'], 'completed'),
        'call.made': { timeline: { lane: 'call', mark: 'start', key: ({ data }) => String(data['call']) } },
        'call.answered': { timeline: { lane: 'call', mark: 'end', key: ({ data }) => String(data['call']) } },
        'beat.seen': { timeline: { mark: 'hidden' } },
      },
    }),
  ],
});

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;

/** Events of one crew, a second apart; a worker's id is known only where it is given. */
const crew = (...facts: readonly (readonly [type: string, data: Record<string, string>])[]): readonly EventEnvelope[] =>
  facts.map(([type, data], index) =>
    eventOf({ type, data, streamType: 'crew', streamId: 'C', position: index + 1, revision: index + 1, occurredAt: at(index + 1), entityType: type.startsWith('worker') ? 'worker' : 'crew', entityId: type.startsWith('worker') ? (data['worker_id'] ?? data['name'] ?? 'C') : 'C' }),
  );

async function* one(events: readonly EventEnvelope[]): AsyncGenerator<readonly EventEnvelope[]> {
  yield events;
}

describe('an end that knows only a name', () => {
  const twoOfOneName = crew(
    ['worker.hired', { worker_id: 'w1', name: 'ana' }],
    ['worker.hired', { worker_id: 'w2', name: 'ana' }],
    ['worker.left', { name: 'ana' }],
    ['worker.blocked', { name: 'ana' }],
    ['worker.left', { name: 'ana' }],
    ['worker.left', { name: 'ana' }],
  );

  test('closes the newest open span of that name, then the one before, then stands alone', async () => {
    const { rows } = await timelineOf(one(twoOfOneName), registry);
    expect(rows.map(({ kind, at: from, until, status: how }) => [kind, from, until, how])).toEqual([
      ['span', at(1), at(4), 'blocked'],
      ['span', at(2), at(3), 'completed'],
      ['point', at(5), null, null],
      ['point', at(6), null, null],
    ]);
  });

  test('belongs to the entity that was hired, so nothing lacks an end', () => {
    const tree = createEntityTree(registry);
    for (const event of twoOfOneName.slice(0, 5)) tree.place(event);
    const workers = [...tree.nodes()].filter(({ type }) => type === 'worker');
    expect(Object.fromEntries(workers.map(({ id, status: how }) => [id, how]))).toEqual({ w1: 'completed', w2: 'completed' });
    expect(tree.of(twoOfOneName[4]!)?.id).toBe('w1');
  });

  test('that gives the id goes by the id', async () => {
    const { rows } = await timelineOf(one(crew(['worker.hired', { worker_id: 'w1', name: 'ana' }], ['worker.hired', { worker_id: 'w2', name: 'ana' }], ['worker.left', { worker_id: 'w1', name: 'ana' }])), registry);
    expect(rows.map(({ until }) => until)).toEqual([at(3), null]);
  });
});

describe('what is under way', () => {
  const facts = crew(
    ['worker.hired', { worker_id: 'w1', name: 'ana' }],
    ['call.made', { call: 'a' }],
    ['beat.seen', {}],
    ['worker.blocked', { name: 'ana' }],
    ['call.made', { call: 'b' }],
    ['call.answered', { call: 'a' }],
    ['worker.left', { name: 'ana' }],
    ['call.answered', { call: 'b' }],
  );
  const openAfter = async (count: number): Promise<readonly (readonly [string, string, string, number])[]> =>
    (await openWorkOf(one(facts.slice(0, count)), registry)).map(({ lane, status: how, since, setBy }) => [lane, how, since, setBy.revision]);

  test('is what began or waits and has not ended, with the event that says so', async () => {
    expect(await openAfter(0)).toEqual([]);
    expect(await openAfter(3)).toEqual([['worker', 'running', at(1), 1], ['call', 'running', at(2), 2]]);
    expect(await openAfter(6)).toEqual([['worker', 'blocked', at(1), 4], ['call', 'running', at(5), 5]]);
    expect(await openAfter(7)).toEqual([['call', 'running', at(5), 5]]);
    expect(await openAfter(8)).toEqual([]);
  });

  test('is told by the summary of what began it', async () => {
    const [work] = await openWorkOf(one(facts.slice(0, 4)), registry);
    expect(work).toMatchObject({ label: 'hired ana', begunBy: { type: 'worker.hired' }, setBy: { type: 'worker.blocked' } });
  });
});
