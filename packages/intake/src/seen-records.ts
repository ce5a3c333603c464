/**
 * Tells a repeat from a native id that comes again with other content. A repeat (same bytes) is the same record and is left
 * out; other content under the same key is another record and gets `key~2`. One number per key is kept: 48 bits of the
 * digest are enough to tell two versions of one record apart.
 */
import { createRecentMap } from './recent-map.ts';

export interface SeenRecords {
  /** The key to use; null for a repeat. */
  keyFor(key: string, sha256: string): string | null;
}

export function createSeenRecords(): SeenRecords {
  const digests = createRecentMap<number>();
  return {
    keyFor(key, sha256) {
      const digest = Number.parseInt(sha256.slice(0, 12), 16);
      for (let count = 1; ; count++) {
        const candidate = count === 1 ? key : `${key}~${count}`;
        const known = digests.get(candidate);
        if (known === digest) return null;
        if (known !== undefined) continue;
        digests.set(candidate, digest);
        return candidate;
      }
    },
  };
}
