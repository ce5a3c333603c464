/** The ports of the core for tests in Node: real hashes, a manual clock, ids and randomness from a seed. */
import { createHash, createHmac } from 'node:crypto';
import type { Hasher, Linker, Ports } from '@refold/core';
import { createManualClock } from './manual-clock.ts';
import type { ManualClock, ManualClockOptions } from './manual-clock.ts';
import { createSeededIds } from './seeded-ids.ts';
import { createSeededRandom } from './seeded-random.ts';

export const nodeHasher: Hasher = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};

export function createTestPorts(seed = 1, clock: ManualClockOptions = {}): Ports & { readonly clock: ManualClock } {
  return { clock: createManualClock(clock), ids: createSeededIds(seed), hasher: nodeHasher, randomness: createSeededRandom(seed) };
}

/**
 * A linker for drivers' tests: the leaf is a hash over the previous leaf and every field that is kept for ever, with the
 * body in the form of its hash. The remainder is that hash, so the leaf can be made again after the body is gone.
 */
export const testLinker: Linker = {
  link(event, previousLeaf) {
    const { body, forgotten } = event;
    const commitment = forgotten === true ? body : nodeHasher.sha256(body);
    const fields = [event.id, event.stream, event.type, event.tags, event.position, event.revision, event.commit, event.index, event.recordedAt];
    return nodeHasher.sha256(Buffer.concat([previousLeaf ?? new Uint8Array(32), commitment, Buffer.from(JSON.stringify(fields))]));
  },
  remainder: (event) => nodeHasher.sha256(event.body),
};
