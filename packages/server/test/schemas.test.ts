/** Event types of a user's own: registered at one door, held to at every other, and still there after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemorySearch } from '@refold/core';
import { appendEvents, getEventType, registerEventType, runOperation } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, data } from './graphql-client.ts';
import { bearer, newKey, startGuarded } from './guarded-world.ts';
import { callTool, mcpClient } from './mcp-client.ts';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const schema = { type: 'object', properties: { service: { type: 'string' }, seconds: { type: 'number', minimum: 0 }, ok: { type: 'boolean' } }, required: ['service'] };
const proposal = { type: 'deploy.finished', schema };
const actor = { type: 'user', id: 'ada' };
const deployed = (payload: object, more: object = {}): object => ({ type: 'deploy.finished', streamType: 'custom', streamId: 'd1', actor, data: payload, ...more });

const register = (world: World, more: object = {}): Promise<Answer> => world.post('/api/v1/schemas', { ...proposal, actor, ...more });
const append = (world: World, event: object): Promise<Answer> => world.post('/api/v1/events', event);
const optional = { ...schema, properties: { ...schema.properties, region: { type: 'string' } } };
const narrower = { ...schema, required: ['service', 'ok'] };

describe('R52, B-160: POST /schemas', () => {
  test('A-193: before it the type is unknown; from then on its events are held to the schema', async () => {
    const world = await startWorld();
    expect(await append(world, deployed({ service: 'api' }))).toMatchObject({ status: 422, body: { code: 'UNKNOWN_TYPE' } });
    expect(await register(world, { doc: 'A service was deployed.' })).toMatchObject({ status: 201, body: { type: 'deploy.finished', schemaVersion: '1.0.0', streamType: 'custom', compatibility: 'backward', duplicate: false } });
    expect((await append(world, deployed({ service: 'api', seconds: 3, extra: true }))).status).toBe(201);
    expect(await append(world, deployed({ seconds: 3 }))).toMatchObject({ status: 422, body: { code: 'MISSING_FIELD', details: { pointer: '/data/service' } } });
    expect(await append(world, deployed({ service: 'api', seconds: -1 }))).toMatchObject({ status: 422, body: { code: 'SCHEMA_VIOLATION', details: { pointer: '/data/seconds' } } });
    expect(await append(world, { ...deployed({ service: 'x' }), streamType: 'job' })).toMatchObject({ status: 422, body: { details: { reason: 'wrong_stream' } } });
    expect(await append(world, { ...deployed({ service: 'x' }), type: 'deploy.finishd' })).toMatchObject({ body: { code: 'UNKNOWN_TYPE', details: { nearest: ['deploy.finished'] } } });
    const { items } = (await world.call('/api/v1/events?type=deploy.finished')).body;
    expect(items).toMatchObject([{ schemaVersion: '1.0.0', streamType: 'custom', data: { service: 'api', seconds: 3, extra: true } }]);
    expect((await world.call('/api/v1/event-types/deploy.finished')).body).toMatchObject({ name: 'deploy.finished', schema, schemaVersions: ['1.0.0'], doc: 'A service was deployed.' });
  });

  test('A-194: two versions live side by side, each held to its own schema', async () => {
    const world = await startWorld();
    await register(world);
    expect(await register(world, { schema: optional })).toMatchObject({ status: 201, body: { schemaVersion: '1.1.0' } });
    expect((await append(world, deployed({ service: 'api', region: 7 }, { schemaVersion: '1.0.0' }))).status).toBe(201);
    expect(await append(world, deployed({ service: 'api', region: 7 }))).toMatchObject({ status: 422, body: { code: 'SCHEMA_VIOLATION' } });
    expect(await append(world, deployed({ service: 'api' }, { schemaVersion: '2.0.0' }))).toMatchObject({ body: { details: { reason: 'unknown_schema_version' } } });
    expect((await world.call('/api/v1/schemas/deploy.finished/1.0.0')).body).toEqual(schema);
    expect((await world.call('/api/v1/schemas/deploy.finished/1.1.0')).body).toEqual(optional);
    expect((await world.call('/api/v1/schemas/deploy.finished/3.0.0')).status).toBe(404);
  });

  test('bad-input N6, A-195: a version that breaks what its type promises is refused with the paths, and nothing is written', async () => {
    const world = await startWorld();
    await register(world);
    const { position } = await world.log.head();
    expect(await register(world, { schema: narrower })).toMatchObject({ status: 422, body: { code: 'SCHEMA_INCOMPATIBLE', details: { reason: 'backward', type: 'deploy.finished', paths: ['/ok'] } } });
    expect(await register(world, { schema: { ...schema, required: [] }, compatibility: 'full' })).toMatchObject({ body: { code: 'SCHEMA_INCOMPATIBLE', details: { reason: 'full', paths: ['/service'] } } });
    expect(await register(world, { schema: optional, schemaVersion: '0.9.0' })).toMatchObject({ body: { code: 'SCHEMA_INCOMPATIBLE', details: { reason: 'version', newest: '1.0.0' } } });
    expect(await register(world, { schema: optional, streamType: 'job' })).toMatchObject({ body: { code: 'SCHEMA_INCOMPATIBLE', details: { reason: 'stream_type' } } });
    expect((await world.log.head()).position).toBe(position);
    expect(await register(world, { schema: narrower, compatibility: 'none' })).toMatchObject({ status: 201, body: { schemaVersion: '2.0.0', compatibility: 'none' } });
  });

  test('the same again writes nothing and says so', async () => {
    const world = await startWorld();
    await register(world);
    expect(await register(world)).toMatchObject({ status: 200, body: { duplicate: true, schemaVersion: '1.0.0', position: null } });
    expect(await register(world, { schemaVersion: '1.0.0' })).toMatchObject({ status: 200, body: { duplicate: true } });
    expect((await world.log.head()).position).toBe(1);
  });

  test('POST /schemas/check tells beforehand, and GET /schemas/history afterwards (A-161, B-145)', async () => {
    const world = await startWorld();
    await register(world);
    const check = async (body: object): Promise<unknown> => (await world.post('/api/v1/schemas/check', { ...proposal, ...body })).body;
    expect(await check({ schema: narrower })).toMatchObject({ ok: false, schemaVersion: '2.0.0', compatibility: 'backward', breaks: [{ path: '/ok', direction: 'backward', detail: 'it is needed now' }] });
    expect(await check({ schema: optional })).toMatchObject({ ok: true, schemaVersion: '1.1.0', breaks: [] });
    await register(world, { schema: optional });
    expect((await world.call('/api/v1/schemas/history?type=deploy.finished')).body.items).toMatchObject([
      { type: 'deploy.finished', version: '1.0.0', compatibility: 'initial', changes: [], by: actor, position: 1 },
      { type: 'deploy.finished', version: '1.1.0', compatibility: 'backward', by: actor, position: 2 },
    ]);
  });

  test.each([
    ['a built-in type', { type: 'job.failed' }, 409, 'DUPLICATE_ID', 'type'],
    ['an alias of one', { type: 'custom.processed' }, 409, 'DUPLICATE_ID', 'type'],
    ['a schema that is none', { schema: { type: 'object', properties: { a: { pattern: '(a+)+$' } } } }, 400, 'BAD_REQUEST', 'schema'],
    ['a schema of another kind', { schema: { type: 'string' } }, 400, 'BAD_REQUEST', 'schema'],
    ['a schema that is too large', { schema: { type: 'object', description: 'x'.repeat(70_000) } }, 413, 'TOO_LARGE', 'schema'],
    ['a name that is none', { type: 'deployed' }, 400, 'BAD_REQUEST', undefined],
    ['a version that is none', { schemaVersion: 'v1' }, 400, 'BAD_REQUEST', undefined],
    ['a mode that there is not', { compatibility: 'sideways' }, 400, 'BAD_REQUEST', undefined],
  ])('%s is refused', async (_what, more, status, code, reason) => {
    const world = await startWorld();
    const answer = await register(world, more);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (reason !== undefined) expect(answer.body.details.reason).toBe(reason);
    expect((await world.log.head()).position).toBe(0);
  });

  test('it is for administrators: who may append may not', async () => {
    const world = await startGuarded();
    const [operator, admin] = await Promise.all([newKey(world, { role: 'operator' }), newKey(world, { role: 'admin' })]);
    expect(await world.post('/api/v1/schemas', proposal, bearer(operator.key))).toMatchObject({ status: 403, body: { details: { scope: 'config' } } });
    expect((await world.post('/api/v1/schemas', proposal, bearer(admin.key))).status).toBe(201);
  });

  test('of two who register at once one is first, and the other is judged by what that one wrote', async () => {
    const world = await startWorld();
    const answers = await Promise.all([register(world), register(world, { schema: narrower }), register(world, { type: 'deploy.begun' })]);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(2);
    const { items } = (await world.call('/api/v1/schemas/history')).body;
    expect(items.filter(({ type }: { type: string }) => type === 'deploy.begun')).toHaveLength(1);
    for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('SCHEMA_INCOMPATIBLE');
  });
});

describe('a registered type at the other doors', () => {
  test('GraphQL: registerEventType, then eventTypes and an append', async () => {
    const world = await startWorld();
    const { registerEventType: info } = await data(world, 'mutation ($schema: JSON!) { registerEventType(type: "deploy.finished", schemaVersion: "1.0.0", schema: $schema, options: { doc: "Deployed." }) { type streamType schemaVersions schema description } }', { variables: { schema } });
    expect(info).toEqual({ type: 'deploy.finished', streamType: 'custom', schemaVersions: ['1.0.0'], schema, description: 'Deployed.' });
    const { body } = await ask(world, 'mutation { appendEvents(streamType: "custom", streamId: "d1", events: [{ type: "deploy.finished", data: {}, actor: { type: user, id: "ada" } }]) { __typename } }');
    expect(body.errors[0].extensions.code).toBe('MISSING_FIELD');
    expect((await ask(world, 'mutation ($schema: JSON!) { registerEventType(type: "deploy.finished", schemaVersion: "1.1.0", schema: $schema) { type } }', { variables: { schema: narrower } })).body.errors[0].extensions.code).toBe('SCHEMA_INCOMPATIBLE');
  });

  test('MCP: register_event_type where tools may write, describe_event_type everywhere', async () => {
    const [reading, writing] = await Promise.all([startWorld(), startWorld({ mcpWrites: true })]);
    expect((await (await mcpClient(reading.server.url)).listTools()).tools.map(({ name }) => name)).not.toContain('register_event_type');
    const client = await mcpClient(writing.server.url);
    expect(await callTool(client, 'register_event_type', { event_type: 'deploy.finished', schema, actor })).toMatchObject({ isError: false, structured: { result: { schemaVersion: '1.0.0' } } });
    expect(await callTool(client, 'describe_event_type', { event_type: 'deploy.finished' })).toMatchObject({ isError: false, structured: { result: { schema } } });
  });

  test('it is there after a restart, and in another process that had opened the log before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'refold-schemas-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const first = await openStore(`sqlite:${join(folder, 'log.db')}`);
    const context = (store: typeof first): Parameters<typeof runOperation>[1] => ({ log: store.log, search: createMemorySearch(), installation: store.installation });
    const reader = await openStore(`sqlite:${join(folder, 'log.db')}`, { readOnly: true });
    onTestFinished(() => reader.close());
    await runOperation(registerEventType, context(first), { ...proposal, actor });
    await runOperation(registerEventType, context(first), { ...proposal, schema: optional, actor });
    expect(await runOperation(getEventType, context(reader), { type: 'deploy.finished' })).toMatchObject({ schemaVersions: ['1.0.0', '1.1.0'] });
    await runOperation(appendEvents, context(first), { events: [deployed({ service: 'api' })] });
    await first.close();
    const second = await openStore(`sqlite:${join(folder, 'log.db')}`);
    onTestFinished(() => second.close());
    await expect(runOperation(appendEvents, context(second), { events: [deployed({})] })).rejects.toMatchObject({ code: 'MISSING_FIELD' });
    expect(await runOperation(getEventType, context(second), { type: 'deploy.finished' })).toMatchObject({ schemaVersions: ['1.0.0', '1.1.0'], schema: optional });
  });
});
