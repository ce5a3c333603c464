import { describe, expect, test } from 'vitest';
import { createPageCache } from './page-cache.ts';

function cacheOf(pagesMax?: number) {
  const asked: number[] = [];
  const stopped: number[] = [];
  const pending = new Map<number, () => void>();
  const cache = createPageCache<number>({
    pageSize: 10,
    ...(pagesMax === undefined ? {} : { pagesMax }),
    onChange: () => undefined,
    load: (page, signal) => {
      asked.push(page);
      signal.addEventListener('abort', () => stopped.push(page));
      return new Promise((resolve) => pending.set(page, () => resolve(Array.from({ length: 10 }, (_, index) => page * 10 + index))));
    },
  });
  const answer = async (): Promise<void> => {
    for (const give of pending.values()) give();
    pending.clear();
    await new Promise((resolve) => setTimeout(resolve));
  };
  const settle = async (): Promise<void> => {
    while (pending.size > 0) await answer();
  };
  return { cache, asked, stopped, answer, settle };
}

describe('a page cache', () => {
  test('given rows that are seen, when they come, then they stand at their index, and two pages ahead are fetched then', async () => {
    const { cache, asked, answer, settle } = cacheOf();
    cache.see(25, 40, 1_000);
    expect(asked).toEqual([2, 3]);
    await answer();
    expect(asked).toEqual([2, 3, 4, 5]);
    await settle();
    expect([asked, cache.row(25), cache.row(39), cache.row(50), cache.row(60)]).toEqual([[2, 3, 4, 5], 25, 39, 50, undefined]);
  });

  test('given a list that moves up, when it is seen, then the pages above are fetched ahead, never those that are not there', async () => {
    const { cache, asked, settle } = cacheOf();
    cache.see(100, 110, 1_000);
    await settle();
    cache.see(15, 25, 1_000);
    await settle();
    expect(asked.slice(3)).toEqual([1, 2, 0]);
  });

  test('given a jump before the pages came, when other rows are seen, then what nobody waits for is called off', async () => {
    const { cache, stopped, asked, settle } = cacheOf();
    cache.see(0, 10, 1_000);
    cache.see(900, 910, 1_000);
    expect([stopped, asked]).toEqual([[0], [0, 90]]);
    await settle();
    expect([cache.row(0), cache.row(905)]).toEqual([undefined, 905]);
  });

  test('given more pages than are kept, when a page comes, then the one looked at longest ago goes', async () => {
    const { cache, settle } = cacheOf(4);
    for (const from of [0, 100, 200]) {
      cache.see(from, from + 10, 1_000);
      await settle();
    }
    expect([cache.pagesHeld, cache.row(5), cache.row(205)]).toEqual([4, undefined, 205]);
  });

  test('given a list that grew, when its end is forgotten, then only that is asked for again', async () => {
    const { cache, asked, settle } = cacheOf();
    cache.see(0, 15, 15);
    await settle();
    cache.forgetFrom(15);
    cache.see(0, 18, 18);
    expect([asked, cache.row(5), cache.row(15)]).toEqual([[0, 1, 1], 5, undefined]);
  });
});
