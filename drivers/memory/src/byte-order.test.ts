import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytes } from './byte-order.ts';

it('orders well-formed strings as their UTF-8 bytes are ordered (property)', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'), maxLength: 6 });
  fc.assert(fc.property(text, text, (left, right) => {
    expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
  }), { numRuns: 1_000 });
});
