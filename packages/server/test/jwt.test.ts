/** Tokens of an issuer: what is taken, and everything that is not. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, UnsecuredJWT, exportJWK } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJwtVerifier } from '../src/auth/jwt.ts';
import type { JwtOptions } from '../src/auth/jwt.ts';
import { ana, bearer, events, get, note, refused, startGuarded, verdict } from './guarded-world.ts';

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
