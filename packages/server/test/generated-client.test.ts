/**
 * A client that somebody else's generator makes of the contract: openapi-typescript writes the types, openapi-fetch calls by
 * them. A program over it is compiled as strictly as our own sources are, and then run against a server.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { operations } from '@refold/operations';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../src/rest/openapi.ts';
import { startWorld } from './server-world.ts';

const require = createRequire(import.meta.url);
const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const contract = JSON.stringify(openApiDocument({ operations, basePath: '/api/v1', version: '0.1.0' }));

/** Several routes: a body, a path with two parameters, a query, a spelling, an alias, a refusal. Its last line is what it found. */
const program = `
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

const client = createClient<paths>({ baseUrl: process.argv[2]! });
const actor: components['schemas']['Actor'] = { type: 'user', id: 'ada' };

const created = await client.POST('/api/v1/tasks', { body: { taskCode: 'T-1', title: 'try', actor } });
const changed = await client.PATCH('/api/v1/tasks/{code}', { params: { path: { code: 'T-1' } }, body: { status: 'in_progress', actor } });
const page = await client.GET('/api/v1/events', { params: { query: { streamType: 'task', limit: 1 } } });
const state = await client.GET('/api/v1/streams/{streamType}/{streamId}/state', { params: { path: { streamType: 'task', streamId: 'T-1' }, query: { revision: 1, naming: 'camel' } } });
const history = await client.GET('/api/orchestration/tasks/{streamId}/history', { params: { path: { streamId: 'T-1' } } });
const refused = await client.GET('/api/v1/events/{id}', { params: { path: { id: 'none' } } });

const event: components['schemas']['Event'] = page.data!.items[0]!;
const problem: components['schemas']['Problem'] = refused.error!;
console.log(JSON.stringify({ created: created.response.status, revision: changed.data?.revision, type: event.type, cursor: typeof page.data?.nextCursor, before: state.data?.state['status'], changes: history.data?.entries.length, code: problem.code }));
`;

let folder = '';
const node = (...args: readonly string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refold-generated-client-'));
  writeFileSync(join(folder, 'openapi.json'), contract);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  // Where the generator's client and the types of Node are found.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const { status, output } = node(join(dirname(require.resolve('openapi-typescript/package.json')), 'bin/cli.js'), 'openapi.json', '-o', 'schema.d.ts');
  if (status !== 0) throw new Error(output);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compile(name: string, source: string): { status: number | null; output: string } {
  writeFileSync(join(folder, name), source);
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, allowImportingTsExtensions: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name, 'schema.d.ts'] }));
  return node(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
}

describe('the contract', () => {
  const isValid = async (text: string): Promise<boolean> => (await new Validator().validate(JSON.parse(text) as Parameters<Validator['validate']>[0])).valid;

  test('D-106, X-017: is an OpenAPI 3.1 document by its published schema', async () => {
    expect(await isValid(contract)).toBe(true);
    // The same judge on a contract whose answers are of no kind that there is.
    expect(await isValid(contract.replaceAll('"responses":{', '"answers":{'))).toBe(false);
  });
});

describe('a client generated from the contract', () => {
  test('compiles strictly, and gets from a server what its types say', async () => {
    expect(compile('program.ts', program)).toEqual({ status: 0, output: '' });
    const world = await startWorld();
    const { stdout } = await execute(process.execPath, ['program.ts', world.server.url], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ created: 201, revision: 2, type: 'task.created', cursor: 'string', before: 'pending', changes: 2, code: 'NOT_FOUND' });
  });

  test('does not let what the server would refuse compile', () => {
    const calls = [
      "client.GET('/api/v1/nope')",
      "client.POST('/api/v1/tasks', { body: { title: 'no code' } })",
      "client.PATCH('/api/v1/tasks/{code}', { params: { path: { code: 'T-1' } }, body: { status: 'pendign' } })",
      "client.GET('/api/v1/events', { params: { query: { naming: 'kebab' } } })",
    ];
    const { output } = compile('wrong.ts', ["import createClient from 'openapi-fetch'; import type { paths } from './schema.d.ts';", 'const client = createClient<paths>();', ...calls.map((call) => `await ${call};`)].join('\n'));
    expect([...new Set([...output.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line)))]).toEqual(calls.map((_, index) => index + 3));
  });
});
