/**
 * What an import tells its reader: everything that was read, kept, refused or odd, with the place in the source. The
 * translator fills the first part, the writer (`import.ts`) the figures of what was new.
 */
import type { JsonObject } from '@refold/core';
import { textIn } from './json-shape.ts';
import type { SourcePosition } from './source-position.ts';

export interface Reject extends SourcePosition {
  /** Code of bad-inputs.md. */
  readonly code: string;
  readonly reason: string;
  /** What was exceeded, in bytes. */
  readonly limit?: number;
}

export interface SequenceGap {
  readonly stream: string;
  /** Last sequence number before the gap, and the first after it. */
  readonly after: number;
  readonly before: number;
}

export interface IntakeReport {
  files: number;
  /** Files of the producer's folder that hold no records (snapshots, indexes, large outputs). */
  filesIgnored: string[];
  /** Records, rejects left out. */
  recordsRead: number;
  recordsByFile: Record<string, number>;
  recordsByType: Record<string, number>;
  eventsByType: Record<string, number>;
  /** `record.kept` by source type and reason. */
  keptByType: Record<string, number>;
  /** Streams that got at least one event. */
  streams: Set<string>;
  rejectCount: number;
  /** The first `rejectsKept`; all are counted. */
  rejects: Reject[];
  blankLines: number;
  /** Lines that held several JSON values with nothing between them. */
  gluedLines: SourcePosition[];
  /** Last lines without a newline that do not parse yet: left for the next run. */
  unfinishedLines: SourcePosition[];
  /** Records whose lone surrogates were replaced. */
  sanitizedRecords: number;
  recordsWithoutTime: number;
  /** Records whose time is earlier than the one before them in their file. */
  stepsBackInTime: number;
  stepsBackByFile: Record<string, number>;
  /** Tool calls that somebody refused; they are among the failed ones. */
  deniedCalls: number;
  /** Records more than one second before their stream's latest time. */
  lateRecords: number;
  /** Times before 1990, or ahead of the clock by more than five minutes. */
  oddClocks: number;
  /** Records that name a parent which is nowhere. */
  danglingParents: number;
  /** The same record again, byte for byte: not written twice. */
  repeats: number;
  /** The same native id with other content: both are kept. */
  duplicatesWithOtherContent: (SourcePosition & { readonly key: string })[];
  subAgentsLinked: number;
  subAgentsWithoutParent: number;
  /** Calls whose end was not in the source. */
  openToolCalls: number;
  /** Sub-agents whose usage is only what streaming had shown so far. */
  usagePartial: number;
  /** Items of to-do lists that are not objects. */
  itemsLeftOut: number;
  versions: Record<string, number>;
  unknownVersions: string[];
  sequenceGaps: SequenceGap[];
  warnings: string[];
}

/** So many rejects are listed in full. */
const rejectsKept = 10_000;

export const createReport = (): IntakeReport => ({
  files: 0,
  filesIgnored: [],
  recordsRead: 0,
  recordsByFile: {},
  recordsByType: {},
  eventsByType: {},
  keptByType: {},
  streams: new Set(),
  rejectCount: 0,
  rejects: [],
  blankLines: 0,
  gluedLines: [],
  unfinishedLines: [],
  sanitizedRecords: 0,
  recordsWithoutTime: 0,
  stepsBackInTime: 0,
  stepsBackByFile: {},
  deniedCalls: 0,
  lateRecords: 0,
  oddClocks: 0,
  danglingParents: 0,
  repeats: 0,
  duplicatesWithOtherContent: [],
  subAgentsLinked: 0,
  subAgentsWithoutParent: 0,
  openToolCalls: 0,
  usagePartial: 0,
  itemsLeftOut: 0,
  versions: {},
  unknownVersions: [],
  sequenceGaps: [],
  warnings: [],
});

export function countIn(table: Record<string, number>, key: string): void {
  // A type named "__proto__" is data like any other.
  const count = Object.hasOwn(table, key) ? table[key]! : 0;
  Object.defineProperty(table, key, { value: count + 1, enumerable: true, writable: true, configurable: true });
}

/** Notes an event that will be written. */
export function countEvent(report: IntakeReport, event: { readonly type: string; readonly streamType: string; readonly streamId: string; readonly data: JsonObject }): void {
  countIn(report.eventsByType, event.type);
  if (event.type === 'tool_call.failed' && event.data.denied === true) report.deniedCalls++;
  report.streams.add(`${event.streamType}/${event.streamId}`);
  if (event.type === 'record.kept') countIn(report.keptByType, `${textIn(event.data.source_type) ?? ''}: ${textIn(event.data.reason) ?? ''}`);
}

export function addReject(report: IntakeReport, reject: Reject): void {
  report.rejectCount++;
  if (report.rejects.length < rejectsKept) report.rejects.push(reject);
}

/** The report as one JSON document. */
export const reportJson = (report: IntakeReport): Record<string, unknown> => ({ ...report, streams: [...report.streams] });
