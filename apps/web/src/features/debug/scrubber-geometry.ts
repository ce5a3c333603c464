/**
 * Where things stand on the scrubber: a window of an axis over a width of pixels, its ticks, which tiles of buckets it needs, and marks
 * that stand too close to be told apart. Pure; nothing here draws.
 */
import type { LodAxis } from '@refold/core';

export interface AxisWindow {
  /** In units of the axis, both inclusive: revisions, or milliseconds. */
  readonly from: number;
  readonly to: number;
}

export const spanOf = ({ from, to }: AxisWindow): number => to - from + 1;

export const xOf = (window: AxisWindow, width: number, value: number): number => ((value - window.from + 0.5) / spanOf(window)) * width;

export const valueAtX = (window: AxisWindow, width: number, x: number): number => clamp(Math.floor(window.from + (x / Math.max(1, width)) * spanOf(window)), window.from, window.to);

export const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** No closer than a bucket per few pixels: below that there is nothing more to see. */
const unitsMin = 16;

/** Zooms so that what stands under the pointer stays under it. @param factor  Below 1 = closer. */
export function zoomed(window: AxisWindow, bounds: AxisWindow, width: number, x: number, factor: number): AxisWindow {
  const whole = spanOf(bounds);
  const span = clamp(Math.round(spanOf(window) * factor), Math.min(unitsMin, whole), whole);
  const share = clamp(x / Math.max(1, width), 0, 1);
  return within(bounds, Math.round(window.from + share * (spanOf(window) - span)), span);
}

export const panned = (window: AxisWindow, bounds: AxisWindow, share: number): AxisWindow => within(bounds, Math.round(window.from + share * spanOf(window)), spanOf(window));

/** The same window, moved as little as needed to have a value in it. */
export function showing(window: AxisWindow, bounds: AxisWindow, value: number): AxisWindow {
  if (value >= window.from && value <= window.to) return window;
  return within(bounds, Math.round(value - spanOf(window) / 2), spanOf(window));
}

function within(bounds: AxisWindow, from: number, span: number): AxisWindow {
  const start = clamp(from, bounds.from, Math.max(bounds.from, bounds.to - span + 1));
  return { from: start, to: Math.min(bounds.to, start + span - 1) };
}

/* ---- Ticks ---- */

const ticksApartMin = 64;
const timeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000];

export interface Tick {
  readonly x: number;
  readonly value: number;
}

export function ticksOf(axis: LodAxis, window: AxisWindow, width: number): { readonly step: number; readonly ticks: readonly Tick[] } {
  const least = (spanOf(window) / Math.max(1, width)) * ticksApartMin;
  const step = axis === 'revision' ? decimalStep(least) : (timeSteps.find((candidate) => candidate >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000);
  const ticks: Tick[] = [];
  for (let value = Math.ceil(window.from / step) * step; value <= window.to; value += step) ticks.push({ x: xOf(window, width, value), value });
  return { step, ticks };
}

function decimalStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, least))));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/** As little as tells the ticks apart. */
export function tickText(axis: LodAxis, value: number, step: number): string {
  if (axis === 'revision') return value.toLocaleString('en');
  if (axis === 'active') return durationText(value);
  const instant = new Date(value).toISOString();
  if (step >= 86_400_000) return instant.slice(5, 10);
  if (value % 86_400_000 === 0) return instant.slice(5, 10);
  return step >= 60_000 ? instant.slice(11, 16) : step >= 1_000 ? instant.slice(11, 19) : instant.slice(14, 23);
}

export function durationText(ms: number): string {
  const seconds = Math.abs(ms) / 1_000;
  const sign = ms < 0 ? '-' : '';
  if (seconds < 1) return `${sign}${Math.round(Math.abs(ms))} ms`;
  if (seconds < 60) return `${sign}${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${sign}${hours} h ${minutes % 60} min` : `${sign}${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/* ---- Tiles of buckets ---- */

export const bucketsPerTile = 512;

export interface Tile {
  readonly key: string;
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

/** Buckets as wide as two to the level; each at least two pixels wide, so that bars can be told apart. */
export const levelOf = (window: AxisWindow, width: number): number => Math.max(0, Math.ceil(Math.log2(spanOf(window) / Math.max(1, width / 2))));

/** The tiles that a window needs, those beside it last: they are wanted next. */
export function tilesOf(axis: LodAxis, window: AxisWindow, bounds: AxisWindow, width: number): readonly Tile[] {
  const level = levelOf(window, width);
  const units = bucketsPerTile * 2 ** level;
  const [first, last] = [Math.floor(window.from / units), Math.floor(window.to / units)];
  const [least, most] = [Math.floor(bounds.from / units), Math.floor(bounds.to / units)];
  const numbers = [...Array.from({ length: last - first + 1 }, (_, index) => first + index), first - 1, last + 1].filter((number) => number >= least && number <= most);
  return numbers.map((number) => ({ key: `${axis} ${level} ${number}`, level, from: number * units, to: (number + 1) * units - 1 }));
}

/* ---- Marks ---- */

export interface PlacedMark<M> {
  readonly x: number;
  readonly mark: M;
}

export interface Badge<M> {
  readonly x: number;
  /** The one that weighs most; the badge looks like it. */
  readonly mark: M;
  readonly marks: readonly M[];
}

const marksApartMin = 10;

/** More than one mark within ten pixels become a badge with a count. */
export function mergeMarks<M>(placed: readonly PlacedMark<M>[], weight: (mark: M) => number): readonly Badge<M>[] {
  const badges: { x: number; mark: M; marks: M[] }[] = [];
  for (const { x, mark } of placed.toSorted((a, b) => a.x - b.x)) {
    const last = badges.at(-1);
    if (last === undefined || x - last.x >= marksApartMin) {
      badges.push({ x, mark, marks: [mark] });
      continue;
    }
    last.marks.push(mark);
    if (weight(mark) > weight(last.mark)) last.mark = mark;
  }
  return badges;
}
