/** Credentials of every bad kind: the token of this machine and API keys, at a call and while a stream is open. */
import { describe, expect, test } from 'vitest';
import { ana, bearer, events, get, localToken, newKey, own, refused, startGuarded, verdict } from './guarded-world.ts';

describe('a credential', () => {
  test('the token of this machine may do everything', async () => {
    const world = await startGuarded();
    expect((await get(world, own)).status).toBe(200);
    expect((await get(world, own, '/api/v1/keys')).status).toBe(200);
  });

  test('the token of this machine is not taken through a proxy', async () => {
    const world = await startGuarded({ isBehindProxy: true });
    for (const header of ['x-forwarded-for', 'forwarded']) expect(verdict(await get(world, { ...own, [header]: '203.0.113.7' }))).toEqual(refused);
  });

  test('bad-input G5: every credential that is not valid is refused with the same words', async () => {
    const world = await startGuarded();
    const { key, info } = await newKey(world);
    const foreign = key.replace(info.id, info.id.split('').toReversed().join(''));
    const wrong = ['garbage', localToken.slice(1), `${localToken}x`, key.slice(0, -1), `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`, foreign, `refold_${'0'.repeat(12)}_${'0'.repeat(49)}`, 'a.b.c'];
    const said = new Set<string>();
    for (const token of wrong) {
      // Each from an address of its own: too many from one would be told so.
      const answer = await get(await startGuarded(), bearer(token));
      expect([token, ...verdict(answer)]).toEqual([token, ...refused]);
      said.add(JSON.stringify({ ...answer.body, requestId: '' }));
    }
    for (const authorization of ['Basic YTpi', 'Bearer', `Bearer ${key} ${key}`, '']) said.add(JSON.stringify({ ...(await get(world, { authorization })).body, requestId: '' }));
    expect(said.size).toBe(1);
    expect((await get(world, bearer(key))).status).toBe(200);
  });

  test('a wrong secret under the right id and a right checksum is refused', async () => {
    const world = await startGuarded();
    const [mine, other] = [await newKey(world), await newKey(world)];
    const stored = (await world.log.driver.kvGet(`auth/key/${mine.info.id}`))!;
    const theirs = (await world.log.driver.kvGet(`auth/key/${other.info.id}`))!;
    // The other's record, and with it the other's hash, under my id.
    await world.log.driver.kvPut(`auth/key/${mine.info.id}`, theirs.value, stored.rev);
    expect(verdict(await get(world, bearer(mine.key)))).toEqual(refused);
    expect((await get(world, bearer(other.key))).status).toBe(200);
  });

  test('a key is stored as a hash, shown once, and lists when it was last used', async () => {
    const world = await startGuarded();
    const made = await world.post('/api/v1/keys', { name: 'ci', actor: { type: 'service', id: 'ci' }, role: 'viewer' }, own);
    const { key, info } = made.body;
    expect(key).toMatch(/^refold_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(info).toMatchObject({ lastUsedAt: null, expiresAt: '2027-02-18T10:00:00.000Z' });
    const secret = key.split('_')[2];
    for (const { key: name } of await world.log.driver.kvList('auth/')) expect(Buffer.from((await world.log.driver.kvGet(name))!.value).toString()).not.toContain(secret);
    world.clock.advance(5_000);
    await get(world, bearer(key));
    const listed = await get(world, own, '/api/v1/keys');
    expect(listed.body.items).toEqual([{ ...info, lastUsedAt: '2026-11-20T10:00:05.000Z' }]);
    expect(listed.text).not.toContain(secret);
    expect(listed.text).not.toContain('hash');
  });

  test('a key ends when it expires, and at once when it is revoked', async () => {
    const world = await startGuarded();
    const [short, long] = [await newKey(world, { days: 1 }), await newKey(world)];
    world.clock.advance(86_399_999);
    expect((await get(world, bearer(short.key))).status).toBe(200);
    world.clock.advance(1);
    expect(verdict(await get(world, bearer(short.key)))).toEqual(refused);
    expect((await world.call(`/api/v1/keys/${long.info.id}`, { method: 'DELETE', headers: own })).status).toBe(200);
    expect(verdict(await get(world, bearer(long.key)))).toEqual(refused);
    expect((await world.call('/api/v1/keys/none', { method: 'DELETE', headers: own })).status).toBe(404);
  });

  test('a rotated key goes on for its overlap, and no longer', async () => {
    const world = await startGuarded();
    const old = await newKey(world, { role: 'viewer' });
    const made = await world.post(`/api/v1/keys/${old.info.id}/rotate`, { overlapHours: 2 }, own);
    expect([made.status, made.body.info.role]).toEqual([201, 'viewer']);
    world.clock.advance(2 * 3_600_000 - 1);
    expect([(await get(world, bearer(old.key))).status, (await get(world, bearer(made.body.key))).status]).toEqual([200, 200]);
    world.clock.advance(1);
    expect([(await get(world, bearer(old.key))).status, (await get(world, bearer(made.body.key))).status]).toEqual([401, 200]);
    expect((await world.post(`/api/v1/keys/${old.info.id}/rotate`, {}, own)).status).toBe(404);
  });

  test('nobody hands out more than he has', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { scopes: ['keys', 'read'] });
    const wish = { name: 'x', actor: ana, role: 'admin' };
    expect((await world.post('/api/v1/keys', wish, bearer(key))).body.details).toEqual({ reason: 'scope', scope: 'append' });
    expect((await world.post('/api/v1/keys', { ...wish, scopes: ['read'] }, bearer(key))).status).toBe(201);
  });

  test.each([
    ['a role that is none', { role: 'root' }],
    ['a scope that the role has not', { role: 'viewer', scopes: ['append'] }],
    ['no day', { days: 0 }],
    ['more than a year', { days: 366 }],
    ['an agent without streams', { role: 'agent' }],
    ['half a type as streams', { streamPrefix: 'sess' }],
  ])('a key with %s is not made', async (_what, wish) => {
    const world = await startGuarded();
    expect(verdict(await world.post('/api/v1/keys', { name: 'x', actor: ana, role: 'viewer', ...wish }, own))).toEqual([400, 'BAD_REQUEST']);
    expect(await world.log.driver.kvList('auth/')).toEqual([]);
  });
});

describe('a stream that is open', () => {
  test('ends soon after its key was revoked', async () => {
    const world = await startGuarded({ limits: { credentialRecheckMs: 5 } });
    const { key, info } = await newKey(world);
    const response = await fetch(`${world.server.url}${events}/stream`, { headers: bearer(key) });
    expect(response.status).toBe(200);
    await world.call(`/api/v1/keys/${info.id}`, { method: 'DELETE', headers: own });
    // It would never end by itself.
    expect(await response.text()).toContain('id: 0');
  });
});
