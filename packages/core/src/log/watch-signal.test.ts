import { describe, expect, it } from 'vitest';
import { createWatchSignal } from './watch-signal.ts';

const never = (): AbortSignal => new AbortController().signal;
const start = (iterable: AsyncIterable<number>): AsyncIterator<number> => iterable[Symbol.asyncIterator]();

describe('a watch signal', () => {
  it('wakes a watcher that waits', async () => {
    const signal = createWatchSignal();
    const hint = start(signal.watch(0, never())).next();
    expect(signal.waiting).toBe(1);
    signal.raise(3);
    expect(await hint).toEqual({ value: 3, done: false });
    expect(signal.waiting).toBe(0);
  });

  it('wakes at once when the head is past the position already, so no move is lost between reading and watching', async () => {
    const signal = createWatchSignal(4);
    signal.raise(5);
    expect(await start(signal.watch(4, never())).next()).toEqual({ value: 5, done: false });
  });

  it('coalesces the moves that happen while the watcher is busy, and never goes back', async () => {
    const signal = createWatchSignal();
    const watcher = start(signal.watch(0, never()));
    signal.raise(1);
    expect((await watcher.next()).value).toBe(1);
    for (const position of [2, 3, 4, 2]) signal.raise(position);
    expect((await watcher.next()).value).toBe(4);
    const waiting = watcher.next();
    signal.raise(4);
    expect(signal.waiting).toBe(1);
    signal.raise(5);
    expect((await waiting).value).toBe(5);
  });

  it('does not wake a watcher below its position', async () => {
    const signal = createWatchSignal();
    const hint = start(signal.watch(10, never())).next();
    signal.raise(9);
    signal.raise(10);
    signal.raise(11);
    expect((await hint).value).toBe(11);
  });

  it('ends when its own signal aborts, and frees the watcher; others go on', async () => {
    const signal = createWatchSignal();
    const stop = new AbortController();
    const stopped = start(signal.watch(0, stop.signal)).next();
    const other = start(signal.watch(0, never())).next();
    stop.abort();
    expect((await stopped).done).toBe(true);
    expect(signal.waiting).toBe(1);
    signal.raise(1);
    expect((await other).value).toBe(1);
    expect((await start(signal.watch(0, stop.signal)).next()).done).toBe(true);
  });

  it('ends every watcher with LOG_UNAVAILABLE when the log closes, never silently', async () => {
    const signal = createWatchSignal();
    const hints = [start(signal.watch(0, never())).next(), start(signal.watch(7, never())).next()];
    signal.close();
    for (const hint of hints) await expect(hint).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
    await expect(start(signal.watch(0, never())).next()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });
});
