import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { alignSteps, foldEqual } from './align.ts';
import type { Step } from './align.ts';

/** `a` is a step; `a2` the same step that says something else. */
const steps = (words: string): readonly Step[] => words.split(' ').filter(Boolean).map((word, index) => ({ revision: index + 1, key: word[0]!, text: word }));
const signs = { equal: '=', changed: '~', 'only-a': '-', 'only-b': '+' } as const;
const written = (a: string, b: string): string => alignSteps(steps(a), steps(b)).map((row) => `${signs[row.kind]}${(row.a ?? row.b).text}`).join(' ');

describe('two runs side by side', () => {
  test('meet in equal steps; what only one has stands alone', () => {
    expect(written('a b c d', 'a b c d')).toBe('=a =b =c =d');
    expect(written('a b c d', 'a b x c d')).toBe('=a =b +x =c =d');
    expect(written('a b c d', 'a c d')).toBe('=a -b =c =d');
    expect(written('a b c1 d', 'a b c2 d')).toBe('=a =b ~c1 =d');
    expect(written('a b', '')).toBe('-a -b');
    expect(written('', '')).toBe('');
  });

  const someSteps = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map((words) => steps(words.join(' ')));
  property.prop([someSteps, someSteps])('lose no step, double none, and keep the order of each', (a, b) => {
    const rows = alignSteps(a, b);
    expect(rows.flatMap((row) => row.a ?? [])).toEqual(a);
    expect(rows.flatMap((row) => row.b ?? [])).toEqual(b);
    for (const row of rows) if (row.a !== null && row.b !== null) expect(row.a.key).toBe(row.b.key);
  });

  test('fold what is equal to one line, but for what stands beside a difference', () => {
    const rows = alignSteps(steps('a b c d e f g h'), steps('a b c d e2 f g h'));
    expect(foldEqual(rows, 1).map((row) => (row.kind === 'fold' ? `${row.count} from ${row.from}` : row.kind))).toEqual(['3 from 0', 'equal', 'changed', 'equal', '2 from 6']);
    expect(foldEqual(alignSteps(steps('a b c'), steps('a b c'))).map((row) => row.kind)).toEqual(['fold']);
  });
});
