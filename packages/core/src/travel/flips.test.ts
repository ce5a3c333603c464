import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, event, history, registry, voyageId } from '../../test/voyage.ts';
import type { Voyage } from '../../test/voyage.ts';
import type { State } from '../fold/aggregate.ts';
import { createFold } from '../fold/fold.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';
import { flips } from './flips.ts';
import type { Flip, FlipsOptions } from './flip.ts';
import type { FlipsSummary, Truth } from './truth-tally.ts';
import type { TravelParts } from './reconstruct.ts';
import { readerOver } from './stream-reader.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const partsOver = (events: readonly EventEnvelope[]): TravelParts => ({ reader: readerOver(events, 7), fold, hasher: nodeHasher });

async function allFlips(events: readonly EventEnvelope[], source: string, options: FlipsOptions = {}): Promise<{ readonly found: readonly Flip[]; readonly summary: FlipsSummary }> {
  const found: Flip[] = [];
  const walk = flips(partsOver(events), address, source, options);
  for (;;) {
    const { done, value } = await walk.next();
    if (done === true) return { found, summary: value };
    found.push(value);
  }
}

interface Sight {
  readonly event: EventEnvelope | null;
  readonly state: State<Voyage>;
  readonly previous: State<Voyage>;
}

/** The same questions in JavaScript, over states that are each folded from the first event. */
const questions: readonly (readonly [source: string, answer: (sight: Sight) => Truth])[] = [
  ['state.knots > 4', ({ state }) => state.knots > 4],
  ['state.status == "sailing"', ({ state }) => state.status === 'sailing'],
  ['after.log.size() > 1 && before.log.size() <= 1', ({ event: now, state, previous }) => (now === null ? 'unknown' : state.log.length > 1 && previous.log.length <= 1)],
  ['state.knots > previous.knots', ({ event: now, state, previous }) => (now === null ? 'unknown' : state.knots > previous.knots)],
  ['type == "cargo.loaded"', ({ event: now }) => (now === null ? 'unknown' : now.type === 'cargo.loaded')],
  ['event.data.tons > 4', ({ event: now }) => (now === null || !Object.hasOwn(now.data, 'tons') ? 'unknown' : Number(now.data['tons']) > 4)],
];

const sightsOf = (events: readonly EventEnvelope[]): readonly Sight[] => {
  // Safe: the fold of a voyage's events is a voyage.
  const stateAfter = (count: number): State<Voyage> => fold.foldAll(events.slice(0, count), { from: fold.initial('voyage', voyageId) }) as unknown as State<Voyage>;
  return Array.from({ length: events.length + 1 }, (_, count) => ({ event: events[count - 1] ?? null, state: stateAfter(count), previous: stateAfter(Math.max(0, count - 1)) }));
};

it('others get their turn between two events that take long', async () => {
  let [ms, turns] = [0, 0];
  const parts: TravelParts = { ...partsOver(history(...Array.from({ length: 50 }, () => ['note.added', { text: 'x' }] as const))), clock: { now: () => (ms += 5), turn: async () => void turns++ } };
  for await (const flip of flips(parts, address, 'state.knots > 4')) expect(flip).toBe(null);
  expect(turns).toBeGreaterThanOrEqual(25);
});

describe('every change of truth', () => {
  it.each(questions)('of %s is what looking at every single place gives', async (source, answer) => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(30), async (events) => {
        const truths = sightsOf(events).map(answer);
        const { found, summary } = await allFlips(events, source);
        const changes = truths.flatMap((to, revision) => (revision > 0 && to !== truths[revision - 1] ? [{ revision, to, eventId: events[revision - 1]!.id, type: events[revision - 1]!.type }] : []));
        expect(found.map(({ revision, to, eventId, type }) => ({ revision, to, eventId, type }))).toEqual(changes);

        const known = truths.flatMap((to, revision) => (to === 'unknown' ? [] : [{ revision, to }]));
        const turns = known.filter(({ to }, index) => index > 0 && to !== known[index - 1]!.to);
        expect(found.filter(({ kind }) => kind === 'flip').map(({ revision, to }) => ({ revision, to }))).toEqual(turns);
        expect(found.filter(({ kind }) => kind === 'flip').every(({ from, to }) => from === !to)).toBe(true);
        expect(summary).toMatchObject({ events: events.length, flips: turns.length, unknown: truths.slice(1).filter((truth) => truth === 'unknown').length, start: truths[0], end: truths.at(-1) });
      }),
      { numRuns: 60 },
    );
  });

  it.each(questions)('of %s in a range is what the whole history shows there', async (source, answer) => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(20), fc.nat(20), fc.nat(20), async (events, first, second) => {
        const [after, upTo] = [Math.min(first, second, events.length), Math.min(Math.max(first, second), events.length)];
        const truths = sightsOf(events).map(answer);
        const { found, summary } = await allFlips(events, source, { after, upTo });
        expect(found.map(({ revision, to }) => ({ revision, to }))).toEqual(truths.flatMap((to, revision) => (revision > after && revision <= upTo && to !== truths[revision - 1] ? [{ revision, to }] : [])));
        expect(summary).toMatchObject({ events: upTo - after, start: truths[after] });
      }),
      { numRuns: 40 },
    );
  });
});

describe('what a flip tells', () => {
  const trip = history(['voyage.planned', { ship: 'Beagle' }], ['speed.changed', { before: 0, after: 5 }], ['note.added', { text: 'x' }], ['speed.changed', { before: 5, after: 2 }], ['cargo.loaded', { id: 'tea', tons: 9 }]);

  it('is the event, both truths, and the values that decided it', async () => {
    const { found } = await allFlips(trip, 'state.knots >= 5 && size(state.log) >= 0');
    expect(found).toEqual([
      { kind: 'flip', revision: 2, eventId: trip[1]!.id, type: 'speed.changed', at: trip[1]!.occurredAt, from: false, to: true, values: { 'state.knots': { before: 0, after: 5 }, 'state.log': { before: '0 items', after: '0 items' } } },
      { kind: 'flip', revision: 4, eventId: trip[3]!.id, type: 'speed.changed', at: trip[3]!.occurredAt, from: true, to: false, values: { 'state.knots': { before: 5, after: 2 }, 'state.log': { before: '1 items', after: '1 items' } } },
    ]);
  });

  it('keeps what cannot be evaluated apart from false, with the reason (bad-input C5)', async () => {
    const { found, summary } = await allFlips([...trip, event(6, 'note.added', { text: 'y' }), event(7, 'cargo.loaded', { id: 'silk', tons: 9 }), event(8, 'cargo.loaded', { id: 'oil', tons: 1 })], 'event.data.tons > 4');
    expect(found.map(({ kind, revision, from, to }) => [kind, revision, from, to])).toEqual([
      ['first', 5, 'unknown', true],
      ['unknown', 6, true, 'unknown'],
      ['known', 7, 'unknown', true],
      ['flip', 8, true, false],
    ]);
    expect(found[1]!.error).toContain('event.data.tons');
    expect(summary).toMatchObject({ flips: 1, unknown: 5, start: 'unknown', end: false });
    expect(summary.firstError).toContain('event.data.tons');
  });

  it('takes no variable of a loop for a value of its own', async () => {
    const { found } = await allFlips(trip, 'state.log.exists(entry, entry == "x")');
    expect(found.map(({ revision, values }) => [revision, Object.keys(values)])).toEqual([[3, ['state.log']]]);
  });
});

describe('a scan', () => {
  const long = Array.from({ length: 30 }, (_, index) => event(index + 1, 'note.added', { text: String(index) }));

  it.each<readonly [string, readonly (readonly [Record<string, string | number | null | object>, Truth])[]]>([
    ['has(event.data.a.b)', [[{}, 'unknown'], [{ a: {} }, false], [{ a: { b: 1 } }, true]]],
    ['event.data.list == "2 items"', [[{ list: [1, 2] }, false], [{ list: '2 items' }, true], [{ list: [3, 4] }, false]]],
    ['event.data.list.exists(one, one == event.data.wanted)', [[{ list: [1], wanted: 2 }, false], [{ list: [2], wanted: 2 }, true]]],
    ['event.data.a == null', [[{}, 'unknown'], [{ a: null }, true], [{ a: 'null' }, false]]],
  ])('of %s is asked anew wherever what it looks at may have changed', async (source, asked) => {
    const events = history(...asked.map(([data]) => ['note.added', data as JsonObject] as const));
    const { found } = await allFlips(events, source);
    const truths = asked.map(([, truth]) => truth);
    expect(found.map(({ revision, to }) => [revision, to])).toEqual(truths.flatMap((to, index) => (to === (truths[index - 1] ?? 'unknown') ? [] : [[index + 1, to]])));
  });

  it('asks an entity anew at every event: a look-up says nothing of what it reads', async () => {
    const events = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['voyage.arrived']);
    const { summary } = await allFlips(events, 'entity("voyage", "V-1") == null');
    expect(summary).toMatchObject({ events: 3, unknown: 0 });
  });

  it('tells its progress after every page and stops when it is told to', async () => {
    const seen: number[] = [];
    await allFlips(long, 'state.knots > 1', { onProgress: ({ events }) => void seen.push(events) });
    expect(seen).toEqual([7, 14, 21, 28, 30]);
    const stop = new AbortController();
    const walk = allFlips(long, 'state.knots > 1', { signal: stop.signal, onProgress: ({ events }) => events > 10 && stop.abort() });
    await expect(walk).rejects.toThrow(/abort/i);
  });

  it('does not fold a state that nobody asks for', async () => {
    const broken = [...long, event(31, 'voyage.wrecked'), event(32, 'note.added', { text: 'after' })];
    expect((await allFlips(broken, 'type == "voyage.wrecked"')).found.map(({ revision, to }) => [revision, to])).toEqual([[1, false], [31, true], [32, false]]);
    await expect(allFlips(broken, 'state.knots > 1')).rejects.toMatchObject({ code: 'FOLD_FAILED', details: { revision: 31 } });
  });

  it.each([
    ['state.knots >', { reason: 'syntax' }, 'C1'],
    ['knotz > 1', { reason: 'unknown_name' }, 'C2'],
    ['1 + 1', { reason: 'type' }, 'C3'],
    [`state.knots > 1 && "${'x'.repeat(2_048)}" == ""`, { reason: 'size' }, 'C6'],
    ['[1].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, state.log.all(c, state.log.all(d, state.log.all(e, state.log.all(f, f == e))))))', { reason: 'cost' }, 'C7'],
    ['state.__proto__ == 1', { reason: 'unknown_name' }, 'C9'],
    ['kn\u202eots > 1', { reason: 'syntax' }, 'C10'],
  ])('refuses %s before the first event with %o (bad-input %s)', async (source, details, _row) => {
    await expect(allFlips(long, source)).rejects.toMatchObject({ code: 'BAD_EXPRESSION', details });
  });

  it('of a stream that does not exist is refused (bad-input B7)', async () => {
    await expect(allFlips([], 'state.knots > 1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
