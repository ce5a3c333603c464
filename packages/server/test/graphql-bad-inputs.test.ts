/** What strangers hand to GraphQL over HTTP, and the one answer each gets; afterwards the server answers as before, and nothing was stored. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, verdictOf } from './graphql-client.ts';
import { bearer, newKey, own, startGuarded } from './guarded-world.ts';
import { startWorld } from './server-world.ts';
import type { World, WorldOptions } from './server-world.ts';

const small = '{ __typename }';
const repeated = (count: number, part: (index: number) => string): string => Array.from({ length: count }, (_, index) => part(index)).join(' ');

const ofTokens = (count: number): string => `{ events(filter: { ids: [${repeated(count - 19, () => '"a"')}] }) { nodes { id } } }`;

/** The log stands where it stood, and the next question is answered. */
async function start(options?: WorldOptions): Promise<World> {
  const world = await startWorld(options);
  await world.post('/api/v1/events', [{ type: 'custom.noted', streamType: 'custom', streamId: 'n', actor: { type: 'user', id: 'ana' }, data: {} }]);
  const { position } = await world.log.head();
  onTestFinished(async () => {
    expect((await ask(world, small)).body).toEqual({ data: { __typename: 'Query' } });
    expect((await world.log.head()).position).toBe(position);
  });
  return world;
}

const proxied = { allowedHosts: [] as string[], isBehindProxy: true };

describe('A document', () => {
  test.each<[string, string, unknown[]]>([
    ['bad-input H1: that is none', '{ job(', [400, 'BAD_REQUEST', 'graphql']],
    ['bad-input H2: with a field that is not there', '{ jobb }', [400, 'BAD_REQUEST', 'graphql']],
    ['bad-input H3: nine levels deep', '{ task(code: "1") { sprint { tasks { sprint { tasks { sprint { tasks { sprint { code } } } } } } } } }', [400, 'TOO_LARGE', 'depth']],
    ['bad-input H3: nine levels deep through fragments', '{ task(code: "1") { ...T } } fragment T on Task { sprint { ...S } } fragment S on Sprint { tasks { sprint { tasks { sprint { tasks { sprint { code } } } } } } }', [400, 'TOO_LARGE', 'depth']],
    ['bad-input H4: with 1,000 aliases', `{ ${repeated(1_000, (index) => `a${index}: events { nodes { id } }`)} }`, [400, 'TOO_LARGE', 'aliases']],
    ['with 16 aliases', `{ ${repeated(16, (index) => `a${index}: __typename`)} }`, [400, 'TOO_LARGE', 'aliases']],
    ['bad-input H5: with a fragment that spreads itself', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }', [400, 'BAD_REQUEST', 'graphql']],
    ['bad-input H6: that wants a million', '{ events(page: { first: 1000000 }) { nodes { id } } }', [400, 'BAD_REQUEST', 'limit']],
    ['bad-input H7: with a number that JSON cannot hold', '{ state(type: "job", id: "1", position: 9007199254740992) { revision } }', [400, 'BAD_NUMBER', 'unsafe_integer']],
    ['bad-input H10: that asks for the schema is answered on this machine', '{ __schema { types { fields { args { type { ofType { ofType { ofType { name } } } } } } } } }', [200, undefined, undefined]],
    ['bad-input H11: of 1,001 tokens', ofTokens(1_001), [400, 'TOO_LARGE', 'tokens']],
    ['of 1,000 tokens is answered', ofTokens(1_000), [200, undefined, undefined]],
    ['bad-input H11: with 51 directives', `{ __typename ${repeated(51, () => '@include(if: true)')} }`, [400, 'TOO_LARGE', 'directives']],
    ['with eleven root fields', `{ ${repeated(11, () => '__typename')} }`, [400, 'TOO_LARGE', 'root_fields']],
    ['that could be answered with too much', '{ events(page: { first: 500 }) { nodes { effects(first: 50) { id } } } }', [400, 'TOO_LARGE', 'cost']],
    ['that wants too much by the default of a variable', 'query ($first: Int = 1000) { events(page: { first: $first }) { nodes { effects(first: 50) { id } } } }', [400, 'TOO_LARGE', 'cost']],
    ['of fragments that spread the next one twice', `{ ...F0 } ${repeated(60, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F60 on Query { __typename }`, [400, 'TOO_LARGE', 'root_fields']],
    ['of two operations that are not told apart', 'query A { __typename } query B { __typename }', [400, 'BAD_REQUEST', 'operation_name']],
  ])('%s', async (_what, query, expected) => {
    const world = await start();
    const answer = await ask(world, query);
    expect(verdictOf(answer)).toEqual(expected);
    expect(answer.text).not.toMatch(/node_modules|\.ts:|stack/);
  });

  test('bad-input H1: says where', async () => {
    const { body } = await ask(await start(), '{\n  job(\n');
    expect(body.errors[0]).toMatchObject({ locations: [{ line: 3 }], extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) } });
  });

  test('bad-input H2: is helped on this machine, and not on a network', async () => {
    const told = (await ask(await start(), '{ jobb { id } }')).body.errors[0].message;
    expect(told).toContain('Did you mean');
    const network = await startGuarded(proxied);
    const { key } = await newKey(network, { role: 'viewer' });
    const answer = await ask(network, '{ jobb { id } }', { headers: bearer(key) });
    expect([...verdictOf(answer), answer.text.includes('Did you mean')]).toEqual([400, 'BAD_REQUEST', 'graphql', false]);
  });

  test('bad-input H10: that asks for the schema is refused on a network', async () => {
    const network = await startGuarded(proxied);
    const { key } = await newKey(network, { role: 'viewer' });
    for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "Job") { name } }']) expect(verdictOf(await ask(network, query, { headers: bearer(key) }))).toEqual([400, 'FORBIDDEN', 'introspection']);
    expect(verdictOf(await ask(network, small, { headers: bearer(key) }))[0]).toBe(200);
    expect((await network.call('/schema.graphql')).status).toBe(401);
  });
});

describe('A request', () => {
  const json = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  test.each<[string, string, RequestInit, unknown[]]>([
    ['bad-input H7: with a variable of another type', '', { method: 'POST', headers: json, body: '{"query":"query ($id: ID!) { job(id: $id) { id } }","variables":{"id":{"a":1}}}' }, [400, 'BAD_REQUEST', 'graphql']],
    ['bad-input H7: with 2^53 in a variable', '', { method: 'POST', headers: json, body: '{"query":"query ($n: Int) { events(page: { first: $n }) { nodes { id } } }","variables":{"n":9007199254740992}}' }, [400, 'BAD_NUMBER', 'unsafe_integer']],
    ['bad-input H8: of several', '', { method: 'POST', headers: json, body: '[{"query":"{ __typename }"},{"query":"{ __typename }"}]' }, [400, 'BAD_REQUEST', 'batching']],
    ['bad-input H9: that changes something by GET', `?query=${encodeURIComponent('mutation { collectSnapshots }')}`, { headers: { accept: json.accept } }, [405, 'BAD_REQUEST', 'method']],
    ['bad-input H9: as a form', '', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query=%7B__typename%7D' }, [415, 'BAD_REQUEST', 'content_type']],
    ['as text', '', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: small }, [415, 'BAD_REQUEST', 'content_type']],
    ['without a body', '', { method: 'POST', headers: json }, [400, 'BAD_REQUEST', 'shape']],
    ['that is not JSON', '', { method: 'POST', headers: json, body: '{' }, [400, 'BAD_JSON', 'syntax']],
    ['with a key twice', '', { method: 'POST', headers: json, body: '{"query":"{ __typename }","query":"{ __schema { __typename } }"}' }, [400, 'BAD_JSON', 'duplicate_key']],
    ['with a member that no request has', '', { method: 'POST', headers: json, body: '{"query":"{ __typename }","id":1}' }, [400, 'BAD_REQUEST', 'shape']],
    ['of more than 100 KiB', '', { method: 'POST', headers: json, body: JSON.stringify({ query: `{ __typename } #${'x'.repeat(102_400)}` }) }, [413, 'TOO_LARGE', 'body']],
    ['with a place that is none', '', { method: 'POST', headers: json, body: '{"query":"{ __typename }","extensions":{"afterPosition":-1}}' }, [400, 'BAD_REQUEST', 'after_position']],
    ['with a query twice in the address', '?query=%7B__typename%7D&query=%7B__typename%7D', {}, [400, 'BAD_REQUEST', 'repeated_parameter']],
    ['with variables in the address that are not JSON', `?query=${encodeURIComponent(small)}&variables=%7B`, {}, [400, 'BAD_JSON', 'syntax']],
    ['that takes no JSON', '', { method: 'POST', headers: { ...json, accept: 'text/html' }, body: JSON.stringify({ query: small }) }, [406, 'BAD_REQUEST', 'accept']],
    ['that subscribes and takes no stream', '', { method: 'POST', headers: json, body: '{"query":"subscription { orchestratorHealth { state } }"}' }, [406, 'BAD_REQUEST', 'accept']],
  ])('%s', async (_what, search, init, expected) => {
    const world = await start();
    expect(verdictOf(await world.call(`/graphql${search}`, init))).toEqual(expected);
  });

  test('with another method is told which there are', async () => {
    const { status, headers } = await (await start()).call('/graphql', { method: 'PUT' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
  });
});

describe('Who asks', () => {
  test('D-070 is refused without a token, and told what is missing with one that may not', async () => {
    const world = await startGuarded();
    expect(verdictOf(await ask(world, small))).toEqual([401, 'UNAUTHENTICATED', 'credential']);
    expect(verdictOf(await ask(world, small, { headers: bearer('nonsense') }))[0]).toBe(401);
    const { key } = await newKey(world, { role: 'viewer' });
    expect(verdictOf(await ask(world, 'mutation { createJob(input: { id: "1" }) { id } }', { headers: bearer(key) }))).toEqual([200, 'FORBIDDEN', 'scope']);
    expect((await ask(world, 'mutation { createJob(input: { id: "1" }) { id } }', { headers: own })).body.data).toEqual({ createJob: { id: '1' } });
    const mixed = await ask(world, '{ job(id: "1") { id } orchestration(issueKey: "A-1") { issueKey } }', { headers: bearer(key) });
    expect(mixed.body).toEqual({ data: { job: { id: '1' }, orchestration: null } });
  });

  test('D-053 acts as himself, whatever he says', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'operator', actor: { type: 'service', id: 'ci' } });
    const { body } = await ask(world, 'mutation { appendEvents(streamType: "custom", streamId: "n", events: [{ type: "custom.noted", data: {}, actor: { type: "user", id: "ana" } }]) { actor { type id } metadata } }', { headers: bearer(key) });
    expect(body.data).toMatchObject({ appendEvents: [{ actor: { type: 'service', id: 'ci' }, metadata: { claimedActor: { type: 'user', id: 'ana' } } }] });
  });

  test('by a cookie asks by POST, from a page of this server that says so', async () => {
    const world = await startGuarded();
    const { headers } = await world.call(world.signIn.newLink(), { headers: { accept: 'text/html' } });
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    expect(verdictOf(await ask(world, small, { headers: { cookie } }))).toEqual([403, 'FORBIDDEN', 'csrf']);
    expect((await ask(world, small, { headers: { cookie, origin: world.server.url, 'x-refold-csrf': '1' } })).status).toBe(200);
    expect(verdictOf(await world.call(`/graphql?query=${encodeURIComponent(small)}`, { headers: { cookie } }))).toEqual([403, 'FORBIDDEN', 'csrf']);
  });

  test('bad-input G17: too often is told when to come back', async () => {
    const world = await startGuarded({ rates: { appendsPerSecond: 5, eventsPerSecond: 1, queriesPerSecond: 2 } });
    const { key } = await newKey(world, { role: 'operator' });
    const many = '[{ type: "custom.noted" }, { type: "custom.noted" }, { type: "custom.noted" }]';
    expect(verdictOf(await ask(world, `mutation { appendEvents(streamType: "custom", streamId: "n", events: ${many}) { id } }`, { headers: bearer(key) }))).toEqual([200, 'RATE_LIMITED', 'events']);
    for (let time = 0; time < 3; time++) expect((await ask(world, small, { headers: bearer(key) })).status).toBe(200);
    const answer = await ask(world, small, { headers: bearer(key) });
    expect([...verdictOf(answer), answer.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', 'queries', '1']);
  });
});
