import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDuration } from './duration.ts';
import { counted, createOutput, grouped } from './output.ts';
import type { Column, OutputOptions } from './output.ts';
import { createProgress } from './progress.ts';
import { cut, printable } from './terminal-text.ts';
import type { World } from './world.ts';

function caught(options: Partial<OutputOptions> = {}): { readonly output: ReturnType<typeof createOutput>; readonly text: () => string } {
  let text = '';
  const sink = { write: (part: string) => (text += part) };
  return { output: createOutput({ mode: 'text', time: 'iso', colour: false, quiet: false, verbose: 0, raw: false, columns: Infinity, stdout: sink, stderr: sink, now: () => Date.UTC(2026, 0, 2), ...options }), text: () => text };
}

describe('Text for a terminal', () => {
  test('holds no control, escape or direction mark, whatever goes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- the characters that must not be there
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/);
      }),
    );
  });

  test('leaves plain text as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => void expect(printable(text)).toBe(text)));
  });

  test('is cut to a width and says so', () => {
    expect([cut('abcdef', 6), cut('abcdef', 4), cut('a😀b', 2)]).toEqual(['abcdef', 'abc…', 'a…']);
  });
});

describe('Numbers and times', () => {
  test('numbers are grouped as people group them', () => {
    fc.assert(fc.property(fc.integer({ min: 0 }), (value) => void expect(grouped(value)).toBe(value.toLocaleString('en-US'))));
    expect([grouped(32.8555), grouped(1_234.5), counted(1, 'run'), counted(1_200, 'run')]).toEqual(['32.8555', '1,234.5', '1 run', '1,200 runs']);
  });

  test.each([
    ['90d', 7_776_000_000],
    ['12h', 43_200_000],
    ['250ms', 250],
    ['90', null],
    ['1y', null],
    ['', null],
    ['-1d', null],
  ])('the duration %j is %s ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  test('relative times count in the unit that fits', () => {
    const { output } = caught({ time: 'relative' });
    expect(['2026-01-01T23:59:30Z', '2026-01-01T22:00:00Z', '2025-12-01T00:00:00Z', '2026-01-02T00:05:00Z', null].map((instant) => output.instant(instant))).toEqual(['30s ago', '2h ago', '32d ago', 'in 5m', '-']);
  });
});

describe('A table', () => {
  const rows = [{ name: 'a', size: 5 }, { name: 'long', size: 1_000 }];
  const columns: readonly Column<{ name: string; size: number }>[] = [
    { title: 'name', text: (row) => row.name },
    { title: 'size', text: (row) => grouped(row.size), align: 'right' },
  ];

  test('is aligned, with its columns named where asked', () => {
    const { output, text } = caught();
    output.table(rows, columns, { header: true });
    expect(text()).toBe('name   size\na         5\nlong  1,000\n');
  });

  test('fills the line with one column and cuts it there', () => {
    const { output, text } = caught({ columns: 30 });
    output.table([{ name: 'x'.repeat(50), size: 1 }], [columns[1]!, { title: 'name', text: (row) => row.name, fills: true }]);
    expect(text().trimEnd()).toHaveLength(30);
  });

  test('of nothing prints nothing', () => {
    const { output, text } = caught();
    output.table([], columns, { header: true });
    expect(text()).toBe('');
  });
});

describe('Progress', () => {
  function shown(stderrIsTerminal: boolean, progress: 'text' | 'json' | 'none', steps: readonly number[]): string {
    let [text, now] = ['', 0];
    const world = { now: () => now, stderr: { write: (part: string) => (text += part) }, stderrIsTerminal } as unknown as World;
    const bar = createProgress('verify', { world, globals: { quiet: false, progress } as never });
    for (const [index, ms] of steps.entries()) {
      now += ms;
      bar.update({ done: (index + 1) * 500, total: 2_000, unit: 'events' });
    }
    bar.end();
    return text;
  }

  test('appears after 200 ms on a terminal, as a bar where the total is known', () => {
    expect(shown(true, 'text', [100])).toBe('');
    expect(shown(true, 'text', [250, 250])).toContain('verify  [############............]  50 %  1,000/2,000 events');
  });

  test('in a pipe takes one line every 10 s', () => {
    expect(shown(false, 'text', [5_000])).toBe('');
    expect(shown(false, 'text', [9_000, 2_000, 1_000]).trim().split('\n')).toHaveLength(2);
  });

  test('as JSON lines, or not at all', () => {
    const lines = shown(false, 'json', [300, 300]).trim().split('\n');
    expect(JSON.parse(lines[0]!)).toEqual({ progress: 'verify', done: 500, total: 2_000, unit: 'events', elapsedMs: 300 });
    expect(shown(true, 'none', [5_000])).toBe('');
  });
});
