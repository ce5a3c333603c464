/**
 * Blobs: values too large for an event, kept beside the log by their content. A payload holds
 * `{"$blob":{"sha256":..,"bytes":..,"mediaType":..}}` in their place. The same content is stored once; nothing is ever
 * overwritten, so a reference stays true. Source: TRUST.md section 2.
 *
 * A blob is kept in pieces of 512 KiB, because an engine's values are small things; the header is written last, so a blob
 * that is there is whole.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Limits } from '../limits.ts';
import type { Hasher } from '../ports.ts';
import { decodeUtf8, encodeUtf8, hexOf } from './bytes.ts';
import type { LogDriver } from './driver.ts';
import type { Json } from './event.ts';

export interface BlobRef {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
}

export interface Blobs {
  /**
   * Stores content and gives what to put into the payload.
   *
   * @param options.sha256  What the caller says the content is; anything else is refused.
   * @throws LogError TOO_LARGE `blob`; BAD_REQUEST `digest`.
   */
  put(content: Uint8Array, options?: { readonly mediaType?: string; readonly sha256?: string }): Promise<{ readonly $blob: BlobRef }>;
  /** The content; null when nobody stored it. */
  get(sha256: string): Promise<{ readonly ref: BlobRef; readonly content: Uint8Array } | null>;
  has(sha256: string): Promise<boolean>;
}

const pieceBytes = 512 * 1024;
const headerKey = (sha256: string): string => `blob/${sha256}`;
const pieceKey = (sha256: string, index: number): string => `blob-piece/${sha256}/${index}`;

export function createBlobs(driver: Pick<LogDriver, 'kvGet' | 'kvPut'>, hasher: Pick<Hasher, 'sha256'>, limits: Pick<Limits, 'blobBytesMax'>): Blobs {
  return {
    async put(content, { mediaType = 'application/octet-stream', sha256: claimed } = {}) {
      if (content.length > limits.blobBytesMax)
        throw new LogError('TOO_LARGE', `A blob of ${content.length} bytes; the most is ${limits.blobBytesMax}.`, { details: { reason: 'blob', size: content.length, limit: limits.blobBytesMax }, hint: 'Store it elsewhere and refer to it by its address and digest.' });
      const sha256 = hexOf(hasher.sha256(content));
      if (claimed !== undefined && claimed.toLowerCase() !== sha256)
        throw new LogError('BAD_REQUEST', 'The content is not what its digest says.', { details: { reason: 'digest', expected: claimed, actual: sha256 }, hint: 'Send the content again.' });
      const ref: BlobRef = { sha256, bytes: content.length, mediaType };
      if ((await driver.kvGet(headerKey(sha256))) !== null) return { $blob: ref };
      for (let index = 0; index * pieceBytes < content.length; index++) await driver.kvPut(pieceKey(sha256, index), content.subarray(index * pieceBytes, (index + 1) * pieceBytes), 'absent');
      await driver.kvPut(headerKey(sha256), encodeUtf8(JSON.stringify(ref)), 'absent');
      return { $blob: ref };
    },
    async get(sha256) {
      const header = await driver.kvGet(headerKey(sha256));
      if (header === null) return null;
      const ref = JSON.parse(decodeUtf8(header.value)) as BlobRef;
      const content = new Uint8Array(ref.bytes);
      for (let index = 0; index * pieceBytes < ref.bytes; index++) {
        const piece = await driver.kvGet(pieceKey(sha256, index));
        if (piece !== null) content.set(piece.value, index * pieceBytes);
      }
      if (hexOf(hasher.sha256(content)) !== sha256)
        throw new LogError('INTEGRITY_VIOLATION', `The blob ${sha256} is damaged.`, { details: { reason: 'blob', sha256 }, hint: 'Restore it from a backup.' });
      return { ref, content };
    },
    has: async (sha256) => (await driver.kvGet(headerKey(sha256))) !== null,
  };
}

/** Digests of the blobs that a payload refers to. Whatever it is given: a value that could never be stored is not walked to its end. */
export function blobsIn(root: Json | undefined): readonly string[] {
  const found: string[] = [];
  const open: unknown[] = [root];
  let left: number = defaultLimits.eventBytesMax;
  for (let value = open.pop(); value !== undefined && left > 0; value = open.pop()) {
    for (const key of Object.keys(value ?? {})) {
      left--;
      const member = (value as { readonly [key: string]: unknown })[key];
      if (typeof member !== 'object' || member === null) continue;
      const digest: unknown = key === '$blob' ? (member as { readonly sha256?: unknown }).sha256 : undefined;
      if (typeof digest === 'string') found.push(digest);
      else open.push(member);
    }
  }
  return found;
}
