/**
 * The contract of the REST door as OpenAPI 3.1, made from the operations' own schemas. Schemas with an id become components;
 * everything else stands where it is used. Nothing is written twice, so nothing can drift.
 */
import { errorCodes } from '@refold/core';
import { isStream } from '@refold/operations';
import type { AnyOperation } from '@refold/operations';
import { ndjsonMediaType } from '../ndjson.ts';
import { createComponents } from '../schema-components.ts';
import type { Components } from '../schema-components.ts';
import type { JsonSchema } from './input-shape.ts';
import { parseRoutePath } from './route-path.ts';
import type { RoutePath } from './route-path.ts';

export interface OpenApiOptions {
  readonly operations: readonly AnyOperation[];
  readonly basePath: string;
  readonly version: string;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: { readonly [path: string]: { readonly [method: string]: JsonSchema } };
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema }; readonly responses: { readonly [name: string]: JsonSchema }; readonly securitySchemes: { readonly [name: string]: JsonSchema } };
}

export function openApiDocument({ operations, basePath, version }: OpenApiOptions): OpenApiDocument {
  const components = createComponents('draft-2020-12');
  const paths: { [path: string]: { [method: string]: JsonSchema } } = {};
  for (const operation of operations) {
    const { http } = operation;
    if (http === undefined) continue;
    const method = http.method.toLowerCase();
    const canonical = parseRoutePath(basePath + http.path);
    (paths[canonical.template] ??= {})[method] = describe(operation, canonical, components);
    for (const [index, written] of (http.aliases ?? []).entries()) {
      const alias = parseRoutePath(written);
      (paths[alias.template] ??= {})[method] = { ...describe(operation, alias, components), operationId: `${operation.name}Alias${index + 1}`, description: `Another path of ${http.method} ${canonical.template}.` };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Refold', version, description: 'Flight recorder and time machine for runs of agents and jobs: one log, everything else a function of it.' },
    paths,
    components: { schemas: { ...components.all(), Problem: problemSchema }, responses: { Problem: { description: 'What went wrong, as RFC 9457 has it.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } } }, securitySchemes: { token: bearerScheme } },
  };
}

export const bearerScheme: JsonSchema = { type: 'http', scheme: 'bearer', description: 'The token of this machine, an API key, or a JWT of the configured issuer. A server that was started with --no-auth asks for none.' };

const problem = { $ref: '#/components/responses/Problem' };

function describe(operation: AnyOperation, path: RoutePath, components: Components): JsonSchema {
  const http = operation.http!;
  const input = components.schemaOf(operation.input, 'input', operation.name);
  const hasBody = http.method !== 'GET' && http.method !== 'DELETE';
  return {
    operationId: operation.name,
    summary: operation.doc,
    tags: [http.path.split('/')[1]!],
    'x-scope': operation.scope,
    ...(operation.dryRun === undefined ? {} : { 'x-dry-run-scope': operation.dryRun.scope }),
    security: operation.scope === 'none' ? [] : [{ token: [] }],
    parameters: [...parametersOf(input, path, hasBody), ...spellings],
    ...(hasBody ? { requestBody: bodyOf(input, path) } : {}),
    responses: { [String(http.status ?? 200)]: successOf(operation, components), '4XX': problem, '5XX': problem },
  };
}

function successOf(operation: AnyOperation, components: Components): JsonSchema {
  const schema = components.schemaOf(operation.output, 'output', operation.name);
  if (operation.http?.isFile === true) return { description: 'JSON lines: one item each, until its end; a transfer that breaks off goes on after the position of the last whole line.', content: { [ndjsonMediaType]: { schema: { type: 'string' }, 'x-item': schema } } };
  return isStream(operation)
    ? { description: 'Server-Sent Events; the data of each is one item, its id the place to resume from.', content: { 'text/event-stream': { schema: { type: 'string' }, 'x-item': schema } } }
    : { description: 'Done.', content: { 'application/json': { schema } } };
}

/* ---- Parameters and bodies ---- */

/** Views that every answer can be asked for in. */
const spellings: readonly JsonSchema[] = [
  { name: 'naming', in: 'query', required: false, description: 'Spelling of keys; payloads stay as they are.', schema: { type: 'string', enum: ['camel', 'snake'] } },
  { name: 'dialect', in: 'query', required: false, description: 'Form of events.', schema: { type: 'string', enum: ['canonical', 'jira', 'agentLightning', 'orchestration', 'job', 'cloudevents'] } },
];

const propertiesOf = (input: JsonSchema): { readonly [name: string]: JsonSchema } => (input['properties'] ?? {}) as { readonly [name: string]: JsonSchema };
const requiredOf = (input: JsonSchema): readonly string[] => (input['required'] ?? []) as readonly string[];

function parametersOf(input: JsonSchema, path: RoutePath, hasBody: boolean): readonly JsonSchema[] {
  const properties = propertiesOf(input);
  const required = new Set(requiredOf(input));
  const inPath = path.parameters.map((name) => ({ name, in: 'path', required: true, ...describedAs(properties[name] ?? { type: 'string' }) }));
  if (hasBody) return inPath;
  const taken = new Set([...path.parameters, ...Object.keys(path.fixed)]);
  const inQuery = Object.entries(properties).filter(([name]) => !taken.has(name));
  return [...inPath, ...inQuery.map(([name, schema]) => ({ name, in: 'query', required: required.has(name), ...describedAs(schema) }))];
}

function describedAs(schema: JsonSchema): JsonSchema {
  const { description } = schema;
  return { ...(typeof description === 'string' && description !== '' ? { description } : {}), schema };
}

function bodyOf(input: JsonSchema, path: RoutePath): JsonSchema {
  const taken = new Set([...path.parameters, ...Object.keys(path.fixed)]);
  const required = requiredOf(input).filter((name) => !taken.has(name));
  const properties = Object.fromEntries(Object.entries(propertiesOf(input)).filter(([name]) => !taken.has(name)));
  return { required: required.length > 0, content: { 'application/json': { schema: { ...input, properties, ...(required.length > 0 ? { required } : {}) } }, ...('events' in properties ? { [ndjsonMediaType]: eventLines } : {}) } };
}

const eventLines: JsonSchema = { schema: { type: 'string', description: 'One event per line, all of them one call.' } };

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is one of a closed list and never reworded; `details.reason` tells kinds within one code apart.',
  properties: {
    type: { type: 'string', description: 'urn:refold:error: and the code.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: [...errorCodes] },
    detail: { type: 'string' },
    details: { type: 'object', additionalProperties: true },
    requestId: { type: 'string' },
    hint: { type: 'string' },
    retryable: { type: 'boolean' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'details', 'requestId', 'retryable'],
};
