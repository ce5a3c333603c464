/**
 * How many events of which family stand where on an axis, at any zoom: what a timeline of a million events draws, and no more.
 *
 * A pure function of a prefix, and built like one: each event is added once, in the log's order, whenever it comes. Kept are
 * five columns (25 bytes per event) and, for each axis, one row of at most 65,536 buckets (about 60 bytes each). A window as wide as many of these
 * is summed up from them, a narrower one is counted from the events that stand in it; so every level is exact, and no level
 * between has to be kept. Dropped: all levels stored (twice the memory for answers that take a millisecond as it is).
 *
 * The width of a bucket is a power of two, and buckets begin at multiples of it: a bucket is the same whoever asks, from
 * wherever, so it can be cached by axis, level and number. Families are what the definitions say; none is named here.
 */
import { LogError } from '../errors.ts';
import type { Revision } from '../log/driver.ts';
import { severities } from '../log/event.ts';
import type { EventEnvelope, Severity } from '../log/event.ts';
import { instantMs } from '../log/instant.ts';
import { categoryOf } from '../query/match.ts';
import type { Registry } from '../schema/registry.ts';

/**
 * revision: places in the stream. time: milliseconds since the epoch, as producers claim. active: milliseconds since the first
 * event, where a silence longer than `idleMsMax` counts as that long and a step back as none, so a night takes no room.
 */
export const lodAxes = ['revision', 'time', 'active'] as const;
export type LodAxis = (typeof lodAxes)[number];

/** A longer silence counts as this long on the axis `active`. */
export const idleMsMax = 60_000;

export interface LodRequest {
  readonly axis: LodAxis;
  /** Both inclusive, in the units of the axis. Default: all there is. */
  readonly from?: number;
  readonly to?: number;
  /** Buckets wanted at least, as long as there is something to tell apart; never more than twice as many and two. */
  readonly px?: number;
}

/** Events, most frequent family, worst severity, first revision, and events by family as `families` numbers them; an empty one is [0, null, null, null, []]. */
export type LodBucket = readonly [count: number, topFamily: string | null, maxSeverity: Severity | null, firstRevision: Revision | null, perFamily: readonly number[]];

export interface LodWindow {
  readonly axis: LodAxis;
  /** `width` is two to the power of this. */
  readonly level: number;
  /** Where the first bucket begins and the last one ends, both inclusive, in the units of the axis. */
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly families: readonly string[];
  /** Every bucket from `from` on, the empty ones too. */
  readonly buckets: readonly LodBucket[];
}

export interface Lod {
  readonly events: number;
  /** Newest revision added; 0 = none. */
  readonly revision: Revision;
  /** The next event, in revision order. */
  add(event: EventEnvelope): void;
  /** @throws LogError BAD_REQUEST `from`, `px`. Cost: the buckets kept on the axis, or the events around a window narrower than they are. */
  window(request: LodRequest): LodWindow;
}

const lodPxDefault = 1_024;
export const lodPxMax = 4_096;
/** A window that has to be counted from its events is then at most a twelfth of the axis. */
const bucketsMax = 65_536;
const bucketsAtFirst = 1_024;

export function createLod(registry: Registry): Lod {
  const columns = createColumns();
  const families: string[] = [];
  const numbers = new Map<string, number>();
  const rows: { readonly [axis in LodAxis]: Row } = { revision: createRow(columns, columns.revision), time: createRow(columns, columns.time), active: createRow(columns, columns.active) };
  let newestMs = -Infinity;
  let activeMs = 0;

  function familyOf(event: EventEnvelope): number {
    const family = categoryOf(event, registry);
    let number = numbers.get(family);
    if (number === undefined) numbers.set(family, (number = families.push(family) - 1));
    return number;
  }

  return {
    get events() {
      return columns.count;
    },
    get revision() {
      return columns.count === 0 ? 0 : columns.revision.at(columns.count - 1);
    },
    add(event) {
      const ms = instantMs(event.occurredAt) ?? newestMs;
      if (newestMs > -Infinity) activeMs += Math.min(Math.max(0, ms - newestMs), idleMsMax);
      newestMs = Math.max(newestMs, ms);
      columns.add(event.revision, ms, activeMs, familyOf(event), severities.indexOf(event.severity));
      for (const axis of lodAxes) rows[axis].take(columns.count - 1);
    },
    window({ axis, px = lodPxDefault, ...asked }) {
      if (!Number.isSafeInteger(px) || px < 1 || px > lodPxMax) throw refuse('px', `"px" is a whole number from 1 to ${lodPxMax}.`);
      const row = rows[axis];
      const [from, to] = [Math.floor(asked.from ?? row.least), Math.floor(asked.to ?? row.most)];
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) throw refuse('from', '"from" stands at or before "to".');
      const level = Math.max(0, Math.floor(Math.log2((to - from + 1) / px)));
      const width = 2 ** level;
      const first = Math.floor(from / width);
      const cells = createCells(Math.floor(to / width) - first + 1, families.length);
      if (columns.count > 0) row.count(level, first, cells);
      return { axis, level, from: first * width, to: (first + cells.length) * width - 1, width, families: [...families], buckets: cells.buckets(families, columns.revision) };
    },
  };
}

const refuse = (reason: string, message: string): LogError => new LogError('BAD_REQUEST', message, { details: { reason, pointer: `/${reason}` }, hint: 'Correct the parameter.' });

/* ---- What is known of each event ---- */

interface Column {
  /** Of every event, and room for more. */
  readonly all: { readonly [index: number]: number };
  at(index: number): number;
}

interface Columns {
  readonly count: number;
  readonly revision: Column;
  readonly time: Column;
  readonly active: Column;
  readonly family: Column;
  readonly severity: Column;
  add(revision: number, ms: number, activeMs: number, family: number, severity: number): void;
}

const roomAtFirst = 1_024;

function createColumns(): Columns {
  let count = 0;
  let room = roomAtFirst;
  let kept = { revision: new Uint32Array(room), time: new Float64Array(room), active: new Float64Array(room), family: new Uint16Array(room), severity: new Uint8Array(room) };

  function grow(): void {
    room *= 2;
    const grown = { revision: new Uint32Array(room), time: new Float64Array(room), active: new Float64Array(room), family: new Uint16Array(room), severity: new Uint8Array(room) };
    for (const name of ['revision', 'time', 'active', 'family', 'severity'] as const) grown[name].set(kept[name]);
    kept = grown;
  }

  return {
    get count() {
      return count;
    },
    revision: columnOf(() => kept.revision),
    time: columnOf(() => kept.time),
    active: columnOf(() => kept.active),
    family: columnOf(() => kept.family),
    severity: columnOf(() => kept.severity),
    add(revision, ms, activeMs, family, severity) {
      if (count === room) grow();
      kept.revision[count] = revision;
      kept.time[count] = ms;
      kept.active[count] = activeMs;
      kept.family[count] = family;
      kept.severity[count] = severity;
      count++;
    },
  };
}

const columnOf = (kept: () => Uint8Array | Uint16Array | Uint32Array | Float64Array): Column => ({
  get all() {
    return kept();
  },
  at: (index) => kept()[index]!,
});

/* ---- One axis ---- */

interface Row {
  /** Lowest and highest value on the axis; both 0 before the first event. */
  readonly least: number;
  readonly most: number;
  /** The event at an index of the columns, which is the next one. */
  take(index: number): void;
  /** Counts the events of the buckets from number `first` on into cells, one cell per bucket. */
  count(level: number, first: number, cells: Cells): void;
}

function createRow(columns: Columns, values: Column): Row {
  let [least, most] = [0, 0];
  /** Buckets of 2^level, the first of which has the number `base`. */
  let level = 0;
  let base = 0;
  let kept = createCells(0, 0);

  const numberOf = (index: number): number => Math.floor(values.at(index) / 2 ** level);

  /**
   * A short history has few buckets. At least a quarter of them stays free on either side, so an axis that grows is not laid
   * anew for each event.
   */
  function layAnew(events: number): void {
    const buckets = Math.min(bucketsMax, Math.max(bucketsAtFirst, 2 ** Math.ceil(Math.log2(4 * events))));
    level = 0;
    while (Math.floor(most / 2 ** level) - Math.floor(least / 2 ** level) >= buckets / 2) level++;
    base = Math.floor(least / 2 ** level) - buckets / 4;
    kept = createCells(buckets, kept.familyRoom);
    for (let index = 0; index < events; index++) kept.put(numberOf(index) - base, index, columns);
  }

  return {
    get least() {
      return least;
    },
    get most() {
      return most;
    },
    take(index) {
      const value = values.at(index);
      [least, most] = index === 0 ? [value, value] : [Math.min(least, value), Math.max(most, value)];
      const cell = numberOf(index) - base;
      const isCoarse = kept.length < bucketsMax && index >= kept.length;
      if (cell >= 0 && cell < kept.length && !isCoarse) kept.put(cell, index, columns);
      else layAnew(index + 1);
    },
    count(wanted, first, cells) {
      const last = first + cells.length - 1;
      const scale = 2 ** (wanted - level);
      const from = Math.max(0, Math.floor(first * scale) - base);
      const to = Math.min(kept.length, Math.ceil((last + 1) * scale) - base);
      if (wanted >= level) {
        for (let cell = from; cell < to; cell++) if (kept.total(cell) > 0) cells.merge(Math.floor((cell + base) / scale) - first, kept, cell);
        return;
      }
      // Narrower than what is kept: the events themselves, which stand between the first and the last of their buckets.
      let [begin, end] = [columns.count, -1];
      for (let cell = from; cell < to; cell++)
        if (kept.total(cell) > 0) [begin, end] = [Math.min(begin, kept.firstIndex(cell)), Math.max(end, kept.lastIndex(cell))];
      const width = 2 ** wanted;
      const { all } = values;
      for (let index = begin; index <= end; index++) {
        const cell = Math.floor(all[index]! / width) - first;
        if (cell >= 0 && cell < cells.length) cells.put(cell, index, columns);
      }
    },
  };
}

/* ---- Buckets ---- */

interface Cells {
  readonly length: number;
  readonly familyRoom: number;
  put(cell: number, index: number, columns: Columns): void;
  merge(cell: number, from: Cells, other: number): void;
  total(cell: number): number;
  /** Adds what a cell has of each family to a cell of other counts, which have room for all of them. */
  addFamilies(cell: number, counts: readonly Uint32Array[], other: number): void;
  severity(cell: number): number;
  firstIndex(cell: number): number;
  lastIndex(cell: number): number;
  buckets(families: readonly string[], revisions: Column): readonly LodBucket[];
}

function createCells(length: number, families: number): Cells {
  const totals = new Uint32Array(length);
  const worst = new Uint8Array(length);
  const firsts = new Uint32Array(length);
  const lasts = new Uint32Array(length);
  /** One array per family, so that a new family moves nothing. */
  const counts = Array.from({ length: families }, () => new Uint32Array(length));

  function put(cell: number, index: number, { family, severity }: Columns): void {
    const number = family.at(index);
    while (counts.length <= number) counts.push(new Uint32Array(length));
    if (totals[cell] === 0) firsts[cell] = index;
    lasts[cell] = index;
    totals[cell]!++;
    counts[number]![cell]!++;
    worst[cell] = Math.max(worst[cell]!, severity.at(index));
  }

  return {
    length,
    get familyRoom() {
      return counts.length;
    },
    put,
    merge(cell, from, other) {
      firsts[cell] = totals[cell] === 0 ? from.firstIndex(other) : Math.min(firsts[cell]!, from.firstIndex(other));
      totals[cell]! += from.total(other);
      worst[cell] = Math.max(worst[cell]!, from.severity(other));
      from.addFamilies(other, counts, cell);
    },
    total: (cell) => totals[cell]!,
    addFamilies(cell, others, other) {
      for (let family = 0; family < counts.length; family++) others[family]![other]! += counts[family]![cell]!;
    },
    severity: (cell) => worst[cell]!,
    firstIndex: (cell) => firsts[cell]!,
    lastIndex: (cell) => lasts[cell]!,
    buckets: (names, revisions) =>
      Array.from(totals, (total, cell): LodBucket => {
        if (total === 0) return empty;
        const perFamily = counts.map((count) => count[cell]!);
        return [total, names[perFamily.indexOf(Math.max(...perFamily))]!, severities[worst[cell]!]!, revisions.at(firsts[cell]!), perFamily];
      }),
  };
}

const empty: LodBucket = Object.freeze([0, null, null, null, Object.freeze([])] as const);
