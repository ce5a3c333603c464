import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogError } from '../errors.ts';
import { formatPlace, formatStreamAddress, parsePlace, parseStreamAddress } from './place.ts';
import type { Place } from './place.ts';

const faultOf = (work: () => unknown): readonly [string, unknown] => {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return [error.code, error.details.reason];
    throw error;
  }
  return ['none', undefined];
};

describe('stream addresses', () => {
  it.each([
    ['', 'empty'],
    ['job', 'shape'],
    ['/42', 'shape'],
    ['job/', 'shape'],
    ['job/../x', 'segment'],
    ['job/./x', 'segment'],
    ['job/a//b', 'segment'],
    ['job/a\n', 'control'],
    ['job/a\u0000', 'control'],
    [' job/1', 'space'],
    ['job/ 1', 'space'],
    ['job/1\u00a0', 'space'],
    ['job/e\u0301', 'normal_form'],
    ['job/\u202ea', 'invisible'],
    ['job/\u200ba', 'invisible'],
    [`job/${'a'.repeat(509)}`, 'length'],
    ['job/\ud800', 'surrogate'],
  ])('refuses %j (%s) (bad-input A29)', (address, reason) => {
    expect(faultOf(() => parseStreamAddress(address))).toEqual(['BAD_STREAM_ADDRESS', reason]);
  });

  it.each(['job/42', 'job/🚀 launch', 'job/👩‍🚀', 'job/a b', 'job/*', 'job/>', 'job/a.b', 'job/100%', 'job/a@b', 'job/CON', 'job/a/b', 'job/..x', 'Order/é', `job/${'a'.repeat(508)}`])('takes %j as data (bad-input A38)', (address) => {
    const parsed = parseStreamAddress(address);
    expect(parsed.streamId).toBe(address.slice(address.indexOf('/') + 1));
    expect(formatStreamAddress(parsed)).toBe(address);
  });
});

describe('places', () => {
  it.each<[string, Place]>([
    ['job/42', { kind: 'end' }],
    ['job/42@12', { kind: 'revision', revision: 12 }],
    ['job/42@0', { kind: 'revision', revision: 0 }],
    ['job/42@start', { kind: 'start' }],
    ['job/42@end', { kind: 'end' }],
    ['job/42@~10', { kind: 'back', count: 10 }],
    ['job/42@2025-12-22T10:00:00Z', { kind: 'instant', at: '2025-12-22T10:00:00.000Z' }],
    ['job/42@2025-12-22T10:00:00.5+02:00', { kind: 'instant', at: '2025-12-22T08:00:00.500Z' }],
  ])('reads %s', (text, place) => {
    expect(parsePlace(text)).toEqual({ streamType: 'job', streamId: '42', place });
  });

  it('reads @ and % inside an id as %40 and %25, and nothing else as an escape', () => {
    expect(parsePlace('agent/a%40b%2540@3')).toEqual({ streamType: 'agent', streamId: 'a@b%40', place: { kind: 'revision', revision: 3 } });
    expect(faultOf(() => parsePlace('job/100%@3'))).toEqual(['BAD_STREAM_ADDRESS', 'escape']);
    expect(faultOf(() => parsePlace('job/a%2Fb'))).toEqual(['BAD_STREAM_ADDRESS', 'escape']);
  });

  it.each(['job/42@yesterday', 'job/42@', 'job/42@-1', 'job/42@1.5', 'job/42@~', 'job/42@2026-02-30T00:00:00Z', 'job/42@2025-12-22', 'job/42@2025-12-22T10:00:00', 'user/ann@example.org@3'])('refuses %s (bad-input B5)', (text) => {
    expect(faultOf(() => parsePlace(text))).toEqual(['BAD_TIMESTAMP', 'place']);
  });

  it('reads back every place that it writes', () => {
    const streamId = fc.string({ unit: fc.constantFrom('a', 'B', '7', '@', '%', '.', '4', '0', '2', '5', '~', '-'), minLength: 1, maxLength: 12 }).filter((id) => id !== '.' && id !== '..');
    const place = fc.oneof(
      fc.nat().map((revision): Place => ({ kind: 'revision', revision })),
      fc.nat().map((count): Place => ({ kind: 'back', count })),
      fc.constantFrom<Place>({ kind: 'start' }, { kind: 'end' }),
      fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date): Place => ({ kind: 'instant', at: date.toISOString() })),
    );
    fc.assert(
      fc.property(streamId, place, (id, at) => {
        expect(parsePlace(formatPlace({ streamType: 'job', streamId: id }, at))).toEqual({ streamType: 'job', streamId: id, place: at });
      }),
    );
  });
});
