/**
 * A transcript file as records that know their session and their time. What a record does not say it takes from its
 * neighbour in the file: the one before, and only at the start of a file the one after. So a longer copy of the same file
 * reads its first records alike.
 */
import type { Json, JsonObject } from '@refold/core';
import type { RecordTime } from '../commit-builder.ts';
import type { Identity } from '../identity.ts';
import { instantAt, readInstant } from '../instant.ts';
import { listIn, textIn, wordIn } from '../json-shape.ts';
import { looksLikeDocument, readHead, readRecords, readRecordsOrDocument } from '../reader.ts';
import type { SourceRecord } from '../reader.ts';
import { addReject, countIn } from '../report.ts';
import type { IntakeContext, SourceFile } from '../source.ts';
import { isOddClock } from '../time-doubts.ts';
import { sessionOfName } from './layout.ts';

export interface TranscriptRecord extends SourceRecord {
  readonly sessionId: string;
  readonly time: RecordTime;
  readonly format: 'transcript' | 'web-export';
}

/** So many records at the start of a file wait for the first session id and the first time. */
const heldRecordsMax = 1_000;

export async function* readTranscript(file: SourceFile, context: IntakeContext, identity: Identity): AsyncGenerator<TranscriptRecord> {
  context.report.files++;
  const options = { report: context.report, identity, ...(context.lineBytesMax === undefined ? {} : { lineBytesMax: context.lineBytesMax }) };
  const isDocument = looksLikeDocument(await readHead(file, 4_096));
  if (!isDocument) return yield* withNeighbours(readRecords(file, options), file, context, 'transcript');
  yield* withNeighbours(readRecordsOrDocument(file, options, (document) => logLines(document, file, context)), file, context, 'web-export');
}

/** A document that is no web export belongs to another tool, whatever the file is called. */
function logLines(document: JsonObject, file: SourceFile, { report }: IntakeContext): readonly Json[] {
  const lines = listIn(document.loglines);
  if (lines === undefined) addReject(report, { file: file.name, line: 1, byte: 0, code: 'BAD_REQUEST', reason: 'foreign_format' });
  return lines ?? [];
}

async function* withNeighbours(records: AsyncIterable<SourceRecord>, file: SourceFile, context: IntakeContext, format: 'transcript' | 'web-export'): AsyncGenerator<TranscriptRecord> {
  const { report } = context;
  let held: { record: SourceRecord; time: RecordTime | null; sessionId: string | undefined }[] = [];
  let session: string | undefined;
  let previous: RecordTime | null = null;
  let index = 0;

  function* release(): Generator<TranscriptRecord> {
    const nextTime = held.find(({ time }) => time !== null)?.time ?? null;
    const nextSession = held.find(({ sessionId }) => sessionId !== undefined)?.sessionId ?? sessionOfName(file.name);
    for (const { record, time, sessionId } of held) {
      if (time === null) report.recordsWithoutTime++;
      const settled = time ?? inferred(previous, nextTime) ?? unknownTime(context, index);
      if (time !== null && previous !== null && isBefore(time, previous)) {
        report.stepsBackInTime++;
        countIn(report.stepsBackByFile, file.name);
      }
      if (time !== null) previous = time;
      session = sessionId ?? session ?? nextSession;
      index++;
      yield { ...record, sessionId: session, time: settled, format };
    }
    held = [];
  }

  for await (const record of records) {
    held.push({ record, time: timeOf(record.value, context), sessionId: wordIn(record.value.sessionId) });
    const isSettled = (previous !== null || held.at(-1)!.time !== null) && (session !== undefined || held.at(-1)!.sessionId !== undefined);
    if (isSettled || index > 0 || held.length > heldRecordsMax) yield* release();
  }
  yield* release();
}

function timeOf(record: JsonObject, context: IntakeContext): RecordTime | null {
  const text = textIn(record.timestamp);
  const instant = text === undefined ? null : readInstant(text, context.assumedOffsetMinutes);
  if (text === undefined || instant === null) return null;
  const isOdd = isOddClock(instant.ms, context.clock.now(), context.report);
  return { ...instant, text, ...(isOdd ? { isOdd } : {}) };
}

function inferred(previous: RecordTime | null, next: RecordTime | null): RecordTime | null {
  const { at, ms, nanos, zoneAssumed } = previous ?? next ?? { at: '', ms: 0, nanos: 0, zoneAssumed: false };
  return at === '' ? null : { at, ms, nanos, zoneAssumed, inferred: previous === null ? 'next' : 'previous' };
}

const unknownTime = (context: IntakeContext, index: number): RecordTime => ({ ...instantAt(context.clock.now() + Math.floor(index / 1_000_000), index % 1_000_000), isUnknown: true });

const isBefore = (a: RecordTime, b: RecordTime): boolean => a.ms < b.ms || (a.ms === b.ms && a.nanos < b.nanos);
