/**
 * Row 15 of INTAKE.md section 20: all 33 sample histories through the public importer into a real log, read back through the
 * log and its fold, against a plain count of the files.
 */
import { importFiles } from '@refold/operations';
import type { ImportOutcome } from '@refold/operations';
import type { EventEnvelope, JsonObject } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileAt } from './import-file.ts';
import { eventsOf, hashOf, stateOf } from './open-log.ts';
import { allRawEvents, kindOf, nanosOf, rawEvents, temporalFiles, temporalFolder } from './raw-history.ts';

interface RunState {
  readonly status: string;
  readonly toolCalls: Record<string, { readonly kind: string; readonly status: string; readonly interrupted: boolean }>;
  readonly timers: Record<string, { readonly status: string }>;
  readonly childRuns: Record<string, { readonly status: string }>;
  readonly steps: readonly { readonly status: string }[];
  readonly recordsKept: Record<string, number>;
  readonly anomalies: readonly unknown[];
}

const sources = temporalFiles.map((name) => fileAt(temporalFolder, name));
const variantsOf = '32c62bbb-dfa3-4558-8bab-11cd5b4e17b7';
const source = (event: EventEnvelope): JsonObject => event.metadata.source as JsonObject;

let store: OpenedStore;
let outcome: ImportOutcome;
let events: readonly EventEnvelope[];
let states: ReadonlyMap<string, RunState>;

beforeAll(async () => {
  store = await openStore('memory:');
  outcome = await importFiles(store, { producer: 'auto', files: sources });
  events = await eventsOf(store.log);
  const names = [...new Set(events.map(({ streamType, streamId }) => `${streamType}/${streamId}`))];
  states = new Map(await Promise.all(names.map(async (name) => [name, (await stateOf(store.log, name)) as unknown as RunState] as const)));
});

afterAll(() => store.close());

const stateValues = <T>(pick: (state: RunState) => readonly T[]): readonly T[] => [...states.values()].flatMap(pick);
const activities = () => stateValues(({ toolCalls }) => Object.values(toolCalls)).filter(({ kind }) => kind === 'activity');
const rawCount = (kind: string): number => allRawEvents().filter((event) => kindOf(event) === kind).length;

describe('row 15: all 33 histories in one go', () => {
  test('1,294 events, each a record of its own, nothing rejected', () => {
    expect(temporalFiles).toHaveLength(33);
    expect(allRawEvents()).toHaveLength(1_294);
    expect(outcome.producer).toBe('temporal');
    expect(outcome.result).toMatchObject({ new: 1_294, alreadyPresent: 0, eventsWritten: 1_294, corroborating: 0, refused: [] });
    expect(outcome.report).toMatchObject({ recordsRead: 1_294, rejectCount: 0, repeats: 0, danglingParents: 0, recordsWithoutTime: 0 });
    expect(events).toHaveLength(1_294);
  });

  test('33 streams: 30 runs, and three more tellings of one of them', () => {
    const variants = [...states.keys()].filter((name) => name.includes('~'));
    expect(states.size).toBe(33);
    expect(variants).toEqual([2, 3, 4].map((count) => `workflow/${variantsOf}~${count}`));
    expect(outcome.report.warnings).toEqual([
      `sdk-go/workflow1.json: this history differs from workflow/${variantsOf} at event 1; it is workflow/${variantsOf}~2.`,
      `sdk-go/workflow_with_bad_unknown_event.json: this history differs from workflow/${variantsOf} at event 1; it is workflow/${variantsOf}~3.`,
      `sdk-go/workflow_with_unknown_event.json: this history differs from workflow/${variantsOf} at event 1; it is workflow/${variantsOf}~4.`,
    ]);
  });

  test('every history is one stream, in the order of its event ids', () => {
    const streams = new Map<string, EventEnvelope[]>();
    for (const event of events) streams.set(String(source(event).file), [...(streams.get(String(source(event).file)) ?? []), event]);
    for (const file of temporalFiles) {
      const told = streams.get(file) ?? [];
      const raw = rawEvents(file);
      expect(new Set(told.map(({ streamId }) => streamId)).size).toBe(1);
      expect(told.map((event) => [file, event.revision, source(event).nativeId, source(event).nativeType])).toEqual(raw.map(({ eventId, eventType }, index) => [file, index + 1, eventId, eventType]));
    }
  });

  test('49 activities: 44 completed, 1 cancelled, 4 open, these in multiple-updates-canceled', () => {
    expect(['ACTIVITY_TASK_SCHEDULED', 'ACTIVITY_TASK_COMPLETED', 'ACTIVITY_TASK_CANCELED'].map(rawCount)).toEqual([49, 44, 1]);
    expect(activities()).toHaveLength(49);
    expect(activities().filter(({ status }) => status === 'completed')).toHaveLength(44);
    expect(activities().filter(({ status, interrupted }) => status === 'failed' && interrupted)).toHaveLength(1);
    const open = [...states].flatMap(([name, { toolCalls }]) => Object.values(toolCalls).flatMap(({ kind, status }) => (kind === 'activity' && status === 'running' ? [name] : [])));
    const [canceled] = rawEvents('sdk-go/multiple-updates-canceled.json');
    const { originalExecutionRunId } = canceled!.workflowExecutionStartedEventAttributes as { originalExecutionRunId: string };
    expect(open).toEqual(Array.from({ length: 4 }, () => `workflow/${originalExecutionRunId}`));
  });

  test('101 timers: 93 fired, 7 cancelled, 1 left', () => {
    const timers = stateValues((state) => Object.values(state.timers)).map(({ status }) => status);
    expect(['TIMER_STARTED', 'TIMER_FIRED', 'TIMER_CANCELED'].map(rawCount)).toEqual([101, 93, 7]);
    expect(['running', 'fired', 'cancelled'].map((status) => timers.filter((found) => found === status).length)).toEqual([1, 93, 7]);
  });

  test('13 children, each by its own run id, all completed', () => {
    const children = stateValues((state) => Object.entries(state.childRuns));
    const raw = allRawEvents().flatMap((event) => (kindOf(event) === 'CHILD_WORKFLOW_EXECUTION_STARTED' ? [(event.childWorkflowExecutionStartedEventAttributes as { workflowExecution: { runId: string } }).workflowExecution.runId] : []));
    expect(raw).toHaveLength(13);
    expect(children.map(([name]) => name).sort()).toEqual(raw.map((id) => `workflow/${id}`).sort());
    expect(new Set(children.map(([, { status }]) => status))).toEqual(new Set(['completed']));
  });

  test('22 steps back in time in 5 files: earlier than the latest before them, to the nanosecond', () => {
    const stepsBack = temporalFiles.map((file) => {
      let latest = 0n;
      return rawEvents(file).filter(({ eventTime }) => {
        const isBack = nanosOf(eventTime) < latest;
        if (!isBack) latest = nanosOf(eventTime);
        return isBack;
      }).length;
    });
    expect(stepsBack.reduce((sum, count) => sum + count, 0)).toBe(22);
    expect(stepsBack.filter((count) => count > 0)).toHaveLength(5);
    expect(outcome.report.stepsBackInTime).toBe(22);
  });

  test('both UnknownEvents are kept, with everything they said', () => {
    const kept = events.filter(({ type }) => type === 'record.kept');
    expect(kept.map(({ data }) => [data.source_type, data.reason])).toEqual([['UnknownEvent', 'unknown_type'], ['UnknownEvent', 'unknown_type']]);
    expect(kept.map(({ data }) => data.raw)).toEqual(allRawEvents().filter(({ eventType }) => eventType === 'UnknownEvent'));
    expect(stateValues(({ recordsKept }) => Object.values(recordsKept))).toEqual([1, 1]);
  });

  test('every eventTime is given back digit for digit, and told by occurredAt and the nanoseconds beyond it', () => {
    const raw = allRawEvents();
    expect(events.map((event) => source(event).time)).toEqual(raw.map(({ eventTime }) => eventTime));
    expect(events.map(({ occurredAt, metadata }) => BigInt(Date.parse(occurredAt)) * 1_000_000n + BigInt(Number(metadata.occurredNanos ?? 0)))).toEqual(raw.map(({ eventTime }) => nanosOf(eventTime)));
  });

  test('3 runs are named by the newRunId of their reset', () => {
    const reset = temporalFiles.flatMap((file) => rawEvents(file).flatMap((event) => (kindOf(event) === 'WORKFLOW_TASK_FAILED' ? [(event.workflowTaskFailedEventAttributes as { newRunId?: string }).newRunId] : [])).filter((id) => id !== undefined));
    expect(reset).toHaveLength(3);
    for (const id of reset) expect(states.get(`workflow/${id}`)?.status).toBe('completed');
  });

  test('every run is completed, and its fold has nothing to object to', () => {
    for (const [name, state] of states) expect([name, state.status, state.anomalies]).toEqual([name, 'completed', []]);
  });

  test('every cause is an event of the same history', () => {
    const byId = new Map(events.map((event) => [event.id, event]));
    const links = ['startedEventId', 'scheduledEventId', 'initiatedEventId', 'acceptedEventId', 'workflowTaskCompletedEventId'];
    for (const event of events) {
      const raw = rawEvents(String(source(event).file)).find(({ eventId }) => eventId === source(event).nativeId)!;
      const attributes = Object.entries(raw).find(([key]) => key.endsWith('EventAttributes'))![1] as Record<string, string>;
      const named = links.map((key) => attributes[key]).filter((id) => id !== undefined && id !== '0');
      const cause = event.causationId === undefined ? undefined : byId.get(event.causationId);
      expect([cause?.streamId, named.includes(cause === undefined ? '' : String(source(cause).nativeId))]).toEqual(named.length === 0 ? [undefined, false] : [event.streamId, true]);
    }
  });
});

test('nothing of an event is lost: each value stands in the event, in words or as it came', () => {
  for (const [index, raw] of allRawEvents().entries()) {
    const { data, metadata } = events[index]!;
    const told = new Set(leaves({ data, metadata }));
    const missing = leaves(raw).filter((leaf) => !told.has(leaf));
    expect([raw.eventId, missing]).toEqual([raw.eventId, []]);
  }
});

describe('row 15: again', () => {
  test('a second import adds nothing: same head, same state hashes', async () => {
    const before = await store.log.head();
    const hashes = await Promise.all([...states.keys()].map((name) => hashOf(store.log, name)));
    const again = await importFiles(store, { producer: 'temporal', files: sources });
    expect(again.result).toMatchObject({ new: 0, alreadyPresent: 1_294, eventsWritten: 0, refused: [] });
    expect((await store.log.head()).position).toBe(before.position);
    expect(await Promise.all([...states.keys()].map((name) => hashOf(store.log, name)))).toEqual(hashes);
  });
});

/** Every scalar of a value as text; payloads by what they hold. */
function leaves(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  const { metadata, data } = value as { metadata?: { encoding?: unknown }; data?: string };
  if (typeof metadata?.encoding !== 'string') return Object.values(value).flatMap(leaves);
  const encoding = Buffer.from(metadata.encoding, 'base64').toString('utf8').trim();
  const content = encoding === 'binary/null' ? ['null'] : leaves(JSON.parse(Buffer.from(data!, 'base64').toString('utf8')));
  return encoding === 'json/plain' ? content : [...content, metadata.encoding];
}
