/**
 * Proofs over the tree: that a leaf is in it, and that a smaller tree is its beginning. Making one needs inner nodes;
 * checking one needs only hashes that the checker already trusts.
 *
 * A literal transcription of RFC 9162's algorithms accepts some malformed proofs (size 0, short hashes), so sizes, 32-byte
 * hashes and the length of the path are judged first.
 */
import type { Hasher } from '../ports.ts';
import { nodeHash } from './tree.ts';
import type { TreeNodes } from './tree.ts';

export interface Inclusion {
  /** Position - 1. */
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  /** Sibling hashes, from the leaf up. */
  readonly path: readonly Uint8Array[];
}

export interface Consistency {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** The path that proves leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1). */
export function inclusionPath(hasher: Hasher, nodes: TreeNodes, { index, size }: { readonly index: number; readonly size: number }): readonly Uint8Array[] {
  if (!isIndex(index) || !isIndex(size) || index >= size) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const isLeft = index < middle;
    path.push(isLeft ? rangeHash(hasher, nodes, middle, to) : rangeHash(hasher, nodes, from, middle));
    if (isLeft) to = middle;
    else from = middle;
  }
  return path.reverse();
}

/** The path that proves the tree of `oldSize` leaves to be the beginning of that of `newSize` (RFC 6962, section 2.1.2). */
export function consistencyPath(hasher: Hasher, nodes: TreeNodes, { oldSize, newSize }: { readonly oldSize: number; readonly newSize: number }): readonly Uint8Array[] {
  if (!isIndex(oldSize) || !isIndex(newSize) || oldSize > newSize) throw new RangeError(`a tree of ${oldSize} is no beginning of one of ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let to = newSize;
  while (oldSize !== to) {
    const middle = from + splitOf(to - from);
    const isLeft = oldSize <= middle;
    path.push(isLeft ? rangeHash(hasher, nodes, middle, to) : rangeHash(hasher, nodes, from, middle));
    if (isLeft) to = middle;
    else from = middle;
  }
  // The old root itself is known to the checker when the old tree is one perfect subtree.
  if (from > 0) path.push(rangeHash(hasher, nodes, from, to));
  return path.reverse();
}

/** True when the path leads from the leaf to the root. */
export function holdsInclusion(hasher: Hasher, { index, size, leaf, root, path }: Inclusion): boolean {
  if (!isIndex(index) || !isIndex(size) || index >= size || ![leaf, root, ...path].every(isHash)) return false;
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(hasher, sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else hash = nodeHash(hasher, hash, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(hash, root);
}

/** True when the path ties the old root to the new one. Every tree is consistent with the empty one. */
export function holdsConsistency(hasher: Hasher, { oldSize, newSize, oldRoot, newRoot, path }: Consistency): boolean {
  if (!isIndex(oldSize) || !isIndex(newSize) || oldSize > newSize || ![oldRoot, newRoot, ...path].every(isHash)) return false;
  if (oldSize === newSize) return path.length === 0 && isEqual(oldRoot, newRoot);
  if (oldSize === 0) return path.length === 0 && isEqual(oldRoot, hasher.sha256(new Uint8Array(0)));

  // Where the old tree ends, its last perfect subtree stands; the climbs to both roots start from its hash.
  let place = oldSize - 1;
  let last = newSize - 1;
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  const [seed, ...siblings] = place === 0 ? [oldRoot, ...path] : path;
  if (seed === undefined) return false;
  let oldHash = seed;
  let newHash = seed;
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = nodeHash(hasher, sibling, oldHash);
      newHash = nodeHash(hasher, sibling, newHash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, half(last)];
    } else newHash = nodeHash(hasher, newHash, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(oldHash, oldRoot) && isEqual(newHash, newRoot);
}

/** Hash over the leaves `[from, to)`, where `from` is where a subtree of that size starts. */
function rangeHash(hasher: Hasher, nodes: TreeNodes, from: number, to: number): Uint8Array {
  const size = to - from;
  const split = splitOf(size);
  if (size === 1 || split * 2 === size) return nodes(Math.log2(size), from / size);
  return nodeHash(hasher, rangeHash(hasher, nodes, from, from + split), rangeHash(hasher, nodes, from + split, to));
}

/** The largest power of two below `size`: where RFC 6962 cuts a tree in two. Sizes go beyond 32 bits, so no shifts. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

const half = (value: number): number => Math.floor(value / 2);
const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (bytes: Uint8Array): boolean => bytes.length === 32;

/** All of this is public, so comparing needs no constant time. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}
