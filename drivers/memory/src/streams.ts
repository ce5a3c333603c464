/** The directory of streams, in byte order. The order is kept between calls and made anew only when a stream was added. */
import type { StreamInfo, StreamsRequest } from '@refold/core';
import { compareBytes } from './byte-order.ts';
import type { LogState } from './state.ts';

export function createStreamDirectory(state: LogState): (request: StreamsRequest) => readonly StreamInfo[] {
  let names: readonly string[] = [];
  return ({ prefix = '', after, limit = Infinity }) => {
    // Streams are never removed, so the count tells whether the order is still whole.
    if (names.length !== state.streams.size) names = [...state.streams.keys()].toSorted(compareBytes);
    const found: StreamInfo[] = [];
    for (let index = after === undefined ? 0 : firstAbove(names, after); index < names.length && found.length < limit; index += 1) {
      const stream = names[index] ?? '';
      if (stream.startsWith(prefix)) found.push(describe(state, stream));
    }
    return found;
  };
}

function firstAbove(names: readonly string[], after: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (compareBytes(names[middle] ?? '', after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function describe(state: LogState, stream: string): StreamInfo {
  const positions = state.streams.get(stream) ?? [];
  return { stream, revision: positions.length, first: positions[0] ?? 0, last: positions.at(-1) ?? 0 };
}
