import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOver, started } from '../../test/debug-world.ts';
import { arbitraryHistory, event, history } from '../../test/voyage.ts';
import { createKeyframeIndex } from '../fold/keyframe-index.ts';
import { createColumnIndex } from '../travel/column-index.ts';
import type { DebugExport } from './export.ts';
import { exportSession, importSession } from './export.ts';

const voyage = history(['voyage.planned', { ship: 'Beagle' }], ['voyage.departed'], ['speed.changed', { before: 0, after: 5 }], ['note.added', { text: 'a' }], ['speed.changed', { before: 5, after: 9 }], ['voyage.arrived']);
const at = (revision: number) => ({ kind: 'revision' as const, revision });
const { reader: _reader, ...detached } = partsOver([]);

async function exported(): Promise<DebugExport> {
  const session = await started(voyage);
  await session.goTo(at(2));
  session.addBreakpoint({ eventType: 'speed.changed', condition: 'state.knots > 5' });
  session.addBreakpoint({ path: '/log', log: 'log of ${size(state.log)}', enabled: false });
  session.addWatch('state.knots');
  session.addNote({ revision: 6, text: 'behind what was visited' });
  await session.resume();
  await session.stepBack();
  // Through text, as a file goes.
  return JSON.parse(JSON.stringify(await exportSession(session, { now: 0 }))) as DebugExport;
}

describe('a debug session as a file', () => {
  it('B-070 B-082 B-156 opens again at the same place, with the same breakpoints, watches and timeline', async () => {
    const file = await exported();
    expect(file).toMatchObject({ format: 'refold-debug-session', formatVersion: '1.0.0', exportedAt: '1970-01-01T00:00:00.000Z', start: { revision: 1 } });
    expect(file.events.map(({ revision }) => revision)).toEqual([2, 3, 4, 5]);
    const again = await importSession(file, detached);
    const { entries } = await again.timeline();
    expect(entries.slice(0, file.timeline.length)).toEqual(file.timeline);
    expect(again.info()).toMatchObject({ state: 'paused', revision: 4, currentState: file.info.currentState, watches: [{ expression: 'state.knots', value: 5 }] });
    expect(again.breakpoints()).toMatchObject([{ eventType: 'speed.changed', condition: 'state.knots > 5', enabled: true }, { path: '/log', log: 'log of ${size(state.log)}', enabled: false }]);
    expect(again.notes()).toMatchObject([{ revision: 6, text: 'behind what was visited' }]);
    expect(await again.resume()).toMatchObject({ reason: 'breakpoint', revision: 5 });
    expect(again.stateHere('/knots')).toBe(9);
    expect(await again.reverse()).toMatchObject({ revision: 1, reason: 'start' });
    await expect(again.goTo(at(0))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('B-070 opens over the log it came from, and can go further there', async () => {
    const again = await importSession(await exported(), partsOver(voyage));
    expect(again.head).toBe(6);
    expect(await again.goTo(at(6))).toMatchObject({ revision: 6 });
  });

  it('keeps apart from what this log keeps of a stream of the same name', async () => {
    const kept = { keyframes: createKeyframeIndex({ limits: { keyframeEveryEvents: 1 } }), columns: createColumnIndex() };
    const session = await started(history(['voyage.planned', { ship: 'Beagle' }], ['speed.changed', { before: 0, after: 5 }], ['note.added', { text: 'a' }], ['note.added', { text: 'b' }]));
    await session.goTo(at(4));
    const other = await importSession(JSON.parse(JSON.stringify(await exportSession(session, { now: 0 }))), { ...detached, ...kept });
    await other.goTo(at(4));
    other.addBreakpoint({ flip: 'severity == "ERROR"' });
    await other.reverse();
    expect(kept.columns.bytes).toBe(0);
    expect(kept.keyframes.of('voyage/V-1', 4).count).toBe(0);
  });

  it('shows the same states as the log, whatever was visited', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(30), fc.nat(30), fc.nat(30), async (events, from, steps) => {
        const session = await started(events);
        await session.goTo(at(1 + (from % events.length)));
        await session.step({ count: 1 + steps });
        const file = JSON.parse(JSON.stringify(await exportSession(session, { now: 0 }))) as DebugExport;
        const again = await importSession(file, detached);
        for (const { revision } of file.events) {
          await again.goTo(at(revision));
          expect(again.stateHere()).toEqual(JSON.parse(JSON.stringify(await session.stateAt(revision))));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is bounded: the newest visits and the events around them', async () => {
    const session = await started(Array.from({ length: 100 }, (_, index) => event(index + 1, 'note.added', { text: String(index) })));
    await session.resume();
    const file = await exportSession(session, { now: 0, visitsMax: 20, eventsMax: 10 });
    expect(file.timeline.map(({ revision }) => revision)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100]);
    expect([file.events.length, file.start.revision]).toEqual([10, 90]);
  });

  it.each<readonly [string, (file: Record<string, unknown>) => unknown]>([
    ['/format', (file) => ({ ...file, format: 'har' })],
    ['/formatVersion', (file) => ({ ...file, formatVersion: '2.0.0' })],
    ['/info', (file) => ({ ...file, info: null })],
    ['/info/streamType', (file) => ({ ...file, info: { ...(file['info'] as object), streamType: 7 } })],
    ['/events', (file) => ({ ...file, events: {} })],
    ['/events/0/data', (file) => ({ ...file, events: [{ ...(file['events'] as object[])[0], data: null }] })],
    ['/timeline/0/visitedAt', (file) => ({ ...file, timeline: [{ ...(file['timeline'] as object[])[0], visitedAt: 'soon' }] })],
    ['/start', (file) => ({ ...file, start: [] })],
    ['', () => 'text'],
  ])('is refused when %s is not what an export has', async (pointer, spoil) => {
    const file = (await exported()) as unknown as Record<string, unknown>;
    await expect(importSession(spoil(file), detached)).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'debug_export', pointer } });
  });
});
