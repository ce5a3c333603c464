/**
 * How a snapshot stands in the driver's kv. Key: family, escaped address, revision of 16 digits (so that keys sort as
 * revisions do), `.pinned` where it is. Value: one line of JSON (the header with its `format`), LF, the state as JSON.
 */
import { decodeUtf8, encodeUtf8 } from '../log/bytes.ts';
import type { Revision } from '../log/driver.ts';

export interface SnapshotInfo {
  /** Address `type/id`. */
  readonly stream: string;
  readonly revision: Revision;
  readonly eventId: string;
  /** Leaf hash of the event at the revision, in hex; null where the driver makes no leaves. */
  readonly leaf: string | null;
  readonly foldVersion: string;
  readonly stateHash: string;
  /** SHA-256 of the state's bytes, in hex. */
  readonly sha256: string;
  readonly pinned: boolean;
  readonly bytes: number;
}

/** What the first line says; on disk also its `format`. */
export type SnapshotHeader = Omit<SnapshotInfo, 'pinned' | 'bytes'>;

export type Family = 'snapshot' | 'keyframe';

export interface SnapshotKey {
  readonly key: string;
  readonly family: Family;
  readonly revision: Revision;
  readonly pinned: boolean;
}

/** The address is escaped, so that the entries of `job/1` never look like those of `job/1/2`. */
export const keyPrefix = (family: Family, stream: string): string => `${family}/${stream.replaceAll('%', '%25').replaceAll('/', '%2F')}/`;

export const keyOf = (family: Family, stream: string, revision: Revision, pinned: boolean): string => `${keyPrefix(family, stream)}${String(revision).padStart(16, '0')}${pinned ? '.pinned' : ''}`;

/** null for a key that `keyOf` did not write. */
export function parseKey(key: string, family: Family, prefix: string): SnapshotKey | null {
  const match = /^(\d{16})(\.pinned)?$/.exec(key.slice(prefix.length));
  return match === null ? null : { key, family, revision: Number(match[1]), pinned: match[2] !== undefined };
}

const formatVersion = 1;
const lineFeed = 0x0a;

export function writeSnapshot(header: SnapshotHeader, text: Uint8Array): Uint8Array {
  const line = encodeUtf8(`${JSON.stringify({ format: formatVersion, ...header })}\n`);
  const bytes = new Uint8Array(line.length + text.length);
  bytes.set(line);
  bytes.set(text, line.length);
  return bytes;
}

/** null for bytes that are no snapshot of this format. */
export function readSnapshot(bytes: Uint8Array): { readonly header: SnapshotHeader; readonly text: Uint8Array } | null {
  const end = bytes.indexOf(lineFeed);
  if (end < 0) return null;
  try {
    const { format, ...header } = JSON.parse(decodeUtf8(bytes.subarray(0, end))) as SnapshotHeader & { readonly format: number };
    const isWhole = format === formatVersion && typeof header.stream === 'string' && Number.isSafeInteger(header.revision);
    return isWhole ? { header, text: bytes.subarray(end + 1) } : null;
  } catch {
    return null;
  }
}
