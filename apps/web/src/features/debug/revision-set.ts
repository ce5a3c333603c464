/**
 * Which revisions a filter found, as the server's bitmap: how many there are, the n-th of them, the next one after a place. A block of
 * 512 revisions has its running count, so every question costs a look at one block and a search among the blocks.
 */
import { bytesOfBase64 } from '@refold/core';

export interface RevisionSet {
  readonly count: number;
  has(revision: number): boolean;
  /** The revision at a place of the list, from 0; null beyond the end. */
  at(index: number): number | null;
  /** How many stand before a revision: its place in the list, or where it would stand. */
  placeOf(revision: number): number;
  /** The next one strictly after a revision, or before it. */
  next(revision: number): number | null;
  previous(revision: number): number | null;
}

const bytesPerBlock = 64;
const bitsOf = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export function revisionSetOf(bitmap: string): RevisionSet {
  // What is no base64 holds nothing.
  const bytes = bytesOfBase64(bitmap) ?? new Uint8Array();
  const before = new Uint32Array(Math.ceil(bytes.length / bytesPerBlock) + 1);
  for (let block = 0; block + 1 < before.length; block++) {
    let bits = before[block]!;
    for (let byte = block * bytesPerBlock; byte < Math.min(bytes.length, (block + 1) * bytesPerBlock); byte++) bits += bitsOf[bytes[byte]!]!;
    before[block + 1] = bits;
  }
  const count = before.at(-1)!;
  const has = (revision: number): boolean => revision >= 1 && ((bytes[(revision - 1) >> 3] ?? 0) >> ((revision - 1) & 7)) % 2 === 1;

  function at(index: number): number | null {
    if (index < 0 || index >= count) return null;
    let [low, high] = [0, before.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (before[middle]! <= index) low = middle;
      else high = middle;
    }
    let left = index - before[low]!;
    for (let byte = low * bytesPerBlock; ; byte++) {
      const bits = bitsOf[bytes[byte]!]!;
      if (left >= bits) {
        left -= bits;
        continue;
      }
      for (let bit = 0; ; bit++) if ((bytes[byte]! >> bit) % 2 === 1 && left-- === 0) return byte * 8 + bit + 1;
    }
  }

  function placeOf(revision: number): number {
    const bit = Math.min(Math.max(0, revision - 1), bytes.length * 8);
    const block = Math.floor(bit / 8 / bytesPerBlock);
    let place = before[block]!;
    for (let byte = block * bytesPerBlock; byte < bit >> 3; byte++) place += bitsOf[bytes[byte]!]!;
    return (bit & 7) === 0 ? place : place + bitsOf[(bytes[bit >> 3] ?? 0) & ((1 << (bit & 7)) - 1)]!;
  }

  return { count, has, at, placeOf, next: (revision) => at(placeOf(revision + 1)), previous: (revision) => at(placeOf(revision) - 1) };
}
