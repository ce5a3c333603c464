/** The world as Node has it: system clock, UUIDs, OpenSSL's SHA-256, pooled random bytes, zstd and gzip. */
import { createHmac, hash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Clock, Gzip, Hasher, IdSource, Packer, Ports, Randomness } from '@refold/core';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { uuidv7 } from 'uuidv7';

export const systemClock: Clock = {
  now: () => Date.now(),
  worked: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Ending early is what the signal is for.
      if (signal?.aborted !== true) throw error;
    }
  },
  turn: () => nextTurn(),
};

/** Monotonic within a process: ids made later sort later. */
export const timeOrderedIds: IdSource = { uuid: uuidv7 };

export const nodeHasher: Hasher = {
  sha256: (bytes) => bytesOfLatin1(hash('sha256', bytes, 'binary')),
  hmacSha256: (key, bytes) => createHmac('sha256', key).update(bytes).digest(),
};

/** A buffer that the engine makes has memory outside the heap, which costs as much as the hash; an array this small has none. */
function bytesOfLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

const poolBytes = 16 * 1024;

/** One system call serves 512 salts. Bytes are handed out once and never again. */
export function createPooledRandomness(): Randomness {
  let pool = randomBytes(poolBytes);
  let used = 0;
  return {
    bytes(length) {
      if (length > poolBytes) return randomBytes(length);
      if (used + length > poolBytes) {
        pool = randomBytes(poolBytes);
        used = 0;
      }
      used += length;
      return pool.subarray(used - length, used);
    },
  };
}

/** A text is unpacked in one piece up to here: many small ones leave the memory of the process in pieces. */
const textBytes = 1_048_576;

/**
 * Level 1 for a text alone: a state of 1 MB takes 2.5 ms, and higher levels make it no smaller. Beside a text like it, level 3
 * is the first that looks far enough back to find what the two share: 23 to 46 kB where the state alone takes 100 kB.
 */
function createPacker(): Packer {
  /** Neighbours have one base, and are mostly packed one after the other. */
  let newest: { readonly base: Uint8Array; readonly dictionary: Buffer } | null = null;

  function dictionaryOf(base: Uint8Array | undefined): Buffer | undefined {
    if (base === undefined) return undefined;
    if (newest?.base !== base) newest = { base, dictionary: zstdDecompressSync(base) };
    return newest.dictionary;
  }

  return {
    // What is packed stays, so its chunks are small and it is put together from them.
    pack: (text, base) => zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: base === undefined ? 1 : 3 }, dictionary: dictionaryOf(base) }),
    unpack: (packed, base) => zstdDecompressSync(packed, { dictionary: dictionaryOf(base), chunkSize: textBytes }).toString('utf8'),
  };
}

/** Level 1: a snapshot is made behind writers, on their thread. */
export const nodeGzip: Gzip = {
  pack: (bytes) => gzipSync(bytes, { level: constants.Z_BEST_SPEED }),
  unpack: (packed, bytesMax) => gunzipSync(packed, { maxOutputLength: bytesMax }),
};

export const createNodePorts = (overrides: Partial<Ports> = {}): Ports => ({
  clock: systemClock,
  ids: timeOrderedIds,
  hasher: nodeHasher,
  randomness: createPooledRandomness(),
  packer: createPacker(),
  gzip: nodeGzip,
  ...overrides,
});
