import { describe, expect, test } from 'vitest';
import { createCursorStore } from './cursor-store.ts';
import { readSearch, windowOf, windowText } from './debug-search.ts';
import { pauseBetween, transportAfter } from './transport.ts';

describe('the cursor', () => {
  test('given jumps and steps, when one goes back, then it is to the previous jump as far as it was stepped on', () => {
    const cursor = createCursorStore({ revision: 10, head: 100 });
    cursor.jumpTo(50);
    cursor.moveTo(51);
    cursor.jumpTo(90);
    expect([cursor.walk(-1), cursor.get().revision, cursor.walk(-1), cursor.walk(-1), cursor.walk(1), cursor.walk(1), cursor.walk(1)]).toEqual([51, 51, 10, null, 51, 90, null]);
    cursor.walk(-1);
    cursor.jumpTo(3);
    expect([cursor.get().jumps, cursor.walk(1)]).toEqual([[10, 51, 3], null]);
  });

  test('given a place outside of the run, when it is asked for, then the cursor stands at the end that is nearer', () => {
    const cursor = createCursorStore({ revision: 1, head: 100 });
    cursor.moveTo(1_000);
    expect(cursor.get().revision).toBe(100);
    cursor.moveTo(-4);
    expect(cursor.get().revision).toBe(0);
  });

  test('given a run that grows, when the reader looks elsewhere, then his place is not taken and what came is counted', () => {
    const cursor = createCursorStore({ revision: 40, head: 100 });
    cursor.grow(130, false);
    expect([cursor.get().revision, cursor.get().unseen]).toEqual([40, 30]);
    cursor.jumpTo(130);
    expect(cursor.get().unseen).toBe(0);
    cursor.tell({ is: 'follow' });
    cursor.grow(140, false);
    expect([cursor.get().revision, cursor.get().unseen, cursor.get().transport]).toEqual([140, 0, { at: 'live' }]);
    cursor.moveTo(120);
    cursor.grow(150, false);
    expect([cursor.get().revision, cursor.get().transport, cursor.get().unseen]).toEqual([120, { at: 'idle' }, 10]);
  });

  test('given listeners, when nothing changed, then nobody is told', () => {
    const cursor = createCursorStore({ revision: 40, head: 100 });
    let told = 0;
    const leave = cursor.subscribe(() => told++);
    cursor.set({ axis: 'revision' });
    cursor.moveTo(41);
    leave();
    cursor.moveTo(42);
    expect(told).toBe(1);
  });
});

describe('the transport', () => {
  test('given it plays, when it comes to the end, then it follows a run that goes on and ends with one that is over', () => {
    const playing = transportAfter({ at: 'idle' }, { is: 'play' });
    expect(transportAfter(playing, { is: 'moved', revision: 9, head: 10, isOver: true })).toEqual(playing);
    expect(transportAfter(playing, { is: 'moved', revision: 10, head: 10, isOver: true })).toEqual({ at: 'ended' });
    expect(transportAfter(playing, { is: 'moved', revision: 10, head: 10, isOver: false })).toEqual({ at: 'live' });
    expect(transportAfter({ at: 'playing', back: true }, { is: 'moved', revision: 1, head: 10, isOver: false })).toEqual({ at: 'idle' });
  });

  test('given a search, when it is found or called off, then it stands still', () => {
    const seeking = transportAfter({ at: 'idle' }, { is: 'seek', what: 'breakpoint' });
    expect([transportAfter(seeking, { is: 'found' }), transportAfter(seeking, { is: 'pause' }), transportAfter({ at: 'live' }, { is: 'found' }), transportAfter({ at: 'live' }, { is: 'over' })]).toEqual([{ at: 'idle' }, { at: 'idle' }, { at: 'live' }, { at: 'ended' }]);
  });

  test('given a speed, when a step is due, then a silence is never longer than a second', () => {
    expect([pauseBetween('1', 0, 9), pauseBetween('4', 0, 9), pauseBetween('original', 0, 300), pauseBetween('original', 0, 90_000), pauseBetween('max', 0, 9)]).toEqual([500, 125, 300, 1_000, 16]);
  });
});

describe('the URL', () => {
  test('given a search, when it is read, then what makes no sense is left out', () => {
    expect(readSearch({ at: 'first-bad', axis: 'time', w: '10..20', pane: 'diff', drawer: 'flips', clock: 'known', type: 'agent_run.*', base: '', ds: 'ds_1' })).toEqual({ at: 'first-bad', axis: 'time', w: '10..20', pane: 'diff', drawer: 'flips', clock: 'known', type: 'agent_run.*', ds: 'ds_1' });
    expect(readSearch({ at: 42, axis: 'revision', w: '20..10', pane: 'state', drawer: 'all', clock: 'happened', path: {} })).toEqual({ at: '42' });
    expect([windowOf('1..5'), windowText({ from: 1, to: 5 }), windowText(null), windowOf('a..b'), windowOf(undefined)]).toEqual([{ from: 1, to: 5 }, '1..5', undefined, null, null]);
  });
});
