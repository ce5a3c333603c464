import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareInstants, instantMs, normalInstant, parseInstant } from './instant.ts';

describe('instants', () => {
  it.each([
    ['2025-12-22T10:00:00Z', '2025-12-22T10:00:00.000Z'],
    ['2025-12-22T10:00:00.123456+02:00', '2025-12-22T08:00:00.123Z'],
    ['2025-12-22t10:00:00.9999z', '2025-12-22T10:00:00.999Z'],
    ['2024-02-29T23:30:00-01:00', '2024-03-01T00:30:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('writes %s as %s (A-251)', (text, normal) => {
    expect(normalInstant(text)).toBe(normal);
  });

  it.each(['yesterday', '', '2026-02-30T00:00:00Z', '2026-02-30T00:00:00.000Z', '2023-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-01-01T00:00:61Z', '2026-01-01T00:00:00', '2026-01-01', '2026-01-01T00:00:00+24:00', '2026-01-01 00:00:00Z', '0000-01-01T00:00:00+01:00', '９999-01-01T00:00:00Z'])(
    'finds no instant in %j (bad-input A40)',
    (text) => {
      expect(normalInstant(text)).toBeNull();
      expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'BAD_TIMESTAMP' }));
    },
  );

  it('agrees with the platform on every date it writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
        expect(instantMs(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it('compares instants by time, whatever their offset', () => {
    expect(compareInstants('2025-12-22T10:00:00+02:00', '2025-12-22T08:00:00.000Z')).toBe(0);
    expect(compareInstants('2025-12-22T10:00:00+02:00', '2025-12-22T08:00:00.001Z')).toBe(-1);
    expect(compareInstants('2025-12-22T08:00:00.002Z', '2025-12-22T08:00:00.001Z')).toBe(1);
  });
});
