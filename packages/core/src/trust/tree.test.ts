import { createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hasher } from '../ports.ts';
import { consistencyPath, holdsConsistency, holdsInclusion, inclusionPath } from './proof.ts';
import { addLeaf, createNodeStore, emptyFrontier, rootOf, rootOfLeaves } from './tree.ts';

const hasher: Hasher = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};

describe('transparency-dev/merkle vectors', () => {
  const folder = new URL('../../test/fixtures/merkle/', import.meta.url);
  const vectors = (kind: string): readonly string[] => readdirSync(new URL(`${kind}/`, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).map((name) => `${kind}/${name}`);
  const read = (name: string): Vector => JSON.parse(readFileSync(new URL(name.split('/').map(encodeURIComponent).join('/'), folder), 'utf8')) as Vector;
  // Its dummy roots are not 32 bytes, which no root may be.
  const outOfScope = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty.json';

  interface Vector {
    readonly leafIdx: number;
    readonly treeSize: number;
    readonly root: string;
    readonly leafHash: string;
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: readonly string[] | null;
    readonly wantErr: boolean;
  }
  const bytes = (text: string | null): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64'));

  const holds = (name: string): boolean => {
    const { leafIdx, treeSize, root, leafHash, size1, size2, root1, root2, proof } = read(name);
    const path = (proof ?? []).map(bytes);
    return name.startsWith('inclusion')
      ? holdsInclusion(hasher, { index: leafIdx, size: treeSize, leaf: bytes(leafHash), root: bytes(root), path })
      : holdsConsistency(hasher, { oldSize: size1, newSize: size2, oldRoot: bytes(root1), newRoot: bytes(root2), path });
  };

  it('has 98 inclusion and 98 consistency vectors, 184 of which must fail', () => {
    const all = [...vectors('inclusion'), ...vectors('consistency')];
    expect([vectors('inclusion').length, vectors('consistency').length]).toEqual([98, 98]);
    expect(all.filter((name) => read(name).wantErr)).toHaveLength(184);
  });

  it.each([...vectors('inclusion'), ...vectors('consistency')].filter((name) => name !== outOfScope))('judges %s as it must (bad-input L16)', (name) => {
    expect(holds(name)).toBe(!read(name).wantErr);
  });

  it('refuses roots that are not 32 bytes, even where a vector has them', () => {
    expect([read(outOfScope).wantErr, holds(outOfScope)]).toEqual([false, false]);
  });
});

describe('tree', () => {
  const leafAt = (index: number): Uint8Array => hasher.sha256(Uint8Array.of(index >> 8, index & 255));
  const leaves = Array.from({ length: 70 }, (_, index) => leafAt(index));

  /** The definition of RFC 6962, section 2.1, word for word. */
  const definition = (list: readonly Uint8Array[]): Uint8Array => {
    if (list.length === 0) return hasher.sha256(new Uint8Array());
    if (list.length === 1) return list[0]!;
    let split = 1;
    while (split * 2 < list.length) split *= 2;
    return hasher.sha256(Uint8Array.of(1, ...definition(list.slice(0, split)), ...definition(list.slice(split))));
  };

  it('has the root of the definition at every size, and a frontier of one hash per set bit', () => {
    let frontier = emptyFrontier;
    for (let size = 0; size <= leaves.length; size++) {
      expect(rootOf(hasher, frontier)).toEqual(definition(leaves.slice(0, size)));
      expect(frontier.hashes).toHaveLength([...size.toString(2)].filter((bit) => bit === '1').length);
      if (size < leaves.length) frontier = addLeaf(hasher, frontier, leaves[size]!);
    }
  });

  const store = createNodeStore(hasher);
  for (const leaf of leaves) store.add(leaf);
  const sizes = fc.tuple(fc.integer({ min: 1, max: leaves.length }), fc.nat(leaves.length - 1)).map(([size, at]) => ({ size, index: at % size }));

  it('proves every leaf of every size, and no other leaf, index or size', () => {
    fc.assert(
      fc.property(sizes, fc.nat(69), ({ index, size }, other) => {
        const root = rootOfLeaves(hasher, leaves.slice(0, size));
        const path = inclusionPath(hasher, store.nodes, { index, size });
        const proof = { index, size, leaf: leaves[index]!, root, path };
        expect(holdsInclusion(hasher, proof)).toBe(true);
        if (other !== index) expect(holdsInclusion(hasher, { ...proof, leaf: leaves[other]! })).toBe(false);
        if (other !== index) expect(holdsInclusion(hasher, { ...proof, index: other })).toBe(false);
        expect(holdsInclusion(hasher, { ...proof, path: [...path, root] })).toBe(false);
        if (path.length > 0) expect(holdsInclusion(hasher, { ...proof, path: path.slice(1) })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('proves every tree to be the beginning of every later one, and of no other', () => {
    const pairs = fc.tuple(fc.integer({ min: 0, max: leaves.length }), fc.integer({ min: 0, max: leaves.length })).map(([a, b]) => ({ oldSize: Math.min(a, b), newSize: Math.max(a, b) }));
    fc.assert(
      fc.property(pairs, ({ oldSize, newSize }) => {
        const oldRoot = rootOfLeaves(hasher, leaves.slice(0, oldSize));
        const newRoot = rootOfLeaves(hasher, leaves.slice(0, newSize));
        const path = consistencyPath(hasher, store.nodes, { oldSize, newSize });
        expect(holdsConsistency(hasher, { oldSize, newSize, oldRoot, newRoot, path })).toBe(true);
        expect(holdsConsistency(hasher, { oldSize, newSize, oldRoot: leafAt(999), newRoot, path })).toBe(false);
        // Every tree goes on from the empty one, so there the new root is free.
        expect(holdsConsistency(hasher, { oldSize, newSize, oldRoot, newRoot: leafAt(999), path })).toBe(oldSize === 0 && newSize > 0);
        expect(holdsConsistency(hasher, { oldSize, newSize, oldRoot, newRoot, path: [...path, newRoot] })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [0, 0],
    [3, 3],
    [-1, 3],
    [1.5, 3],
  ])('makes no proof for leaf %d of %d', (index, size) => {
    expect(() => inclusionPath(hasher, store.nodes, { index, size })).toThrow(RangeError);
  });
});
