/** Temporal histories beyond the samples: other spellings, histories that grow or disagree, what is broken or unknown. */
import { createDialects } from '@refold/catalog';
import type { EventEnvelope, JsonObject, Log } from '@refold/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importCommits } from '../src/import.ts';
import type { ImportResult } from '../src/import.ts';
import { createProducers, recognise } from '../src/producers.ts';
import { readHead } from '../src/reader.ts';
import type { IntakeContext, SourceFile } from '../src/source.ts';
import { translateTemporal } from '../src/temporal/translate.ts';
import { contextOf, fileAt, fileOf, linesFile, translateAll } from './import-file.ts';
import type { Translation } from './import-file.ts';
import { eventsOf, hashOf, idOf, openTestLog, registry, stateOf } from './open-log.ts';
import { rawEvents, temporalFiles, temporalFolder } from './raw-history.ts';

const runId = '32c62bbb-dfa3-4558-8bab-11cd5b4e17b7';
const sample = (name: string): SourceFile => fileAt(temporalFolder, `sdk-go/${name}.json`);
const historyFile = (events: readonly unknown[], name = 'history.json'): SourceFile => fileOf(name, JSON.stringify({ events }, null, 2));
const translated = (events: readonly unknown[], overrides: Partial<IntakeContext> = {}): Promise<Translation> => translateAll(translateTemporal, [historyFile(events)], overrides);

/** One import that can ask the log what it holds, as a caller with an open log does. */
async function importInto(log: Log, files: readonly SourceFile[], overrides: Partial<IntakeContext> = {}): Promise<ImportResult & Pick<IntakeContext, 'report'>> {
  const context = contextOf({ recorded: (id) => log.event(id), ...overrides });
  return { ...(await importCommits(log, translateTemporal(files, context), { idOf })), report: context.report };
}

/** An event in the short spelling; ids are numbers here for reading, text in the file. */
const event = (id: number, type: string, attributes: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  eventId: String(id),
  eventTime: `2026-01-01T00:00:0${id % 10}Z`,
  eventType: type,
  [`${type.slice(0, 1).toLowerCase()}${type.slice(1)}EventAttributes`]: attributes,
  ...more,
});
const started = (more: JsonObject = {}): JsonObject => event(1, 'WorkflowExecutionStarted', { originalExecutionRunId: 'run-1', workflowType: { name: 'Order' }, ...more });
const payload = (value: unknown, encoding = 'json/plain'): JsonObject => ({ metadata: { encoding: btoa(encoding) }, data: btoa(JSON.stringify(value)) });

describe('recognised by content', () => {
  const producers = createProducers(createDialects(registry));
  const producerOf = (head: Uint8Array): string | undefined => recognise(producers, 'x.bin', head)?.name;

  test.each(temporalFiles)('%s, by its first kilobyte too', async (file) => {
    const head = await readHead(fileAt(temporalFolder, file));
    expect([producerOf(head), producerOf(head.subarray(0, 1_024))]).toEqual(['temporal', 'temporal']);
  });

  test.each<[string, unknown, string | undefined]>([
    ['a bare array', [started()], 'temporal'],
    ['one event per line', started(), 'temporal'],
    ['a history in an answer', { history: { events: [started()] } }, 'temporal'],
    ['events of somebody else', { eventId: '1', events: [{ id: 1 }] }, 'jsonl'],
  ])('%s', (_, content, expected) => {
    expect(producerOf(new TextEncoder().encode(`${JSON.stringify(content)}\n`))).toBe(expected);
  });
});

describe('spellings', () => {
  const events = rawEvents('sdk-go/workflow1.json');
  const screaming = events.map((each) => ({ ...each, eventType: `EVENT_TYPE_${each.eventType.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}` }));
  const reordered = events.map((each) => ({ ...Object.fromEntries(Object.entries(each).toReversed()), links: null, taskId: Number(each.taskId) }));

  test.each<[string, SourceFile]>([
    ['{ history: { events } }, compact', fileOf('h', JSON.stringify({ history: { events } }))],
    ['{ history: { events } }, indented', fileOf('h', JSON.stringify({ history: { events } }, null, 1))],
    ['{ events }, compact', fileOf('h', JSON.stringify({ events }))],
    ['a bare array', fileOf('h', JSON.stringify(events, null, 2))],
    ['one event per line', linesFile('h', events)],
    ['EVENT_TYPE_ names', historyFile(screaming)],
    ['keys in another order, null for nothing, numbers for texts', historyFile(reordered)],
    ['with a byte order mark', fileOf('h', `\ufeff${JSON.stringify({ events }, null, 2)}`)],
  ])('%s gives the same commits, and nothing new', async (_, file) => {
    const log = await openTestLog();
    expect(await importInto(log, [sample('workflow1')])).toMatchObject({ new: 25, refused: [] });
    expect(await importInto(log, [file])).toMatchObject({ new: 0, alreadyPresent: 25, report: { recordsRead: 25, warnings: [] } });
    expect((await importInto(await openTestLog(), [file])).new).toBe(25);
  });

  test('two histories in one file are two runs', async () => {
    const other = { events: [started()] };
    const { report } = await translateAll(translateTemporal, [fileOf('h', JSON.stringify([{ history: { events } }, other]))]);
    expect([...report.streams]).toEqual([`workflow/${runId}`, 'workflow/run-1']);
  });
});

describe('histories of one run', () => {
  test.each([1, 7, 24])('a longer history extends the shorter one, cut after %i events', async (cut) => {
    const [grown, whole] = [await openTestLog(), await openTestLog()];
    await importInto(whole, [sample('workflow1')]);
    expect(await importInto(grown, [historyFile(rawEvents('sdk-go/workflow1.json').slice(0, cut))])).toMatchObject({ new: cut });
    expect(await importInto(grown, [sample('workflow1')])).toMatchObject({ new: 25 - cut, alreadyPresent: cut, report: { warnings: [] } });
    expect(await importInto(grown, [historyFile(rawEvents('sdk-go/workflow1.json').slice(0, cut))])).toMatchObject({ new: 0, report: { warnings: [] } });
    expect(await hashOf(grown, `workflow/${runId}`)).toBe(await hashOf(whole, `workflow/${runId}`));
  });

  test('both in one import are told once', async () => {
    const shorter = historyFile(rawEvents('sdk-go/workflow1.json').slice(0, 9));
    const { commits, report } = await translateAll(translateTemporal, [shorter, sample('workflow1')]);
    expect([commits.length, report.repeats, report.warnings]).toEqual([25, 9, []]);
  });

  test('the first part of any history gives the first commits of the whole', async () => {
    const unreset = temporalFiles.filter((file) => !rawEvents(file).some((each) => JSON.stringify(each).includes('"newRunId"')));
    const keys = ({ commits }: Translation) => commits.map(({ commitId, events }) => [commitId, events.map(({ id, type, data, causationId }) => ({ id, type, data, causationId }))]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...unreset), fc.double({ min: 0, max: 1, noNaN: true }), async (file, share) => {
        const events = rawEvents(file);
        const cut = Math.max(1, Math.floor(events.length * share));
        expect(keys(await translated(events.slice(0, cut)))).toEqual(keys(await translated(events)).slice(0, cut));
      }),
      { numRuns: 25 },
    );
  });

  test('one that disagrees, imported later, is a stream of its own, and the first is not touched', async () => {
    const log = await openTestLog();
    await importInto(log, [sample('workflow1')]);
    const before = await hashOf(log, `workflow/${runId}`);
    const other = await importInto(log, [sample('workflow_with_unknown_event')]);
    expect(other).toMatchObject({ new: 26, alreadyPresent: 0, refused: [] });
    expect(other.report.warnings).toEqual([`sdk-go/workflow_with_unknown_event.json: this history differs from workflow/${runId} at event 23; it is workflow/${runId}~2.`]);
    expect(await hashOf(log, `workflow/${runId}`)).toBe(before);
    expect(await eventsOf(log, `workflow/${runId}~2`)).toHaveLength(26);
  });

  test('in any order and again in any other, each telling stays in the stream it has', async () => {
    const tellings = ['workflow1', 'bad-empty-workflow', 'workflow_with_unknown_event', 'workflow_with_bad_unknown_event'];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(tellings, { minLength: 4 }), fc.shuffledSubarray(tellings, { minLength: 4 }), fc.boolean(), async (first, second, together) => {
        const log = await openTestLog();
        if (together) await importInto(log, first.map(sample));
        else for (const name of first) await importInto(log, [sample(name)]);
        const { position } = await log.head();
        expect(position).toBe(102);
        const again = await importInto(log, second.map(sample));
        expect([again.new, again.alreadyPresent, again.report.warnings]).toEqual([0, 102, []]);
      }),
      { numRuns: 8 },
    );
  });

  test('refused when the caller says so: a reject that names the first difference, and the rest is imported', async () => {
    const log = await openTestLog();
    const { report, ...result } = await importInto(log, [sample('workflow1'), sample('workflow_with_unknown_event'), sample('workflow2')], { variants: 'refuse' });
    expect([result.new, report.recordsRead, report.rejectCount]).toEqual([43, 43, 1]);
    expect(report.rejects).toEqual([{ file: 'sdk-go/workflow_with_unknown_event.json', line: 23, byte: 0, code: 'DUPLICATE_ID', reason: `this history differs from workflow/${runId} at event 23` }]);
    expect((await eventsOf(log)).some(({ streamId }) => streamId.includes('~'))).toBe(false);
  });

  test('an erased telling contradicts nobody', async () => {
    const log = await openTestLog();
    await importInto(log, [sample('workflow1')]);
    const erased = async (id: string): Promise<EventEnvelope | null> => {
      const found = await log.event(id);
      return found === null ? null : { ...found, data: {}, metadata: {}, erased: true };
    };
    expect(await importInto(log, [sample('workflow1')], { recorded: erased })).toMatchObject({ new: 0, report: { warnings: [] } });
  });
});

describe('which run', () => {
  test('a run without an id is named by the caller, else by its file', async () => {
    const start = event(1, 'WorkflowExecutionStarted');
    expect((await translated([start], { runId: 'mine' })).commits.map(({ stream, key }) => [stream, key])).toEqual([['workflow/mine', 'temporal|mine|1']]);
    expect((await translated([start])).commits[0]!.stream).toBe('workflow/history');
    expect((await translated([started()], { runId: 'mine' })).commits[0]!.stream).toBe('workflow/run-1');
  });

  test('only a reset renames a run', async () => {
    const failed = (cause: string) => [started(), event(2, 'WorkflowTaskFailed', { cause, newRunId: 'run-2' })];
    expect((await translated(failed('NonDeterministicError'))).commits[0]!.stream).toBe('workflow/run-1');
    expect((await translated(failed('ResetWorkflow'))).commits[0]!.stream).toBe('workflow/run-2');
    expect((await translated(failed('WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW'))).commits[0]!.stream).toBe('workflow/run-2');
  });

  test('a child belongs to its root, a continuation to the first of its chain', async () => {
    const correlationOf = async (more: JsonObject) => (await translated([started(more)])).events[0]!.correlationId;
    const parent = { parentWorkflowExecution: { workflowId: 'p', runId: 'parent' }, firstExecutionRunId: 'first' };
    expect(await correlationOf({})).toBe('run-1');
    expect(await correlationOf({ firstExecutionRunId: 'first' })).toBe('first');
    expect(await correlationOf(parent)).toBe('parent');
    expect(await correlationOf({ ...parent, rootWorkflowExecution: { workflowId: 'r', runId: 'root' } })).toBe('root');
    const { refs } = (await translated([started({ ...parent, continuedExecutionRunId: 'before', workflowId: 'order-7' })])).events[0]!;
    expect(refs).toEqual([
      { type: 'workflow', id: 'order-7', rel: 'workflow_id' },
      { type: 'workflow', id: 'parent', rel: 'parent' },
      { type: 'workflow', id: 'before', rel: 'continues' },
      { type: 'workflow', id: 'first', rel: 'first' },
    ]);
  });

  test('a run that goes on as a new one is completed and has started it', async () => {
    const { events } = await translated([started(), event(2, 'WorkflowExecutionContinuedAsNew', { newExecutionRunId: 'run-2', workflowType: { name: 'Order' } })]);
    expect(events.slice(1).map(({ type, data }) => [type, data])).toEqual([
      ['workflow.completed', {}],
      ['child_run.started', { run: 'workflow/run-2', name: 'Order' }],
    ]);
  });
});

describe('ends', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['WorkflowExecutionFailed', { failure: { message: 'no stock', stackTrace: 'at x', applicationFailureInfo: { type: 'OutOfStock' } } }, { message: 'no stock', code: 'OutOfStock', stack: 'at x' }],
    ['WorkflowExecutionFailed', { failure: { message: 'gone', serverFailureInfo: {} } }, { message: 'gone', code: 'SERVER' }],
    ['WorkflowExecutionTimedOut', {}, { message: 'The workflow ran out of time.', code: 'TIMED_OUT' }],
    ['WorkflowExecutionTerminated', { reason: 'by hand' }, { message: 'by hand', code: 'TERMINATED' }],
    ['WorkflowExecutionCanceled', {}, { message: 'The workflow was cancelled.', code: 'CANCELED' }],
  ])('%s fails the run: %j', async (type, attributes, error) => {
    const log = await openTestLog();
    await importInto(log, [historyFile([started(), event(2, type, attributes)])]);
    expect((await stateOf(log, 'workflow/run-1')) as unknown).toMatchObject({ status: 'failed', error, anomalies: [] });
  });

  test('an activity fails, another runs out of time, a third is cancelled', async () => {
    const scheduled = (id: number) => event(id, 'ActivityTaskScheduled', { activityId: String(id), activityType: { name: 'Charge' }, input: { payloads: [payload({ sum: 3 })] } });
    const end = (id: number, type: string, of: number, more: JsonObject = {}) => event(id, type, { scheduledEventId: String(of), ...more });
    const log = await openTestLog();
    await importInto(log, [historyFile([started(), scheduled(2), scheduled(3), scheduled(4), end(5, 'ActivityTaskFailed', 2, { failure: { message: 'card declined', applicationFailureInfo: { type: 'Declined' } } }), end(6, 'ActivityTaskTimedOut', 3), end(7, 'ActivityTaskCanceled', 4)])]);
    expect((await stateOf(log, 'workflow/run-1')) as unknown).toMatchObject({
      toolCalls: { 2: { tool: 'Charge', status: 'failed', error: { message: 'card declined', code: 'Declined' }, interrupted: false }, 3: { status: 'failed', error: { code: 'TIMED_OUT' } }, 4: { status: 'failed', interrupted: true } },
      anomalies: [],
    });
  });

  test('a child that could not be started gets the start that the history does not show', async () => {
    const log = await openTestLog();
    await importInto(log, [historyFile([started(), event(2, 'StartChildWorkflowExecutionFailed', { workflowId: 'child-7', workflowType: { name: 'Ship' }, cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS' })])]);
    expect((await stateOf(log, 'workflow/run-1')) as unknown).toMatchObject({ childRuns: { 'workflow/child-7': { status: 'failed', name: 'Ship' } }, anomalies: [] });
    expect((await eventsOf(log)).map(({ type, metadata }) => [type, metadata.derived])).toEqual([['workflow.started', undefined], ['child_run.started', 'implicit start'], ['child_run.failed', undefined]]);
  });

  test('an update is completed with its result, or turned down', async () => {
    const accepted = (id: number, name: string) => event(id, 'WorkflowExecutionUpdateAccepted', { acceptedRequest: { meta: { updateId: name }, input: { name: 'add', args: { payloads: [payload(2)] } } } });
    const log = await openTestLog();
    const done = event(3, 'WorkflowExecutionUpdateCompleted', { acceptedEventId: '2', outcome: { success: { payloads: [payload('sum')] } } });
    const rejected = event(4, 'WorkflowExecutionUpdateRejected', { rejectedRequest: { meta: { updateId: 'u2' }, input: { name: 'add' } }, failure: { message: 'too late' } });
    await importInto(log, [historyFile([started(), accepted(2, 'u1'), done, rejected])]);
    expect((await stateOf(log, 'workflow/run-1')) as unknown).toMatchObject({ updates: { u1: { name: 'add', status: 'completed' }, u2: { name: 'add', status: 'rejected' } }, anomalies: [] });
    expect((await eventsOf(log)).slice(1).map(({ data }) => data)).toEqual([
      { update_id: 'u1', name: 'add', input: [2] },
      { update_id: 'u1', name: 'add', output: ['sum'] },
      { update_id: 'u2', name: 'add', error: { message: 'too late', code: 'REJECTED' } },
    ]);
  });
});

describe('parts', () => {
  test('a timer id that comes again is another timer', async () => {
    const timer = (id: number) => [event(id, 'TimerStarted', { timerId: 't' }), event(id + 1, 'TimerFired', { timerId: 't', startedEventId: String(id) })];
    const log = await openTestLog();
    await importInto(log, [historyFile([started(), ...timer(2), ...timer(4)])]);
    expect((await stateOf(log, 'workflow/run-1')) as unknown).toMatchObject({ timers: { t: { status: 'fired' }, 't~4': { status: 'fired' } }, anomalies: [] });
  });

  test('an end whose beginning is not in the file names it by number, and is counted', async () => {
    const { events, report } = await translated([event(9, 'ActivityTaskCompleted', { scheduledEventId: '5', startedEventId: '6' }), event(10, 'TimerFired', { timerId: 't', startedEventId: '4' })]);
    expect(events.map(({ data, causationId }) => [data.tool_call_id ?? data.timer_id, causationId])).toEqual([['event-5', undefined], ['t', undefined]]);
    expect(report.danglingParents).toBe(2);
  });
});

describe('payloads', () => {
  const resultOf = async (result: JsonObject) => {
    const { data, metadata } = (await translated([started(), event(2, 'WorkflowExecutionCompleted', { result })])).events[1]!;
    return { result: data.result, notes: ((metadata!.source as JsonObject).rest as JsonObject | undefined)?.payloadMetadata };
  };

  test.each<[string, JsonObject, unknown]>([
    ['one value', { payloads: [payload({ a: [1] })] }, { a: [1] }],
    ['two values', { payloads: [payload(1), payload('b')] }, [1, 'b']],
    ['a number beyond 2^53 stays digit for digit (bad-input K5)', { payloads: [{ metadata: { encoding: btoa('json/plain') }, data: btoa('[9007199254740993]') }] }, ['9007199254740993']],
    ['nothing at all', {}, undefined],
  ])('%s', async (_, result, expected) => {
    expect(await resultOf(result)).toEqual({ result: expected, notes: undefined });
  });

  test('what says more than plain JSON is noted', async () => {
    const empty = { metadata: { encoding: btoa('binary/null\n') } };
    expect(await resultOf({ payloads: [empty] })).toEqual({ result: null, notes: { '/result/0': empty.metadata } });
  });

  test.each<[string, JsonObject]>([
    ['another encoding', { metadata: { encoding: btoa('binary/encrypted') }, data: btoa('secret') }],
    ['no JSON inside', { metadata: { encoding: btoa('json/plain') }, data: btoa('{broken') }],
    ['no base64', { metadata: { encoding: btoa('json/plain') }, data: '%%%' }],
    ['a forbidden key inside', { metadata: { encoding: btoa('json/plain') }, data: btoa('{"__proto__":1}') }],
  ])('%s: kept as it came', async (_, opaque) => {
    expect(await resultOf({ payloads: [opaque] })).toEqual({ result: opaque, notes: undefined });
  });
});

describe('what is odd', () => {
  test('an unknown type is kept with everything, whatever its name (bad-input K9)', async () => {
    const odd = ['SomethingNew', '__proto__', 'constructor', ''].map((type, index) => event(index + 2, 'X', { a: 1 }, { eventType: type, workerMayIgnore: true }));
    const { events } = await translated([started(), ...odd]);
    expect(events.slice(1).map(({ type, data }) => [type, data.source_type])).toEqual([['record.kept', 'SomethingNew'], ['record.kept', '__proto__'], ['record.kept', 'constructor'], ['record.kept', 'event']]);
    expect(events.slice(1).map(({ data }) => data.raw)).toEqual(odd);
  });

  test('an unknown field of a known event stays in the rest (bad-input K9)', async () => {
    const { events } = await translated([started({ brandNew: { x: [1] } }), event(2, 'TimerStarted', { timerId: 't' }, { links: [{ a: 1 }], principal: 'p' })]);
    expect((events[0]!.metadata!.source as JsonObject).rest).toMatchObject({ workflowExecutionStartedEventAttributes: { brandNew: { x: [1] } } });
    expect((events[1]!.metadata!.source as JsonObject).rest).toMatchObject({ links: [{ a: 1 }], principal: 'p' });
  });

  test('an event without a time takes that of the one before it (bad-input K8)', async () => {
    const { events, report } = await translated([started(), { ...event(2, 'TimerStarted', { timerId: 't' }), eventTime: undefined }, { ...event(3, 'TimerFired', { timerId: 't', startedEventId: '2' }), eventTime: 'soon' }]);
    expect(events.map(({ occurredAt, metadata }) => [occurredAt, metadata!.timeInferred])).toEqual([['2026-01-01T00:00:01.000Z', undefined], ['2026-01-01T00:00:01.000Z', 'previous'], ['2026-01-01T00:00:01.000Z', 'previous']]);
    expect(report.recordsWithoutTime).toBe(2);
  });

  test('what is no object is a reject with its place; the rest is imported (bad-input K10)', async () => {
    const { commits, report } = await translated([started(), 7, event(3, 'TimerStarted', { timerId: 't' })]);
    expect(commits).toHaveLength(2);
    expect(report.rejects.map(({ line, code, reason }) => [line, code, reason])).toEqual([[2, 'BAD_JSON', 'not_an_object']]);
  });

  test('an event id that comes again: the same event once, another one beside it (bad-input K7)', async () => {
    const timer = event(2, 'TimerStarted', { timerId: 't' });
    const log = await openTestLog();
    const broken = historyFile([started(), timer, timer, event(2, 'TimerStarted', { timerId: 'u' })]);
    const { report, ...result } = await importInto(log, [broken]);
    expect([result.new, report.repeats, report.duplicatesWithOtherContent.map(({ key }) => key)]).toEqual([3, 1, ['temporal|run-1|2~2']]);
    expect(await importInto(log, [broken])).toMatchObject({ new: 0, report: { warnings: [] } });
  });

  test('an event without an id is known by its place, and attributes may be missing', async () => {
    const { commits } = await translated([started(), { eventType: 'WorkflowTaskScheduled', eventTime: '2026-01-01T00:00:02Z' }]);
    expect(commits.map(({ key }) => key)).toEqual(['temporal|run-1|1', 'temporal|run-1|#2']);
  });

  test('a history without events is a warning', async () => {
    const { commits, report } = await translated([]);
    expect([commits.length, report.recordsRead, report.warnings]).toEqual([0, 0, ['history.json holds a history without events.']]);
  });

  test('any JSON in any place of an event is taken, and imported again adds nothing', async () => {
    const types = ['WorkflowExecutionStarted', 'ActivityTaskScheduled', 'ActivityTaskCompleted', 'TimerFired', 'MarkerRecorded', 'WorkflowExecutionUpdateCompleted', 'ChildWorkflowExecutionFailed', 'NexusOperationScheduled', 'WorkflowTaskFailed', 'WorkflowExecutionContinuedAsNew'];
    const keys = ['activityId', 'activityType', 'scheduledEventId', 'startedEventId', 'input', 'result', 'failure', 'details', 'timerId', 'workflowExecution', 'meta', 'outcome', 'newExecutionRunId', 'attempt', 'identity', 'markerName', 'cause'];
    const value = fc.jsonValue({ maxDepth: 3 }).filter((json) => !/__proto__|-0/.test(JSON.stringify(json)));
    const anyEvent = fc.tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...keys), value)).map(([type, attributes]) => ({ type, attributes: attributes as JsonObject }));
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { minLength: 1, maxLength: 6 }), async (list) => {
        const file = historyFile(list.map(({ type, attributes }, index) => event(index + 1, type, attributes)));
        const log = await openTestLog();
        const first = await importInto(log, [file]);
        expect([first.new, first.refused]).toEqual([list.length, []]);
        expect((await importInto(log, [file])).new).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
