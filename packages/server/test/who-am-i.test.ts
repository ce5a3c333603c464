/** A page asks who looks at it, before it offers what would be refused. */
import { expect, test } from 'vitest';
import { bearer, get, newKey, own, startGuarded } from './guarded-world.ts';
import { startWorld } from './server-world.ts';

const me = '/api/v1/me';

test('everybody is told who he is and what he may: the owner, a key, a stranger', async () => {
  const world = await startGuarded();
  expect((await get(world, own, me)).body).toMatchObject({ actor: { type: 'user', id: 'local' }, role: 'admin', streamPrefix: null });
  const { key } = await newKey(world, { role: 'viewer' });
  expect((await get(world, bearer(key), me)).body).toMatchObject({ role: 'viewer', scopes: ['read'] });
  expect((await get(world, {}, me)).body).toEqual({ actor: null, role: null, scopes: [], streamPrefix: null });
});

test('where nobody has to sign in, anybody may everything', async () => {
  const world = await startWorld();
  expect((await world.call(me)).body).toMatchObject({ actor: null, role: 'admin' });
});
