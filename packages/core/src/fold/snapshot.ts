/**
 * Snapshots: folded states kept beside the log, so that a place is a short fold away. A snapshot may always be thrown away;
 * the answer is the same, only later.
 *
 * What makes one trustworthy: it is bound to the version of the fold that made it, to the event at its revision (id and leaf
 * hash as the log has them now), and to its own bytes (SHA-256). Whatever does not hold is ignored and told, and the next
 * older one is tried (bad-input B15, TRUST.md 13.2 rule 6).
 *
 * Two families of keys in the driver's kv. `snapshot/` holds the newest few and the pinned ones; what falls out of it becomes
 * a keyframe when its stretch of the stream has none yet. `keyframe/` holds states at distances that double as the stream
 * grows, bounded by count and bytes, so that a random place of 100,000 events is some hundred events away, not 50,000.
 */
import { parseJson } from '../trust/parse-json.ts';
import type { Limits } from '../limits.ts';
import { defaultLimits } from '../limits.ts';
import { decodeUtf8, encodeUtf8, hexOf } from '../log/bytes.ts';
import type { LogDriver, Recorded, Revision } from '../log/driver.ts';
import type { Meter } from '../metering.ts';
import type { Gzip, Hasher } from '../ports.ts';
import type { State } from './aggregate.ts';
import type { Fold } from './fold.ts';
import { keyOf, keyPrefix, parseKey, readSnapshot, writeSnapshot } from './snapshot-record.ts';
import type { Family, SnapshotHeader, SnapshotInfo, SnapshotKey, StoredSnapshot } from './snapshot-record.ts';
import { spacedRevisions } from './spacing.ts';
import { stateHash } from './state-hash.ts';

export type { SnapshotInfo };

export interface Snapshot extends SnapshotInfo {
  /** The caller's own copy. */
  readonly state: State;
}

/** Why a snapshot was not used. */
export type SnapshotFault = 'format' | 'checksum' | 'state_hash' | 'fold_version' | 'event' | 'leaf';

export interface IgnoredSnapshot {
  readonly stream: string;
  readonly revision: Revision;
  readonly fault: SnapshotFault;
}

export interface SnapshotVerification extends Omit<IgnoredSnapshot, 'fault'> {
  readonly ok: boolean;
  readonly fault: SnapshotFault | null;
  readonly pinned: boolean;
}

export interface CollectOptions {
  /** Newest snapshots to keep. Default `limits.snapshotsKeptPerStream`. */
  readonly newestKept?: number;
  /** Keyframes to keep at growing distances; 0 removes them. Default `limits.keyframesPerStreamMax`. */
  readonly keyframesMax?: number;
}

export interface Snapshots {
  /**
   * Saves a state of the log. Saving one revision again replaces it.
   *
   * @returns null when it was not kept: empty, no prefix, larger than `limits.snapshotBytesMax`, or not what the log holds.
   */
  save(state: State, options?: { readonly pinned?: boolean }): Promise<SnapshotInfo | null>;
  /** The newest one at or before a revision that holds; those that do not are told, newest first. */
  load(stream: string, upTo: Revision, onIgnored?: (ignored: IgnoredSnapshot) => void): Promise<Snapshot | null>;
  /** Snapshots of one stream, oldest first, without keyframes. */
  list(stream: string): Promise<readonly SnapshotInfo[]>;
  /** Checks every snapshot and keyframe of a stream: form, bytes, state hash, fold version, event. */
  verify(stream: string): Promise<readonly SnapshotVerification[]>;
  /** Keeps the newest ones and the pinned ones; thins the rest out to keyframes. Returns how many entries were removed. */
  collect(stream: string, options?: CollectOptions): Promise<number>;
  /** Removes every snapshot and keyframe at or after a revision (its payload was erased). Returns how many. */
  dropFrom(stream: string, revision: Revision): Promise<number>;
  /** True when so many events passed since the last snapshot that another one pays. */
  isDue(revision: Revision, lastSnapshot: Revision): boolean;
}

export interface SnapshotParts {
  readonly driver: Pick<LogDriver, 'kvGet' | 'kvPut' | 'kvList' | 'read'>;
  readonly fold: Fold;
  readonly hasher: Hasher;
  readonly gzip?: Gzip;
  readonly meter?: Meter;
  /** Packs what is saved, when there is a `gzip`. Default true. What was packed before is read either way. */
  readonly compress?: boolean;
  readonly limits?: Partial<Pick<Limits, 'snapshotEveryEvents' | 'snapshotsKeptPerStream' | 'snapshotBytesMax' | 'keyframesPerStreamMax' | 'keyframeBytesPerStreamMax'>>;
}

export function createSnapshots(parts: SnapshotParts): Snapshots {
  const { driver, fold, hasher } = parts;
  const limits = { ...defaultLimits, ...parts.limits };

  // ---------- keys

  async function entriesOf(stream: string, family: Family): Promise<readonly SnapshotKey[]> {
    const prefix = keyPrefix(family, stream);
    const entries: SnapshotKey[] = [];
    for (let after: string | undefined; ; ) {
      const page = await driver.kvList(prefix, after, kvPageSize);
      for (const { key } of page) {
        const entry = parseKey(key, family, prefix);
        if (entry !== null) entries.push(entry);
      }
      if (page.length < kvPageSize) return entries;
      after = page.at(-1)!.key;
    }
  }

  const allEntries = async (stream: string): Promise<readonly SnapshotKey[]> => [...(await entriesOf(stream, 'snapshot')), ...(await entriesOf(stream, 'keyframe'))];

  /** Last writer wins: two states of one revision and one fold are the same state. */
  async function put(key: string, value: Uint8Array | null): Promise<void> {
    for (let attempt = 0; attempt < limits.conflictRetriesMax; attempt++) {
      const current = await driver.kvGet(key);
      if (current === null && value === null) return;
      if ((await driver.kvPut(key, value, current?.rev ?? 'absent')) !== 'conflict') return;
    }
  }

  async function removeAll(entries: readonly SnapshotKey[]): Promise<number> {
    for (const { key } of entries) await put(key, null);
    return entries.length;
  }

  // ---------- judging one

  async function eventAt(stream: string, revision: Revision): Promise<Recorded | null> {
    for await (const page of driver.read({ stream, after: revision - 1, upTo: revision, limit: 1, bodies: false })) if (page.events[0] !== undefined) return page.events[0];
    return null;
  }

  async function open(entry: SnapshotKey, stream: string, thorough: boolean): Promise<Snapshot | SnapshotFault | null> {
    const stored = await driver.kvGet(entry.key);
    if (stored === null) return null;
    const read = readSnapshot(stored.value);
    if (read === null) return 'format';
    const { header } = read;
    const text = unpacked(read);
    if (text === null) return 'format';
    if (header.stream !== stream || header.revision !== entry.revision) return 'format';
    if (header.foldVersion !== fold.foldVersion(streamTypeOf(stream))) return 'fold_version';
    if (header.sha256 !== hexOf(hasher.sha256(text))) return 'checksum';
    const event = await eventAt(stream, entry.revision);
    if (event === null || event.id !== header.eventId) return 'event';
    if (event.leaf !== undefined && hexOf(event.leaf) !== header.leaf) return 'leaf';
    // The bytes are those that were written, so they are a state.
    const state = parseJson(decodeUtf8(text)) as State;
    if (thorough && stateHash(state, hasher) !== header.stateHash) return 'state_hash';
    return { ...header, pinned: entry.pinned, bytes: read.bytes.length, state };
  }

  /** The state's bytes; null when nobody here can read them, or they are no state. */
  function unpacked({ encoding, bytes }: StoredSnapshot): Uint8Array | null {
    if (encoding === 'none') return bytes;
    try {
      return parts.gzip?.unpack(bytes, limits.snapshotBytesMax) ?? null;
    } catch {
      return null;
    }
  }

  // ---------- keeping few

  async function becomeKeyframes(stream: string, candidates: readonly SnapshotKey[], countMax: number): Promise<number> {
    const keyframes = await entriesOf(stream, 'keyframe');
    const byRevision = new Map([...candidates, ...keyframes].map((entry) => [entry.revision, entry]));
    const sizeMax = await sizeOfNewest(byRevision);
    const affordable = sizeMax === 0 ? countMax : Math.min(countMax, Math.floor(limits.keyframeBytesPerStreamMax / sizeMax));
    const { kept } = spacedRevisions([...byRevision.keys()], limits.snapshotEveryEvents, affordable);

    const stay = new Set(kept);
    for (const entry of candidates) {
      if (!stay.has(entry.revision) || byRevision.get(entry.revision) !== entry) continue;
      const stored = await driver.kvGet(entry.key);
      if (stored !== null) await put(keyOf('keyframe', stream, entry.revision, false), stored.value);
    }
    return await removeAll(keyframes.filter((entry) => !stay.has(entry.revision)));
  }

  /** States grow with their stream, so the newest one is taken as the size of all. */
  async function sizeOfNewest(byRevision: ReadonlyMap<Revision, SnapshotKey>): Promise<number> {
    const newest = byRevision.get(Math.max(...byRevision.keys()));
    return newest === undefined ? 0 : ((await driver.kvGet(newest.key))?.value.length ?? 0);
  }

  return {
    async save(state, options = {}) {
      // A cut by time left events out; it is no state that a prefix goes on from.
      if (state.revision === 0 || state.eventCount !== state.revision) return null;
      const stream = `${state.streamType}/${state.streamId}`;
      const text = encodeUtf8(JSON.stringify(state));
      if (text.length > limits.snapshotBytesMax) return null;
      const event = await eventAt(stream, state.revision);
      if (event === null || event.id !== state.lastEventId) return null;
      const header: SnapshotHeader = {
        stream,
        revision: state.revision,
        eventId: event.id,
        leaf: event.leaf === undefined ? null : hexOf(event.leaf),
        foldVersion: fold.foldVersion(state.streamType),
        stateHash: stateHash(state, hasher),
        sha256: hexOf(hasher.sha256(text)),
      };
      const pinned = options.pinned ?? false;
      const stored: StoredSnapshot = parts.gzip === undefined || parts.compress === false ? { header, encoding: 'none', bytes: text } : { header, encoding: 'gzip', bytes: parts.gzip.pack(text) };
      await put(keyOf('snapshot', stream, state.revision, pinned), writeSnapshot(stored));
      parts.meter?.add('snapshots_created_total', {});
      parts.meter?.observe('snapshot_bytes', {}, stored.bytes.length);
      return { ...header, pinned, bytes: stored.bytes.length };
    },

    async load(stream, upTo, onIgnored) {
      const entries = (await allEntries(stream)).filter(({ revision }) => revision <= upTo).toSorted((a, b) => b.revision - a.revision);
      for (const entry of entries) {
        const opened = await open(entry, stream, false);
        if (typeof opened === 'string') onIgnored?.({ stream, revision: entry.revision, fault: opened });
        else if (opened !== null) return opened;
      }
      return null;
    },

    async list(stream) {
      const infos: SnapshotInfo[] = [];
      for (const { key, pinned } of await entriesOf(stream, 'snapshot')) {
        const read = readSnapshot((await driver.kvGet(key))?.value ?? new Uint8Array());
        if (read !== null) infos.push({ ...read.header, pinned, bytes: read.bytes.length });
      }
      return infos;
    },

    async verify(stream) {
      const results: SnapshotVerification[] = [];
      for (const entry of await allEntries(stream)) {
        const opened = await open(entry, stream, true);
        if (opened === null) continue;
        const fault = typeof opened === 'string' ? opened : null;
        results.push({ stream, revision: entry.revision, ok: fault === null, fault, pinned: entry.pinned });
      }
      return results;
    },

    async collect(stream, options = {}) {
      const { newestKept = limits.snapshotsKeptPerStream, keyframesMax = limits.keyframesPerStreamMax } = options;
      const loose = (await entriesOf(stream, 'snapshot')).filter(({ pinned }) => !pinned).toSorted((a, b) => b.revision - a.revision);
      const surplus = loose.slice(newestKept);
      const thinned = await becomeKeyframes(stream, surplus, keyframesMax);
      const removed = (await removeAll(surplus)) + thinned;
      if (removed > 0) parts.meter?.add('snapshots_collected_total', {}, removed);
      return removed;
    },

    async dropFrom(stream, revision) {
      return await removeAll((await allEntries(stream)).filter((entry) => entry.revision >= revision));
    },

    isDue: (revision, lastSnapshot) => revision - lastSnapshot >= limits.snapshotEveryEvents,
  };
}

const kvPageSize = 1_000;

const streamTypeOf = (stream: string): string => stream.slice(0, stream.indexOf('/'));
