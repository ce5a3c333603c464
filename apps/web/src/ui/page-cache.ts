/**
 * Pages of a long list: those last looked at are kept, those next in the direction of travel are fetched ahead, and what is scrolled
 * past before it came is called off. It knows nothing of what a row is.
 */
export interface PageCacheOptions<R> {
  readonly pageSize: number;
  /** Pages kept; those looked at longest ago go first. */
  readonly pagesMax?: number;
  /** Pages fetched beyond what is seen, where the list is moving to. */
  readonly pagesAhead?: number;
  readonly load: (page: number, signal: AbortSignal) => Promise<readonly R[]>;
  readonly onChange: () => void;
  readonly onError?: (error: unknown) => void;
}

export interface PageCache<R> {
  readonly pagesHeld: number;
  row(index: number): R | undefined;
  /** Says which rows are seen, the end exclusive, of how many there are. */
  see(from: number, to: number, rowCount: number): void;
  /** Forgets the page of a row and what follows: it grew, or another filter holds. */
  forgetFrom(index: number): void;
  close(): void;
}

export function createPageCache<R>({ pageSize, pagesMax = 40, pagesAhead = 2, load, onChange, onError }: PageCacheOptions<R>): PageCache<R> {
  /** In the order in which they were last looked at. */
  const held = new Map<number, readonly R[]>();
  const coming = new Map<number, AbortController>();
  let lastFrom = 0;
  /** Fetched once what is seen is there: whoever jumps waits for one page and not for three. */
  let ahead: readonly number[] = [];

  async function fetchPage(page: number): Promise<void> {
    const stop = new AbortController();
    coming.set(page, stop);
    try {
      const rows = await load(page, stop.signal);
      if (stop.signal.aborted) return;
      held.set(page, rows);
      for (const oldest of held.keys()) {
        if (held.size <= pagesMax) break;
        held.delete(oldest);
      }
      onChange();
    } catch (error) {
      if (!stop.signal.aborted) onError?.(error);
    } finally {
      if (coming.get(page) === stop) coming.delete(page);
      if (coming.size === 0) fetchAhead();
    }
  }

  function fetchAhead(): void {
    const wanted = ahead.filter((page) => !held.has(page));
    ahead = [];
    for (const page of wanted) void fetchPage(page);
  }

  return {
    get pagesHeld() {
      return held.size;
    },
    row: (index) => held.get(Math.floor(index / pageSize))?.[index % pageSize],
    see(from, to, rowCount) {
      if (rowCount === 0 || to <= from) return;
      const [first, last, newest] = [Math.floor(from / pageSize), Math.floor((to - 1) / pageSize), Math.floor((rowCount - 1) / pageSize)];
      const backward = from < lastFrom;
      lastFrom = from;
      const seen = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      ahead = Array.from({ length: pagesAhead }, (_, index) => (backward ? first - 1 - index : last + 1 + index)).filter((page) => page >= 0 && page <= newest);
      const wanted = new Set([...seen, ...ahead]);
      for (const [page, stop] of coming)
        if (!wanted.has(page)) {
          stop.abort();
          coming.delete(page);
        }
      for (const page of wanted) {
        const rows = held.get(page);
        if (rows === undefined) continue;
        held.delete(page);
        held.set(page, rows);
      }
      for (const page of seen) if (!held.has(page) && !coming.has(page)) void fetchPage(page);
      if (coming.size === 0) fetchAhead();
    },
    forgetFrom(index) {
      const first = Math.floor(index / pageSize);
      for (const page of held.keys()) if (page >= first) held.delete(page);
      for (const [page, stop] of coming)
        if (page >= first) {
          stop.abort();
          coming.delete(page);
        }
    },
    close() {
      ahead = [];
      for (const stop of coming.values()) stop.abort();
      coming.clear();
      held.clear();
    },
  };
}
