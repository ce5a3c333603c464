/** Draws the scrubber in one pass: ticks, bars by family, the worst severity, marks, and the whole run below. The cursor is no part of it. */
import type { LodAxis } from '@refold/core';
import { families, familyOf } from '../../families.ts';
import type { Family } from '../../families.ts';
import type { Mark } from './debug-model.ts';
import type { Bucket } from './lod-tiles.ts';
import { durationText, mergeMarks, spanOf, tickText, ticksOf, xOf } from './scrubber-geometry.ts';
import type { AxisWindow, Badge } from './scrubber-geometry.ts';

export const scrubberHeight = 112;
const axisHeight = 16;
const barsTop = 20;
const barsHeight = 48;
const marksTop = 72;
const spansTop = 84;
const minimapTop = 96;
const minimapHeight = 14;

export type Palette = { readonly [F in Family | 'text' | 'text2' | 'line' | 'surface1' | 'surface2' | 'error' | 'critical' | 'warn' | 'accent']: string };

export interface ScrubberPicture {
  readonly width: number;
  readonly axis: LodAxis;
  readonly window: AxisWindow;
  readonly bounds: AxisWindow;
  readonly buckets: readonly Bucket[];
  readonly overview: readonly Bucket[];
  readonly marks: readonly { readonly x: number; readonly endX: number | null; readonly mark: ScrubberMark }[];
  readonly isLog: boolean;
  readonly palette: Palette;
}

export interface ScrubberMark {
  /** Of a mark of the run, or `breakpoint`, `bookmark`, `first_bad`, `base`. */
  readonly kind: Mark['kind'];
  readonly label: string;
  readonly revision: number;
  /** How long it lasted, of what has an end. */
  readonly ms?: number;
}

/** @returns the badges as they stand, to find what a pointer is over. */
export function drawScrubber(context: CanvasRenderingContext2D, picture: ScrubberPicture): readonly Badge<ScrubberMark>[] {
  const { width, palette } = picture;
  context.clearRect(0, 0, width, scrubberHeight);
  drawAxis(context, picture);
  drawBars(context, picture);
  drawMinimap(context, picture);
  for (const { x, endX, mark } of picture.marks) if (endX !== null && endX > x) drawSpan(context, palette, x, endX, mark);
  if (picture.axis === 'active') drawIdle(context, picture);
  const badges = mergeMarks(picture.marks.filter(({ x }) => x >= -8 && x <= width + 8), ({ kind }) => weights[kind] ?? 1);
  for (const badge of badges) drawBadge(context, palette, badge);
  return badges;
}

const weights: { readonly [kind: string]: number } = { first_bad: 9, breakpoint: 8, base: 7, bookmark: 6, checkpoint: 5, gap: 4, phase: 3, wait: 2 };

function drawAxis(context: CanvasRenderingContext2D, { axis, window, width, palette }: ScrubberPicture): void {
  const { step, ticks } = ticksOf(axis, window, width);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const { x, value } of ticks) {
    context.fillStyle = palette.line;
    context.fillRect(Math.round(x), axisHeight - 4, 1, barsTop + barsHeight - axisHeight + 4);
    const text = tickText(axis, value, step);
    const room = context.measureText(text).width;
    // A text that would be cut at an edge is left out; the tick stays.
    if (x + 3 + room > width) continue;
    context.fillStyle = palette.text2;
    context.fillText(text, Math.round(x) + 3, axisHeight / 2);
  }
}

function drawBars(context: CanvasRenderingContext2D, { buckets, window, width, palette, isLog }: ScrubberPicture): void {
  // One event alone is no full bar.
  const most = Math.max(3, ...buckets.map(({ count }) => count));
  const heightOf = (count: number): number => (isLog ? Math.log1p(count) / Math.log1p(most) : count / most) * (barsHeight - 4);
  for (const bucket of buckets) {
    const from = Math.max(0, Math.round(xOf(window, width, bucket.from - 0.5)));
    const to = Math.min(width, Math.round(xOf(window, width, bucket.to + 0.5)));
    const barWidth = Math.max(1, to - from - (to - from > 4 ? 1 : 0));
    const height = Math.max(1, heightOf(bucket.count));
    let y = barsTop + barsHeight;
    for (const [family, share] of sharesOf(bucket)) {
      const part = (share / bucket.count) * height;
      context.fillStyle = palette[family];
      context.fillRect(from, y - part, barWidth, part);
      y -= part;
    }
    if (bucket.severity !== 'ERROR' && bucket.severity !== 'FATAL') continue;
    // The worst of a bucket is a cap, not a colour of its own bar.
    context.fillStyle = bucket.severity === 'FATAL' ? palette.critical : palette.error;
    context.fillRect(from, Math.max(barsTop - 1, y - 3), Math.max(2, barWidth), 3);
  }
  context.fillStyle = palette.line;
  context.fillRect(0, barsTop + barsHeight, width, 1);
}

function sharesOf({ byCategory }: Bucket): readonly (readonly [Family, number])[] {
  const sums = new Map<Family, number>();
  for (const [category, share] of byCategory) sums.set(familyOf(category), (sums.get(familyOf(category)) ?? 0) + share);
  return families.flatMap((family) => (sums.has(family) ? [[family, sums.get(family)!] as const] : []));
}

function drawSpan(context: CanvasRenderingContext2D, palette: Palette, x: number, endX: number, { kind }: ScrubberMark): void {
  const [from, to] = [Math.max(-2, x), Math.min(context.canvas.width, endX)];
  if (kind === 'wait') {
    context.strokeStyle = palette.text2;
    context.lineWidth = 1;
    context.beginPath();
    for (let place = from; place < to; place += 8) {
      context.moveTo(place, spansTop + 2);
      context.lineTo(place + 4, spansTop + 7);
      context.lineTo(place + 8, spansTop + 2);
    }
    context.stroke();
    return;
  }
  context.fillStyle = palette.flow;
  context.globalAlpha = 0.55;
  context.fillRect(from + 0.5, spansTop + 2, Math.max(1, to - from - 1), 5);
  context.globalAlpha = 1;
}

const idleWidth = 12;
const idleTextApart = 72;

/** On the axis of active time a silence has hardly any width: a zig-zag stands for it, with how long it was. */
function drawIdle(context: CanvasRenderingContext2D, { marks, width, palette }: ScrubberPicture): void {
  const silences = marks.filter(({ x, mark }) => mark.kind === 'wait' && x >= 0 && x <= width).toSorted((a, b) => a.x - b.x);
  let last = -idleWidth;
  for (const [index, { x, mark }] of silences.entries()) {
    if (x - last < idleWidth) continue;
    last = x;
    context.fillStyle = palette.surface1;
    context.fillRect(x - idleWidth / 2, barsTop, idleWidth, barsHeight);
    context.strokeStyle = palette.text2;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, barsTop);
    for (let y = barsTop; y < barsTop + barsHeight; y += 8) {
      context.lineTo(x + 4, y + 2);
      context.lineTo(x - 4, y + 6);
      context.lineTo(x, y + 8);
    }
    context.stroke();
    // A text that would run into the next silence is left out; the tip of the mark has it.
    if (mark.ms === undefined || (silences[index + 1]?.x ?? width) - x < idleTextApart) continue;
    context.fillStyle = palette.text;
    context.font = '10px system-ui, sans-serif';
    context.fillText(durationText(mark.ms), x + idleWidth / 2 + 1, barsTop + 6);
  }
}

/** Shape tells the kind; a count stands beside what was merged. */
function drawBadge(context: CanvasRenderingContext2D, palette: Palette, { x, mark, marks }: Badge<ScrubberMark>): void {
  const y = marksTop + 5;
  context.beginPath();
  switch (mark.kind) {
    case 'first_bad':
      context.fillStyle = palette.error;
      context.moveTo(x - 5, marksTop);
      context.lineTo(x + 5, marksTop);
      context.lineTo(x, marksTop + 9);
      context.closePath();
      context.fill();
      context.fillRect(x - 0.5, barsTop, 1, barsHeight + 4);
      break;
    case 'breakpoint':
      context.fillStyle = palette.accent;
      context.arc(x, y, 4, 0, 2 * Math.PI);
      context.fill();
      break;
    case 'base':
      context.strokeStyle = palette.text;
      context.lineWidth = 1.5;
      context.strokeRect(x - 3.5, y - 3.5, 7, 7);
      break;
    case 'checkpoint':
      context.fillStyle = palette.flow;
      context.moveTo(x, y - 5);
      context.lineTo(x + 4, y);
      context.lineTo(x, y + 5);
      context.lineTo(x - 4, y);
      context.closePath();
      context.fill();
      break;
    case 'bookmark':
      context.fillStyle = palette.accent;
      context.moveTo(x - 3.5, marksTop);
      context.lineTo(x + 3.5, marksTop);
      context.lineTo(x + 3.5, marksTop + 10);
      context.lineTo(x, marksTop + 7);
      context.lineTo(x - 3.5, marksTop + 10);
      context.closePath();
      context.fill();
      break;
    case 'gap':
      context.strokeStyle = palette.warn;
      context.lineWidth = 1.5;
      // A ring that is not closed.
      context.arc(x, y, 3.5, 0.6, Math.PI - 0.6);
      context.moveTo(x + 3.5 * Math.cos(Math.PI + 0.6), y + 3.5 * Math.sin(Math.PI + 0.6));
      context.arc(x, y, 3.5, Math.PI + 0.6, 2 * Math.PI - 0.6);
      context.stroke();
      break;
    case 'wait':
      return;
    default:
      context.fillStyle = palette.text2;
      context.fillRect(x - 0.5, marksTop + 1, 1.5, 9);
  }
  if (marks.length < 2) return;
  context.fillStyle = palette.text2;
  context.font = '10px system-ui, sans-serif';
  context.fillText(String(marks.length), x + 6, y);
}

function drawMinimap(context: CanvasRenderingContext2D, { overview, bounds, window, width, palette }: ScrubberPicture): void {
  const most = Math.max(1, ...overview.map(({ count }) => count));
  context.fillStyle = palette.surface2;
  context.fillRect(0, minimapTop, width, minimapHeight);
  for (const bucket of overview) {
    const from = xOf(bounds, width, bucket.from - 0.5);
    const height = Math.max(1, (bucket.count / most) * minimapHeight);
    const isBad = bucket.severity === 'ERROR' || bucket.severity === 'FATAL';
    context.fillStyle = isBad ? palette.error : palette.neutral;
    context.fillRect(from, minimapTop + minimapHeight - height, Math.max(1, xOf(bounds, width, bucket.to + 0.5) - from - 0.5), height);
  }
  if (spanOf(window) >= spanOf(bounds)) return;
  const [from, to] = [xOf(bounds, width, window.from - 0.5), xOf(bounds, width, window.to + 0.5)];
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.strokeRect(Math.max(1, from), minimapTop + 0.5, Math.max(3, to - from - 1), minimapHeight - 1);
}

/** Colours as the page has them now; read once per theme. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ...(Object.fromEntries(families.map((family) => [family, colour(family)])) as { readonly [F in Family]: string }),
    text: colour('text'), text2: colour('text-2'), line: colour('line'), surface1: colour('surface-1'), surface2: colour('surface-2'), error: colour('error'), critical: colour('critical'), warn: colour('warn'), accent: colour('accent'),
  };
}
