/**
 * The events of a run as the rows of a list, filtered or not, whatever their number: a page comes when it is seen, and a filter is a
 * bitmap of revisions, so the list has its exact length at once.
 */
import type { Client, OutputOf } from '@refold/client';
import { createExternalStore } from '../../ui/external-store.ts';
import type { ExternalStore } from '../../ui/external-store.ts';
import { createPageCache } from '../../ui/page-cache.ts';
import type { Filter } from './debug-search.ts';
import { revisionSetOf } from './revision-set.ts';
import type { RevisionSet } from './revision-set.ts';

export type RowTuple = OutputOf<'streamRows'>['rows'][number];

export interface EventRow {
  readonly revision: number;
  readonly occurredAt: string;
  readonly category: string;
  readonly severity: string;
  readonly type: string;
  readonly summary: string;
  readonly agent: string | null;
  readonly durationMs: number | null;
  readonly tokens: number | null;
  readonly isErased: boolean;
  readonly isUnknownType: boolean;
  readonly id: string;
}

export const rowOf = ([revision, occurredAt, category, severity, type, summary, agent, durationMs, tokens, flags, id]: RowTuple): EventRow => ({
  revision, occurredAt, category, severity, type, summary, agent, durationMs, tokens, isErased: (flags & 1) !== 0, isUnknownType: (flags & 2) !== 0, id,
});

export interface RowList {
  /** Rows of the list as the filter leaves them. */
  readonly count: number;
  readonly isFiltered: boolean;
  /** The filter is being looked up; the list before it still stands. */
  readonly isBusy: boolean;
  readonly warnings: readonly string[];
  readonly error: unknown;
  /** Rises whenever rows came. */
  readonly version: number;
}

export interface RowSource extends ExternalStore<RowList> {
  row(index: number): EventRow | undefined;
  revisionAt(index: number): number | null;
  /** Place of a revision in the list; of one that is filtered out, where it would stand. */
  indexOf(revision: number): number;
  see(from: number, to: number): void;
  setFilter(filter: Filter): void;
  grow(head: number): void;
  retry(): void;
  close(): void;
}

const pageSize = 200;

export function createRowSource(client: Client, address: { readonly streamType: string; readonly streamId: string }): RowSource {
  const store = createExternalStore<RowList>({ count: 0, isFiltered: false, isBusy: false, warnings: [], error: null, version: 0 });
  let head = 0;
  let filter: Filter = {};
  let found: RevisionSet | null = null;
  let looking = new AbortController();
  let cache = newCache();

  function newCache() {
    return createPageCache<EventRow>({
      pageSize,
      load: async (page, signal) => {
        const [first, last] = [revisionAt(page * pageSize), revisionAt(Math.min(page * pageSize + pageSize, store.get().count) - 1)];
        if (first === null || last === null) return [];
        const { rows } = await client.streamRows({ ...address, ...(found === null ? {} : filter), fromRevision: first, toRevision: last, limit: pageSize }, { signal });
        return rows.map(rowOf);
      },
      onChange: () => store.set({ version: store.get().version + 1, error: null }),
      onError: (error) => store.set({ error }),
    });
  }

  const revisionAt = (index: number): number | null => (found !== null ? found.at(index) : index >= 0 && index < head ? index + 1 : null);

  function startAnew(set: RevisionSet | null, warnings: readonly string[] = []): void {
    cache.close();
    found = set;
    store.set({ count: set?.count ?? head, isFiltered: set !== null, isBusy: false, warnings, error: null, version: store.get().version + 1 });
    cache = newCache();
  }

  async function lookUp(): Promise<void> {
    looking.abort();
    looking = new AbortController();
    const { signal } = looking;
    if (Object.keys(filter).length === 0) return startAnew(null);
    store.set({ isBusy: true });
    try {
      const { bitmap, warnings } = await client.streamIndex({ ...address, ...filter }, { signal });
      if (!signal.aborted) startAnew(revisionSetOf(bitmap), warnings);
    } catch (error) {
      // The list before stays, and what is wrong with the filter is said beside it.
      if (!signal.aborted) store.set({ isBusy: false, error });
    }
  }

  return {
    ...store,
    row: (index) => cache.row(index),
    revisionAt,
    indexOf: (revision) => (found === null ? Math.max(0, revision - 1) : found.placeOf(revision)),
    see: (from, to) => cache.see(from, to, store.get().count),
    setFilter(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(filter)) return;
      filter = wanted;
      void lookUp();
    },
    grow(newHead) {
      if (newHead <= head) return;
      const before = head;
      head = newHead;
      if (found !== null) return void lookUp();
      cache.forgetFrom(before);
      store.set({ count: head, version: store.get().version + 1 });
    },
    retry: () => void (Object.keys(filter).length === 0 ? startAnew(null) : lookUp()),
    close() {
      looking.abort();
      cache.close();
    },
  };
}
