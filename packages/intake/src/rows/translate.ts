/**
 * Any JSON lines or CSV. With a map a row becomes the events that the map says; without one it becomes one `custom.<file>` event,
 * known by its line. A row that the map cannot read is a reject, and the rest is imported. Source: INTAKE.md, section 17.
 */
import { actorTypes, defaultLimits, encodeUtf8, isLogError } from '@refold/core';
import type { Actor, JsonObject } from '@refold/core';
import { buildCommit } from '../commit-builder.ts';
import type { RecordTime } from '../commit-builder.ts';
import { createIdentity } from '../identity.ts';
import type { Identity } from '../identity.ts';
import { instantAt, readInstant } from '../instant.ts';
import { readRecords } from '../reader.ts';
import type { SourceRecord } from '../reader.ts';
import { addReject, countIn } from '../report.ts';
import { createSeenRecords } from '../seen-records.ts';
import type { SeenRecords } from '../seen-records.ts';
import type { IntakeCommit, IntakeContext, SourceFile, Translator } from '../source.ts';
import { createLateness, isOddClock } from '../time-doubts.ts';
import type { Lateness } from '../time-doubts.ts';
import { readCsvRows } from './csv.ts';
import type { CompiledRowMap, RowScope } from './row-map.ts';

export type RowFormat = 'jsonl' | 'csv';

/**
 * @param map     How rows become events; null: one custom event for each row.
 * @param format  How rows are written.
 */
export const createRowTranslator =
  (map: CompiledRowMap | null, format: RowFormat = 'jsonl'): Translator =>
  async function* (files, context) {
    const identity = createIdentity(context.hasher, context.uuidVersion);
    const walk: Walk = { format, context, identity, seen: createSeenRecords(), lateness: createLateness(), clock: { previous: null, index: 0 } };
    for await (const file of files) {
      context.report.files++;
      const rows = toldRows(file, map ?? plainMap(file.name), walk);
      if (map?.isOrderedByTime !== true) for await (const row of rows) yield* commitsOf(row, walk);
      else for (const row of (await collected(rows)).toSorted(byTime)) yield* commitsOf(row, walk);
    }
  };

interface Walk {
  readonly format: RowFormat;
  readonly context: IntakeContext;
  readonly identity: Identity;
  readonly seen: SeenRecords;
  readonly lateness: Lateness;
  readonly clock: RowClock;
}

/** A row that gives events, and was not here before. */
interface ToldRow {
  readonly record: SourceRecord;
  readonly rows: readonly MappedRow[];
  readonly key: string;
  readonly nativeId: string;
  readonly time: RecordTime;
}

async function* toldRows(file: SourceFile, map: CompiledRowMap, { format, context, identity, seen, clock }: Walk): AsyncGenerator<ToldRow> {
  const { report, lineBytesMax } = context;
  const options = { report, identity, ...(lineBytesMax === undefined ? {} : { lineBytesMax }) };
  for await (const record of (format === 'csv' ? readCsvRows : readRecords)(file, options)) {
    countIn(report.recordsByType, 'row');
    const rows = readRow(map, record, context);
    const [first] = rows;
    if (first === undefined) continue;
    const nativeId = first.key ?? `#${record.line}`;
    const base = `${format}|${stemOf(file.name)}|${nativeId}`;
    // Under a native id, rows that say the same are one: an export may give a fact a row number of its own each time.
    const key = seen.keyFor(base, first.key === null ? record.sha256 : identity.digestOf(encodeUtf8(JSON.stringify(rows))));
    if (key === null) {
      report.repeats++;
      continue;
    }
    if (key !== base) report.duplicatesWithOtherContent.push({ file: record.file, line: record.line, byte: record.byte, key });
    yield { record, rows, key, nativeId, time: timeOf(first.at, clock, context) };
  }
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Ids that are numbers count as such: 9 before 10. */
const byTime = (a: ToldRow, b: ToldRow): number => a.time.ms - b.time.ms || a.time.nanos - b.time.nanos || a.nativeId.localeCompare(b.nativeId, 'en', { numeric: true });

interface MappedRow {
  readonly stream: { readonly type: string; readonly id: string };
  readonly type: string;
  readonly at: string | null;
  readonly key: string | null;
  readonly data: JsonObject;
  readonly actor: Actor;
  readonly start: { readonly type: string; readonly data: JsonObject } | null;
}

interface RowClock {
  previous: RecordTime | null;
  index: number;
}

/** A file without a map: its name says what its rows are. */
function plainMap(name: string): CompiledRowMap {
  const word = stemOf(name).split('/').at(-1)!.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'row';
  return {
    stream: () => `custom/${word}`,
    type: () => `custom.${word}`,
    at: ({ row }) => firstTime(row as JsonObject),
    key: null,
    when: () => true,
    scopes: (row) => [{ row }],
    data: ({ row }) => row as JsonObject,
    actor: () => null,
    start: () => null,
    isOrderedByTime: false,
  };
}

/** The columns that hold a time in most exports; without one of them the row has no time. */
const timeColumns = ['timestamp', 'time', 'at', 'occurred_at', 'created_at', 'ts', 'date'];

const firstTime = (row: JsonObject): string | null => {
  const column = timeColumns.find((name) => typeof row[name] === 'string' && readInstant(row[name]) !== null);
  return column === undefined ? null : (row[column] as string);
};

/** @returns the events of a row; none when the map leaves it out, or cannot read it. */
function readRow(map: CompiledRowMap, record: SourceRecord, { report }: IntakeContext): readonly MappedRow[] {
  try {
    return map.scopes(record.value).filter((scope) => map.when(scope)).map((scope) => mappedRow(map, scope));
  } catch (error) {
    if (!isLogError(error) && !(error instanceof SyntaxError)) throw error;
    const [code, reason] = isLogError(error) ? [error.code, error.details.reason ?? error.message] : ['BAD_JSON', 'json_column'];
    addReject(report, { file: record.file, line: record.line, byte: record.byte, code, reason });
    return [];
  }
}

function mappedRow(map: CompiledRowMap, scope: RowScope): MappedRow {
  const address = map.stream(scope);
  const slash = address.indexOf('/');
  const stream = slash < 1 ? { type: 'custom', id: address } : { type: address.slice(0, slash), id: address.slice(slash + 1) };
  return { stream, type: map.type(scope), at: map.at(scope), key: map.key?.(scope) ?? null, data: map.data(scope), actor: actorOf(map.actor(scope)), start: map.start(scope) };
}

function actorOf(text: string | null): Actor {
  const colon = text?.indexOf(':') ?? -1;
  const type = actorTypes.find((known) => known === text?.slice(0, colon));
  const id = text?.slice(colon + 1).trim();
  return type === undefined || id === undefined || id === '' ? { type: 'unknown', id: 'unknown' } : { type, id };
}

/** One commit, or several when a split row gives more events than a commit holds. */
function* commitsOf(told: ToldRow, walk: Walk): Generator<IntakeCommit> {
  const { commitEventsMax } = defaultLimits;
  for (let from = 0; from < told.rows.length; from += commitEventsMax)
    yield commitOf({ ...told, rows: told.rows.slice(from, from + commitEventsMax), key: from === 0 ? told.key : `${told.key}|from ${from}` }, walk);
}

function commitOf({ record, rows, key, nativeId, time }: ToldRow, { format, context, identity, lateness }: Walk): IntakeCommit {
  const position = { file: record.file, line: record.line, byte: record.byte };
  const { stream } = rows[0]!;
  const isLate = time.isUnknown !== true && lateness.isLate(`${stream.type}/${stream.id}`, time.ms, context.report);
  const origin = { position, key, nativeId, producer: format, format: 'rows', sha256: record.sha256, sanitized: record.sanitized, time: isLate ? { ...time, isLate } : time };
  const commit = buildCommit(origin, {
    identity,
    report: context.report,
    stream,
    ...(context.importedBy === undefined ? {} : { importedBy: context.importedBy }),
  });
  for (const [index, { start, actor, type, data, stream: home }] of rows.entries()) {
    if (start !== null) commit.addImplicitStart(index, { ...start, stream: home, actor });
    commit.add(index, { type, data, stream: home, actor });
  }
  return commit.finish();
}

function timeOf(text: string | null, clock: RowClock, context: IntakeContext): RecordTime {
  const instant = text === null ? null : readInstant(text, context.assumedOffsetMinutes);
  const index = clock.index++;
  if (instant === null || text === null) {
    context.report.recordsWithoutTime++;
    if (clock.previous !== null) return { at: clock.previous.at, ms: clock.previous.ms, nanos: clock.previous.nanos, zoneAssumed: false, inferred: 'previous' };
    return { ...instantAt(context.clock.now() + Math.floor(index / 1_000_000), index % 1_000_000), isUnknown: true };
  }
  const isOdd = isOddClock(instant.ms, context.clock.now(), context.report);
  const time = { ...instant, text, ...(isOdd ? { isOdd } : {}) };
  if (clock.previous !== null && time.ms < clock.previous.ms) context.report.stepsBackInTime++;
  clock.previous = time;
  return time;
}

const stemOf = (name: string): string => name.replace(/\.[^./]+$/, '');
