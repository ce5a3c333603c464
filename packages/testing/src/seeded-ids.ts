/** UUIDs of version 7 that are the same in every run: time from a counter, the rest from a seed. They sort in the order made. */
import type { IdSource } from '@refold/core';
import { createSeededRandom } from './seeded-random.ts';

/** @param startMs  Milliseconds since the epoch in the first id; each id is one millisecond later. */
export function createSeededIds(seed: number, startMs: number = Date.UTC(2026, 0, 1)): IdSource {
  const random = createSeededRandom(seed);
  let atMs = startMs;
  return {
    uuid() {
      const time = atMs.toString(16).padStart(12, '0');
      const tail = Buffer.from(random.bytes(10));
      atMs += 1;
      // Version 7 and variant 10 (RFC 9562, section 5.7).
      tail.writeUInt8((tail.readUInt8(0) & 0x0f) | 0x70, 0);
      tail.writeUInt8((tail.readUInt8(2) & 0x3f) | 0x80, 2);
      const rest = tail.toString('hex');
      return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
    },
  };
}
