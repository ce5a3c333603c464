/** Names that stay: the same key gives the same UUID, everywhere and for ever. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { contextOf } from '../test/import-file.ts';
import { createIdentity } from './identity.ts';
import { createRecentMap } from './recent-map.ts';
import { createSeenRecords } from './seen-records.ts';

const { hasher } = contextOf();

test('an id is the first 128 bits of SHA-256 over the key, with the version and variant of RFC 9562', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(8 as const, 4 as const), (key, version) => {
      const hex = createHash('sha256').update(key).digest('hex');
      const id = createIdentity(hasher, version).idOf(key);
      expect(id).toMatch(new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`));
      const plain = id.replaceAll('-', '');
      expect([plain.slice(0, 12), plain.slice(13, 16), plain.slice(17)]).toEqual([hex.slice(0, 12), hex.slice(13, 16), hex.slice(17, 32)]);
    }),
  );
});

test('this id never changes: logs in the field hold it', () => {
  expect(createIdentity(hasher).idOf('claude-code|s1|u1')).toBe('26a3759c-a2dc-8a56-adca-9b7cd4e09432');
});

test('a record is known again by key and content; other content under the key gets the next free number', () => {
  const seen = createSeenRecords();
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  expect([seen.keyFor('k', a), seen.keyFor('k', b), seen.keyFor('k', a), seen.keyFor('k', b), seen.keyFor('other', a)]).toEqual(['k', 'k~2', null, null, 'other']);
});

test('a recent map forgets its oldest entries, and only those', () => {
  const recent = createRecentMap<number>(3);
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) recent.set(key, index);
  recent.set('c', 9);
  expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual([undefined, 1, 9, 3]);
});
