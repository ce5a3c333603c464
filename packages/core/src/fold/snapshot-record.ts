/**
 * How a snapshot stands in the driver's kv. Key: family, escaped address, revision of 16 digits (so that keys sort as
 * revisions do), `.pinned` where it is. Value: one line of JSON (the header with its `format`, and its `encoding` when the
 * state is packed), LF, the state as JSON, packed or not.
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
  /** Of the state as it is stored. */
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

export interface StoredSnapshot {
  readonly header: SnapshotHeader;
  readonly encoding: 'none' | 'gzip';
  /** The state as JSON, in that encoding. */
  readonly bytes: Uint8Array;
}

export function writeSnapshot({ header, encoding, bytes }: StoredSnapshot): Uint8Array {
  const line = encodeUtf8(`${JSON.stringify({ format: formatVersion, ...header, ...(encoding === 'none' ? {} : { encoding }) })}\n`);
  const value = new Uint8Array(line.length + bytes.length);
  value.set(line);
  value.set(bytes, line.length);
  return value;
}

/** null for bytes that are no snapshot of this format. */
export function readSnapshot(value: Uint8Array): StoredSnapshot | null {
  const end = value.indexOf(lineFeed);
  if (end < 0) return null;
  try {
    const { format, encoding = 'none', ...header } = JSON.parse(decodeUtf8(value.subarray(0, end))) as SnapshotHeader & { readonly format: number; readonly encoding?: StoredSnapshot['encoding'] };
    const isWhole = (encoding === 'none' || encoding === 'gzip') && format === formatVersion && typeof header.stream === 'string' && Number.isSafeInteger(header.revision);
    return isWhole ? { header, encoding, bytes: value.subarray(end + 1) } : null;
  } catch {
    return null;
  }
}
