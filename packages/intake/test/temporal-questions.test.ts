/**
 * The questions over history on real workflow histories (33 of Temporal's SDKs). Every figure is counted again from the raw
 * JSON of the files by the few lines below, with nothing of the product in between.
 */
import { blame, coverage, createDebugger, flips, parseScript, runScript } from '@refold/core';
import type { CommandResult, DebuggerParts, EventEnvelope, StreamAddress } from '@refold/core';
import { importFiles } from '@refold/operations';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileAt } from './import-file.ts';
import { eventsOf } from './open-log.ts';
import { kindOf, nanosOf, rawEvents, temporalFiles, temporalFolder } from './raw-history.ts';
import type { RawEvent } from './raw-history.ts';

/* ---- What the files say ---- */

const attributesOf = (event: RawEvent): Record<string, string> => Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))![1] as Record<string, string>;

/** What begins, and what ends it, naming the beginning by this attribute. */
const exchanges = {
  tool_call: { begins: /^(ACTIVITY_TASK|NEXUS_OPERATION)_SCHEDULED$/, ends: /^(ACTIVITY_TASK|NEXUS_OPERATION)_(COMPLETED|FAILED|TIMED_OUT|CANCELED)$/, names: 'scheduledEventId' },
  timer: { begins: /^TIMER_STARTED$/, ends: /^TIMER_(FIRED|CANCELED)$/, names: 'startedEventId' },
  step: { begins: /^WORKFLOW_TASK_SCHEDULED$/, ends: /^WORKFLOW_TASK_(COMPLETED|FAILED|TIMED_OUT)$/, names: 'scheduledEventId' },
} as const;

/** Event ids of what began and did not end, after each event of a file. */
function rawOpen(file: string, { begins, ends, names }: (typeof exchanges)[keyof typeof exchanges]): readonly (readonly string[])[] {
  const open = new Set<string>();
  return rawEvents(file).map((event) => {
    if (begins.test(kindOf(event))) open.add(event.eventId);
    if (ends.test(kindOf(event))) open.delete(attributesOf(event)[names]!);
    return [...open];
  });
}

const causeNames = ['startedEventId', 'scheduledEventId', 'initiatedEventId', 'acceptedEventId', 'workflowTaskCompletedEventId'];
const causesNamedBy = (event: RawEvent): readonly string[] => causeNames.flatMap((key) => (['0', undefined].includes(attributesOf(event)[key]) ? [] : [attributesOf(event)[key]!]));

/** Revisions (1-based places in the file) where the truth of a question about the raw events changes. */
function rawChanges(truths: readonly boolean[], start: boolean | null): readonly (readonly [number, boolean])[] {
  return truths.flatMap((truth, index) => (truth === (index === 0 ? start : truths[index - 1]) ? [] : [[index + 1, truth] as const]));
}

/* ---- The same files, imported ---- */

let store: OpenedStore;
let parts: DebuggerParts;
const streams = new Map<string, StreamAddress>();
const sourceOf = ({ metadata }: EventEnvelope): { readonly file: string; readonly nativeId: string } => metadata.source as { file: string; nativeId: string };

beforeAll(async () => {
  store = await openStore('memory:');
  const { log } = store;
  await importFiles(store, { producer: 'auto', files: temporalFiles.map((name) => fileAt(temporalFolder, name)) });
  async function* pages(request: Parameters<typeof log.events>[0]): AsyncGenerator<readonly EventEnvelope[]> {
    for await (const { events } of log.events(request)) if (events.length > 0) yield events;
  }
  parts = { fold: log.fold, hasher: log.ports.hasher, clock: log.ports.clock, reader: { pages: (stream, range) => pages({ stream, ...range }), head: async (stream) => (await log.stream(stream))?.revision ?? 0 } };
  for (const event of await eventsOf(log)) streams.set(sourceOf(event).file, { streamType: event.streamType, streamId: event.streamId });
});
afterAll(() => store.close());

const addressIn = (file: string): StreamAddress => streams.get(file)!;

async function flipsIn(file: string, source: string): Promise<readonly (readonly [number, boolean])[]> {
  const found: (readonly [number, boolean])[] = [];
  for await (const { revision, to } of flips(parts, addressIn(file), source)) found.push([revision, to === true]);
  return found;
}

test('every file is one stream with as many events', async () => {
  expect(streams.size).toBe(33);
  for (const file of temporalFiles) expect((await eventsOf(store.log, `${addressIn(file).streamType}/${addressIn(file).streamId}`)).map((event) => sourceOf(event).nativeId)).toEqual(rawEvents(file).map(({ eventId }) => eventId));
});

describe('flips over real histories', () => {
  test('an activity or operation is under way exactly where the raw events say so', async () => {
    let turns = 0;
    for (const file of temporalFiles) {
      const raw = rawChanges(rawOpen(file, exchanges.tool_call).map(({ length }) => length > 0), false);
      expect([file, await flipsIn(file, 'state.toolCalls.exists(id, state.toolCalls[id].status == "running")')]).toEqual([file, raw]);
      turns += raw.length;
    }
    expect(turns).toBeGreaterThan(50);
  });

  test.each([
    ['timer.fired', 'TIMER_FIRED', 93],
    ['tool_call.completed', 'ACTIVITY_TASK_COMPLETED', 44],
    ['step.failed', 'WORKFLOW_TASK_FAILED', 4],
  ])('%s comes and goes where %s does (%i in all)', async (type, rawKind, count) => {
    let seen = 0;
    for (const file of temporalFiles) {
      const truths = rawEvents(file).map((event) => kindOf(event) === rawKind);
      // Before the first event there is none to have a type: the first truth is news.
      expect([file, await flipsIn(file, `type == "${type}"`)]).toEqual([file, rawChanges(truths, null)]);
      seen += truths.filter(Boolean).length;
    }
    expect(seen).toBe(count);
  });
});

describe('coverage of real histories', () => {
  test.each(Object.keys(exchanges) as readonly (keyof typeof exchanges)[])('finds every %s that has no end in the file, and no other', async (entityType) => {
    let open = 0;
    for (const file of temporalFiles) {
      const { startsWithoutEnd, endsWithoutStart, missingCauses } = await coverage(parts, addressIn(file), { kind: 'end' }, { itemsMax: 1_000 });
      const raw = rawOpen(file, exchanges[entityType]).at(-1)!;
      const revisions = startsWithoutEnd.items.flatMap((item) => (item.entityType === entityType ? [item.revision] : []));
      expect([file, revisions.map((revision) => rawEvents(file)[revision - 1]!.eventId).toSorted()]).toEqual([file, raw.toSorted()]);
      expect([file, endsWithoutStart.count, missingCauses.count]).toEqual([file, 0, 0]);
      open += raw.length;
    }
    expect(open).toBe({ tool_call: 4, timer: 1, step: 0 }[entityType]);
  });

  test('counts every step back of the clock that the raw times show', async () => {
    let steps = 0;
    for (const file of temporalFiles) {
      const ms = rawEvents(file).map(({ eventTime }) => nanosOf(eventTime) / 1_000_000n);
      const raw = ms.filter((at, index) => index > 0 && at < ms[index - 1]!).length;
      const { clock } = await coverage(parts, addressIn(file), { kind: 'end' }, { clockSkewMs: 0 });
      expect([file, clock.backwards.count]).toEqual([file, raw]);
      steps += raw;
    }
    expect(steps).toBeGreaterThan(10);
  });
});

describe('blame in real histories', () => {
  test('of every call, operation and task that failed or was cancelled goes back over the events that the raw records name', async () => {
    let failures = 0;
    for (const file of temporalFiles)
      for (const [index, event] of rawEvents(file).entries()) {
        if (!/^(ACTIVITY_TASK|NEXUS_OPERATION|WORKFLOW_TASK)_(FAILED|CANCELED|TIMED_OUT)$/.test(kindOf(event))) continue;
        failures++;
        const { target, targetReason, firstBad, causes } = await blame(parts, addressIn(file), { kind: 'revision', revision: index + 1 }, { inferred: false });
        expect([file, target!.revision, targetReason]).toEqual([file, index + 1, 'at_place']);
        // Nothing bad lies before it on its way, as far as the raw records name causes.
        expect(firstBad).toMatchObject({ basis: 'recorded', event: { revision: index + 1 } });
        let later = event;
        for (const { revision } of causes) {
          const cause = rawEvents(file)[revision - 1]!;
          expect(causesNamedBy(later)).toContain(cause.eventId);
          later = cause;
        }
        expect(causes.length).toBeGreaterThan(0);
        expect(causesNamedBy(later)).toEqual([]);
      }
    expect(failures).toBe(6);
  });

  test('of whole runs, all of which completed, asks about the first workflow task that failed; a call that was cancelled is no failure of a run that went on', async () => {
    let targets = 0;
    for (const file of temporalFiles) {
      expect(kindOf(rawEvents(file).at(-1)!)).toBe('WORKFLOW_EXECUTION_COMPLETED');
      const bad = rawEvents(file).flatMap((event, index) => (kindOf(event) === 'WORKFLOW_TASK_FAILED' ? [index + 1] : []));
      const { target, targetReason } = await blame(parts, addressIn(file), { kind: 'end' });
      expect([file, target?.revision, targetReason]).toEqual([file, bad[0], bad.length === 0 ? null : 'unresolved_error']);
      targets += bad.length > 0 ? 1 : 0;
    }
    expect(targets).toBe(4);
  });
});

describe('scripts of the debugger over real histories', () => {
  async function resultsOf(file: string, lines: readonly string[]): Promise<readonly CommandResult[]> {
    const session = await createDebugger(parts, addressIn(file));
    await session.start();
    const results: CommandResult[] = [];
    for await (const { result } of runScript(session, parseScript(lines.join('\n')), parts)) results.push(result);
    return results;
  }
  const stopsIn = (results: readonly CommandResult[]): readonly number[] => results.flatMap((result) => (result.kind === 'stop' && result.stop.reason === 'breakpoint' ? [result.stop.revision] : []));

  test('stop at each end of a timer or call that the raw events have, forward and backward', async () => {
    let stops = 0;
    for (const file of temporalFiles) {
      const raw = rawEvents(file).flatMap((event, index) => (/^(TIMER_FIRED|ACTIVITY_TASK_COMPLETED)$/.test(kindOf(event)) ? [index + 1] : []));
      const run = [...raw.map(() => 'c'), 'c', ...raw.map(() => 'rc'), 'rc'];
      const found = stopsIn(await resultsOf(file, ['break timer.fired', 'break tool_call.completed', ...run]));
      expect([file, found]).toEqual([file, [...raw, ...raw.toReversed()]]);
      stops += raw.length;
    }
    expect(stops).toBe(137);
  });

  test('go from the start of each call to its end and back, and say of the others that they were not answered', async () => {
    let answered = 0;
    for (const file of temporalFiles) {
      const raw = rawEvents(file);
      for (const [index, event] of raw.entries()) {
        if (!exchanges.tool_call.begins.test(kindOf(event))) continue;
        const end = raw.findIndex((other) => exchanges.tool_call.ends.test(kindOf(other)) && attributesOf(other)['scheduledEventId'] === event.eventId);
        const [, forth, back] = await resultsOf(file, [`g ${index + 1}`, 's call', 'b call']);
        if (end < 0) expect([file, forth]).toMatchObject([file, { stop: { reason: 'no_answer', revision: index + 1 } }]);
        else expect([file, forth, back]).toMatchObject([file, { stop: { revision: end + 1 } }, { stop: { revision: index + 1 } }]);
        answered += end < 0 ? 0 : 1;
      }
    }
    expect(answered).toBe(46);
  });

  test('assert the counts of the raw events at every tenth place', async () => {
    let assertions = 0;
    for (const file of temporalFiles) {
      const [calls, timers] = [rawOpen(file, exchanges.tool_call), rawOpen(file, exchanges.timer)];
      const places = rawEvents(file).flatMap((_, index) => (index % 10 === 9 ? [index] : []));
      const results = await resultsOf(file, places.flatMap((index) => [
        `g ${index + 1}`,
        `assert state.toolCalls.filter(id, state.toolCalls[id].status == "running").size() == ${calls[index]!.length}`,
        `assert state.timers.filter(id, state.timers[id].status == "running").size() == ${timers[index]!.length}`,
      ]));
      const holds = results.flatMap((result) => (result.kind === 'assertion' ? [result.holds] : []));
      expect([file, holds]).toEqual([file, places.flatMap(() => [true, true])]);
      assertions += holds.length;
    }
    expect(assertions).toBeGreaterThan(150);
  });
});
