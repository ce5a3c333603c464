/** The contract: complete, sound in itself, and the same as what the server does. */
import { errorCodes } from '@refold/core';
import { operations } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../src/rest/openapi.ts';
import { startWorld } from './server-world.ts';

const document = openApiDocument({ operations, basePath: '/api/v1', version: '0.1.0' });
const described = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as unknown as Described })));

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: object }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: { readonly properties: object; readonly required?: readonly string[] } } } };
  readonly responses: { readonly [status: string]: object };
}

describe('/openapi.json', () => {
  test('D-106, X-017: the server answers it, at the root and below the base path', async () => {
    const world = await startWorld();
    for (const path of ['/openapi.json', '/api/v1/openapi.json']) {
      const { status, body, headers } = await world.call(path);
      expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
      expect(body).toEqual(JSON.parse(JSON.stringify(document)));
    }
  });

  test('it describes every operation with a path, and every alias, once', () => {
    const expected = operations.flatMap(({ http }) => (http === undefined ? [] : [`${http.method} /api/v1${http.path}`, ...(http.aliases ?? []).map((alias) => `${http.method} ${alias.replace(/\?.*/, '')}`)]));
    expect(described.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual(expected.toSorted());
    expect(new Set(described.map(({ operation }) => operation.operationId)).size).toBe(described.length);
    for (const { operation } of described) expect(operation.summary).toMatch(/\.$/);
  });

  test('every parameter of a path is described as one, and none besides', () => {
    for (const { path, operation } of described) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(inPath.every(({ required }) => required)).toBe(true);
      const names = operation.parameters.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('every reference leads somewhere, and every component is referred to', () => {
    const references = new Set([...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!));
    for (const reference of references) {
      const found = reference.split('/').slice(1).reduce<unknown>((value, key) => (value as { readonly [key: string]: unknown } | undefined)?.[key], document);
      expect([reference, typeof found]).toEqual([reference, 'object']);
    }
    for (const name of Object.keys(document.components.schemas)) expect(references).toContain(`#/components/schemas/${name}`);
  });

  test('it is JSON Schema 2020-12 as OpenAPI 3.1 takes it: no $defs, no $schema, no nullable', () => {
    const keys = new Set<string>();
    JSON.stringify(document, (key, value: unknown) => {
      keys.add(key);
      return value;
    });
    for (const alien of ['$defs', '$schema', 'definitions', 'nullable']) expect(keys).not.toContain(alien);
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[a-zA-Z0-9._-]+$/);
  });

  test('every failure is a problem whose code is one of the closed list', () => {
    for (const { operation } of described) expect(operation.responses).toMatchObject({ '4XX': { $ref: '#/components/responses/Problem' }, '5XX': { $ref: '#/components/responses/Problem' } });
    expect(document.components.schemas['Problem']).toMatchObject({ properties: { code: { enum: [...errorCodes] } } });
  });

  test('an event is described in one place', () => {
    const list = document.paths['/api/v1/events']!['get'] as unknown as { responses: { 200: { content: { 'application/json': { schema: { properties: { items: object } } } } } } };
    expect(list.responses[200].content['application/json'].schema.properties.items).toEqual({ type: 'array', items: { $ref: '#/components/schemas/Event' } });
  });

  test('a body names what it needs, and an event stream says that it is one', () => {
    const append = document.paths['/api/v1/events']!['post'] as unknown as Described;
    expect(append.requestBody?.content['application/json'].schema.required).toEqual(['events']);
    const tail = document.paths['/api/v1/events/stream']!['get'] as unknown as Described;
    expect(tail.responses['200']).toMatchObject({ content: { 'text/event-stream': {} } });
  });
});
