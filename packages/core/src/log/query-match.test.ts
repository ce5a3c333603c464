import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesQuery } from './query-match.ts';

const event = { type: 'seat.sold', tags: ['seat:1', 'show:a'] };

describe('matchesQuery', () => {
  it('matches everything when there are no items, or an item asks for nothing', () => {
    expect(matchesQuery({ items: [] }, event)).toBe(true);
    expect(matchesQuery({ items: [{}] }, event)).toBe(true);
    expect(matchesQuery({ items: [{ types: [], tags: [] }] }, event)).toBe(true);
  });

  it.each([
    ['one of the types', { types: ['seat.held', 'seat.sold'] }, true],
    ['another type', { types: ['seat.held'] }, false],
    ['all of the tags', { tags: ['show:a', 'seat:1'] }, true],
    ['one tag too many', { tags: ['show:a', 'seat:2'] }, false],
    ['the type and the tags', { types: ['seat.sold'], tags: ['seat:1'] }, true],
    ['the tags under another type', { types: ['seat.held'], tags: ['seat:1'] }, false],
    ['a tag in another case', { tags: ['SEAT:1'] }, false],
    ['half a tag', { tags: ['seat'] }, false],
  ])('asks for %s', (_what, item, matches) => {
    expect(matchesQuery({ items: [item] }, event)).toBe(matches);
  });

  it('takes items as alternatives: a query matches when one of its items does, alone (property)', () => {
    const item = fc.record({ types: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }), tags: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }) }, { requiredKeys: [] });
    const some = fc.record({ type: fc.constantFrom('a', 'b', 'c'), tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')) });
    fc.assert(fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), some, (items, given) => {
      expect(matchesQuery({ items }, given)).toBe(items.map((one) => matchesQuery({ items: [one] }, given)).includes(true));
    }));
  });
});
