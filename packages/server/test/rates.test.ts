/** How much one credential may ask for, and how often a credential may be wrong: at the bound and one past it. */
import { describe, expect, test } from 'vitest';
import { bearer, events, get, newKey, note, own, refused, startGuarded, verdict } from './guarded-world.ts';
import type { Answer } from './server-world.ts';

describe('limits', () => {
  test('bad-input G17: ten failed logins of an address in a minute are told so, the eleventh is one too many; a right one is let in', async () => {
    const world = await startGuarded();
    for (let time = 0; time < 10; time++) expect(verdict(await get(world, bearer('wrong')))).toEqual(refused);
    const eleventh = await get(world, bearer('wrong'));
    expect([...verdict(eleventh), eleventh.headers.get('retry-after'), eleventh.body.details.reason]).toEqual([429, 'RATE_LIMITED', '60', 'logins']);
    expect((await get(world, own)).status).toBe(200);
    world.clock.advance(60_000);
    expect(verdict(await get(world, bearer('wrong')))).toEqual(refused);
  });

  test('behind a proxy the address is the one the proxy gives, not the one the client claims', async () => {
    const world = await startGuarded({ isBehindProxy: true });
    const from = (forwarded: string): Promise<Answer> => get(world, { ...bearer('wrong'), 'x-forwarded-for': forwarded });
    for (let time = 0; time < 10; time++) await from(`198.51.100.${time}, 203.0.113.7`);
    expect((await from('198.51.100.99, 203.0.113.7')).status).toBe(429);
    expect((await from('203.0.113.7, 203.0.113.8')).status).toBe(401);
  });

  const rates = { appendsPerSecond: 2, eventsPerSecond: 5, queriesPerSecond: 3 };

  test('bad-input G17: queries of one credential: two seconds\' worth at once, one more is refused until there is room', async () => {
    const world = await startGuarded({ rates });
    for (let time = 0; time < 6; time++) expect((await get(world, own)).status).toBe(200);
    const seventh = await get(world, own);
    expect([...verdict(seventh), seventh.headers.get('retry-after'), seventh.body.retryable]).toEqual([429, 'RATE_LIMITED', '1', true]);
    expect(seventh.body.details).toMatchObject({ reason: 'queries', limit: 3 });
    // Another credential, and another kind of call, have their own.
    expect((await get(world, bearer((await newKey(world)).key))).status).toBe(200);
    expect((await world.post(events, note, own)).status).toBe(201);
    world.clock.advance(334);
    expect([(await get(world, own)).status, (await get(world, own)).status]).toEqual([200, 429]);
    expect((await get(world, {}, '/api/v1/health')).status).toBe(200);
  });

  test('append requests and their events are counted apart', async () => {
    const world = await startGuarded({ rates });
    const batch = (size: number): object[] => Array.from({ length: size }, () => note);
    expect((await world.post(events, batch(10), own)).status).toBe(201);
    const { body } = await world.post(events, note, own);
    expect(body.details).toMatchObject({ reason: 'events', limit: 5, retryAfterSeconds: 1 });
    world.clock.advance(200);
    for (const status of [201, 429]) expect((await world.post(events, note, own)).status).toBe(status);
    expect((await world.post(events, note, own)).body.details.reason).toBe('appends');
    expect((await world.log.head()).position).toBe(11);
  });

  test('without rates nothing is counted', async () => {
    const world = await startGuarded();
    for (let time = 0; time < 120; time++) expect((await get(world, own)).status).toBe(200);
  });
});
