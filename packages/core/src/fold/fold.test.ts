import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, deepFreeze, event, history, minute, registry, voyage, voyageId } from '../../test/voyage.ts';
import type { Voyage } from '../../test/voyage.ts';
import { LogError } from '../errors.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createRegistry } from '../schema/registry.ts';
import type { State } from './aggregate.ts';
import { createFold } from './fold.ts';
import { stateHash } from './state-hash.ts';

const fold = createFold(registry);
const empty = (): State => fold.initial('voyage', voyageId);
const folded = (events: readonly EventEnvelope[], from: State = empty()): State<Voyage & Record<string, unknown>> => fold.foldAll(events, { from }) as never;
const thrown = (work: () => unknown): LogError => {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('fold', () => {
  it('starts from a state that does not exist', () => {
    expect(empty()).toMatchObject({ exists: false, revision: 0, eventCount: 0, createdAt: null, correlationChain: [], anomalies: [], status: 'absent', crew: [] });
  });

  it('keeps the part of the state that every stream has (B-057)', () => {
    const state = folded(history(['voyage.planned', { ship: 'Beagle' }, { correlationChain: ['root', 'c1'] }], ['voyage.departed']));
    expect(state).toMatchObject({ exists: true, revision: 2, eventCount: 2, status: 'sailing', ship: 'Beagle', createdAt: minute(1), updatedAt: minute(2), lastEventAt: minute(2), correlationChain: ['root', 'c1'] });
    expect(state.lastEventId).toBe(event(2, 'voyage.departed').id);
  });

  it('folds by revision, however the times run (A-110, A-196)', () => {
    const state = folded(history(['voyage.planned', { ship: 'Beagle' }, { occurredAt: minute(9) }], ['voyage.departed', {}, { occurredAt: minute(3) }]));
    expect(state.status).toBe('sailing');
  });

  it('takes a state returned by evolve and a part returned by a shared family', () => {
    const state = folded(history(['voyage.planned', { ship: 'Beagle' }], ['crew.joined', { id: 'a' }], ['crew.joined', { id: 'b' }], ['crew.left', { id: 'a' }], ['voyage.departed'], ['voyage.arrived']));
    expect(state).toMatchObject({ status: 'arrived', ship: 'Beagle', crew: [{ id: 'b', role: 'sailor' }], revision: 6, eventCount: 6 });
  });

  it('keeps maps safe from names such as __proto__ and constructor (bad-input A35)', () => {
    const state = folded(history(['cargo.unloaded', { id: 'constructor' }], ['cargo.loaded', { id: '__proto__', tons: 3 }], ['cargo.unloaded', { id: '__proto__' }]));
    expect(Object.values(state.cargo).map(({ id, implicit }) => [id, implicit])).toEqual([['constructor', true], ['__proto__', false]]);
    expect(Object.getPrototypeOf(state.cargo)).toBe(Object.prototype);
    expect(({} as { tons?: number }).tons).toBeUndefined();
    expect(stateHash(state, nodeHasher)).toBe(stateHash(JSON.parse(JSON.stringify(state)) as State, nodeHasher));
  });

  it('finds a missing revision and guesses nothing (C-101, bad-input N5)', () => {
    const [first, , third] = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['voyage.arrived']);
    const error = thrown(() => fold.foldAll([first!, third!]));
    expect(error.code).toBe('INCOMPLETE_HISTORY');
    expect(error.details).toMatchObject({ expected: 2, found: 3, stream: 'voyage/V-1' });
  });

  it('folds a cut with holes when it is told that it is one, but never backwards', () => {
    const [first, , third] = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['note.added', { text: 'x' }]);
    expect(fold.foldAll([first!, third!], { cut: true })).toMatchObject({ revision: 3, eventCount: 2, status: 'planned', log: ['x'] });
    expect(thrown(() => fold.foldAll([third!, first!], { cut: true })).code).toBe('INCOMPLETE_HISTORY');
  });

  it('stops at a definition that throws and gives the state before it (bad-input B16)', async () => {
    const events = history(['voyage.planned', { ship: 'Beagle' }], ['note.added', { text: 'storm' }], ['voyage.wrecked'], ['note.added', { text: 'late' }]);
    const before = folded(events.slice(0, 2));
    for (const work of [() => fold.foldAll(events), () => fold.foldAll(events.slice(1), { from: folded(events.slice(0, 1)) }), () => fold.apply(before, events[2]!)]) {
      const error = thrown(work);
      expect(error.code).toBe('FOLD_FAILED');
      expect(error.details).toMatchObject({ position: 6, type: 'voyage.wrecked', revision: 3, stream: 'voyage/V-1' });
      expect(error.details['state']).toEqual(before);
      expect((error.cause as Error).message).toBe('this definition is broken');
    }
    await expect(fold.foldPages(pagesOf(events, 2), { from: empty() })).rejects.toMatchObject({ code: 'FOLD_FAILED' });
  });

  it('leaves the state alone on a type the stream does not know, and says so', () => {
    const [planned, unknown] = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.unheard', { status: 'sunk' }]);
    const state = folded([planned!, unknown!]);
    expect(state).toMatchObject({ status: 'planned', revision: 2, eventCount: 2 });
    expect(state.anomalies).toEqual([{ eventId: unknown!.id, revision: 2, code: 'UNKNOWN_TYPE', detail: 'voyage.unheard is no type of voyage streams' }]);
  });

  it('gives a kind of stream that nobody declared the generic state', () => {
    const foreign = { streamType: 'moon', streamId: 'm' };
    const state = fold.foldAll([event(1, 'custom.seen', { a: 1 }, foreign), event(2, '__proto__', { b: 2 }, foreign), event(3, 'custom.seen', { c: 3 }, foreign)]);
    expect(state).toMatchObject({ status: 'active', last: { c: 3 }, exists: true, eventCount: 3, anomalies: [] });
    expect(Object.entries(state!['byType'] as object)).toEqual([['custom.seen', 2], ['__proto__ ', 1]]);
  });

  it('reads old payloads through their upcasts, and marks one that cannot be read (A-195, B-142)', () => {
    const old = event(1, 'voyage.planned', { vessel: 'Fram' }, { schemaVersion: '1.2.0' });
    expect(folded([old]).ship).toBe('Fram');
    for (const more of [{ data: { vessel: 7 }, schemaVersion: '1.0.0' }, { schemaVersion: '3.0.0' }, { schemaVersion: '0.9.0' }]) {
      const state = folded([event(1, 'voyage.planned', { ship: 'Fram' }, more)]);
      expect(state).toMatchObject({ ship: null, status: 'absent', revision: 1, exists: true });
      expect(state.anomalies).toMatchObject([{ code: 'UPCAST_FAILED', revision: 1 }]);
    }
  });

  it('moves only the own machine of a stream on an erased event, and nothing else', () => {
    const state = folded(history(['voyage.planned', {}, { erased: true, schemaVersion: '1.0.0' }], ['cargo.loaded', {}, { erased: true }], ['voyage.departed', {}, { erased: true }]));
    expect(state).toMatchObject({ status: 'sailing', ship: null, cargo: {}, revision: 3, anomalies: [] });
  });

  it('ends a life with a deleting event and begins a new, empty one with a creating event', () => {
    const events = history(['voyage.planned', { ship: 'Beagle' }], ['note.added', { text: 'x' }], ['voyage.cancelled'], ['note.added', { text: 'late' }], ['voyage.planned', { ship: 'Fram' }]);
    expect(folded(events.slice(0, 3))).toMatchObject({ exists: false, status: 'cancelled', revision: 3 });
    const late = folded(events.slice(0, 4));
    expect(late).toMatchObject({ exists: false, anomalies: [{ code: 'ILLEGAL_TRANSITION', revision: 4 }] });
    expect(folded(events)).toMatchObject({ exists: true, status: 'planned', ship: 'Fram', log: [], createdAt: minute(5), revision: 5, eventCount: 5 });
  });

  it('answers null for no events and no state to go on from', () => {
    expect(fold.foldAll([])).toBeNull();
  });
});

describe('the laws of the fold', () => {
  it('folds a+b as b on top of the fold of a', () => {
    fc.assert(
      fc.property(arbitraryHistory(), fc.nat(40), (events, cut) => {
        const whole = folded(events);
        const half = folded(events.slice(0, cut));
        expect(fold.foldAll(events.slice(cut), { from: half })).toEqual(whole);
      }),
    );
  });

  it('folds pages as it folds an array', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(), fc.integer({ min: 1, max: 7 }), async (events, size) => {
        expect(await fold.foldPages(pagesOf(events, size), { from: empty() })).toEqual(folded(events));
      }),
    );
  });

  it('never changes what it is given: states and events may be frozen (A-139)', () => {
    fc.assert(
      fc.property(arbitraryHistory(), (events) => {
        deepFreeze(events);
        let state = deepFreeze(empty());
        for (const next of events) state = deepFreeze(fold.apply(state, next));
        expect(state).toEqual(folded(events, deepFreeze(empty())));
      }),
    );
  });

  it('gives states that are plain JSON and hash alike after a round trip', () => {
    fc.assert(
      fc.property(arbitraryHistory(), (events) => {
        const state = folded(events);
        const copy = JSON.parse(JSON.stringify(state)) as State;
        expect(copy).toEqual(state);
        expect(stateHash(copy, nodeHasher)).toBe(stateHash(state, nodeHasher));
      }),
    );
  });
});

describe('state hash', () => {
  it('is the same for the same facts, whatever was odd about them and whenever they came', () => {
    const state = folded(history(['voyage.planned', { ship: 'Beagle' }], ['note.added', { text: 'x' }]));
    const hash = stateHash(state, nodeHasher);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(stateHash({ ...state, anomalies: [{ eventId: 'e', revision: 1, code: 'UNKNOWN_TYPE', detail: '' }], lastEventId: 'other', lastEventAt: minute(99), updatedAt: minute(99) }, nodeHasher)).toBe(hash);
    expect(stateHash({ ...state, revision: 3 }, nodeHasher)).not.toBe(hash);
    expect(stateHash({ ...state, ship: 'Fram' }, nodeHasher)).not.toBe(hash);
  });
});

describe('fold version', () => {
  const versionOf = (aggregate: typeof voyage): string => createFold(createRegistry({ aggregates: [aggregate] })).foldVersion('voyage');

  it('changes with the aggregate, its parts, its types and their schema versions (A-216)', () => {
    const changed = [
      voyage,
      { ...voyage, version: '1.0.1' },
      { ...voyage, parts: [] },
      { ...voyage, parts: [{ ...voyage.parts![0]!, version: '1.1.0' }] },
      { ...voyage, events: { ...voyage.events, 'voyage.unheard': {} } },
      { ...voyage, events: { ...voyage.events, 'note.added': { ...voyage.events['note.added'], schemaVersion: '1.1.0' } } },
    ].map(versionOf);
    expect(new Set(changed).size).toBe(changed.length);
    expect(versionOf({ ...voyage, doc: 'other words' })).toBe(changed[0]);
    expect(changed[0]).toMatch(/^voyage@1\.0\.0\+[0-9a-f]{16}$/);
    expect(fold.foldVersion('moon')).toMatch(/^generic@/);
  });
});

async function* pagesOf(events: readonly EventEnvelope[], size: number): AsyncGenerator<readonly EventEnvelope[]> {
  for (let start = 0; start < events.length; start += size) yield events.slice(start, start + size);
}
