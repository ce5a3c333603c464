/** W3C Trace Context, section 3.2: what is one is read, what is none is ignored. */
import { describe, expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

describe('a traceparent', () => {
  test('D-038 is read with its flags and its state, and written as it was', () => {
    const read = parseTraceparent(`00-${traceId}-${spanId}-01`, 'vendor=1');
    expect(read).toEqual({ traceId, spanId, traceFlags: 1, traceState: 'vendor=1' });
    expect(formatTraceparent(read!)).toBe(`00-${traceId}-${spanId}-01`);
  });

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-00-more`)).toEqual({ traceId, spanId, traceFlags: 0 });
  });

  test.each([undefined, '', 'nonsense', `ff-${traceId}-${spanId}-01`, `00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `00-${traceId.toUpperCase()}-${spanId}-01`, `00-${traceId}-${spanId}-0`, `00-${traceId}-${spanId}-01x`])('that is none is ignored: %s', (header) => {
    expect(parseTraceparent(header)).toBeNull();
  });

  test('of a trace without a span cannot be written', () => {
    expect(formatTraceparent({ traceId })).toBeNull();
  });
});
