/**
 * A history as it stands in a file: `{ events }`, `{ history: { events } }`, a bare array, or one event per line. All of a
 * history is in memory while it is translated, because a part is named by the event that began it.
 *
 * Which run it tells: a reset copies the history of the run before it and goes on under a new run id, so the last
 * `newRunId` of a reset wins over the id in the first event. Source: INTAKE.md, section 9; temporal.api.history.v1.
 */
import { canonicalBytes, stateJsonLimits } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import type { Identity } from '../identity.ts';
import { listIn, objectIn, textIn, wordIn } from '../json-shape.ts';
import { readRecordsOrDocument } from '../reader.ts';
import type { ReadOptions, SourceRecord } from '../reader.ts';
import { addReject } from '../report.ts';
import type { SourceFile } from '../source.ts';

export interface HistoryEvent {
  /** `eventId`; `#<index>` when it has none. */
  readonly id: string;
  /** PascalCase, whichever way it is spelled in the file. */
  readonly type: string;
  /** `<camelCase>EventAttributes`: its key, and its value. */
  readonly attributesKey: string | undefined;
  readonly attributes: JsonObject;
  /** `sha256` is over a normal form, the same for every copy of the event. */
  readonly record: SourceRecord;
}

export interface History {
  readonly file: string;
  readonly runId: string;
  readonly workflowId: string | undefined;
  /** Run id of the root: of the tree of children, and of the chain of runs that continue each other. */
  readonly correlationId: string;
  readonly events: readonly HistoryEvent[];
  /** The first of each id; a broken history may have more. */
  readonly byId: ReadonlyMap<string, HistoryEvent>;
  /** Names of activities and timers, by the id of the event that began them. */
  readonly partNames: ReadonlyMap<string, string>;
}

export interface HistoryOptions extends ReadOptions {
  /** Names a run that does not name itself. */
  readonly runId?: string;
}

export async function* readHistories(file: SourceFile, options: HistoryOptions): AsyncGenerator<History> {
  const loose: HistoryEvent[] = [];
  for await (const record of readRecordsOrDocument(file, options)) {
    const events = eventsIn(record.value);
    if (events === undefined) loose.push(historyEvent(record, options.identity));
    else {
      // The reader took the document for one record.
      options.report.recordsRead--;
      const nested = nestedEvents(record, events, options);
      if (nested.length > 0) yield historyOf(file, nested, options.runId);
      else options.report.warnings.push(`${file.name} holds a history without events.`);
    }
  }
  if (loose.length > 0) yield historyOf(file, loose, options.runId);
}

/** The events of a document; undefined when it is none. */
export const eventsIn = (document: JsonObject): readonly Json[] | undefined => listIn(document.events) ?? listIn(objectIn(document.history)?.events);

export const isHistoryEvent = (record: JsonObject | undefined): boolean => record !== undefined && ['eventId', 'eventTime', 'eventType'].every((key) => Object.hasOwn(record, key));

/** An event of a document has no line of its own; its index stands for it. */
function nestedEvents(document: SourceRecord, events: readonly Json[], { report, identity }: HistoryOptions): readonly HistoryEvent[] {
  return events.flatMap((value, index) => {
    const position = { file: document.file, line: index + 1, byte: document.byte };
    const event = objectIn(value);
    if (event === undefined) {
      addReject(report, { ...position, code: 'BAD_JSON', reason: 'not_an_object' });
      return [];
    }
    report.recordsRead++;
    return [historyEvent({ ...document, ...position, value: event }, identity)];
  });
}

function historyEvent(record: SourceRecord, identity: HistoryOptions['identity']): HistoryEvent {
  const { value } = record;
  const attributesKey = Object.keys(value).find((key) => key.endsWith('EventAttributes'));
  const type = pascalCase(textIn(value.eventType) ?? '');
  return {
    id: wordIn(value.eventId) ?? (typeof value.eventId === 'number' ? String(value.eventId) : `#${record.line}`),
    type,
    attributesKey,
    attributes: attributesKey === undefined ? {} : (objectIn(value[attributesKey]) ?? {}),
    record: { ...record, sha256: digestOf({ ...value, eventType: type }, identity) },
  };
}

const pascalCase = (type: string): string =>
  !type.startsWith('EVENT_TYPE_')
    ? type
    : type
        .slice('EVENT_TYPE_'.length)
        .split('_')
        .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
        .join('');

/** Clients spell one and the same event with other key orders, `null` for what is not there, and numbers as text. */
const digestOf = (event: JsonObject, identity: Pick<Identity, 'digestOf'>): string => identity.digestOf(canonicalBytes(normal(event), { limits: stateJsonLimits }));

function normal(value: Json): Json {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map(normal);
  const object = objectIn(value);
  if (object === undefined) return value;
  return Object.fromEntries(Object.entries(object).flatMap(([key, item]) => (item === null ? [] : [[key, normal(item)]])));
}

function historyOf(file: SourceFile, events: readonly HistoryEvent[], givenRunId: string | undefined): History {
  const start = events.find(({ type }) => type === 'WorkflowExecutionStarted')?.attributes ?? {};
  const resetTo = events.findLast(isReset)?.attributes.newRunId;
  const runId = wordIn(resetTo) ?? wordIn(start.originalExecutionRunId) ?? givenRunId ?? file.name.replace(/\.[^./]+$/, '');
  return {
    file: file.name,
    runId,
    workflowId: wordIn(start.workflowId),
    correlationId: runIdIn(start.rootWorkflowExecution) ?? runIdIn(start.parentWorkflowExecution) ?? wordIn(start.firstExecutionRunId) ?? runId,
    events,
    byId: new Map(events.toReversed().map((event) => [event.id, event])),
    partNames: partNames(events),
  };
}

/** `ResetWorkflow`, or `WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW`. */
const isReset = ({ type, attributes }: HistoryEvent): boolean =>
  type === 'WorkflowTaskFailed' && /^(?:WORKFLOW_TASK_FAILED_CAUSE_)?RESET_?WORKFLOW$/i.test(textIn(attributes.cause) ?? '') && wordIn(attributes.newRunId) !== undefined;

export const runIdIn = (execution: Json | undefined): string | undefined => wordIn(objectIn(execution)?.runId);

/** Activity and timer ids need to be unique only while they are open: one that comes again is told apart by its event. */
function partNames(events: readonly HistoryEvent[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const used = new Set<string>();
  for (const { id, type, attributes } of events) {
    const key = type === 'ActivityTaskScheduled' ? 'activityId' : type === 'TimerStarted' ? 'timerId' : undefined;
    if (key === undefined) continue;
    const name = wordIn(attributes[key]) ?? id;
    const isFree = !used.has(`${key} ${name}`);
    used.add(`${key} ${name}`);
    names.set(id, isFree ? name : `${name}~${id}`);
  }
  return names;
}
