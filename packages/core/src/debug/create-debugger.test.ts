import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { address, debug, partsOver, started } from '../../test/debug-world.ts';
import { arbitraryHistory, event, history, minute, registry, voyageId } from '../../test/voyage.ts';
import { createFold } from '../fold/fold.ts';
import type { EventEnvelope } from '../log/event.ts';
import { readerOver } from '../travel/stream-reader.ts';
import type { BreakpointInput } from './breakpoint.ts';
import { createDebugger } from './create-debugger.ts';
import type { Debugger } from './debugger.ts';

const fold = createFold(registry);
const voyage = history(
  ['voyage.planned', { ship: 'Beagle' }],
  ['voyage.departed'],
  ['speed.changed', { before: 0, after: 5 }],
  ['note.added', { text: 'a', reward: 0.5 }],
  ['speed.changed', { before: 5, after: 9 }],
  ['note.added', { text: 'b', reward: 0.95 }],
  ['voyage.arrived'],
);
const at = (revision: number) => ({ kind: 'revision' as const, revision });

async function hitsForward(session: Debugger): Promise<readonly number[]> {
  const hits: number[] = [];
  for (let stop = await session.resume(); stop.reason === 'breakpoint'; stop = await session.resume()) hits.push(stop.revision);
  return hits;
}

async function hitsBackward(session: Debugger): Promise<readonly number[]> {
  const hits: number[] = [];
  for (let stop = await session.reverse(); stop.reason === 'breakpoint'; stop = await session.reverse()) hits.push(stop.revision);
  return hits;
}

describe('the states of a session', () => {
  it('B-059 B-063 B-064 B-065 B-066 goes from idle to paused, by stepping and running to completed, and stops for good', async () => {
    const session = await debug(voyage);
    expect(session.state).toBe('idle');
    await session.start(at(1));
    expect([session.state, session.revision]).toEqual(['paused', 1]);
    expect((await session.pause()).state).toBe('paused');
    expect(await session.step()).toMatchObject({ state: 'paused', reason: 'step', moved: true, revision: 2 });
    expect(await session.resume()).toMatchObject({ state: 'completed', reason: 'end', revision: 7 });
    session.stop();
    expect(session.state).toBe('stopped');
  });

  it('bad-input N2 B-066 refuses a step on a stopped session and says what is allowed', async () => {
    const session = await started(voyage);
    session.stop();
    await expect(async () => await session.step()).rejects.toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'stopped', allowed: [] } });
    expect(() => session.stop()).toThrow(expect.objectContaining({ code: 'BAD_DEBUG_STATE' }));
  });

  it('bad-input N2 refuses to resume what is running, and pauses it where it is', async () => {
    const session = await started(Array.from({ length: 5_000 }, (_, index) => event(index + 1, 'note.added', { text: '' })));
    const run = session.resume();
    expect(session.state).toBe('running');
    await expect(async () => await session.resume()).rejects.toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'running', allowed: ['pause', 'stop'] } });
    const stop = await session.pause();
    expect(stop).toEqual(await run);
    expect(stop).toMatchObject({ state: 'paused', reason: 'paused' });
    expect(stop.revision).toBeGreaterThan(0);
    expect(stop.revision).toBeLessThan(5_000);
    expect(await session.resume()).toMatchObject({ state: 'completed', revision: 5_000 });
  });

  it('B-066 stops a session in the middle of a run', async () => {
    const session = await started(Array.from({ length: 5_000 }, (_, index) => event(index + 1, 'note.added', { text: '' })));
    const run = session.resume();
    session.stop();
    expect(await run).toMatchObject({ state: 'stopped', reason: 'stopped' });
    expect(session.state).toBe('stopped');
  });

  it('refuses to start twice, and to step before the start', async () => {
    const session = await debug(voyage);
    await expect(async () => await session.step()).rejects.toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'idle', allowed: ['start', 'stop'] } });
    await session.start();
    await expect(async () => await session.start()).rejects.toMatchObject({ code: 'BAD_DEBUG_STATE' });
  });

  it('stands where it stood when a definition throws, tells why, and goes on backward', async () => {
    const session = await started([...voyage, event(8, 'voyage.wrecked'), event(9, 'note.added', { text: 'c' })]);
    await expect(session.resume()).rejects.toMatchObject({ code: 'FOLD_FAILED' });
    expect(session.info()).toMatchObject({ state: 'error', revision: 7, error: expect.stringContaining('voyage.wrecked') });
    expect(await session.stepBack()).toMatchObject({ state: 'paused', revision: 6 });
    expect(session.info().error).toBeNull();
    expect(session.stateHere('/knots')).toBe(9);
  });

  it('answers a place that is not there without losing its own', async () => {
    const session = await started(voyage);
    await session.step({ count: 3 });
    await expect(session.goTo(at(99))).rejects.toMatchObject({ code: 'NOT_FOUND', details: { head: 7 } });
    expect([session.state, session.revision]).toEqual(['paused', 3]);
    await expect(debug([event(1, 'note.added', { text: '' }, { streamId: 'other' })])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('places', () => {
  it('shows at every place, whichever way one comes, what the naive fold shows', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(60), fc.array(fc.tuple(fc.constantFrom('step', 'back', 'go'), fc.nat(60)), { minLength: 5, maxLength: 30 }), async (events, moves) => {
        const session = await createDebugger(partsOver(events), address, { keyframes: { distance: 4, countMax: 4 }, frameDistance: 2 });
        await session.start();
        for (const [move, number] of moves) {
          if (move === 'go') await session.goTo(at(number % (events.length + 1)));
          else if (move === 'back') await session.stepBack({ count: 1 + (number % 3) });
          else if (session.state !== 'completed') await session.step({ count: 1 + (number % 3) });
          const expected = fold.foldAll(events.slice(0, session.revision), { from: fold.initial('voyage', voyageId) });
          expect(session.stateHere()).toEqual(expected);
          expect(session.info().currentEvent).toEqual(events[session.revision - 1] ?? null);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('steps back to where it was after a step', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(30), fc.nat(29), async (events, where) => {
        const session = await started(events);
        await session.goTo(at(where % (events.length + 1)));
        const before = session.info();
        await session.step();
        await session.stepBack();
        expect(session.info()).toEqual({ ...before, state: 'paused' });
      }),
      { numRuns: 40 },
    );
  });

  it('jumps, runs to a place in its direction, and restarts where it began', async () => {
    const session = await debug(voyage);
    await session.start(at(2));
    session.addBreakpoint({ eventType: 'note.added' });
    expect(await session.goTo({ kind: 'end' })).toMatchObject({ revision: 7, reason: 'place' });
    expect(await session.runTo(at(3))).toMatchObject({ revision: 6, reason: 'breakpoint' });
    expect(await session.runTo(at(5))).toMatchObject({ revision: 5, reason: 'place' });
    expect(await session.runTo(at(7))).toMatchObject({ revision: 6, reason: 'breakpoint' });
    expect(await session.restart()).toMatchObject({ revision: 2, state: 'paused' });
    expect(await session.goTo({ kind: 'instant', at: minute(3) })).toMatchObject({ revision: 3 });
    expect(await session.goTo({ kind: 'back', count: 2 })).toMatchObject({ revision: 5 });
  });

  it('sees events that are appended meanwhile', async () => {
    const events: EventEnvelope[] = voyage.slice(0, 3);
    const reader = { pages: (...range: Parameters<ReturnType<typeof readerOver>['pages']>) => readerOver(events).pages(...range), head: async () => events.length };
    const session = await createDebugger(partsOver(events, reader), address);
    await session.start();
    expect(await session.resume()).toMatchObject({ state: 'completed', revision: 3 });
    await session.stepBack();
    events.push(...voyage.slice(3));
    expect(await session.step()).toMatchObject({ state: 'paused', revision: 4 });
    expect(await session.resume()).toMatchObject({ state: 'completed', revision: 7 });
  });
});

describe('breakpoints', () => {
  it.each<readonly [string, BreakpointInput, readonly number[]]>([
    ['B-060 of a type', { eventType: 'speed.changed' }, [3, 5]],
    ['of a glob', { eventType: 'voyage.*' }, [1, 2, 7]],
    ['B-061 of document 002, at reward 0.95 and not at 0.5', { condition: "event_data.get('reward', 0) > 0.8" }, [6]],
    ['of a type and a condition', { eventType: 'note.added', condition: 'data.text == "a"' }, [4]],
    ['of a condition over the state', { condition: 'state.knots >= 9' }, [5, 6]],
    ['of a condition over the state before', { condition: 'previous.knots == 5 && state.knots != 5' }, [5]],
    ['of a path that changed', { path: '/knots' }, [3, 5, 7]],
    ['of a path and a condition', { path: '/knots', condition: 'state.knots > 5' }, [5]],
    ['of the Nth place', { eventType: 'note.added', nth: 2 }, [6]],
    ['of a place that never comes', { path: '/knots', nth: 4 }, []],
    ['of a change of truth', { flip: 'state.knots > 5' }, [5, 7]],
    ['of an invariant that ceases to hold', { invariant: 'state.knots <= 5' }, [5]],
    ['of an anomaly, where there is none', { anomaly: true }, []],
    ['C5 of a condition that cannot be evaluated everywhere', { condition: 'data.reward > 0.8' }, [6]],
  ])('%s: running back finds exactly what running finds', async (_what, input, expected) => {
    const session = await started(voyage);
    const { id } = session.addBreakpoint(input);
    expect(await hitsForward(session)).toEqual(expected);
    expect(await hitsBackward(session)).toEqual(expected.toReversed());
    expect(session.revision).toBe(0);
    expect(session.breakpoints()).toMatchObject([{ id, hits: 2 * expected.length, enabled: true }]);
  });

  it('of an anomaly, holds at the event of which the fold notes one and nowhere else', async () => {
    const session = await started(history(['voyage.planned', { ship: 'Beagle' }], ['voyage.unheard'], ['note.added', { text: 'a' }]));
    session.addBreakpoint({ anomaly: true });
    expect(await hitsForward(session)).toEqual([2]);
    expect(await hitsBackward(session)).toEqual([2]);
  });

  it('find both ways the same places over any history', async () => {
    const inputs: readonly BreakpointInput[] = [{ eventType: 'cargo.*' }, { condition: 'size(state.log) % 2 == 1' }, { path: '/crew' }, { path: '/knots', nth: 2 }, { flip: 'size(state.crew) > 1' }, { condition: 'data.tons > 4' }];
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(50), fc.subarray([...inputs], { minLength: 1 }), async (events, chosen) => {
        const session = await started(events);
        for (const input of chosen) session.addBreakpoint(input);
        const forward = await hitsForward(session);
        expect(session.state).toBe('completed');
        expect(await hitsBackward(session)).toEqual(forward.toReversed());
      }),
      { numRuns: 40 },
    );
  });

  it('C5 bad-input C5 an evaluation error is no match, and is counted and told', async () => {
    const session = await started(voyage);
    session.addBreakpoint({ condition: 'data.reward > 2.0' });
    expect(await session.resume()).toMatchObject({ state: 'completed' });
    expect(session.breakpoints()).toMatchObject([{ hits: 0, notEvaluated: 5, lastError: expect.stringContaining('data.reward') }]);
  });

  it('bad-input C7 all breakpoints together have one budget at a place, and so have all watches', async () => {
    const session = await started(history(['voyage.planned', { ship: 'Beagle', list: Array.from({ length: 150 }, (_, index) => index) }]));
    // Each is allowed alone: about half of what one expression may cost.
    const dear = (own: number): string => `size(data.list.filter(a, data.list.exists(b, a + b == -${own}))) > 0`;
    for (let own = 1; own <= 20; own++) session.addBreakpoint({ condition: dear(own) });
    expect(await session.resume()).toMatchObject({ state: 'completed', revision: 1 });
    const judged = session.breakpoints().filter(({ notEvaluated }) => notEvaluated === 0);
    expect(judged.length).toBeGreaterThan(2);
    expect(judged.length).toBeLessThan(20);
    expect(session.breakpoints().at(-1)!.lastError).toBe('The expression costs more than it may.');
    for (let own = 1; own <= 20; own++) session.addWatch(dear(own));
    const values = session.watches().map(({ value, error }) => value ?? error);
    expect([values[0], values.at(-1)]).toEqual([false, 'The expression costs more than it may.']);
    // The next look has it all again.
    expect(session.watches().map(({ value, error }) => value ?? error)).toEqual(values);
  });

  it.each([
    ['C1', 'data.a >', 'syntax'],
    ['C2', 'nosuch == 1', 'unknown_name'],
    ['C3', '1 + 1', 'type'],
    ['C9', 'data.__proto__ == 1', 'unknown_name'],
    ['C6', `data.a == "${'x'.repeat(2_048)}"`, 'size'],
  ])('bad-input %s is refused when it is set', async (_row, condition, reason) => {
    const session = await started(voyage);
    expect(() => session.addBreakpoint({ condition })).toThrow(expect.objectContaining({ code: 'BAD_EXPRESSION', details: expect.objectContaining({ reason }) }));
    expect(session.breakpoints()).toEqual([]);
  });

  it('say nothing, say 0th, or are too many: refused', async () => {
    const session = await started(voyage, { expressionsMax: 1 });
    expect(() => session.addBreakpoint({})).toThrow(expect.objectContaining({ details: expect.objectContaining({ reason: 'breakpoint' }) }));
    expect(() => session.addBreakpoint({ eventType: 'a.b', nth: 0 })).toThrow(expect.objectContaining({ details: expect.objectContaining({ reason: 'nth' }) }));
    expect(() => session.addBreakpoint({ path: 'knots' })).toThrow(expect.objectContaining({ details: expect.objectContaining({ reason: 'path' }) }));
    session.addBreakpoint({ eventType: 'a.b' });
    expect(() => session.addBreakpoint({ eventType: 'a.b' })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });

  it('B-078 B-154 are listed, switched off and on, and removed', async () => {
    const session = await started(voyage);
    const first = session.addBreakpoint({ eventType: 'note.added' });
    const second = session.addBreakpoint({ condition: 'revision == 5.0' });
    expect(session.breakpoints()).toMatchObject([
      { id: first.id, eventType: 'note.added', condition: null },
      { id: second.id, eventType: null, condition: 'revision == 5.0' },
    ]);
    session.enableBreakpoint(first.id, false);
    expect(await hitsForward(session)).toEqual([5]);
    session.enableBreakpoint(first.id, true);
    session.removeBreakpoint(second.id);
    expect(await hitsBackward(session)).toEqual([6, 4]);
    expect(() => session.removeBreakpoint(second.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('that are logpoints write and do not stop, forward and backward', async () => {
    const session = await started(voyage);
    const { id } = session.addBreakpoint({ eventType: 'note.added', log: 'note ${data.text} at ${state.knots} knots, ${{"n": revision}} ${data.none}' });
    const line = (text: string, knots: number, revision: number) => `note ${text} at ${knots} knots, {"n":${revision}} <There is no "data.none" here.>`;
    expect(await session.resume()).toMatchObject({ state: 'completed', logs: [{ breakpointId: id, revision: 4, text: line('a', 5, 4) }, { breakpointId: id, revision: 6, text: line('b', 9, 6) }] });
    expect(await session.reverse()).toMatchObject({ reason: 'start', logs: [{ revision: 6 }, { revision: 4 }] });
    expect(session.breakpoints()).toMatchObject([{ hits: 4 }]);
    expect(() => session.addBreakpoint({ eventType: 'a.b', log: 'open ${data' })).toThrow(expect.objectContaining({ code: 'BAD_EXPRESSION' }));
  });

  it('B-060 in a session that stops before events, the matching event is not applied yet', async () => {
    const session = await debug(voyage, { stopsBefore: true });
    await session.start(at(1));
    session.addBreakpoint({ eventType: 'speed.changed' });
    expect(session.info()).toMatchObject({ revision: 1, currentEvent: { revision: 1 }, currentState: { revision: 0 } });
    await session.resume();
    expect(session.info()).toMatchObject({ revision: 3, currentEvent: { type: 'speed.changed' }, currentState: { revision: 2, knots: 0 } });
    await session.step();
    expect(session.info()).toMatchObject({ revision: 4, currentState: { revision: 3, knots: 5 } });
    await session.resume();
    await session.resume();
    expect(session.info()).toMatchObject({ state: 'completed', revision: 7, currentState: { revision: 7, status: 'arrived' } });
  });

  it('B-060 a session that stops before events looks at the one it starts on', async () => {
    const session = await debug(voyage, { stopsBefore: true });
    await session.start(at(1));
    session.addBreakpoint({ eventType: 'voyage.*' });
    expect(await session.resume()).toMatchObject({ reason: 'breakpoint', moved: false, revision: 1 });
    expect(await session.resume()).toMatchObject({ reason: 'breakpoint', revision: 2 });
  });
});

describe('watches', () => {
  it('B-062 B-069 B-155 show event, state and state before at every place, with errors told', async () => {
    const session = await started(voyage);
    session.addWatch("event_data.get('reward', 0)");
    session.addWatch('event_type');
    session.addWatch('[previous.knots, state.knots]');
    const missing = session.addWatch('data.reward');
    expect(missing.error).not.toBeNull();
    await session.goTo(at(6));
    expect([...session.watchedValues()]).toEqual([["event_data.get('reward', 0)", 0.95], ['event_type', 'note.added'], ['[previous.knots, state.knots]', [9, 9]], ['data.reward', 0.95]]);
    await session.stepBack();
    expect(session.watches()).toMatchObject([{ value: 0 }, { value: 'speed.changed' }, { value: [5, 9] }, { value: null, error: expect.stringContaining('data.reward') }]);
    session.removeWatch(missing.id);
    expect(session.watches()).toHaveLength(3);
    expect(() => session.removeWatch(missing.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => session.addWatch('nosuch')).toThrow(expect.objectContaining({ code: 'BAD_EXPRESSION' }));
  });

  it('show copies: what was seen stays when the session goes on', async () => {
    const session = await started(voyage);
    await session.goTo(at(4));
    const seen = session.addWatch('state.log').value;
    const state = session.info().currentState;
    await session.resume();
    expect(seen).toEqual(['a']);
    expect(state?.revision).toBe(4);
  });
});

describe('notes', () => {
  it('stand in the order of their places, with text or as a place alone, and can be taken away', async () => {
    const session = await started(voyage);
    const late = session.addNote({ revision: 5, text: 'too fast' });
    const early = session.addNote({ revision: 2 });
    expect(session.notes()).toEqual([{ id: early.id, revision: 2, text: '' }, { id: late.id, revision: 5, text: 'too fast' }]);
    expect(session.info().notes).toEqual(session.notes());
    session.removeNote(late.id);
    expect(session.notes()).toEqual([early]);
    expect(() => session.removeNote(late.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND', details: { reason: 'note', id: late.id } }));
  });

  it('are refused where there can be no place, when they are too long, and when there are too many', async () => {
    const session = await started(voyage, { expressionsMax: 1 });
    for (const revision of [-1, 0.5]) expect(() => session.addNote({ revision })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: { reason: 'revision', pointer: '/revision' } }));
    expect(() => session.addNote({ revision: 1, text: 'x'.repeat(4_001) })).toThrow(expect.objectContaining({ code: 'TOO_LARGE', details: { reason: 'note', pointer: '/text', limit: 4_000 } }));
    session.addNote({ revision: 1, text: 'x'.repeat(4_000) });
    expect(() => session.addNote({ revision: 1 })).toThrow(expect.objectContaining({ code: 'TOO_LARGE', details: { reason: 'notes', limit: 1 } }));
  });
});

describe('the execution timeline', () => {
  it('B-068 B-062 lists the visited events with their hour, hits, watches and changes', async () => {
    const session = await started(voyage);
    const { id } = session.addBreakpoint({ eventType: 'speed.changed' });
    session.addWatch('state.knots');
    await session.resume();
    const { entries, total } = await session.timeline();
    expect(total).toBe(3);
    expect(entries).toMatchObject([
      { index: 0, revision: 1, eventType: 'voyage.planned', breakpointIds: [], watches: { 'state.knots': 0 } },
      { index: 1, revision: 2, eventType: 'voyage.departed' },
      { index: 2, revision: 3, eventType: 'speed.changed', breakpointIds: [id], watches: { 'state.knots': 5 }, changes: [{ op: 'replace', path: '/knots', before: 0, after: 5 }] },
    ]);
    expect(Date.parse(entries[2]!.visitedAt)).toBeGreaterThan(Date.parse(entries[1]!.visitedAt));
    await session.stepBack();
    expect((await session.timeline({ from: 3 })).entries).toMatchObject([{ index: 3, revision: 2, watches: { 'state.knots': 0 } }]);
  });

  it('keeps the newest visits and says how many are gone', async () => {
    const session = await started(voyage, { visitsMax: 3 });
    await session.resume();
    const { entries, total, dropped } = await session.timeline();
    expect([entries.map(({ revision }) => revision), total, dropped]).toEqual([[5, 6, 7], 7, 4]);
    expect((await session.timeline({ from: 5, limit: 1 })).entries).toMatchObject([{ index: 5, revision: 6 }]);
  });
});
