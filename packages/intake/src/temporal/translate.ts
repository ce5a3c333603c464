/**
 * Temporal histories as commits: one history event is one commit in `workflow/<runId>`, in the order of the history. Its times
 * run backwards here and there (a worker's start is written when the server learns of it) and are kept as they are.
 *
 * What no mapping knows is `record.kept`; what a mapping does not use stays in `metadata.source.rest`. Source: INTAKE.md,
 * section 9.
 */
import type { Actor, EntityRef, JsonObject } from '@refold/core';
import { buildCommit } from '../commit-builder.ts';
import type { CommitBuilder, NewEvent, RecordTime } from '../commit-builder.ts';
import { createIdentity } from '../identity.ts';
import type { Identity } from '../identity.ts';
import { instantAt, readInstant } from '../instant.ts';
import { known, textIn, without, wordIn } from '../json-shape.ts';
import { countIn } from '../report.ts';
import { createSeenRecords } from '../seen-records.ts';
import type { IntakeCommit, IntakeContext, Translator } from '../source.ts';
import { createLateness, isOddClock } from '../time-doubts.ts';
import type { Lateness } from '../time-doubts.ts';
import { readAttributes } from './attributes.ts';
import { exchangeMappings } from './exchange.ts';
import { readHistories } from './history.ts';
import type { History, HistoryEvent } from './history.ts';
import type { MappedEvent, Mappings } from './mapping.ts';
import { runMappings } from './run.ts';
import { createVariants, keyOf } from './variants.ts';
import type { Variants } from './variants.ts';
import { workMappings } from './work.ts';

const mappings: Mappings = { ...runMappings, ...workMappings, ...exchangeMappings };

interface Walk {
  readonly context: IntakeContext;
  readonly identity: Identity;
  readonly variants: Variants;
  readonly lateness: Lateness;
}

export const translateTemporal: Translator = async function* (files, context) {
  const identity = createIdentity(context.hasher, context.uuidVersion);
  const walk: Walk = { context, identity, variants: createVariants(context, identity), lateness: createLateness() };
  const { report, lineBytesMax, runId } = context;
  const options = { report, identity, ...(lineBytesMax === undefined ? {} : { lineBytesMax }), ...(runId === undefined ? {} : { runId }) };
  for await (const file of files) {
    report.files++;
    for await (const history of readHistories(file, options)) {
      const name = await walk.variants.nameFor(history);
      if (name !== null) yield* translateHistory(history, name, walk);
    }
  }
};

function* translateHistory(history: History, name: string, walk: Walk): Generator<IntakeCommit> {
  const { report } = walk.context;
  const seen = createSeenRecords();
  const clock = createHistoryClock(walk.context);
  for (const event of history.events) {
    const base = keyOf(name, event.id);
    const key = seen.keyFor(base, event.record.sha256);
    const time = clock(event);
    if (key === null || walk.variants.hasTold(name, event)) {
      report.repeats++;
      continue;
    }
    if (key === base) walk.variants.noteTold(name, event);
    else report.duplicatesWithOtherContent.push({ file: event.record.file, line: event.record.line, byte: event.record.byte, key });
    countIn(report.recordsByType, event.type);
    yield commitOf({ event, history, name, key, time }, walk);
  }
}

interface Telling {
  readonly event: HistoryEvent;
  readonly history: History;
  /** Id of the stream. */
  readonly name: string;
  readonly key: string;
  readonly time: RecordTime;
}

function commitOf({ event, history, name, key, time }: Telling, { context, identity, lateness }: Walk): IntakeCommit {
  const { record } = event;
  const { report } = context;
  const cause = causeOf(event, history, context);
  const isLate = time.isUnknown !== true && lateness.isLate(name, time.ms, report);
  const commit = buildCommit(
    {
      position: { file: record.file, line: record.line, byte: record.byte },
      key,
      nativeId: event.id,
      producer: 'temporal',
      format: 'temporal-history',
      nativeType: textIn(record.value.eventType) ?? '',
      nativeSeq: event.id,
      sha256: record.sha256,
      sanitized: record.sanitized,
      time: isLate ? { ...time, isLate } : time,
    },
    {
      identity,
      report,
      stream: { type: 'workflow', id: name },
      // A variant is about the same work, so one question finds both.
      correlationId: history.correlationId,
      ...(cause === undefined ? {} : { causationId: identity.idOf(`${keyOf(name, cause)}|0`) }),
      ...(context.importedBy === undefined ? {} : { importedBy: context.importedBy }),
    },
  );
  return commit.finish(addEvents(event, history, commit));
}

/** @returns what is left of the record. */
function addEvents(event: HistoryEvent, history: History, commit: CommitBuilder): JsonObject | undefined {
  const attributes = readAttributes(event.attributes);
  const actor: Actor = { type: 'service', id: textIn(attributes.peek('identity'))?.trim() || 'temporal' };
  const mapping = Object.hasOwn(mappings, event.type) ? mappings[event.type] : undefined;
  if (mapping === undefined) {
    commit.add(0, newEvent({ type: 'record.kept', data: { source_type: event.type === '' ? 'event' : event.type, reason: 'unknown_type', raw: event.record.value } }, actor, history));
    return undefined;
  }
  let part = 0;
  for (let mapped: MappedEvent | undefined = mapping(attributes, event, history); mapped !== undefined; mapped = mapped.next, part++) {
    if (mapped.missingStart !== undefined) commit.addImplicitStart(part, newEvent(mapped.missingStart, actor, history));
    commit.add(part, newEvent(mapped, actor, history));
  }
  const left = attributes.left();
  const key = event.attributesKey;
  const rest = known({
    ...without(event.record.value, ['eventId', 'eventTime', 'eventType', ...(key === undefined ? [] : [key])]),
    ...(key === undefined || left === undefined ? {} : { [key]: left }),
    payloadMetadata: attributes.notes(),
  });
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function newEvent({ type, data, refs = [], severity }: MappedEvent, actor: Actor, { workflowId }: History): NewEvent {
  // All runs of one workflow id are found by it.
  const home: readonly EntityRef[] = workflowId === undefined ? [] : [{ type: 'workflow', id: workflowId, rel: 'workflow_id' }];
  return { type, data, actor, refs: [...home, ...refs], ...(severity === undefined ? {} : { severity }) };
}

/** The nearest event that this one follows from. */
const causeKeys = ['startedEventId', 'scheduledEventId', 'initiatedEventId', 'acceptedEventId', 'workflowTaskCompletedEventId'];

function causeOf({ attributes }: HistoryEvent, { byId }: History, { report }: IntakeContext): string | undefined {
  const named = causeKeys.flatMap((key) => {
    const value = attributes[key];
    const id = typeof value === 'number' ? String(value) : wordIn(value);
    return id === undefined || id === '0' ? [] : [id];
  });
  const found = named.find((id) => byId.has(id));
  if (found === undefined && named.length > 0) report.danglingParents++;
  return found;
}

/** Times of a history in its order; counts those that are earlier than the latest before them, down to the nanosecond. */
function createHistoryClock(context: IntakeContext): (event: HistoryEvent) => RecordTime {
  const { report, clock, assumedOffsetMinutes } = context;
  let latest: RecordTime | null = null;
  let previous: RecordTime | null = null;
  let index = 0;
  return ({ record }) => {
    const text = textIn(record.value.eventTime);
    const instant = text === undefined ? null : readInstant(text, assumedOffsetMinutes);
    index++;
    if (instant === null || text === undefined) {
      report.recordsWithoutTime++;
      return previous === null ? { ...instantAt(clock.now(), index - 1), isUnknown: true } : { at: previous.at, ms: previous.ms, nanos: previous.nanos, zoneAssumed: false, inferred: 'previous' };
    }
    const isOdd = isOddClock(instant.ms, clock.now(), report);
    const time: RecordTime = { ...instant, text, ...(isOdd ? { isOdd } : {}) };
    if (latest !== null && isBefore(time, latest)) report.stepsBackInTime++;
    else latest = time;
    previous = time;
    return time;
  };
}

const isBefore = (a: RecordTime, b: RecordTime): boolean => a.ms < b.ms || (a.ms === b.ms && a.nanos < b.nanos);
