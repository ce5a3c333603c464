import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisect } from './bisect.ts';
import type { Verdict } from './bisect.ts';

describe('halving a history', () => {
  it('finds the first bad revision in a logarithm of probes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.integer({ min: 1, max: 1_000_000 }), fc.nat(1_000_000), async (good, length, turn) => {
        const bad = good + length;
        const firstBad = good + 1 + (turn % length);
        const { probes, ...found } = await bisect(async (revision) => (revision >= firstBad ? 'bad' : 'good'), { good, bad });
        expect(found).toEqual({ firstBad, candidates: [firstBad], good: firstBad - 1, bad: firstBad, skipped: 0, truncated: false });
        expect(probes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(length)));
      }),
    );
  });

  it('goes round places that cannot tell, and says which are left when they hide the answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.uniqueArray(fc.nat(60)), async (bad, turn, silent) => {
        const firstBad = 1 + (turn % bad);
        const answer = (revision: number): Verdict => (silent.includes(revision) ? 'skip' : revision >= firstBad ? 'bad' : 'good');
        const found = await bisect(async (revision) => answer(revision), { good: 0, bad });
        expect(found.candidates).toContain(firstBad);
        // Only what nobody can tell is left between the two.
        expect(found.candidates.slice(0, -1).every((revision) => silent.includes(revision))).toBe(true);
        expect(found.firstBad).toBe(found.candidates.length === 1 ? firstBad : null);
        expect(new Set(found.probes.map(({ revision }) => revision)).size).toBe(found.probes.length);
        expect(found.skipped).toBe(found.probes.filter(({ verdict }) => verdict === 'skip').length);
        expect(found.probes.every(({ revision, verdict }) => answer(revision) === verdict)).toBe(true);
      }),
    );
  });

  it('tells every probe as it comes, with how many are still expected', async () => {
    const told: (readonly [number, Verdict, number])[] = [];
    await bisect(async (revision) => (revision >= 6 ? 'bad' : 'good'), { good: 0, bad: 8, onProbe: ({ revision, verdict }, expected) => void told.push([revision, verdict, expected]) });
    expect(told).toEqual([[4, 'good', 2], [6, 'bad', 1], [5, 'good', 0]]);
  });

  it('stops at the bound of probes and says so', async () => {
    expect(await bisect(async () => 'skip', { good: 0, bad: 1_000, probesMax: 5 })).toMatchObject({ firstBad: null, truncated: true, skipped: 5 });
  });

  it('refuses ends that are none, or that do not answer as they were said to', async () => {
    const never = async (): Promise<Verdict> => 'good';
    await expect(bisect(never, { good: 5, bad: 5 })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'range' } });
    await expect(bisect(never, { good: -1, bad: 5 })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'range' } });
    await expect(bisect(never, { good: 1, bad: 9, checkEnds: true })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'ends', revision: 9, verdict: 'good' } });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const probe = async (): Promise<Verdict> => {
      stop.abort();
      return 'good';
    };
    const walk = bisect(probe, { good: 0, bad: 100, signal: stop.signal });
    await expect(walk).rejects.toThrow(/abort/i);
  });
});
