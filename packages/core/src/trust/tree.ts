/**
 * The RFC 6962 Merkle tree over the whole log: leaf k is the leaf hash of the event at position k + 1.
 *
 * A driver keeps only the frontier: the hashes of the perfect subtrees that make up the tree, one per set bit of the size
 * (11 hashes at a million leaves). It moves in the append transaction and gives the root at any time. Proofs need inner
 * nodes; a `TreeNodes` reads them from wherever they are kept (tiles, kv rows, an array).
 */
import type { Hasher } from '../ports.ts';

/** The perfect subtrees of a tree, largest first. Immutable: adding a leaf gives a new one. */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export const emptyFrontier: Frontier = { size: 0, hashes: [] };

/**
 * Adds a leaf hash. Equal trees have equal frontiers, however they grew.
 * Cost: one node hash per two leaves on average.
 */
export function addLeaf(hasher: Hasher, frontier: Frontier, leaf: Uint8Array): Frontier {
  const hashes = [...frontier.hashes];
  let node = leaf;
  // Every trailing set bit of the size is a perfect subtree that the new leaf completes to one of double size.
  for (let size = frontier.size; size % 2 === 1; size = Math.floor(size / 2)) node = nodeHash(hasher, hashes.pop()!, node);
  hashes.push(node);
  return { size: frontier.size + 1, hashes };
}

/** Root of the tree (32 bytes); of the empty tree SHA-256 of nothing (RFC 6962, section 2.1). */
export function rootOf(hasher: Hasher, { hashes }: Frontier): Uint8Array {
  return hashes.length === 0 ? hasher.sha256(new Uint8Array(0)) : hashes.reduceRight((right, left) => nodeHash(hasher, left, right));
}

/** Root over leaf hashes, in order. */
export function rootOfLeaves(hasher: Hasher, leaves: Iterable<Uint8Array>): Uint8Array {
  let frontier = emptyFrontier;
  for (const leaf of leaves) frontier = addLeaf(hasher, frontier, leaf);
  return rootOf(hasher, frontier);
}

const nodePrefix = 0x01;

/** SHA-256 over 0x01, left and right (RFC 6962, section 2.1). */
export function nodeHash(hasher: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes[0] = nodePrefix;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return hasher.sha256(bytes);
}

/** Reads the hash of a perfect subtree: of 2^level leaves, the index-th of its level, counted from 0. */
export type TreeNodes = (level: number, index: number) => Uint8Array;

/** All nodes of a growing tree, kept level by level; 64 bytes per leaf. For tests, packs and logs that fit in memory. */
export interface NodeStore {
  readonly nodes: TreeNodes;
  readonly size: number;
  add(leaf: Uint8Array): void;
}

export function createNodeStore(hasher: Hasher): NodeStore {
  const levels: Uint8Array[][] = [[]];

  return {
    nodes(level, index) {
      const node = levels[level]?.[index];
      if (node === undefined) throw new RangeError(`the tree has no perfect subtree ${index} at level ${level}`);
      return node;
    },
    get size() {
      return levels[0]!.length;
    },
    add(leaf) {
      let node = leaf;
      for (let level = 0; ; level++) {
        const row = (levels[level] ??= []);
        row.push(node);
        if (row.length % 2 === 1) return;
        node = nodeHash(hasher, row.at(-2)!, node);
      }
    },
  };
}
