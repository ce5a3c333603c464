/**
 * The log in memory: the whole contract of the driver port, without durability. For tests, and the plainest reading of what
 * the port means: each operation is one synchronous function over `LogState`, so S1 to S4 hold by construction.
 */
import { LogError, createWatchSignal } from '@refold/core';
import type { Capabilities, Clock, Linker, LogDriver, Position } from '@refold/core';
import { appendCommits } from './append.ts';
import { kvGet, kvList, kvPut } from './kv.ts';
import { readPages } from './read.ts';
import type { PageBounds } from './read.ts';
import { emptyState, eventAt, headOf } from './state.ts';
import type { LogState } from './state.ts';
import { createStreamDirectory } from './streams.ts';

export interface MemoryLogOptions extends Partial<PageBounds> {
  /** Stamps `recordedAt`; default: the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Makes the leaves; without it `leaf` is absent and a forgotten body is empty. */
  readonly linker?: Linker;
  /** Default: a random UUID, as every log in memory is a new one. */
  readonly epoch?: string;
  /** Bytes of bodies, and events, that one commit may hold. */
  readonly commitBytesMax?: number;
  readonly commitEventsMax?: number;
}

/** Opens a new, empty log. It is gone when it is closed. */
export function openMemoryLog(options: MemoryLogOptions = {}): LogDriver {
  const state = emptyState();
  const signal = createWatchSignal();
  const listStreams = createStreamDirectory(state);
  const capabilities = capabilitiesFor(options);
  const epoch = options.epoch ?? crypto.randomUUID();
  const bounds = { pageEventsMax: options.pageEventsMax ?? 1_000, pageBytesMax: options.pageBytesMax ?? 4 * 1_048_576 };
  const nowMs = (): number => options.clock?.now() ?? Date.now();
  let isClosed = false;
  const assertOpen = (): void => {
    if (isClosed) throw new LogError('LOG_UNAVAILABLE', 'the log is closed', { details: { reason: 'closed' }, hint: 'Open the log again.' });
  };

  return {
    capabilities,
    async append(commits) {
      assertOpen();
      const results = appendCommits(state, commits, { limits: capabilities, nowMs, linker: options.linker });
      signal.raise(headOf(state));
      return results;
    },
    async *read(request, abort) {
      assertOpen();
      yield* readPages(state, request, bounds, abort);
    },
    async head() {
      assertOpen();
      return { position: headOf(state), recordedAt: state.events.at(-1)?.recordedAt ?? null, epoch };
    },
    async streams(request) {
      assertOpen();
      return listStreams(request);
    },
    watch: (after, abort) => signal.watch(after, abort),
    async kvGet(key) {
      assertOpen();
      return kvGet(state.kv, key);
    },
    async kvPut(key, value, expect) {
      assertOpen();
      return kvPut(state.kv, key, value, expect);
    },
    async kvList(prefix, after, limit = Infinity) {
      assertOpen();
      return kvList(state.kv, prefix, after, limit);
    },
    // The reason is for engines that keep an account of what they dropped; here the account would be dropped as well.
    async forget(positions) {
      assertOpen();
      return forgetBodies(state, positions, options.linker);
    },
    async close() {
      isClosed = true;
      signal.close();
    },
  };
}

function capabilitiesFor(options: MemoryLogOptions): Capabilities {
  return {
    durability: 'memory',
    writers: 'one-process',
    commitBytesMax: options.commitBytesMax ?? 16 * 1_048_576,
    commitEventsMax: options.commitEventsMax ?? 10_000,
    query: 'scan',
    watch: 'push',
    forget: true,
    cluster: false,
  };
}

/** Puts what the linker keeps in the place of each body; places that are empty or forgotten already count for nothing. */
function forgetBodies(state: LogState, positions: readonly Position[], linker: Linker | undefined): number {
  const dropped = [...new Set(positions)].filter((position) => position >= 1 && position <= headOf(state) && eventAt(state, position).forgotten !== true);
  for (const position of dropped) {
    const event = eventAt(state, position);
    state.events[position - 1] = { ...event, body: linker?.remainder(event).slice() ?? new Uint8Array(), forgotten: true };
  }
  return dropped.length;
}
