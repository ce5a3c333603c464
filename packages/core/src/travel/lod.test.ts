import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { event, minute, registry } from '../../test/voyage.ts';
import { severities } from '../log/event.ts';
import type { EventEnvelope, Severity } from '../log/event.ts';
import { createLod, idleMsMax, lodAxes } from './lod.ts';
import type { LodAxis, LodRequest } from './lod.ts';

const types = ['note.added', 'speed.changed', 'cargo.loaded', 'crew.joined', 'voyage.unheard'] as const;
const startMs = Date.UTC(2026, 0, 1);

/** Histories whose clock takes small steps, long ones, and steps back. */
const timed = (maxLength: number): fc.Arbitrary<readonly EventEnvelope[]> =>
  fc
    .array(fc.tuple(fc.constantFrom(...types), fc.constantFrom<Severity>(...severities), fc.oneof(fc.integer({ min: -2_000, max: 9_000 }), fc.integer({ min: -90_000_000, max: 900_000_000 }))), { minLength: 1, maxLength })
    .map((facts) => {
      let ms = startMs;
      return facts.map(([type, severity, step], index) => event(index + 1, type, {}, { severity, occurredAt: new Date((ms += step)).toISOString() }));
    });

/** Where events stand on an axis, worked out anew for every one of them. */
function valuesOf(axis: LodAxis, events: readonly EventEnvelope[]): readonly number[] {
  const times = events.map(({ occurredAt }) => Date.parse(occurredAt));
  if (axis === 'revision') return events.map(({ revision }) => revision);
  if (axis === 'time') return times;
  return times.map((_, index) => {
    let active = 0;
    for (let at = 1; at <= index; at++) active += Math.min(idleMsMax, Math.max(0, times[at]! - Math.max(...times.slice(0, at))));
    return active;
  });
}

function byHand(events: readonly EventEnvelope[], { axis, from, to, px }: Required<LodRequest>) {
  const values = valuesOf(axis, events);
  const width = 2 ** Math.max(0, Math.floor(Math.log2((to - from + 1) / px)));
  const first = Math.floor(from / width);
  const families = [...new Set(events.map(({ type }) => type.split('.')[0]!))];
  const buckets = Array.from({ length: Math.floor(to / width) - first + 1 }, (_, cell) => {
    const inside = events.filter((_event, index) => Math.floor(values[index]! / width) === first + cell);
    if (inside.length === 0) return [0, null, null, null, []];
    const perFamily = families.map((family) => inside.filter(({ type }) => type.startsWith(`${family}.`)).length);
    const worst = Math.max(...inside.map(({ severity }) => severities.indexOf(severity)));
    return [inside.length, families[perFamily.indexOf(Math.max(...perFamily))], severities[worst], inside[0]!.revision, perFamily];
  });
  return { width, from: first * width, families, buckets };
}

function lodOver(events: readonly EventEnvelope[]) {
  const lod = createLod(registry);
  for (const one of events) lod.add(one);
  return lod;
}

describe('the level of detail of a history', () => {
  it('is at every axis, window and width what counting the events gives', () => {
    fc.assert(
      fc.property(timed(60), fc.constantFrom(...lodAxes), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(1, 2, 7, 64), (events, axis, a, b, px) => {
        const values = valuesOf(axis, events);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const at = (share: number): number => Math.floor(least + share * (most - least));
        const request = { axis, from: at(Math.min(a, b)), to: at(Math.max(a, b)), px };
        expect(lodOver(events).window(request)).toMatchObject(byHand(events, request));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every event in one bucket while a history outgrows its buckets, whichever way its clock runs', () => {
    const count = 40_000;
    for (const direction of [1, -1]) {
      const lod = createLod(registry);
      for (let revision = 1; revision <= count; revision++) lod.add(event(revision, types[revision % 3]!, {}, { occurredAt: new Date(startMs + direction * revision * 1_777).toISOString() }));
      for (const axis of lodAxes) {
        const { buckets } = lod.window({ axis, px: 100 });
        expect(buckets.reduce((sum, [inside]) => sum + inside, 0)).toBe(count);
        expect(buckets.length).toBeLessThanOrEqual(202);
      }
      // A window in the middle, narrower than the buckets that are kept, and one as wide as many of them.
      for (const [from, to] of [[20_001, 20_100], [3, 39_000]] as const) {
        const { buckets, width } = lod.window({ axis: 'revision', from, to, px: 50 });
        const [begin, end] = [Math.floor(from / width) * width, (Math.floor(to / width) + 1) * width - 1];
        expect(buckets.reduce((sum, [inside]) => sum + inside, 0)).toBe(Math.min(end, count) - Math.max(begin, 1) + 1);
      }
    }
  });

  it('goes on where it was: a prefix and the rest give what the whole gives, and buckets begin at multiples of their width', () => {
    const events = Array.from({ length: 300 }, (_, index) => event(index + 1, types[index % 5]!));
    const [grown, whole] = [lodOver(events.slice(0, 117)), lodOver(events)];
    expect(grown.revision).toBe(117);
    for (const one of events.slice(117)) grown.add(one);
    for (const axis of lodAxes) {
      const request = { axis, px: 16 };
      expect(grown.window(request)).toEqual(whole.window(request));
      const { from, to, width, buckets } = whole.window(request);
      expect([from % width, (to + 1) % width, (to - from + 1) / width]).toEqual([0, 0, buckets.length]);
    }
  });

  it('counts a silence on the axis of active time no longer than the limit, and a step back not at all', () => {
    const at = (minutes: number, revision: number): EventEnvelope => event(revision, 'note.added', {}, { occurredAt: minute(minutes) });
    const lod = lodOver([at(0, 1), at(600, 2), at(30, 3), at(600.5, 4)]);
    expect(lod.window({ axis: 'active', px: 1 }).to).toBeGreaterThanOrEqual(idleMsMax + 30_000);
    const { buckets } = lod.window({ axis: 'active', from: idleMsMax, to: idleMsMax, px: 1 });
    expect(buckets).toEqual([[2, 'note', 'INFO', 2, [2]]]);
  });

  it('of a history without events is one empty bucket', () => {
    expect(createLod(registry).window({ axis: 'time' })).toMatchObject({ level: 0, width: 1, families: [], buckets: [[0, null, null, null, []]] });
  });

  it.each<Partial<LodRequest>>([{ px: 0 }, { px: 4_097 }, { px: 1.5 }, { from: 3, to: 2 }, { from: Number.NaN }, { to: Infinity }])('refuses %j', (asked) => {
    expect(() => lodOver([event(1, 'note.added')]).window({ axis: 'revision', ...asked })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
