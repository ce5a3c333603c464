import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, event, history as eventsFrom, minute, registry, voyageId } from '../../test/voyage.ts';
import type { State } from '../fold/aggregate.ts';
import { applyPatches } from '../fold/diff.ts';
import { createFold } from '../fold/fold.ts';
import { absent, valueAt } from '../fold/pointer.ts';
import { stateHash } from '../fold/state-hash.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Place } from '../log/place.ts';
import type { Hasher } from '../ports.ts';
import { diffPlaces } from './diff-places.ts';
import { factsOf } from './facts.ts';
import { history } from './history.ts';
import { provenance } from './provenance.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { readerOver } from './stream-reader.ts';
import type { StreamReader } from './stream-reader.ts';
import { createTimeIndexes } from './time-index.ts';
import { summariseState, timeTravel } from './time-travel.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const empty = (): State => fold.initial('voyage', voyageId);
const prefix = (events: readonly EventEnvelope[], count: number): State => fold.foldAll(events.slice(0, count), { from: empty() });
const partsOver = (events: readonly EventEnvelope[], more: Partial<TravelParts> = {}): TravelParts => ({ reader: readerOver(events, 3), fold, hasher: nodeHasher, ...more });
const happenedBy = (events: readonly EventEnvelope[], at: string): readonly EventEnvelope[] => events.filter(({ occurredAt }) => occurredAt <= at);

const trip = eventsFrom(['voyage.planned', { ship: 'Beagle' }], ['crew.joined', { id: 'a' }], ['voyage.departed'], ['speed.changed', { before: 0, after: 5 }], ['voyage.arrived']);

describe('the state at a place', () => {
  it.each<[string, Place, number]>([
    ['a revision', { kind: 'revision', revision: 3 }, 3],
    ['before the first event', { kind: 'revision', revision: 0 }, 0],
    ['the first event', { kind: 'start' }, 1],
    ['the newest event', { kind: 'end' }, 5],
    ['two before the newest', { kind: 'back', count: 2 }, 3],
    ['further back than the stream goes', { kind: 'back', count: 99 }, 0],
    ['the position of an event', { kind: 'position', position: 6 }, 3],
    ['a position between two events', { kind: 'position', position: 7 }, 3],
    ['position 0', { kind: 'position', position: 0 }, 0],
    ['what was known at an instant', { kind: 'known', at: minute(3.5) }, 3],
    ['what was known a moment before', { kind: 'known', at: minute(3.4) }, 2],
    ['an instant, ties included', { kind: 'instant', at: minute(3) }, 3],
    ['an instant before the first event', { kind: 'instant', at: minute(0) }, 0],
  ])('is the fold of a prefix at %s (A-013, A-199, bad-input B5)', async (_name, place, revision) => {
    const { state, stateHash: hash, ...view } = await reconstruct(partsOver(trip), address, place);
    expect(state).toEqual(prefix(trip, revision));
    expect(state.exists).toBe(revision > 0);
    expect(hash).toBe(stateHash(state, nodeHasher));
    expect(view).toMatchObject({ revision, head: 5, stragglers: 0, fromSnapshot: null, eventsFolded: revision, streamType: 'voyage', streamId: voyageId, warnings: [] });
  });

  it('takes the identity of the state when somebody reads it, and once', async () => {
    const sha256 = vi.fn<Hasher['sha256']>(nodeHasher.sha256);
    const view = await reconstruct(partsOver(trip, { hasher: { ...nodeHasher, sha256 } }), address, { kind: 'end' });
    expect(sha256).not.toHaveBeenCalled();
    expect([view.stateHash, view.stateHash, JSON.parse(JSON.stringify(view)).stateHash]).toEqual(Array(3).fill(stateHash(prefix(trip, 5), nodeHasher)));
    expect(sha256).toHaveBeenCalledTimes(1);
  });

  it('is the current one at an instant in the future, with a warning (bad-input B5)', async () => {
    const parts = partsOver(trip, { clock: { now: () => Date.parse(minute(50)), turn: async () => undefined } });
    expect(await reconstruct(parts, address, { kind: 'instant', at: '9999-01-01T00:00:00.000Z' })).toMatchObject({ revision: 5, warnings: ['The instant lies in the future; this is the state as of now.'] });
    expect((await reconstruct(parts, address, { kind: 'instant', at: minute(40) })).warnings).toEqual([]);
  });

  it('is not found above the head, nor in a stream that does not exist (bad-input B6, bad-input B7)', async () => {
    await expect(reconstruct(partsOver(trip), address, { kind: 'revision', revision: 6 })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { head: 5 } });
    await expect(reconstruct(partsOver(trip), { ...address, streamId: 'V-2' }, { kind: 'end' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is refused when a revision is missing, in the middle or at the end (C-101, bad-input N5)', async () => {
    const holed = partsOver(trip.filter(({ revision }) => revision !== 3));
    await expect(reconstruct(holed, address, { kind: 'end' })).rejects.toMatchObject({ code: 'INCOMPLETE_HISTORY', details: { expected: 3, found: 4 } });
    await expect(reconstruct(holed, address, { kind: 'instant', at: minute(9) })).rejects.toMatchObject({ code: 'INCOMPLETE_HISTORY' });
    const short: StreamReader = { ...readerOver(trip.slice(0, 3)), head: async () => 5 };
    await expect(reconstruct(partsOver([], { reader: short }), address, { kind: 'end' })).rejects.toMatchObject({ code: 'INCOMPLETE_HISTORY', details: { expected: 4, found: null } });
  });

  it('is told up to the failing event when a definition throws (bad-input B16)', async () => {
    const wrecked = [...trip.slice(0, 4), event(5, 'voyage.wrecked'), event(6, 'note.added', { text: 'late' })];
    for (const place of [{ kind: 'end' }, { kind: 'instant', at: minute(5) }] as const)
      await expect(reconstruct(partsOver(wrecked), address, place)).rejects.toMatchObject({ code: 'FOLD_FAILED', details: { position: 10, type: 'voyage.wrecked', revision: 5, state: prefix(wrecked, 4) } });
    const late = [trip[0]!, event(2, 'note.added', { text: 'x' }, { occurredAt: minute(9) }), event(3, 'note.added', { text: 'y' }), event(4, 'voyage.wrecked')];
    const before = fold.foldAll([late[0]!, late[2]!], { from: empty(), cut: true });
    await expect(reconstruct(partsOver(late), address, { kind: 'instant', at: minute(5) })).rejects.toMatchObject({ code: 'FOLD_FAILED', details: { revision: 4, state: before } });
  });

  it('is refused before the baseline of a history that was deleted by policy (bad-input N4)', async () => {
    const reader: StreamReader = { ...readerOver(trip), baseline: async () => ({ earliestRevision: 3, earliestAt: minute(3) }) };
    const parts = partsOver(trip, { reader });
    await expect(reconstruct(parts, address, { kind: 'revision', revision: 2 })).rejects.toMatchObject({ code: 'HISTORY_DELETED', details: { earliestRevision: 3, earliestAt: minute(3) } });
    expect((await reconstruct(parts, address, { kind: 'revision', revision: 3 })).revision).toBe(3);
  });
});

describe('as it happened', () => {
  it('takes exactly the events that had happened, in revision order, and tells the stragglers (A-014, X-021)', async () => {
    // Revision 2 happened late; 3 and 4 happened before it and were recorded after it.
    const events = eventsFrom(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed', {}, { occurredAt: minute(8) }], ['crew.joined', { id: 'a' }], ['crew.joined', { id: 'b' }]);
    const { state, revision, stragglers, asOf, eventsFolded } = await reconstruct(partsOver(events), address, { kind: 'instant', at: minute(4) });
    expect({ revision, stragglers, asOf, eventsFolded }).toEqual({ revision: 4, stragglers: 2, asOf: minute(4), eventsFolded: 3 });
    expect(state).toMatchObject({ status: 'planned', eventCount: 3, crew: [{ id: 'a' }, { id: 'b' }] });
  });

  it('is the same as filtering every event by hand, for any clocks and any instant (A-014, X-021)', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(30), fc.integer({ min: 0, max: 31 }), fc.integer({ min: 1, max: 5 }), async (events, minutes, stretchEvents) => {
        const parts = partsOver(events);
        const timeIndexes = createTimeIndexes(parts.reader, { stretchEvents, stretchesMax: 4 });
        const at = minute(minutes);
        const expected = fold.foldAll(happenedBy(events, at), { from: empty(), cut: true });
        const firstLater = events.findIndex(({ occurredAt }) => occurredAt > at);
        const clean = firstLater < 0 ? events.length : firstLater;
        for (const answer of [await reconstruct(parts, address, { kind: 'instant', at }), await reconstruct({ ...parts, timeIndexes }, address, { kind: 'instant', at })]) {
          expect(answer.state).toEqual(expected);
          expect(answer.stragglers).toBe(happenedBy(events, at).length - clean);
        }
      }),
    );
  });

  it('learns what was appended since the last question, and forgets when told', async () => {
    const growing: EventEnvelope[] = [];
    const reader: StreamReader = { pages: (stream, range) => readerOver(growing).pages(stream, range), head: async () => growing.length };
    const timeIndexes = createTimeIndexes(reader, { stretchEvents: 2, stretchesMax: 3 });
    for (let revision = 1; revision <= 20; revision++) {
      growing.push(event(revision, 'note.added', { text: String(revision) }, { occurredAt: minute((revision * 7) % 11) }));
      const { state } = await reconstruct(partsOver([], { reader, timeIndexes }), address, { kind: 'instant', at: minute(5) });
      expect(state).toEqual(fold.foldAll(happenedBy(growing, minute(5)), { from: empty(), cut: true }));
    }
    const stretches = await timeIndexes.stretches(`voyage/${voyageId}`, 20);
    expect(stretches.length).toBeLessThanOrEqual(3);
    expect([stretches[0]!.from, stretches.at(-1)!.to]).toEqual([1, 20]);
    timeIndexes.forget(`voyage/${voyageId}`);
    expect((await timeIndexes.stretches(`voyage/${voyageId}`, 20)).at(-1)!.to).toBe(20);
  });
});

describe('history', () => {
  it('tells per event what it changed, from which value to which (A-200)', async () => {
    const { entries, next } = await history(partsOver(trip), address);
    expect(next).toBeNull();
    expect(entries.map(({ revision, type }) => [revision, type])).toEqual(trip.map(({ revision, type }) => [revision, type]));
    expect(entries[2]).toMatchObject({ at: minute(3), eventId: trip[2]!.id, actor: { type: 'user', id: 'captain' }, changes: { '/status': { before: 'planned', after: 'sailing' } } });
    expect(entries[4]!.changes).toEqual({ '/status': { before: 'sailing', after: 'arrived' }, '/knots': { before: 5, after: 0 } });
  });

  it('shows only what changed below a pointer', async () => {
    const { entries } = await history(partsOver(trip), address, { pointer: '/knots' });
    expect(entries.map(({ revision, changes }) => [revision, changes])).toEqual([
      [4, { '/knots': { before: 0, after: 5 } }],
      [5, { '/knots': { before: 5, after: 0 } }],
    ]);
    await expect(history(partsOver(trip), address, { pointer: 'knots' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'path' } });
  });

  it('goes page by page, each on top of the last, with the states of a full fold', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(20), fc.integer({ min: 1, max: 6 }), async (events, limit) => {
        const parts = partsOver(events);
        const states: State[] = [];
        for (let after: number | null = 0; after !== null; ) {
          const page: Awaited<ReturnType<typeof history>> = await history(parts, address, { after, limit, withState: true });
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          states.push(...page.entries.map(({ state }) => state!));
          after = page.next;
        }
        expect(states).toEqual(events.map((_, index) => prefix(events, index + 1)));
      }),
    );
  });
});

describe('the difference between two places', () => {
  it('leads from the facts of the one to those of the other', async () => {
    const { patches, from, to } = await diffPlaces(partsOver(trip), { ...address, place: { kind: 'revision', revision: 2 } }, { ...address, place: { kind: 'end' } });
    expect([from.revision, to.revision]).toEqual([2, 5]);
    expect(applyPatches(factsOf(prefix(trip, 2)), patches)).toEqual(factsOf(prefix(trip, 5)));
    expect(patches).toEqual([{ op: 'replace', path: '/status', before: 'planned', after: 'arrived' }]);
  });

  it('can be asked below a pointer', async () => {
    const ask = (pointer: string) => diffPlaces(partsOver(trip), { ...address, place: { kind: 'start' } }, { ...address, place: { kind: 'revision', revision: 4 } }, { pointer });
    expect((await ask('/crew')).patches).toEqual([{ op: 'add', path: '/crew/0', before: null, after: { id: 'a', role: 'sailor' } }]);
    expect((await ask('/crew/0')).patches).toEqual([{ op: 'add', path: '/crew/0', before: null, after: { id: 'a', role: 'sailor' } }]);
  });
});

describe('provenance', () => {
  it('names the event that set a value, and what stood there before', async () => {
    const [knots] = await provenance(partsOver(trip), address, { kind: 'revision', revision: 4 }, '/knots');
    expect(knots).toEqual({ path: '/knots', value: 5, before: 0, setBy: { eventId: trip[3]!.id, type: 'speed.changed', revision: 4, position: 8, occurredAt: minute(4), actor: { type: 'user', id: 'captain' } } });
  });

  it('answers leaf by leaf for a subtree, and says what no event set', async () => {
    const leaves = await provenance(partsOver(trip), address, { kind: 'end' }, '');
    expect(leaves.find(({ path }) => path === '/crew/0/role')).toMatchObject({ value: 'sailor', before: null, setBy: { revision: 2 } });
    expect(leaves.find(({ path }) => path === '/log')).toEqual({ path: '/log', value: [], before: null, setBy: null });
    expect(leaves.some(({ path }) => path === '/revision')).toBe(false);
  });

  it('names the event that removed a value, and finds nothing where nothing ever was', async () => {
    const events = [...trip, event(6, 'crew.left', { id: 'a' })];
    expect(await provenance(partsOver(events), address, { kind: 'end' }, '/crew/0/id')).toMatchObject([{ path: '/crew/0/id', value: null, before: 'a', removed: true, setBy: { revision: 6 } }]);
    await expect(provenance(partsOver(events), address, { kind: 'end' }, '/crew/7')).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'path' } });
  });

  it('agrees with comparing every pair of neighbouring states by hand', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(20), fc.nat(20), async (events, wanted) => {
        const revision = Math.min(wanted, events.length);
        const states = Array.from({ length: revision + 1 }, (_, count) => prefix(events, count));
        const textAt = (count: number, path: string): string => {
          const value = valueAt(states[count], path);
          return value === absent ? 'absent' : JSON.stringify(value);
        };
        for (const { path, value, before, setBy } of await provenance(partsOver(events), address, { kind: 'revision', revision }, '')) {
          let last = 0;
          for (let count = 1; count <= revision; count++) if (isLeafChange(textAt(count - 1, path), textAt(count, path))) last = count;
          expect(textAt(revision, path)).toBe(JSON.stringify(value));
          expect(setBy?.revision ?? 0).toBe(last);
          if (last > 0 && isLeaf(textAt(last - 1, path))) expect(JSON.stringify(before)).toBe(textAt(last - 1, path));
        }
      }),
    );
  });
});

describe('time travel', () => {
  it('shows the state, what surrounds the instant, and where the cut lies (A-016 to A-019)', async () => {
    const at = minute(3);
    const result = await timeTravel(partsOver(trip), address, at, { window: 2 });
    expect(result).toMatchObject({ queryTimestamp: at, revision: 3, before: 2, after: 2, later: [], stragglers: 0 });
    expect(result.surroundingEvents.map(({ revision }) => revision)).toEqual([2, 3, 4, 5]);
    expect(result.state).toEqual(prefix(trip, 3));
    expect(result.stateSummary).toEqual({ status: 'sailing', currentPhase: null, activeAgents: [], completedPhases: [] });
  });

  it('marks surrounding events that happened later than the instant', async () => {
    const events = eventsFrom(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed', {}, { occurredAt: minute(8) }], ['crew.joined', { id: 'a' }]);
    expect(await timeTravel(partsOver(events), address, minute(4))).toMatchObject({ revision: 3, before: 3, after: 0, later: [events[1]!.id], stragglers: 1 });
  });

  it('reads the summary from fields of those names (A-020 to A-022)', () => {
    const state = { ...empty(), status: 'running', currentPhase: 'CODE', activeAgents: ['coder'], completedPhases: ['PLAN'] };
    expect(summariseState(state)).toEqual({ status: 'running', currentPhase: 'CODE', activeAgents: ['coder'], completedPhases: ['PLAN'] });
    expect(summariseState({ ...empty(), status: undefined })).toMatchObject({ status: 'absent', currentPhase: null });
  });
});

/** A leaf is a value that holds no others; a container that is not empty counts as no value of its own. */
const isLeaf = (text: string): boolean => text !== 'absent' && (!/^[[{]/.test(text) || text === '[]' || text === '{}');
const isLeafChange = (before: string, after: string): boolean => (isLeaf(before) ? before : 'absent') !== (isLeaf(after) ? after : 'absent');
