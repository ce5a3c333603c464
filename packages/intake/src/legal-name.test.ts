/** Whatever a producer calls its things, the log gets names it takes. */
import { parseStreamAddress } from '@refold/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextOf } from '../test/import-file.ts';
import { createIdentity } from './identity.ts';
import { legalStream, legalType } from './legal-name.ts';

const identity = createIdentity(contextOf().hasher);

test('any stream name becomes an address that a log takes (bad-input A29)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 2_000 }), (type, id) => {
      const legal = legalStream({ type, id }, identity);
      expect(parseStreamAddress(`${legal.type}/${legal.id}`)).toEqual({ streamType: legal.type, streamId: legal.id });
    }),
  );
});

test('a legal name stays as it is, and names that look alike when made legal stay apart', () => {
  expect(legalStream({ type: 'session', id: 'a/b c%@😀' }, identity)).toEqual({ type: 'session', id: 'a/b c%@😀' });
  expect(legalStream({ type: 'custom', id: '/a' }, identity)).not.toEqual(legalStream({ type: 'custom', id: 'a/' }, identity));
  expect(legalStream({ type: 'custom', id: 'https://ci.example.com/' }, identity).id).toMatch(/^https:\/ci\.example\.com~[0-9a-f]{8}$/);
});

test.each([
  ['gap.identified', 'gap.identified'],
  ['OrchestrationStarted', 'OrchestrationStarted'],
  ['Build Done!', 'custom.build_done'],
  ['', 'custom.event'],
  ['é'.repeat(3), 'custom.event'],
])('type %j is written as %s', (type, expected) => {
  expect(legalType(type)).toBe(expected);
});
