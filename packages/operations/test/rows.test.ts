/** A stream as a list: rows without payloads, and the bitmap of a filter. */
import { bytesOfBase64 } from '@refold/core';
import { streamIndex, streamRows } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { at, eventOf, noted, openWorld } from './world.ts';
import type { World } from './world.ts';

const stream = { streamType: 'voyage', streamId: 'a' };

async function worldWith(events: number): Promise<World> {
  const world = await openWorld();
  world.clock.advance(86_400_000);
  await world.append(eventOf('voyage.started', 'voyage/a', { occurredAt: at(0) }), ...Array.from({ length: events - 1 }, (_, index) => noted('voyage/a', { occurredAt: at(index + 1), data: { text: 'x'.repeat(500), duration_ms: 12.4, usage: { input: 3, output: 4 } }, ...(index % 4 === 0 ? { actor: { type: 'user' as const, id: 'ann' } } : {}) })), noted('voyage/b'));
  return world;
}

const revisionsIn = (bitmap: string): readonly number[] => {
  const bytes = bytesOfBase64(bitmap)!;
  return Array.from({ length: bytes.length * 8 }, (_, index) => index + 1).filter((revision) => (bytes[(revision - 1) >> 3]! >> ((revision - 1) & 7)) & 1);
};

describe('rows', () => {
  test('given a stream, when its rows are asked for, then they follow each other in pages, without payloads', async () => {
    const world = await worldWith(30);
    const first = await world.call(streamRows, { ...stream, limit: 20 });
    expect([first.head, first.rows.length, first.next]).toEqual([30, 20, 21]);
    const rest = await world.call(streamRows, { ...stream, fromRevision: first.next, limit: 20 });
    expect([rest.rows.map(([revision]) => revision), rest.next]).toEqual([[21, 22, 23, 24, 25, 26, 27, 28, 29, 30], null]);
    const [revision, occurredAt, family, severity, type, summary, agent, duration, tokens, flags, id] = rest.rows[0]!;
    expect([revision, occurredAt, family, severity, type, agent, duration, tokens, flags]).toEqual([21, at(20), 'note', 'INFO', 'note.added', 'planner', 12, 7, 0]);
    expect(summary.length).toBeLessThanOrEqual(160);
    expect(typeof id).toBe('string');
  });

  test('given a filter, when rows are asked for from a revision on, then only what it finds is counted', async () => {
    const world = await worldWith(30);
    const { rows, next } = await world.call(streamRows, { ...stream, actorType: 'user', actorId: 'ann', fromRevision: 5, limit: 3 });
    expect([rows.map(([revision]) => revision), next]).toEqual([[6, 10, 14], 18]);
  });

  test.each([{ limit: 0 }, { limit: 1_001 }, { no_such: 1 }])('refuses %j', async (asked) => {
    const world = await worldWith(2);
    await expect(world.call(streamRows, { ...stream, ...asked })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('given no such stream, when it is listed, then that is said', async () => {
    const world = await worldWith(2);
    for (const operation of [streamRows, streamIndex]) await expect(world.call(operation as typeof streamRows, { ...stream, streamId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('index', () => {
  test('given a filter, when its index is asked for, then one bit stands for each revision that it finds, and for no other', async () => {
    const world = await worldWith(30);
    const { head, matched, bitmap } = await world.call(streamIndex, { ...stream, actorType: 'user', actorId: 'ann' });
    const { rows } = await world.call(streamRows, { ...stream, actorType: 'user', actorId: 'ann' });
    expect([head, matched, revisionsIn(bitmap)]).toEqual([30, rows.length, rows.map(([revision]) => revision)]);
  });

  test('given an expression that cannot be evaluated, when the index is asked for, then nothing matches and a warning says so', async () => {
    const world = await worldWith(5);
    const answer = await world.call(streamIndex, { ...stream, where: 'event.data.absent > 1' });
    expect([answer.matched, answer.warnings?.length]).toEqual([0, 1]);
  });
});
