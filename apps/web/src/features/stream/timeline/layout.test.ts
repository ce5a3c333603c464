import { describe, expect, test } from 'vitest';
import { lanesMax, layoutTimeline } from './layout.ts';
import type { TimelineRow } from './layout.ts';

const at = (minute: number): string => new Date(Date.UTC(2025, 11, 22, 10, minute)).toISOString();
const row = (from: number, to: number | null, lane = 'agent', kind: 'span' | 'point' = 'span'): TimelineRow => ({ at: at(from), until: to === null ? null : at(to), lane, label: '', kind, status: null, eventId: `${lane} ${from}` });
const endsAt = Date.parse(at(100));

describe('Bars', () => {
  test('stand where they happened, along the whole width', () => {
    const { lanes } = layoutTimeline([row(0, 50), row(75, 100)], { axis: 'time', endsAt });
    expect(lanes[0]!.bars.map(({ from, to }) => [from, to])).toEqual([[0, 0.5], [0.75, 1]]);
  });

  test('of one lane never cover each other', () => {
    const { lanes } = layoutTimeline([row(0, 50), row(10, 60), row(50, 100), row(20, 30)], { axis: 'time', endsAt });
    expect(lanes[0]!.tracks).toBe(3);
    expect(lanes[0]!.bars.map(({ track }) => track)).toEqual([0, 1, 2, 0]);
  });

  test('that have not ended go on to the end, and say so', () => {
    const { lanes } = layoutTimeline([row(0, 10), row(50, null)], { axis: 'time', endsAt });
    expect(lanes[0]!.bars[1]).toMatchObject({ from: 0.5, to: 1, isOpen: true });
  });

  test('a point is seen, however long the run', () => {
    const { lanes } = layoutTimeline([row(0, 100), row(50, null, 'git', 'point')], { axis: 'time', endsAt });
    const [bar] = lanes[1]!.bars;
    expect(bar!.isOpen).toBe(false);
    expect(bar!.to - bar!.from).toBeCloseTo(0.004);
  });
});

describe('The axis of active time', () => {
  const rows = [row(0, 2), row(2, 4), row(90, 92)];

  test('cuts a long silence short and says how long it was', () => {
    const { cuts, lanes } = layoutTimeline(rows, { axis: 'active', endsAt });
    expect(cuts.map(({ ms }) => ms)).toEqual([86 * 60_000]);
    expect(lanes[0]!.bars[2]!.from).toBeLessThan(0.8);
  });

  test('keeps the order and stays within the width', () => {
    const bars = layoutTimeline(rows, { axis: 'active', endsAt }).lanes.flatMap((lane) => lane.bars);
    expect(bars.map(({ from }) => from)).toEqual(bars.map(({ from }) => from).toSorted((a, b) => a - b));
    expect(Math.max(...bars.map(({ to }) => to))).toBeLessThanOrEqual(1.005);
  });

  test('a run of one moment has no length and no fault', () => {
    expect(layoutTimeline([row(5, null, 'git', 'point')], { axis: 'active', endsAt }).lanes[0]!.bars[0]!.from).toBe(0);
  });
});

test('of many lanes the first forty are shown, and how many are not', () => {
  const { lanes, lanesLeftOut } = layoutTimeline(Array.from({ length: 257 }, (_, index) => row(index, index + 1, `agent-${index}`)), { axis: 'time', endsAt });
  expect([lanes.length, lanesLeftOut]).toEqual([lanesMax, 217]);
});

test('no rows, no lanes', () => {
  expect(layoutTimeline([], { axis: 'time', endsAt })).toEqual({ lanes: [], cuts: [], ticks: [], lanesLeftOut: 0 });
});
