/** Buckets of the scrubber, tile by tile: what was fetched stays for as long as the run does not grow into it. */
import type { Client } from '@refold/client';
import { instantMs } from '@refold/core';
import type { LodAxis } from '@refold/core';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';
import { bucketsPerTile, levelOf, tilesOf } from './scrubber-geometry.ts';
import type { AxisWindow, Tile } from './scrubber-geometry.ts';

export interface Bucket {
  /** Where it begins and ends on the axis, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly severity: string | null;
  readonly firstRevision: number;
  /** Events by category. */
  readonly byCategory: readonly (readonly [category: string, count: number])[];
}

export interface LodTiles extends ExternalStore<{ readonly version: number; readonly bounds: { readonly [A in LodAxis]?: AxisWindow }; readonly error: unknown }> {
  /** Fetches what a window needs, and what stands beside it. */
  want(axis: LodAxis, window: AxisWindow, width: number): void;
  /** Buckets that are there, in order; of a coarser level where the wanted one has not come yet. */
  buckets(axis: LodAxis, window: AxisWindow, width: number): readonly Bucket[];
  /** The whole axis, coarsely, for the minimap. */
  overview(axis: LodAxis): readonly Bucket[];
  /** Where a revision stands on the axis, as exactly as the buckets tell. */
  valueOf(axis: LodAxis, revision: number): number | null;
  /** The revision nearest to a place on the axis. */
  revisionAt(axis: LodAxis, value: number): number | null;
  grow(head: number): void;
}

const overviewBuckets = 512;
const tilesMax = 96;

export function createLodTiles(client: Client, address: { readonly streamType: string; readonly streamId: string }): LodTiles {
  const store = createExternalStore<{ version: number; bounds: { [A in LodAxis]?: AxisWindow }; error: unknown }>({ version: 0, bounds: {}, error: null });
  const tiles = new Map<string, readonly Bucket[]>();
  const coming = new Set<string>();
  const overviews = new Map<LodAxis, readonly Bucket[]>();
  const changed = (): void => store.set({ version: store.get().version + 1 });

  async function fetchBuckets(axis: LodAxis, range: { readonly from?: number; readonly to?: number }, px: number): Promise<{ readonly buckets: readonly Bucket[]; readonly window: AxisWindow }> {
    const shown = (value: number | undefined): string | number | undefined => (value === undefined ? undefined : axis === 'time' ? new Date(value).toISOString() : Math.max(0, value));
    const [from, to] = [shown(range.from), shown(range.to)];
    const answer = await client.lod({ ...address, axis, px, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    const start = typeof answer.from === 'string' ? (instantMs(answer.from) ?? 0) : answer.from;
    const end = typeof answer.to === 'string' ? (instantMs(answer.to) ?? 0) : answer.to;
    const buckets = answer.buckets.flatMap(([count, _top, severity, firstRevision, byFamily], index): readonly Bucket[] =>
      count === 0 || firstRevision === null
        ? []
        : [{ from: start + index * answer.width, to: start + (index + 1) * answer.width - 1, count, severity, firstRevision, byCategory: byFamily.flatMap((share, family) => (share > 0 ? [[answer.families[family] ?? '', share] as const] : [])) }],
    );
    return { buckets, window: { from: start, to: end } };
  }

  async function fetchOverview(axis: LodAxis): Promise<void> {
    const key = `overview ${axis}`;
    if (coming.has(key)) return;
    coming.add(key);
    try {
      const { buckets } = await fetchBuckets(axis, {}, overviewBuckets);
      overviews.set(axis, buckets);
      const [first, last] = [buckets[0], buckets.at(-1)];
      if (first !== undefined && last !== undefined) store.set({ bounds: { ...store.get().bounds, [axis]: { from: first.from, to: last.to } }, error: null });
      changed();
    } catch (error) {
      store.set({ error });
    } finally {
      coming.delete(key);
    }
  }

  async function fetchTile(axis: LodAxis, tile: Tile): Promise<void> {
    if (tiles.has(tile.key) || coming.has(tile.key)) return;
    coming.add(tile.key);
    try {
      const { buckets } = await fetchBuckets(axis, tile, bucketsPerTile);
      tiles.set(tile.key, buckets);
      for (const oldest of tiles.keys()) {
        if (tiles.size <= tilesMax) break;
        tiles.delete(oldest);
      }
      changed();
    } catch (error) {
      store.set({ error });
    } finally {
      coming.delete(tile.key);
    }
  }

  return {
    ...store,
    want(axis, window, width) {
      const bounds = store.get().bounds[axis];
      if (bounds === undefined) return void fetchOverview(axis);
      for (const tile of tilesOf(axis, window, bounds, width)) void fetchTile(axis, tile);
    },
    buckets(axis, window, width) {
      const bounds = store.get().bounds[axis];
      if (bounds === undefined) return [];
      const level = levelOf(window, width);
      const there = tilesOf(axis, window, bounds, width).filter((tile) => tile.to >= window.from && tile.from <= window.to && tile.level === level);
      const known = there.map(({ key }) => tiles.get(key));
      const touching = ({ from, to }: Bucket): boolean => to >= window.from && from <= window.to;
      return known.every((buckets) => buckets !== undefined) ? known.flatMap((buckets) => buckets ?? []).filter(touching) : (overviews.get(axis) ?? []).filter(touching);
    },
    overview: (axis) => overviews.get(axis) ?? [],
    valueOf(axis, revision) {
      if (axis === 'revision') return revision;
      const buckets = [...(overviews.get(axis) ?? [])];
      const bucket = buckets.findLast(({ firstRevision }) => firstRevision <= revision);
      return bucket === undefined ? null : Math.round((bucket.from + bucket.to) / 2);
    },
    revisionAt(axis, value) {
      if (axis === 'revision') return value;
      const fine = [...tiles.entries()].filter(([key]) => key.startsWith(`${axis} `)).flatMap(([, buckets]) => buckets).filter(({ from, to }) => from <= value && to >= value);
      const finest = fine.toSorted((a, b) => a.to - a.from - (b.to - b.from))[0];
      return finest?.firstRevision ?? overviews.get(axis)?.findLast(({ from }) => from <= value)?.firstRevision ?? null;
    },
    grow() {
      // What is at the end of the run has grown; what stands before it is as it was, and is soon fetched again where it is seen.
      tiles.clear();
      overviews.clear();
      void fetchOverview('revision');
      for (const axis of Object.keys(store.get().bounds) as LodAxis[]) if (axis !== 'revision') void fetchOverview(axis);
    },
  };
}
