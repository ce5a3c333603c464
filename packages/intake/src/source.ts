/**
 * What goes into a translator and what comes out of it. A translator is pure: bytes in, commits out. It opens no file, asks
 * no clock but the one it is given, and does not know the log; who writes is `import.ts`.
 */
import type { Clock, EventEnvelope, EventInput, Hasher } from '@refold/core';
import type { IntakeReport } from './report.ts';
import type { SourcePosition } from './source-position.ts';

/** One file of a producer. */
export interface SourceFile {
  /** Path relative to what was imported, with `/`: what a person sees in reports, and what the layout is read from. */
  readonly name: string;
  /**
   * The bytes, from the start, in chunks of any size. Called once, and a second time only when a session has sub-agent
   * files beside it: then links are looked up before the records are merged.
   */
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export type SourceFiles = Iterable<SourceFile> | AsyncIterable<SourceFile>;

export interface IntakeContext {
  readonly hasher: Hasher;
  /** What was seen on the way; the translator adds to it. */
  readonly report: IntakeReport;
  /** Only for records of sources without any time (`timeUnknown`), and to mark times that lie in the future. */
  readonly clock: Pick<Clock, 'now'>;
  /** Version bits of the derived UUIDs. Default 8 (RFC 9562, section 5.8); 4 under `ids: v4`. */
  readonly uuidVersion?: 8 | 4;
  /** Minutes east of UTC for times that name no zone. Default 0, and such times are marked `zoneAssumed`. */
  readonly assumedOffsetMinutes?: number;
  /** Who imports; kept as `metadata.importedBy`. */
  readonly importedBy?: string;
  /** Longest line that is read, in bytes. Default `defaultLimits.lineBytesMax`. */
  readonly lineBytesMax?: number;
  /** Residue of our own export (`_refold`) is believed only when an admin imports; otherwise it is kept as a foreign field. */
  readonly trustResidue?: boolean;
  /**
   * One event of the log that will be written, by id; null when it has none. Without it, histories that disagree are told
   * apart only within one import.
   */
  readonly recorded?: (eventId: string) => Promise<EventEnvelope | null>;
  /** A history that differs from one of the same run: `keep` (default) in a stream of its own, or `refuse`, which is a reject. */
  readonly variants?: 'keep' | 'refuse';
  /** Names a run that does not name itself. */
  readonly runId?: string;
}

/** An event that says everything itself: its id and its stream are never left to the log. */
export type IntakeEvent = EventInput & { readonly id: string; readonly streamType: string; readonly streamId: string; readonly occurredAt: string };

/** Start of an entity that the source does not show; written only if the entity is not running in the log. */
export interface ImplicitStart {
  /** Index in `events` of the end that needs it. */
  readonly before: number;
  readonly event: IntakeEvent;
}

/** One source record as one commit. The same record gives the same commit, from any copy of the file, at any time. */
export interface IntakeCommit {
  /** UUID derived from `key`. */
  readonly commitId: string;
  /** `producer|native id`, with `~2` and so on when the native id comes again with other content. */
  readonly key: string;
  /** Address `type/id` of the first event's stream. */
  readonly stream: string;
  readonly events: readonly IntakeEvent[];
  /** Facts of the past are taken as they come. */
  readonly expected: 'any';
  /** Transitions are flagged, never refused. */
  readonly transitions: 'flag';
  readonly implicitStarts?: readonly ImplicitStart[];
  readonly source: SourcePosition;
}

/**
 * @param files    In any order; a translator finds out itself what belongs together.
 * @param context  The world, and the report that is filled while the commits are taken.
 * @returns        Commits in the order in which they are to be written.
 */
export type Translator = (files: SourceFiles, context: IntakeContext) => AsyncIterable<IntakeCommit>;

/** A format that Refold reads. */
export interface Producer {
  /** Word after `refold import`, and the first part of every key. */
  readonly name: string;
  /** By content, never by extension. `head` is the first bytes of the file, at least one whole record where it fits. */
  readonly recognises: (head: Uint8Array, name: string) => boolean;
  readonly translate: Translator;
  readonly doc: string;
}
