import { describe, expect, it } from 'vitest';
import { defineAggregate } from '../fold/aggregate.ts';
import { createRegistry } from '../schema/registry.ts';
import { event, history, minute, registry } from '../../test/voyage.ts';
import { createMarks } from './marks.ts';

function marksOf(events: ReturnType<typeof history>, known = registry, marksMax?: number) {
  const marks = createMarks(known, marksMax);
  for (const one of events) marks.add(one);
  return marks;
}

describe('the marks of a history', () => {
  it('are the life of the stream itself and what its definitions call a landmark, spans with their ends', () => {
    const machine = (from: readonly string[], to: string) => ({ machine: 'watch', status: (state: { watch: string }) => state.watch, from, to });
    const ship = defineAggregate<{ watch: string }>({
      type: 'voyage',
      version: '1',
      initial: () => ({ watch: 'absent' }),
      events: {
        'watch.begun': { transition: machine(['absent'], 'running'), timeline: { landmark: true }, summary: () => 'on watch' },
        'watch.ended': { transition: machine(['running'], 'completed'), timeline: { landmark: true } },
        'bell.rung': { timeline: { landmark: true, mark: 'point' } },
        'note.added': {},
      },
    });
    const known = createRegistry({ aggregates: [ship] });
    const marks = marksOf(history(['note.added'], ['watch.begun'], ['bell.rung'], ['note.added'], ['watch.ended'], ['watch.begun']), known);
    expect(marks.window(1, 9, 10).marks.map(({ kind, from, to, label, status }) => [kind, from, to, label, status])).toEqual([
      ['watch', 2, 5, 'on watch', 'completed'],
      ['voyage', 3, 3, 'bell.rung V-1', null],
      ['watch', 6, null, 'on watch', 'running'],
    ]);
  });

  it('need no word of a definition for the moves of the stream itself', () => {
    const marks = marksOf(history(['voyage.planned', { ship: 'Beagle' }], ['cargo.loaded', { id: 'tea' }], ['voyage.departed'], ['voyage.arrived']));
    expect(marks.window(1, 4, 10).marks.map(({ kind, from, status }) => [kind, from, status])).toEqual([['voyage', 1, 'planned'], ['voyage', 3, 'sailing'], ['voyage', 4, 'arrived']]);
  });

  it('tell a silence of five minutes or longer, by the latest hour that was told', () => {
    const at = (revision: number, minutes: number) => event(revision, 'note.added', {}, { occurredAt: minute(minutes) });
    const marks = marksOf([at(1, 0), at(2, 4.9), at(3, 1), at(4, 9.8), at(5, 14.8)]);
    expect(marks.window(1, 9, 10).marks).toEqual([expect.objectContaining({ kind: 'wait', from: 4, to: 5, at: minute(9.8), until: minute(14.8), label: 'nothing was told for 5 min' })]);
  });

  it('are those that touch the window; of more than asked for an even choice, and the count says how many there are', () => {
    const marks = marksOf(history(...Array.from({ length: 9 }, () => ['voyage.planned', { ship: 'Beagle' }] as const)));
    expect(marks.window(3, 7, 2)).toMatchObject({ total: 5, marks: [{ from: 3 }, { from: 5 }] });
    expect(marks.window(8, 8, 2)).toMatchObject({ total: 1, marks: [{ from: 8 }] });
  });

  it('are told whole where their kind is rare, whatever the others are', () => {
    const crowd = Array.from({ length: 40 }, () => ['voyage.planned', { ship: 'Beagle' }] as const);
    const events = [...history(...crowd), { ...event(41, 'voyage.departed'), occurredAt: minute(500) }];
    const { marks, total } = marksOf(events).window(1, 41, 8);
    expect([marks.length, total]).toEqual([8, 42]);
    expect(marks.filter(({ kind }) => kind === 'wait')).toHaveLength(1);
    expect(marks.map(({ from }) => from)).toEqual(marks.map(({ from }) => from).toSorted((a, b) => a - b));
  });

  it('are bounded: of too many the later ones are counted and not kept', () => {
    const marks = marksOf(history(...Array.from({ length: 9 }, () => ['voyage.planned', { ship: 'Beagle' }] as const)), registry, 4);
    expect(marks.window(1, 9, 10)).toMatchObject({ total: 9, marks: [{ from: 1 }, { from: 2 }, { from: 3 }, { from: 4 }] });
  });
});
