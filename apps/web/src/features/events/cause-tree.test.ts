import { expect, test } from 'vitest';
import { inCauseOrder } from './cause-tree.ts';

const event = (position: number, causedBy?: number): { id: string; position: number; causationId?: string } => ({ id: `e${position}`, position, ...(causedBy === undefined ? {} : { causationId: `e${causedBy}` }) });
const shown = (...events: ReturnType<typeof event>[]): string => inCauseOrder(events).map(({ event: { id }, depth }) => '.'.repeat(depth) + id).join(' ');

test('an effect stands under its cause, in the order of the log, whichever way the list runs', () => {
  expect(shown(event(1), event(2, 1), event(3), event(4, 2), event(5, 1))).toBe('e1 .e2 ..e4 .e5 e3');
  expect(shown(event(5, 1), event(4, 2), event(3), event(2, 1), event(1))).toBe('e3 e1 .e2 ..e4 .e5');
});

test('what has its cause elsewhere stands for itself, and a circle is no reason to lose an event', () => {
  expect(shown(event(7, 1), event(8, 7))).toBe('e7 .e8');
  expect(shown(event(1, 2), event(2, 1), event(3, 3))).toBe('e3 e1 .e2');
});
