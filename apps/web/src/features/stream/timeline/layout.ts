/**
 * Where bars and points of a timeline stand: lanes by what the rows are about, rows within a lane so that no bar covers another, and
 * an axis along which long silences may be cut short. Fractions of the width, so that the size of the window is nobody's business
 * here. Pure.
 */
export interface TimelineRow {
  readonly at: string;
  readonly until: string | null;
  readonly lane: string;
  readonly label: string;
  readonly kind: 'span' | 'point';
  readonly status: string | null;
  readonly eventId: string;
}

export type Axis = 'time' | 'active';

export interface Bar {
  readonly row: TimelineRow;
  /** 0 to 1. */
  readonly from: number;
  readonly to: number;
  /** It has not ended: its end is torn. */
  readonly isOpen: boolean;
  /** Row within its lane, from 0. */
  readonly track: number;
}

export interface Lane {
  readonly name: string;
  readonly tracks: number;
  readonly bars: readonly Bar[];
}

/** A silence that was cut short. */
export interface Cut {
  readonly at: number;
  readonly ms: number;
}

export interface TimelineLayout {
  readonly lanes: readonly Lane[];
  readonly cuts: readonly Cut[];
  readonly ticks: readonly { readonly at: number; readonly instant: string }[];
  readonly lanesLeftOut: number;
}

export const lanesMax = 40;
/** Share of the width that a cut silence keeps. */
const cutShare = 0.012;
const pointShare = 0.004;
/** What can be pressed is never smaller than this: 24 px of the narrowest lanes (WCAG 2.2, 2.5.8). */
const pressShare = 0.031;

/**
 * @param endsAt  What has not ended goes on to here, in milliseconds.
 */
export function layoutTimeline(rows: readonly TimelineRow[], { axis, endsAt }: { readonly axis: Axis; readonly endsAt: number }): TimelineLayout {
  if (rows.length === 0) return { lanes: [], cuts: [], ticks: [], lanesLeftOut: 0 };
  const scale = axis === 'active' ? activeScale(rows, endsAt) : timeScale(rows, endsAt);
  const byLane = new Map<string, TimelineRow[]>();
  for (const row of rows) {
    const lane = byLane.get(row.lane);
    if (lane === undefined) byLane.set(row.lane, [row]);
    else lane.push(row);
  }
  const lanes = [...byLane].map(([name, held]) => laneOf(name, held, scale.at, endsAt));
  return { lanes: lanes.slice(0, lanesMax), cuts: scale.cuts, ticks: ticksOf(scale), lanesLeftOut: Math.max(0, lanes.length - lanesMax) };
}

interface Scale {
  readonly at: (ms: number) => number;
  /** The inverse, for ticks. */
  readonly msAt: (share: number) => number;
  readonly cuts: readonly Cut[];
}

const startOf = ({ at }: TimelineRow): number => Date.parse(at);
const endOf = ({ until, kind, at }: TimelineRow, endsAt: number): number => (until === null ? (kind === 'point' ? Date.parse(at) : endsAt) : Date.parse(until));

function timeScale(rows: readonly TimelineRow[], endsAt: number): Scale {
  const from = Math.min(...rows.map(startOf));
  const to = Math.max(...rows.map((row) => endOf(row, endsAt)), from + 1);
  return { at: (ms) => (ms - from) / (to - from), msAt: (share) => from + share * (to - from), cuts: [] };
}

/** Time between two things that were told counts in full up to a limit; what is beyond is a cut of one width. */
function activeScale(rows: readonly TimelineRow[], endsAt: number): Scale {
  const moments = [...new Set(rows.flatMap((row) => (row.until === null ? [startOf(row)] : [startOf(row), endOf(row, endsAt)])))].toSorted((a, b) => a - b);
  const whole = moments.at(-1)! - moments[0]!;
  const silenceMsMin = Math.max(5_000, whole * 0.04);
  const gaps = moments.slice(1).map((moment, index) => ({ from: moments[index]!, to: moment }));
  const isCut = ({ from, to }: { readonly from: number; readonly to: number }): boolean => to - from > silenceMsMin;
  const activeMs = gaps.filter((gap) => !isCut(gap)).reduce((sum, { from, to }) => sum + to - from, 0);
  const cutCount = gaps.filter(isCut).length;
  const room = Math.max(0.2, 1 - cutCount * cutShare);
  const cutWidth = cutCount === 0 ? 0 : (1 - room) / cutCount;
  const stops: { readonly ms: number; readonly share: number }[] = [{ ms: moments[0]!, share: 0 }];
  const cuts: Cut[] = [];
  for (const gap of gaps) {
    const share = stops.at(-1)!.share + (isCut(gap) ? cutWidth : activeMs === 0 ? 0 : ((gap.to - gap.from) / activeMs) * room);
    if (isCut(gap)) cuts.push({ at: (stops.at(-1)!.share + share) / 2, ms: gap.to - gap.from });
    stops.push({ ms: gap.to, share });
  }
  const between = (value: number, key: 'ms' | 'share', other: 'ms' | 'share'): number => {
    const after = stops.findIndex((stop) => stop[key] >= value);
    if (after <= 0) return after === 0 ? stops[0]![other] : stops.at(-1)![other];
    const [a, b] = [stops[after - 1]!, stops[after]!];
    return b[key] === a[key] ? b[other] : a[other] + ((value - a[key]) / (b[key] - a[key])) * (b[other] - a[other]);
  };
  return { at: (ms) => Math.min(1, between(ms, 'ms', 'share')), msAt: (share) => between(share, 'share', 'ms'), cuts };
}

function laneOf(name: string, rows: readonly TimelineRow[], at: (ms: number) => number, endsAt: number): Lane {
  const ends: number[] = [];
  const bars = rows
    .toSorted((a, b) => startOf(a) - startOf(b))
    .map((row): Bar => {
      const from = Math.min(at(startOf(row)), 1 - pointShare);
      const to = Math.max(from + pointShare, at(endOf(row, endsAt)));
      const free = ends.findIndex((end) => end <= from);
      const track = free === -1 ? ends.length : free;
      ends[track] = Math.max(to, from + pressShare);
      return { row, from, to, isOpen: row.kind === 'span' && row.until === null, track };
    });
  return { name, tracks: ends.length, bars };
}

const ticksCount = 8;
const ticksOf = ({ msAt }: Scale): TimelineLayout['ticks'] => Array.from({ length: ticksCount }, (_, index) => ({ at: index / ticksCount, instant: new Date(msAt(index / ticksCount)).toISOString() }));
