/** A state that somebody keeps, beside what the log says: a copy outside, and a snapshot inside. */
import { reconstruct } from '@refold/core';
import { compareState, verifyLog } from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { travelParts } from '../src/travel-parts.ts';
import { eventOf, openWorld } from './world.ts';
import type { World } from './world.ts';

const flight = { streamType: 'flight', streamId: 'f-1' };
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.append(eventOf('flight.started', 'flight/f-1'), eventOf('note.added', 'flight/f-1'), eventOf('flight.failed', 'flight/f-1'));
});

const stateAt = async (revision: number) => (await reconstruct(travelParts(world.context), flight, { kind: 'revision', revision })).state;

describe('a state kept elsewhere', () => {
  test('D-057 is what the log says at the place where it was taken', async () => {
    expect(await world.call(compareState, { ...flight, revision: 2, expected: await stateAt(2) })).toEqual({ equal: true, first: null, paths: [], differences: 0 });
  });

  test('D-057 that drifted is told with the value and the event that set it', async () => {
    const expected = { ...(await stateAt(3)), status: 'running', extra: 1 };
    expect(await world.call(compareState, { ...flight, expected })).toMatchObject({ equal: false, differences: 2, paths: ['/extra', '/status'], first: { path: '/extra', expected: 1, atRevision: null, kind: 'state', reason: 'STATE_DIFFERS' } });
    expect((await world.call(compareState, { ...flight, expected, ignorePointers: '/extra' })).first).toMatchObject({ path: '/status', expected: 'running', actual: 'failed', atRevision: 3, run: { type: 'flight.failed' } });
  });

  test('of a stream that is not there is refused', async () => {
    await expect(world.call(compareState, { streamType: 'flight', streamId: 'none', expected: {} })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a snapshot', () => {
  test('D-057 that is not what the log says is found by verify, with what differs and since when', async () => {
    const saved = await world.log.snapshots.save({ ...(await stateAt(3)), status: 'running' });
    expect(saved).not.toBeNull();
    expect(await world.call(verifyLog, { state: true })).toMatchObject({ ok: false, statesCompared: 1, findings: [{ code: 'STATE_DIFFERS', stream: 'flight/f-1', revision: 3, eventId: expect.any(String) as string, detail: expect.stringContaining('/status') as string }] });
    expect(await world.call(verifyLog, {})).toMatchObject({ ok: true, statesCompared: 0 });
  });

  test('that is right is compared, and nothing is found', async () => {
    await world.log.snapshots.save(await stateAt(3));
    expect(await world.call(verifyLog, { state: true })).toMatchObject({ ok: true, statesCompared: 1, findings: [] });
  });
});
