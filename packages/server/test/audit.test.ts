/** Who came in and who did not, on record, over real sockets. */
import { describe, expect, test, vi } from 'vitest';
import { bearer, events, get, newKey, note, own, startGuarded } from './guarded-world.ts';
import type { GuardedWorld } from './guarded-world.ts';

async function audited(world: GuardedWorld, type: string): Promise<readonly { readonly actor: { type: string; id: string }; readonly data: Record<string, unknown> }[]> {
  const { status, body } = await get(world, own, `/api/v1/audit/events?type=${type}`);
  expect(status).toBe(200);
  return body.items;
}

describe('access on record', () => {
  test('bad-input G6: who may not is told so, and it is on record with what he asked for and which right he lacks', async () => {
    const world = await startGuarded();
    const viewer = await newKey(world, { role: 'viewer' });
    expect((await world.post(events, note, bearer(viewer.key))).status).toBe(403);
    await vi.waitFor(async () => expect((await audited(world, 'access.denied')).map(({ actor, data }) => [actor.id, data])).toEqual([['ana', { asked: 'POST /api/v1/events', reason: 'scope', scope: 'append' }]]));
  });

  test('a wrong credential is on record with where it came from, a right one once in an hour', async () => {
    const world = await startGuarded();
    const viewer = await newKey(world, { role: 'viewer' });
    await get(world, bearer('wrong'));
    for (let count = 0; count < 3; count++) await get(world, bearer(viewer.key));
    await vi.waitFor(async () => expect((await audited(world, 'access.signed_in')).map(({ actor, data }) => [actor.id, data['credential']])).toEqual([['ana', `key ${viewer.info.id}`], ['local', 'local']]));
    expect((await audited(world, 'access.sign_in_failed')).map(({ actor, data }) => [actor.id, data])).toEqual([['stranger', { from: '127.0.0.1' }]]);
    world.clock.advance(3_600_000);
    await get(world, bearer(viewer.key));
    await vi.waitFor(async () => expect((await audited(world, 'access.signed_in')).filter(({ actor }) => actor.id === 'ana')).toHaveLength(2));
  });

  test('a browser that came in by its link is on record', async () => {
    const world = await startGuarded();
    await world.call(world.signIn.newLink(), { headers: { accept: 'text/html' } });
    await vi.waitFor(async () => expect((await audited(world, 'access.signed_in')).map(({ data }) => data['credential'])).toEqual(['local']));
  });

  test('no credential is on record in a form that could be used', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'admin' });
    await get(world, bearer(`${key}x`));
    await get(world, bearer(key));
    const { text } = await get(world, own, '/api/v1/audit/events');
    expect([text.includes(key), text.includes(own.authorization)]).toEqual([false, false]);
  });
});
