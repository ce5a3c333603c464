/** Who may do what: every operation of the table against no credential, a wrong one, and the right one; and what a caller is held to. */
import { grantedScopes, isStream, operations, roles } from '@refold/operations';
import type { AnyOperation, GrantedScope } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { toolInputOf } from '../src/mcp/tool-input.ts';
import { tools } from '../src/mcp/tools.ts';
import { fillPath, parseRoutePath } from '../src/rest/route-path.ts';
import { ana, bearer, events, get, newKey, note, own, refused, startGuarded, verdict } from './guarded-world.ts';
import type { GuardedWorld } from './guarded-world.ts';
import type { Answer, World } from './server-world.ts';

describe('every operation of the table', () => {
  const routes = operations.flatMap((operation) => (operation.http === undefined ? [] : [`/api/v1${operation.http.path}`, ...(operation.http.aliases ?? [])].map((path) => ({ operation, path, name: `${operation.http!.method} ${path}` }))));

  /** Nothing is asked that makes sense: who may not ask is told before it is looked at. */
  async function ask(world: World, { operation, path }: { readonly operation: AnyOperation; readonly path: string }, headers: Record<string, string>, input: object = {}): Promise<number> {
    const { method } = operation.http!;
    const stop = new AbortController();
    const parsed = parseRoutePath(path);
    const url = world.server.url + fillPath(parsed, Object.fromEntries(parsed.parameters.map((name) => [name, 'x'])));
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(input) };
    const { status } = await fetch(url, { method, headers: { ...headers, 'content-type': 'application/json' }, ...body, signal: stop.signal });
    // A stream has no end.
    stop.abort();
    return status;
  }

  test.each(routes)('$name: nobody, everybody else, and who has the scope (bad-input G5)', async (route) => {
    const { operation } = route;
    const world = await startGuarded();
    const others = await newKey(world, { scopes: grantedScopes.filter((scope) => scope !== operation.scope && scope !== operation.dryRun?.scope) });
    const [nobody, wrong] = [await ask(world, route, {}), await ask(world, route, bearer(others.key))];
    if (operation.scope === 'none') return expect([nobody, wrong]).toEqual([nobody, nobody]);
    expect([nobody, wrong]).toEqual([401, 403]);
    const right = await newKey(world, { scopes: [operation.scope, ...(operation.alsoNeeds === undefined ? [] : [operation.alsoNeeds])] });
    expect([401, 403]).not.toContain(await ask(world, route, bearer(right.key)));
  });

  test.each(routes.filter(({ operation }) => operation.dryRun !== undefined))('$name: who may only look is shown what would happen, and kept from doing it', async (route) => {
    const { scope } = route.operation.dryRun!;
    if (scope === 'none') throw new Error('everybody may look');
    const world = await startGuarded();
    const { key } = await newKey(world, { scopes: [scope] });
    // What is in no path; there is no stream of this name.
    const named = route.operation.name === 'replayEvents' ? { streamType: 'orchestration', streamId: 'x' } : {};
    expect([401, 403]).not.toContain(await ask(world, route, bearer(key), { ...named, dryRun: true }));
    expect(await ask(world, route, bearer(key), { ...named, dryRun: false })).toBe(403);
  });

  test('needs a scope that somebody can be given; health, and who one is, need none', () => {
    expect(operations.filter(({ scope }) => scope !== 'none' && !grantedScopes.includes(scope)).map(({ name }) => name)).toEqual([]);
    expect(operations.filter(({ scope }) => scope === 'none').map(({ name }) => name)).toEqual(['health', 'live', 'ready', 'whoAmI']);
  });

  test('that changes something is no GET', () => {
    expect(operations.filter(({ scope, http }) => ['append', 'debug', 'keys'].includes(scope) && http?.method === 'GET').map(({ name }) => name)).toEqual(['listApiKeys']);
    expect(operations.filter((operation) => isStream(operation) && !['read', 'audit'].includes(operation.scope))).toEqual([]);
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

describe('every tool of an agent over MCP', () => {
  const cases = tools.flatMap((tool) => {
    const { schema } = toolInputOf(tool);
    // A tool that is about a stream asks for it before anything else.
    const given = schema.properties['issue_key'] !== undefined && schema.properties['stream'] !== undefined ? { stream: 'custom/absent' } : {};
    return 'actions' in tool ? Object.entries(tool.actions).map(([action, operation]) => ({ tool: tool.name, given: { ...given, action }, operation, name: `${tool.name} ${action}` })) : [{ tool: tool.name, given, operation: tool.operation, name: tool.name }];
  });

  /** In a result where the tool was called, in an error of the protocol where nobody may come in. */
  async function codeOf(world: GuardedWorld, tool: string, given: object, headers: Record<string, string>): Promise<unknown> {
    const { text } = await world.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: given } }, { ...headers, accept: 'application/json, text/event-stream' });
    const { error, result } = JSON.parse(text.slice(text.indexOf('{'))) as { error?: { data: { code: string; details: object } }; result?: { structuredContent: { error?: { code: string; details: object } } } };
    const told = error?.data ?? result?.structuredContent.error;
    return told === undefined ? null : [told.code, told.details];
  }

  test.each(cases)('$name: nobody, who has every other scope, and who has its own', async ({ tool, given, operation: { scope, dryRun } }) => {
    const world = await startGuarded({ mcpWrites: true });
    const having = async (wanted: (granted: GrantedScope) => boolean): Promise<Record<string, string>> => bearer((await newKey(world, { scopes: grantedScopes.filter(wanted) })).key);
    expect(await codeOf(world, tool, given, {})).toEqual(['UNAUTHENTICATED', { reason: 'credential' }]);
    expect(await codeOf(world, tool, given, await having((granted) => granted !== scope && granted !== dryRun?.scope))).toEqual(['FORBIDDEN', { reason: 'scope', scope: expect.any(String) as string }]);
    expect((await world.log.head()).position).toBe(0);
    // Whoever comes in at this door reads; what he asks for is not there, or makes no sense.
    expect(await codeOf(world, tool, given, await having((granted) => granted === 'read' || granted === scope))).not.toEqual([expect.stringMatching(/UNAUTHENTICATED|FORBIDDEN/), expect.anything()]);
  });

  test('what there is not is not found', async () => {
    const world = await startGuarded();
    const headers = bearer((await newKey(world, { scopes: ['read', 'debug'] })).key);
    for (const [tool, given, reason] of [['reconstruct_state', { stream: 'custom/absent' }, 'stream'], ['get_event', { event_id: 'absent' }, 'event'], ['get_job', { job_id: 'absent' }, 'stream'], ['job_logs', { job_id: 'absent' }, 'stream'], ['debug_control', { session_id: 'absent', action: 'stop' }, 'debug_session'], ['describe_event_type', { event_type: 'absent' }, 'type']] as const)
      expect([tool, await codeOf(world, tool, given, headers)]).toEqual([tool, ['NOT_FOUND', expect.objectContaining({ reason }) as object]]);
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
