/** Who may do what: every operation of the table against no credential, a wrong one, and the right one; and credentials of every bad kind. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createApiKey, grantedScopes, isStream, operations, roles, runOperation } from '@refold/operations';
import type { AnyOperation, GrantedScope } from '@refold/operations';
import { SignJWT, UnsecuredJWT, exportJWK } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJwtVerifier } from '../src/auth/jwt.ts';
import type { JwtOptions } from '../src/auth/jwt.ts';
import { createSignIn } from '../src/auth/sign-in.ts';
import type { SignIn } from '../src/auth/sign-in.ts';
import { fillPath, parseRoutePath } from '../src/rest/route-path.ts';
import { startWorld } from './server-world.ts';
import type { Answer, World, WorldOptions } from './server-world.ts';

const localToken = 'the-token-of-this-machine-0123456789-abcdefg';
const events = '/api/v1/events';
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', data: {} };
const ana = { type: 'user', id: 'ana' };

interface GuardedWorld extends World {
  readonly signIn: SignIn;
}

async function startGuarded(options: WorldOptions & { readonly isBehindProxy?: boolean; readonly jwt?: JwtOptions } = {}): Promise<GuardedWorld> {
  const { isBehindProxy = false, jwt, ...rest } = options;
  let signIn!: SignIn;
  // The verifier asks the clock of the log, which comes later.
  let now = (): number => 0;
  const verifier = jwt === undefined ? undefined : await createJwtVerifier(jwt, { now: () => now() });
  const world = await startWorld({
    ...rest,
    signIn: (log) => {
      now = log.ports.clock.now;
      return (signIn = createSignIn({ log, localToken, isBehindProxy, ...(verifier === undefined ? {} : { jwt: verifier }) }));
    },
  });
  return { ...world, signIn };
}

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
const own = bearer(localToken);

interface KeyWish {
  readonly scopes?: readonly GrantedScope[];
  readonly role?: keyof typeof roles;
  readonly streamPrefix?: string;
  readonly actor?: { readonly type: string; readonly id: string };
  readonly days?: number;
}

const newKey = async ({ log }: World, { role = 'admin', actor = ana, ...wish }: KeyWish = {}): Promise<{ key: string; info: { id: string } }> =>
  await runOperation(createApiKey, { log, search: undefined as never, installation: undefined as never }, { name: 'a key', actor, role, ...wish });

const get = (world: World, headers: Record<string, string>, path = events): Promise<Answer> => world.call(path, { headers });
const verdict = ({ status, body }: Answer): unknown[] => [status, body?.code];
const refused = [401, 'UNAUTHENTICATED'];

describe('every operation of the table', () => {
  const routes = operations.flatMap((operation) => (operation.http === undefined ? [] : [`/api/v1${operation.http.path}`, ...(operation.http.aliases ?? [])].map((path) => ({ operation, path, name: `${operation.http!.method} ${path}` }))));

  /** Nothing is asked that makes sense: who may not ask is told before it is looked at. */
  async function ask(world: World, { operation, path }: { readonly operation: AnyOperation; readonly path: string }, headers: Record<string, string>): Promise<number> {
    const { method } = operation.http!;
    const stop = new AbortController();
    const parsed = parseRoutePath(path);
    const url = world.server.url + fillPath(parsed, Object.fromEntries(parsed.parameters.map((name) => [name, 'x'])));
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
    const { status } = await fetch(url, { method, headers: { ...headers, 'content-type': 'application/json' }, ...body, signal: stop.signal });
    // A stream has no end.
    stop.abort();
    return status;
  }

  test.each(routes)('$name: nobody, everybody else, and who has the scope (bad-input G5)', async (route) => {
    const { operation } = route;
    const world = await startGuarded();
    const others = await newKey(world, { scopes: grantedScopes.filter((scope) => scope !== operation.scope) });
    const [nobody, wrong] = [await ask(world, route, {}), await ask(world, route, bearer(others.key))];
    if (operation.scope === 'none') return expect([nobody, wrong]).toEqual([nobody, nobody]);
    expect([nobody, wrong]).toEqual([401, 403]);
    const right = await newKey(world, { scopes: [operation.scope] });
    expect([401, 403]).not.toContain(await ask(world, route, bearer(right.key)));
  });

  test('needs a scope that somebody can be given, and health alone needs none', () => {
    expect(operations.filter(({ scope }) => scope !== 'none' && !grantedScopes.includes(scope)).map(({ name }) => name)).toEqual([]);
    expect(operations.filter(({ scope }) => scope === 'none').map(({ name }) => name)).toEqual(['health', 'live', 'ready']);
  });

  test('that changes something is no GET', () => {
    expect(operations.filter(({ scope, http }) => ['append', 'debug', 'keys'].includes(scope) && http?.method === 'GET').map(({ name }) => name)).toEqual(['listApiKeys']);
    expect(operations.filter((operation) => isStream(operation) && operation.scope !== 'read')).toEqual([]);
  });
});

describe('a refusal', () => {
  test('says which scope is missing, and how to sign in', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'viewer' });
    const forbidden = await world.post(events, note, bearer(key));
    expect([...verdict(forbidden), forbidden.body.details]).toEqual([403, 'FORBIDDEN', { reason: 'scope', scope: 'append' }]);
    const nobody = await world.call(events);
    expect([...verdict(nobody), nobody.headers.get('www-authenticate')]).toEqual([...refused, 'Bearer']);
    expect((await world.log.head()).position).toBe(0);
  });

  test('comes before the body is read', async () => {
    const world = await startGuarded();
    const said = await world.raw(`POST ${events} HTTP/1.1\r\nHost: localhost:${world.server.port}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('the roles', () => {
  test.each([
    ['viewer', ['read']],
    ['agent', ['append', 'read']],
    ['auditor', ['audit', 'hold', 'read', 'replay:dry']],
    ['operator', ['append', 'debug', 'read', 'replay:dry', 'replay:execute', 'rules']],
  ] as const)('%s has what the table says', (role, scopes) => expect([...roles[role]].toSorted()).toEqual(scopes));
});

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

describe('the actor', () => {
  const stored = async (world: World): Promise<Record<string, unknown>> => (await get(world, own)).body.items.at(-1);

  test('D-053, K-073: is who signed in; another one in the body is kept as a claim', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'operator' });
    expect((await world.post(events, { ...note, actor: { type: 'user', id: 'eve' } }, bearer(key))).status).toBe(201);
    expect(await stored(world)).toMatchObject({ actor: ana, metadata: { claimedActor: { type: 'user', id: 'eve' } } });
  });

  test('with actor:override it is whom the body names, and else who signed in', async () => {
    const world = await startGuarded();
    await world.post(events, { ...note, actor: { type: 'agent', id: 'planner' } }, own);
    expect(await stored(world)).toMatchObject({ actor: { type: 'agent', id: 'planner' } });
    await world.post(events, note, own);
    expect(await stored(world)).toMatchObject({ actor: { type: 'user', id: 'local' } });
  });

  test('holds for what an operation writes by itself, too', async () => {
    const world = await startGuarded();
    await world.post(events, { type: 'orchestration.started', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 'sess-1', data: {} }, own);
    const { key } = await newKey(world, { role: 'operator' });
    const eve = { type: 'user', id: 'eve' };
    for (const [headers, actor, claimedActor] of [[bearer(key), ana, eve], [own, eve, undefined]] as const) {
      expect((await world.post('/api/v1/streams/orchestration/PROJ-1/checkpoints', { actor: eve }, headers)).status).toBe(201);
      const written = await stored(world);
      expect([written['type'], written['actor'], (written['metadata'] as { claimedActor?: object }).claimedActor]).toEqual(['checkpoint.created', actor, claimedActor]);
    }
  });

  test('an import, which names actors of its own, needs actor:override', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'operator' });
    const { status, body } = await world.post('/api/v1/import', { text: '{}' }, bearer(key));
    expect([status, body.details]).toEqual([403, { reason: 'scope', scope: 'actor:override' }]);
  });

  test('bad-input A34: what only the log may say stays refused, whoever signs in', async () => {
    const world = await startGuarded();
    expect((await world.post(events, { ...note, position: 7 }, own)).body.details.reason).toBe('reserved_field');
  });
});

describe('an agent', () => {
  const agent = { type: 'agent', id: 'planner' };
  const start = async (): Promise<{ world: GuardedWorld; headers: { authorization: string } }> => {
    const world = await startGuarded();
    await world.post(events, [note, { ...note, streamId: 'other' }], own);
    return { world, headers: bearer((await newKey(world, { role: 'agent', actor: agent, streamPrefix: 'custom/n' })).key) };
  };

  test('writes to its own streams, as itself', async () => {
    const { world, headers } = await start();
    const { status, body } = await world.post(events, { ...note, actor: ana }, headers);
    expect(status).toBe(201);
    expect((await get(world, own, `/api/v1/events/${body.events[0].id}`)).body).toMatchObject({ actor: agent, metadata: { claimedActor: ana } });
  });

  test('writes nowhere else, not even in a commit with its own, and learns nothing about other streams', async () => {
    const { world, headers } = await start();
    const before = await world.log.head();
    for (const body of [{ ...note, streamId: 'other' }, [note, { ...note, streamId: 'other' }], { events: [note], expectedRevisions: { 'custom/other': 9 } }]) {
      const answer = await world.post(events, body, headers);
      expect([...verdict(answer), answer.body.details.reason]).toEqual([403, 'FORBIDDEN', 'stream_prefix']);
    }
    expect(await world.log.head()).toEqual(before);
  });

  test('reads its own streams, and nothing that is about others, whether they exist or not', async () => {
    const { world, headers } = await start();
    for (const path of ['', '/state', '/events', '/history']) expect([path, (await get(world, headers, `/api/v1/streams/custom/n1${path}`)).status]).toEqual([path, 200]);
    const said = [];
    for (const path of ['/streams/custom/other', '/streams/custom/absent', '/streams/custom/other/state', '/streams/custom/n1/divergence?against=custom/other', '/events', '/runs', '/streams', '/integrity/verify', '/aggregates/n1']) said.push([path, (await get(world, headers, `/api/v1${path}`)).status]);
    expect(said).toEqual(said.map(([path]) => [path, 403]));
  });
});

describe('a JWT', () => {
  const issuer = 'https://id.example';
  const audience = 'refold';
  const nowSeconds = Date.parse('2026-11-20T10:00:00.000Z') / 1_000;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const options = { issuer, audience, publicKey: pem };

  interface Wish {
    readonly claims?: Record<string, unknown>;
    readonly header?: Record<string, unknown>;
    readonly key?: KeyObject | Uint8Array;
    readonly alg?: string;
  }
  const claimsOf = (claims: Record<string, unknown> = {}): Record<string, unknown> => Object.fromEntries(Object.entries({ iss: issuer, aud: audience, sub: 'ana', exp: nowSeconds + 300, role: 'viewer', ...claims }).filter(([, value]) => value !== undefined));
  const tokenOf = ({ claims, header = {}, key = privateKey, alg = 'ES256' }: Wish = {}): Promise<string> => new SignJWT(claimsOf(claims)).setProtectedHeader({ alg, ...header }).sign(key);

  test.each(['EdDSA', 'ES256', 'RS256'])('signed with %s is taken', async (alg) => {
    const pair = alg === 'EdDSA' ? generateKeyPairSync('ed25519') : alg === 'ES256' ? { publicKey, privateKey } : generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const world = await startGuarded({ jwt: { ...options, publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string } });
    expect((await get(world, bearer(await tokenOf({ alg, key: pair.privateKey })))).status).toBe(200);
  });

  test('acts as its subject, with the scopes of its role', async () => {
    const world = await startGuarded({ jwt: options });
    const operator = bearer(await tokenOf({ claims: { role: 'operator' } }));
    expect((await world.post(events, note, operator)).status).toBe(201);
    expect((await get(world, operator)).body.items[0].actor).toEqual(ana);
    expect(verdict(await world.post(events, note, bearer(await tokenOf())))).toEqual([403, 'FORBIDDEN']);
  });

  test('is held to the streams it names', async () => {
    const world = await startGuarded({ jwt: options });
    const headers = bearer(await tokenOf({ claims: { role: 'agent', stream_prefix: 'custom/mine' } }));
    expect([(await world.post(events, { ...note, streamId: 'mine-1' }, headers)).status, (await world.post(events, note, headers)).status]).toEqual([201, 403]);
  });

  test.each<[string, Wish]>([
    ['has expired', { claims: { exp: nowSeconds - 61 } }],
    ['has no end', { claims: { exp: undefined } }],
    ['begins in the future', { claims: { nbf: nowSeconds + 61 } }],
    ['is for somebody else', { claims: { aud: 'other' } }],
    ['is for nobody', { claims: { aud: undefined } }],
    ['is of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['is of no issuer', { claims: { iss: undefined } }],
    ['has no subject', { claims: { sub: undefined } }],
    ['has no role', { claims: { role: undefined } }],
    ['has a role of every object', { claims: { role: 'constructor' } }],
    ['is an agent of no streams', { claims: { role: 'agent' } }],
    ['is signed by another key', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    ['is signed with ES384', { key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, alg: 'ES384' }],
    ['is signed with the public key as HS256', { key: new TextEncoder().encode(pem), alg: 'HS256' }],
    ['says where its key is (jku)', { header: { jku: 'https://evil.example/jwks' } }],
    ['says where its key is (x5u)', { header: { x5u: 'https://evil.example/x5' } }],
    ['brings its key along (jwk)', { header: { jwk: publicKey.export({ format: 'jwk' }) } }],
    ['needs an extension nobody knows', { header: { crit: ['exp2'], exp2: 1 } }],
  ])('bad-input G5: that %s is refused', async (_what, wish) => {
    const world = await startGuarded({ jwt: options });
    // A header that the signer itself does not know how to honour is written by it all the same where it can be.
    const token = await tokenOf(wish).catch(async () => (await tokenOf()).replace(/^[^.]+/, Buffer.from(JSON.stringify({ alg: 'ES256', ...wish.header })).toString('base64url')));
    expect(verdict(await get(world, bearer(token)))).toEqual(refused);
  });

  test('within a minute of its end or its beginning it is taken: clocks differ', async () => {
    const world = await startGuarded({ jwt: options });
    for (const claims of [{ exp: nowSeconds - 59 }, { nbf: nowSeconds + 60 }]) expect((await get(world, bearer(await tokenOf({ claims })))).status).toBe(200);
  });

  test('bad-input G5: that is not signed (alg none) is refused', async () => {
    const world = await startGuarded({ jwt: options });
    expect(verdict(await get(world, bearer(new UnsecuredJWT(claimsOf()).encode())))).toEqual(refused);
  });

  test('bad-input G5: of the right key in an algorithm that is not on the list is refused', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const world = await startGuarded({ jwt: { ...options, publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string } });
    for (const [alg, status] of [['RS256', 200], ['PS256', 401], ['RS512', 401]] as const) expect([alg, (await get(world, bearer(await tokenOf({ alg, key: pair.privateKey })))).status]).toEqual([alg, status]);
  });

  test('is garbage where no issuer is configured', async () => {
    const world = await startGuarded();
    expect(verdict(await get(world, bearer(await tokenOf())))).toEqual(refused);
  });

  async function startIssuer(): Promise<{ readonly url: string; fetched: number; isDown: boolean }> {
    const issuing = { url: '', fetched: 0, isDown: false };
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    const server = createHttpServer((_request, response) => {
      issuing.fetched++;
      response.writeHead(issuing.isDown ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    issuing.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    return issuing;
  }

  test('its keys are read once, and a flood of unknown key ids does not read them again', async () => {
    const issuing = await startIssuer();
    const world = await startGuarded({ jwt: { issuer, audience, jwksUrl: issuing.url } });
    const good = bearer(await tokenOf({ header: { kid: 'k1' } }));
    expect((await get(world, good)).status).toBe(200);
    for (let index = 0; index < 30; index++) expect([401, 429]).toContain((await get(world, bearer(await tokenOf({ header: { kid: `unknown-${index}` } })))).status);
    expect((await get(world, good)).status).toBe(200);
    expect(issuing.fetched).toBe(1);
  });

  test('where its keys cannot be read, nobody is called a liar', async () => {
    const issuing = await startIssuer();
    issuing.isDown = true;
    const world = await startGuarded({ jwt: { issuer, audience, jwksUrl: issuing.url } });
    expect(verdict(await get(world, bearer(await tokenOf({ header: { kid: 'k1' } }))))).toEqual([503, 'LOG_UNAVAILABLE']);
  });

  test.each<[string, JwtOptions]>([
    ['without an issuer', { ...options, issuer: '' }],
    ['without an audience', { ...options, audience: '' }],
    ['without keys', { issuer, audience }],
    ['with two sources of keys', { ...options, jwksUrl: 'https://id.example/jwks' }],
    ['with keys that come unprotected', { issuer, audience, jwksUrl: 'http://id.example/jwks' }],
    ['with a key that is none', { ...options, publicKey: 'secret' }],
  ])('a server %s does not start', async (_what, wrong) => {
    await expect(createJwtVerifier(wrong, { now: () => 0 })).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'jwt' } });
  });
});

describe('a browser', () => {
  const html = { accept: 'text/html' };

  async function signedIn(options: Parameters<typeof startGuarded>[0] = {}): Promise<{ world: GuardedWorld; cookie: string; page: Record<string, string> }> {
    const world = await startGuarded(options);
    const { headers } = await get(world, html, world.signIn.newLink());
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    return { world, cookie, page: { cookie, origin: world.server.url, 'x-refold-csrf': '1' } };
  }

  test('sees how to sign in, and nothing of the log', async () => {
    const world = await startGuarded();
    const { status, text } = await get(world, html, '/');
    expect(status).toBe(401);
    expect(text).toContain('refold token link');
    expect(text).not.toContain('memory:');
  });

  test('is signed in by a link, and goes on to a page without it', async () => {
    const { world, cookie } = await signedIn();
    const { headers } = await get(world, html, world.signIn.newLink());
    expect(headers.get('set-cookie')).toMatch(/^refold_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers.get('refresh')).toBe('0; url=/');
    const page = await get(world, { ...html, cookie }, '/');
    expect([page.status, page.text.includes('memory:')]).toEqual([200, true]);
    expect((await get(world, { cookie })).status).toBe(200);
  });

  test('a link works once', async () => {
    const world = await startGuarded();
    const link = world.signIn.newLink();
    expect((await get(world, html, link)).status).toBe(200);
    const again = await get(world, html, link);
    expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null]);
    expect(again.text).toContain('refold token link');
    expect(verdict(await get(world, {}, link))).toEqual(refused);
  });

  test('a link works for 60 s', async () => {
    const world = await startGuarded();
    const [first, second] = [world.signIn.newLink(), world.signIn.newLink()];
    world.clock.advance(59_999);
    expect((await get(world, html, first)).status).toBe(200);
    world.clock.advance(1);
    expect(verdict(await get(world, {}, second))).toEqual(refused);
  });

  test('a session ends after twelve hours, and asks for a new link without being a failed login', async () => {
    const { world, cookie } = await signedIn();
    world.clock.advance(12 * 3_600_000);
    for (let time = 0; time < 12; time++) expect(verdict(await get(world, { cookie }))).toEqual(refused);
  });

  test('the cookie is marked Secure behind a proxy with TLS', async () => {
    const world = await startGuarded({ isBehindProxy: true });
    expect((await get(world, html, world.signIn.newLink())).headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('changes something only with the header that no form of another site can send, and with Origin', async () => {
    const { world, page } = await signedIn();
    expect((await world.post(events, note, page)).status).toBe(201);
    const { origin: _origin, ...withoutOrigin } = page;
    const { 'x-refold-csrf': _csrf, ...withoutHeader } = page;
    for (const headers of [withoutOrigin, withoutHeader]) {
      const answer = await world.post(events, note, headers);
      expect([...verdict(answer), answer.body.details.reason]).toEqual([403, 'FORBIDDEN', 'csrf']);
    }
    expect((await world.post(events, note, { ...page, origin: 'https://evil.example' })).body.code).toBe('ORIGIN_NOT_ALLOWED');
    expect((await world.log.head()).position).toBe(1);
  });

  test('a new link is made for the owner of the machine, and for no page and no key', async () => {
    const { world, page } = await signedIn();
    const links = '/api/v1/sign-in-links';
    const { path } = (await world.post(links, '', own)).body;
    expect((await get(world, html, path)).status).toBe(200);
    const keys = [await newKey(world, { role: 'operator' }), await newKey(world, { scopes: ['config'] }), await newKey(world)];
    for (const { key } of keys) expect((await world.post(links, '', bearer(key))).body.code).toBe('FORBIDDEN');
    expect([(await world.post(links, '', {})).status, (await world.post(links, '', page)).body.details]).toEqual([401, { reason: 'link' }]);
  });
});

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

describe('an agent over MCP', () => {
  const ask = (world: World, name: string, input: object, headers: Record<string, string>): Promise<Answer> =>
    world.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } }, { ...headers, accept: 'application/json, text/event-stream' });
  const query = (world: World, headers: Record<string, string>): Promise<Answer> => ask(world, 'query_events', {}, headers);

  test('is asked who he is before his message is read', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { scopes: ['append'] });
    for (const [headers, status, code] of [[{}, 401, 'UNAUTHENTICATED'], [bearer(key), 403, 'FORBIDDEN']] as const) {
      const answer = await query(world, headers);
      expect([answer.status, answer.body.error.data.code]).toEqual([status, code]);
    }
    expect((await query(world, bearer((await newKey(world, { role: 'viewer' })).key))).status).toBe(200);
  });

  test('may do no more than his key says, whatever tools he is offered, and acts as its actor', async () => {
    const world = await startGuarded({ mcpWrites: true });
    const logged = (key: string): Promise<Answer> => ask(world, 'log_event', { event_type: 'OrchestrationStarted', issue_key: 'PROJ-1', session_id: 's-1', metadata: {}, actor: { type: 'user', id: 'somebody' } }, bearer(key));
    expect((await logged((await newKey(world, { role: 'viewer' })).key)).text).toContain('FORBIDDEN');
    expect((await world.log.head()).position).toBe(0);
    const taken = await logged((await newKey(world, { scopes: ['read', 'append'] })).key);
    expect(taken.text).not.toContain('isError');
    const { items } = (await get(world, own)).body as { items: { actor: object; claimedActor?: object }[] };
    expect(items).toMatchObject([{ actor: ana }]);
  });

  test('is held to the rate of his key', async () => {
    const world = await startGuarded({ rates: { appendsPerSecond: 1, eventsPerSecond: 1, queriesPerSecond: 1 } });
    const headers = bearer((await newKey(world, { role: 'viewer' })).key);
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await query(world, headers)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});
