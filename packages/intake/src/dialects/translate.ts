/**
 * Rows in the documents' own forms, and CloudEvents: each row is one event and says itself which stream it belongs to. The
 * catalogue reads the forms (their laws are proved there); here rows get an identity, an order, a time and a place in the
 * source. A row that its form cannot read, or of no known form, is kept as it is.
 *
 * What a row says of our own log (`_refold`, `refoldenvelope`) is believed only from an admin: a stranger could claim anything.
 * Source: INTAKE.md, sections 10 and 11.
 */
import { recogniseDialect } from '@refold/catalog';
import type { DialectName, Dialects } from '@refold/catalog';
import { isLogError } from '@refold/core';
import type { EventInput, JsonObject } from '@refold/core';
import { createIdentity } from '../identity.ts';
import type { Identity } from '../identity.ts';
import { instantAt, readInstant } from '../instant.ts';
import type { SourceInstant } from '../instant.ts';
import { known, objectIn } from '../json-shape.ts';
import { legalStream, legalType } from '../legal-name.ts';
import { readRecordsOrDocument } from '../reader.ts';
import type { SourceRecord } from '../reader.ts';
import { countEvent, countIn } from '../report.ts';
import { createSeenRecords } from '../seen-records.ts';
import type { SeenRecords } from '../seen-records.ts';
import type { IntakeCommit, IntakeContext, IntakeEvent, SourceFile, Translator } from '../source.ts';
import { createLateness, isOddClock } from '../time-doubts.ts';
import type { Lateness } from '../time-doubts.ts';
import { groupDays } from './layout.ts';
import { rowForms } from './row-form.ts';
import type { RowForm } from './row-form.ts';
import { createGapFinder, inSequence } from './sequence-order.ts';
import type { GapFinder, Sequenced } from './sequence-order.ts';

interface Row extends Sequenced {
  readonly record: SourceRecord;
  readonly name: DialectName | null;
  /** Null for a row of no known form. */
  readonly form: RowForm | null;
}

interface Walk {
  readonly dialects: Dialects;
  readonly context: IntakeContext;
  readonly identity: Identity;
  readonly seen: SeenRecords;
  readonly gaps: GapFinder;
  readonly lateness: Lateness;
  /** Time of the row before, for rows without one. */
  previous: SourceInstant | null;
  index: number;
}

/** @param dialects  The forms over the registry of the log that will be written. */
export const createDialectTranslator =
  (dialects: Dialects): Translator =>
  async function* (files, context) {
    const identity = createIdentity(context.hasher, context.uuidVersion);
    const walk: Walk = { dialects, context, identity, seen: createSeenRecords(), gaps: createGapFinder(context.report.sequenceGaps), lateness: createLateness(), previous: null, index: 0 };
    for (const group of await groupDays(files, context.report.filesIgnored))
      for await (const row of inSequence(rowsOf(group.files, walk))) {
        const commit = translateRow(row, walk);
        if (commit !== null) yield commit;
      }
  };

async function* rowsOf(files: readonly SourceFile[], { context, identity, dialects }: Walk): AsyncGenerator<Row> {
  for (const file of files) {
    context.report.files++;
    const options = { report: context.report, identity, ...(context.lineBytesMax === undefined ? {} : { lineBytesMax: context.lineBytesMax }) };
    for await (const record of readRecordsOrDocument(file, options)) {
      const name = recogniseDialect(dialects, record.value);
      const form = name === null ? null : rowForms[name];
      yield {
        record,
        name,
        form,
        stream: form?.scope(record.value) ?? file.name,
        sessionId: form?.session(record.value) ?? null,
        sequence: form?.sequence(record.value) ?? null,
      };
    }
  }
}

/** @returns null for a row that was here before. */
function translateRow(row: Row, walk: Walk): IntakeCommit | null {
  const { record, form, name } = row;
  const { context, identity } = walk;
  const { report } = context;
  const position = { file: record.file, line: record.line, byte: record.byte };
  const given = form?.nativeId(record.value);
  const nativeId = given ?? `#${record.line}`;
  const base = `${form?.producer ?? 'rows'}|${given === undefined ? record.file : row.stream}|${nativeId}`;
  const key = walk.seen.keyFor(base, record.sha256);
  if (key === null) {
    report.repeats++;
    return null;
  }
  if (key !== base) report.duplicatesWithOtherContent.push({ ...position, key });
  walk.gaps.note(row);
  countIn(report.recordsByType, name ?? 'unknown');

  const time = timeOf(row, walk);
  const event = completed(readRow(row, time.instant, walk), { row, key, base, nativeId, time, walk });
  countEvent(report, event);
  return { commitId: identity.idOf(key), key, stream: `${event.streamType}/${event.streamId}`, events: [event], expected: 'any', transitions: 'flag', source: position };
}

type Draft = Omit<IntakeEvent, 'id' | 'occurredAt'>;

function readRow(row: Row, time: SourceInstant, { dialects, context }: Walk): Draft {
  const { record, name, form } = row;
  if (name === null || form === null) return kept(row, {});
  // A time without a zone would be read in the zone of this machine, and one that is none not at all.
  const spelled = form.time(record.value);
  const isClear = spelled !== undefined && /(?:z|[+-]\d{2}:\d{2})$/i.test(spelled) && readInstant(spelled) !== null;
  try {
    const { input } = dialects[name].inputFrom(isClear ? record.value : form.withTime(record.value, time.at), { trustResidue: context.trustResidue === true });
    const { streamType, streamId } = input;
    if (streamType === undefined || streamId === undefined) return kept(row, {});
    return { ...input, streamType, streamId };
  } catch (error) {
    if (!isLogError(error)) throw error;
    return kept(row, known({ code: error.code, pointer: error.details.pointer, detail: error.message }));
  }
}

function kept({ record, name }: Row, problem: JsonObject): Draft {
  const stem = record.file.replace(/\.[^./]+$/, '');
  return {
    type: 'record.kept',
    data: { source_type: name ?? 'row', reason: 'unknown_type', raw: record.value },
    streamType: 'log',
    streamId: stem,
    actor: { type: 'unknown', id: 'unknown' },
    ...(Object.keys(problem).length === 0 ? {} : { metadata: { problem } }),
  };
}

interface RowTime {
  readonly instant: SourceInstant;
  readonly text?: string;
  readonly inferred?: 'previous';
  readonly isUnknown?: true;
}

function timeOf({ record, form }: Row, walk: Walk): RowTime {
  const { context, previous } = walk;
  const text = form?.time(record.value);
  const instant = text === undefined ? null : readInstant(text, context.assumedOffsetMinutes);
  walk.index++;
  if (instant === null || text === undefined) {
    context.report.recordsWithoutTime++;
    if (previous !== null) return { instant: previous, inferred: 'previous' };
    return { instant: instantAt(context.clock.now(), walk.index - 1), isUnknown: true };
  }
  if (previous !== null && (instant.ms < previous.ms || (instant.ms === previous.ms && instant.nanos < previous.nanos))) context.report.stepsBackInTime++;
  walk.previous = instant;
  return { instant, text };
}

interface Completion {
  readonly row: Row;
  readonly key: string;
  readonly base: string;
  readonly nativeId: string;
  readonly time: RowTime;
  readonly walk: Walk;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids that are no UUIDs get one made from their key; the source's own stay in `metadata.source`. */
function completed(draft: Draft, { row, key, base, nativeId, time, walk }: Completion): IntakeEvent {
  const { context, identity } = walk;
  const { record, form, name } = row;
  const producer = form?.producer ?? 'rows';
  const idFor = (native: string): string => (uuid.test(native) ? native.toLowerCase() : identity.idOf(`${producer}|${row.stream}|${native}|0`));
  const residue = objectIn(record.value._refold) ?? objectIn(objectIn(record.value.metadata)?._refold);
  const wanted = { type: draft.streamType, id: draft.streamId };
  const home = legalStream(wanted, identity);
  const type = legalType(draft.type);
  const isRenamed = home !== wanted || type !== draft.type;
  const source = known({
    producer,
    format: name ?? 'row',
    file: record.file,
    line: record.line,
    nativeId,
    nativeSeq: row.sequence ?? undefined,
    time: time.text,
    sha256: record.sha256,
    stream: isRenamed ? `${wanted.type}/${wanted.id}` : undefined,
    type: isRenamed ? draft.type : undefined,
    rest: residue === undefined || context.trustResidue === true ? undefined : { _refold: residue },
  });
  const metadata = known({
    ...draft.metadata,
    source,
    occurredNanos: time.instant.nanos === 0 ? undefined : time.instant.nanos,
    zoneAssumed: time.text !== undefined && time.instant.zoneAssumed ? true : undefined,
    timeInferred: time.inferred,
    timeUnknown: time.isUnknown,
    late: time.isUnknown === undefined && walk.lateness.isLate(`${home.type}/${home.id}`, time.instant.ms, context.report) ? true : undefined,
    oddClock: time.text !== undefined && isOddClock(time.instant.ms, context.clock.now(), context.report) ? true : undefined,
    sanitized: record.sanitized ? true : undefined,
    importedBy: context.importedBy,
  });
  const event: EventInput & Draft = { ...draft, type, streamType: home.type, streamId: home.id, ...(draft.causationId === undefined ? {} : { causationId: idFor(draft.causationId) }) };
  return { ...event, id: key === base && uuid.test(nativeId) ? nativeId.toLowerCase() : identity.idOf(`${key}|0`), occurredAt: time.instant.at, metadata };
}
