import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, deepFreeze, event, history as eventsFrom, minute, registry, voyageId } from '../../test/voyage.ts';
import { applyPatches } from '../fold/diff.ts';
import { createFold } from '../fold/fold.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Place } from '../log/place.ts';
import type { Edit } from './edit.ts';
import { factsOf } from './facts.ts';
import { fork } from './fork.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { readerOver } from './stream-reader.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const partsOver = (events: readonly EventEnvelope[]): TravelParts => ({ reader: readerOver(deepFreeze(events), 3), fold, hasher: nodeHasher });
const end: Place = { kind: 'end' };

const trip = eventsFrom(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['speed.changed', { before: 0, after: 5 }], ['cargo.loaded', { id: 'tea', tons: 3 }], ['voyage.arrived']);

const renumbered = (events: readonly EventEnvelope[]): readonly EventEnvelope[] => events.map((each, index) => ({ ...each, revision: index + 1 }));
const folded = (events: readonly EventEnvelope[]) => fold.foldAll(renumbered(events), { from: fold.initial('voyage', voyageId) });

const anyPlace = fc.oneof(
  fc.constant<Place>(end),
  fc.nat(40).map<Place>((count) => ({ kind: 'back', count })),
  fc.nat(45).map<Place>((minutes) => ({ kind: 'instant', at: minute(minutes) })),
  fc.nat(45).map<Place>((minutes) => ({ kind: 'known', at: minute(minutes + 0.5) })),
);

describe('a fork', () => {
  it('without edits is the base, at any place and any instant', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(), anyPlace, async (events, place) => {
        const parts = partsOver(events);
        const { base, variant, ...rest } = await fork(parts, address, place, []);
        expect(base).toEqual(await reconstruct(parts, address, place));
        expect(variant.state).toEqual(base.state);
        expect(variant.stateHash).toBe(base.stateHash);
        expect(variant.revision).toBe(base.revision);
        expect(rest).toEqual({ diff: [], rejected: [], applied: 0, consequences: [] });
      }),
    );
  });

  it('that leaves events out is the fold of the others (A-202)', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(25), fc.uniqueArray(fc.integer({ min: 1, max: 25 })), fc.boolean(), async (events, omitted, byId) => {
        const there = omitted.filter((revision) => revision <= events.length);
        const edits = there.map<Edit>((revision) => ({ op: 'omit', at: byId ? events[revision - 1]!.id : revision }));
        const { variant, applied, rejected, base, diff } = await fork(partsOver(events), address, end, edits);
        expect(variant.state).toEqual(folded(events.filter(({ revision }) => !there.includes(revision))));
        expect([applied, rejected]).toEqual([there.length, []]);
        expect(applyPatches(factsOf(base.state), diff)).toEqual(factsOf(variant.state));
      }),
    );
  });

  it('leniently is the fold of the edited list, whatever the edits', async () => {
    const edit = fc.oneof(
      fc.record({ op: fc.constant('omit' as const), at: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ op: fc.constant('insert' as const), after: fc.nat(12), event: fc.record({ type: fc.constantFrom('note.added', 'voyage.departed'), data: fc.constant({ text: 'what if' }) }) }),
      fc.record({ op: fc.constant('replace' as const), at: fc.integer({ min: 1, max: 12 }), event: fc.record({ type: fc.constantFrom('note.added', 'voyage.arrived'), data: fc.constant({ text: 'other' }) }) }),
    );
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(12), fc.uniqueArray(edit, { maxLength: 5, selector: (each) => `${each.op === 'insert' ? 'insert' : 'change'} ${each.op === 'insert' ? each.after : each.at}` }), async (events, edits) => {
        const there = edits.filter((each) => (each.op === 'insert' ? each.after : each.at) <= events.length);
        const types: string[] = there.flatMap((each) => (each.op === 'insert' && each.after === 0 ? [each.event.type] : []));
        for (const { type, revision } of events) {
          const change = there.find((each) => each.op !== 'insert' && each.at === revision);
          if (change === undefined) types.push(type);
          else if (change.op === 'replace') types.push(change.event.type);
          for (const each of there) if (each.op === 'insert' && each.after === revision) types.push(each.event.type);
        }
        const { variant, applied } = await fork(partsOver(events), address, end, there, { lenient: true });
        const notes = types.filter((type) => type === 'note.added').length;
        expect([variant.revision, variant.state.eventCount, applied]).toEqual([types.length, types.length, there.length]);
        expect((variant.state['log'] as readonly string[]).length).toBeLessThanOrEqual(notes);
      }),
    );
  });

  it('sets one value in a payload and folds what follows with it', async () => {
    const { base, variant, diff, rejected, applied } = await fork(partsOver(trip), address, end, [{ op: 'set', at: 4, pointer: '/tons', value: 30 }]);
    expect(diff).toEqual([{ op: 'replace', path: '/cargo/tea/tons', before: 3, after: 30 }]);
    expect([rejected, applied, base.revision, variant.revision]).toEqual([[], 1, 5, 5]);
  });

  it('takes several edits of one event in the order they are given', async () => {
    const { variant, applied } = await fork(partsOver(trip), address, end, [
      { op: 'replace', at: trip[3]!.id, event: { type: 'cargo.loaded', data: { id: 'silk', tons: 1 } } },
      { op: 'set', at: 4, pointer: '/tons', value: 2 },
      { op: 'insert', after: 4, event: { type: 'cargo.loaded', data: { id: 'oil' } } },
    ]);
    expect(variant.state['cargo']).toMatchObject({ silk: { tons: 2 }, oil: { tons: 1 } });
    expect(Object.keys(variant.state['cargo'] as object)).toEqual(['silk', 'oil']);
    expect([applied, variant.revision, variant.head]).toEqual([3, 6, 6]);
  });

  it('begins at a place and shows what became of it at a later one', async () => {
    const edits: readonly Edit[] = [{ op: 'set', at: 3, pointer: '/after', value: 9 }];
    expect((await fork(partsOver(trip), address, { kind: 'revision', revision: 4 }, edits)).diff).toEqual([{ op: 'replace', path: '/knots', before: 5, after: 9 }]);
    // The arrival stops the ship, whatever its speed was.
    expect((await fork(partsOver(trip), address, end, edits)).diff).toEqual([]);
  });

  it('lists what the rules forbid and leaves it out', async () => {
    const edits: readonly Edit[] = [
      { op: 'insert', after: 1, event: { type: 'voyage.arrived', data: {} } },
      { op: 'replace', at: 3, event: { type: 'speed.changed', data: { before: 0 } } },
      { op: 'set', at: 3, pointer: '/before', value: 7 },
      { op: 'insert', after: 2, event: { type: 'voyage.arived', data: {} } },
      { op: 'omit', at: 99 },
      { op: 'set', at: 1, pointer: '/missing/key', value: 1 },
      { op: 'omit', at: 5 },
      { op: 'set', at: 5, pointer: '/x', value: 1 },
    ];
    const { rejected, applied, variant } = await fork(partsOver(trip), address, end, edits);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'ILLEGAL_TRANSITION'],
      [1, 'MISSING_FIELD'],
      [2, 'BEFORE_MISMATCH'],
      [3, 'UNKNOWN_TYPE'],
      [4, 'NOT_FOUND'],
      [5, 'BAD_REQUEST'],
      [7, 'NOT_FOUND'],
    ]);
    expect(applied).toBe(1);
    expect(variant.state).toEqual(folded(trip.slice(0, 4)));
  });

  it('leniently takes them in, and the fold marks them', async () => {
    const { rejected, applied, variant } = await fork(partsOver(trip), address, end, [{ op: 'insert', after: 1, event: { type: 'voyage.arrived', data: {} } }], { lenient: true });
    expect([rejected.length, applied]).toEqual([1, 1]);
    expect(variant.state.anomalies).toMatchObject([{ code: 'ILLEGAL_TRANSITION', eventId: 'what-if:0', revision: 2 }]);
  });

  it('never leaves a recorded event out because of an edit before it, and tells what became illegal', async () => {
    const { consequences, variant, rejected } = await fork(partsOver(trip), address, end, [{ op: 'omit', at: 2 }]);
    expect(rejected).toEqual([]);
    expect(consequences).toMatchObject([{ code: 'ILLEGAL_TRANSITION', eventId: trip[4]!.id, revision: 4, baseRevision: 5 }]);
    expect(variant.state).toEqual(folded(trip.filter(({ revision }) => revision !== 2)));
  });

  it('counts only recorded events as consequences, not the edit itself', async () => {
    const { consequences, rejected } = await fork(partsOver(trip), address, end, [{ op: 'replace', at: 2, event: { type: 'voyage.arrived', data: {} } }], { lenient: true });
    expect(rejected.map(({ code }) => code)).toEqual(['ILLEGAL_TRANSITION']);
    expect(consequences.map(({ eventId }) => eventId)).toEqual([trip[4]!.id]);
  });

  it('finds no fault in what was wrong before the edit', async () => {
    const odd = [event(1, 'voyage.planned', { ship: 7 as unknown as string })];
    const { rejected, applied } = await fork(partsOver(odd), address, end, [{ op: 'set', at: 1, pointer: '/knots', value: 3 }]);
    expect([rejected, applied]).toEqual([[], 1]);
  });

  it.each(['/__proto__/x', '/constructor/prototype/x', '/a/__proto__', '/a/constructor/prototype'])('refuses the path %s and changes no prototype (bad-input A19)', async (pointer) => {
    const attempt = fork(partsOver(trip), address, end, [{ op: 'set', at: 1, pointer, value: 'polluted' }]);
    await expect(attempt).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'path' } });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each([
    ['a key __proto__', JSON.parse('{"a": {"__proto__": {"x": 1}}}'), 'BAD_JSON'],
    ['a number that is none', { a: NaN }, 'BAD_NUMBER'],
  ])('refuses a payload with %s, as an append would (bad-input A18, A25)', async (_name, data, code) => {
    await expect(fork(partsOver(trip), address, end, [{ op: 'insert', after: 1, event: { type: 'note.added', data } }])).rejects.toMatchObject({ code });
    await expect(fork(partsOver(trip), address, end, [{ op: 'set', at: 1, pointer: '/ship', value: data }])).rejects.toMatchObject({ code });
  });

  it.each([-1, 0, 1.5])('refuses %s as the place of an edit', async (at) => {
    await expect(fork(partsOver(trip), address, end, [{ op: 'omit', at }])).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'edit' } });
  });
});
