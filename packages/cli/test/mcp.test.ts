/** `refold mcp` as a process of its own, asked by the official client: an agent asks its own past on the demo log. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openConsole, testStore } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
// Packages lead to sources, as they do in this process.
const sources = fileURLToPath(new URL('../../testing/src/source-resolution.ts', import.meta.url));
const examples = fileURLToPath(new URL('../../../examples', import.meta.url));

let console: Console;
beforeAll(async () => {
  console = openConsole();
  await console.run('init');
  for (const folder of readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const { exitCode, stderr } = await console.run(`import auto ${join(examples, folder.name)}`);
    if (exitCode !== 0) throw new Error(stderr);
  }
}, 120_000);
afterAll(() => console.close());

const command = (...flags: readonly string[]): { command: string; args: string[]; cwd: string; env: Record<string, string> } => ({
  command: process.execPath,
  args: ['--import', sources, main, 'mcp', ...flags],
  cwd: console.folder,
  env: { PATH: process.env['PATH'] ?? '', HOME: console.folder, XDG_CACHE_HOME: join(console.folder, '.cache'), ...(testStore === 'sqlite' ? {} : { REFOLD_STORE: console.storeUrl }) },
});

async function connect({ mode = { pin: '2026-07-28' }, flags = [] }: { mode?: 'legacy' | { pin: string }; flags?: readonly string[] } = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ ...command(...flags), stderr: 'pipe' }));
  onTestFinished(() => client.close());
  return client;
}

// oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
type Found = any;

async function ask(client: Client, name: string, given: Record<string, unknown>): Promise<Found> {
  const { structuredContent, isError } = (await client.callTool({ name, arguments: given })) as Found;
  expect({ name, isError, untrusted: structuredContent.untrusted, error: structuredContent.error }).toEqual({ name, isError: undefined, untrusted: true, error: undefined });
  return structuredContent.result ?? (await readOn(client, name, given, structuredContent));
}

/** An answer in pieces, put together. */
async function readOn(client: Client, name: string, given: Record<string, unknown>, first: Found): Promise<Found> {
  let json: string = first.part.json;
  for (let next = first; next.part.to < next.part.of; json += next.part.json) {
    next = ((await client.callTool({ name, arguments: { ...given, cursor: next.nextCursor } })) as Found).structuredContent;
    expect(next.error).toBeUndefined();
  }
  return JSON.parse(json);
}

const operationJson = async (name: string, input: object): Promise<Found> => (await console.run(`call ${name} --json --input -`, { stdin: JSON.stringify(input) })).json();

const orchestration = { streamType: 'orchestration', streamId: 'PROJ-123' };

describe.each([{ mode: { pin: '2026-07-28' } }, { mode: 'legacy' as const }])('An agent asks its own past over stdio, $mode (X-022)', ({ mode }) => {
  test('what failed, why, what changed, when, what was not seen, and what would be done again', async () => {
    const client = await connect({ mode });
    const { items: runs } = await ask(client, 'list_runs', { status: 'failed' });
    expect(runs).toMatchObject([orchestration]);
    const key = { issue_key: 'PROJ-123' };

    const { firstBad } = await ask(client, 'blame', key);
    expect(firstBad.event).toMatchObject({ stream: 'orchestration/PROJ-123', type: 'error.occurred' });
    const at: number = firstBad.event.revision;

    const { items: events } = await ask(client, 'query_events', { stream: 'orchestration/PROJ-123', from_revision: at, to_revision: at });
    expect(events).toMatchObject([{ id: firstBad.event.eventId, revision: at }]);
    expect(await ask(client, 'reconstruct_state', { stream: `orchestration/PROJ-123@${at}` })).toMatchObject({ revision: at, head: 73 });
    expect((await ask(client, 'diff_state', { ...key, from: String(at - 1), to: String(at) })).patches).toContainEqual(expect.objectContaining({ path: expect.stringContaining('/errors') as string }));
    expect((await ask(client, 'flips', { ...key, expression: "state.status == 'failed'" })).items).toContainEqual(expect.objectContaining({ kind: 'flip', to: true }));
    expect(await ask(client, 'coverage', key)).toMatchObject({ revision: 73, events: 73 });
    expect(await ask(client, 'replay_events', { ...key, from_sequence: at })).toMatchObject({ mode: 'dry_run', target: { type: 'orchestration', id: 'PROJ-123' } });
  });
});

describe('refold mcp', () => {
  test('answers what the operation answers, through a running server too', async (context) => {
    if (testStore === 'jsonl') context.skip('one process at a time has a log of lines');
    const questions = [
      ['reconstruct_state', { stream: 'orchestration/PROJ-123@40' }, 'stateAt', { ...orchestration, place: '40' }],
      ['diff_state', { issue_key: 'PROJ-123', from: '5', to: '~3' }, 'diffStates', { ...orchestration, fromPlace: '5', toPlace: '~3' }],
      ['blame', { issue_key: 'PROJ-123' }, 'blame', orchestration],
      ['query_events', { event_types: ['agent_run.failed'], order: 'desc' }, 'queryEvents', { type: ['agent_run.failed'], order: 'desc' }],
      ['list_checkpoints', { issue_key: 'PROJ-123' }, 'listCheckpoints', orchestration],
    ] as const;
    const expected = await Promise.all(questions.map(([, , operation, input]) => operationJson(operation, input)));
    const local = await connect();
    for (const [index, [name, given]] of questions.entries()) expect(await ask(local, name, given)).toEqual(expected[index]);
    await local.close();

    const served = await serve(console);
    onTestFinished(async () => void (await served.stop()));
    // The log is held by the server, so the command asks there.
    const remote = await connect();
    for (const [index, [name, given]] of questions.entries()) expect(await ask(remote, name, given)).toEqual(expected[index]);
  });

  test('the tools that append are there with --allow-write (bad-input J10)', async () => {
    const reader = await connect();
    await expect(reader.callTool({ name: 'create_checkpoint', arguments: { issue_key: 'PROJ-123' } })).rejects.toMatchObject({ code: -32601 });
    await reader.close();
    const writer = await connect({ flags: ['--allow-write'] });
    const event = { event_type: 'custom.noted', stream_type: 'custom', stream_id: 'mcp', actor: { type: 'agent', id: 'planner' }, metadata: { text: 'seen' } };
    expect((await ask(writer, 'log_event', event)).events).toMatchObject([{ type: 'custom.noted', revision: 1 }]);
  });

  test('a place opens for a person with the command that stands beside it', async () => {
    const client = await connect();
    const { structuredContent } = (await client.callTool({ name: 'query_events', arguments: { stream: 'orchestration/PROJ-123', limit: 1 } })) as Found;
    const [{ open, place }] = structuredContent.places;
    await client.close();
    expect({ open, place }).toEqual({ open: 'refold show orchestration/PROJ-123@1', place: 'orchestration/PROJ-123@1' });
    const { exitCode, stdout } = await console.run(`${open} --json`);
    expect([exitCode, (JSON.parse(stdout) as { id: string }).id]).toEqual([0, structuredContent.result.items[0].id]);
  });
});

describe('docs/how-to/use-from-an-agent.md', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/how-to/use-from-an-agent.md', import.meta.url)), 'utf8');
  const samples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, sample]): Found => JSON.parse(sample!));
  const calls = samples.flatMap((sample, index) => (sample.arguments === undefined ? [] : [[sample, samples[index + 1]] as const]));

  test('shows what is answered', async () => {
    const client = await connect();
    expect(calls.length).toBeGreaterThan(1);
    for (const [call, answer] of calls) expect(((await client.callTool(call)) as Found).structuredContent).toMatchObject(answer);
  });

  test('names every tool and every prompt', async () => {
    const client = await connect({ flags: ['--allow-write'] });
    const named = new Set([...text.matchAll(/`([a-z]+(?:_[a-z]+)*)`/g)].map(([, name]) => name));
    for (const { name } of [...(await client.listTools()).tools, ...(await client.listPrompts()).prompts]) expect(named).toContain(name);
  });
});

describe('The protocol', () => {
  // Prints what was loaded of it when the process ends.
  const loaded = `data:text/javascript,${encodeURIComponent("import { registerHooks } from 'node:module'; const urls = []; registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } }); process.on('exit', () => console.error(JSON.stringify(urls.filter((url) => /modelcontextprotocol|create-mcp-server/.test(url)))));")}`;

  test.each([
    ['query --limit 1', []],
    ['serve --port 0', []],
    ['mcp', [expect.stringContaining('create-mcp-server')]],
  ])('of all commands mcp alone loads it: %s', async (line, expected) => {
    const { command: node, args, ...options } = command();
    const child = spawn(node, ['--import', loaded, ...args.slice(0, -1), ...line.split(' ')], options);
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.stdout.on('data', (part: Buffer) => part.includes('Ctrl-C') && child.kill('SIGINT'));
    child.stdin.end();
    await new Promise((resolve) => child.on('close', resolve));
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1)!)).toEqual(expected.length === 0 ? [] : expect.arrayContaining(expected));
  });
});

/* ---- What is no client ---- */

const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } } };

/** Writes these lines, waits for so many answers, and ends the input. */
async function exchange(lines: readonly string[], answers: number, flags: readonly string[] = []): Promise<{ stdout: readonly Found[]; stderr: string; exitCode: number | null }> {
  const { command: node, args, ...options } = command(...flags);
  const child: ChildProcessWithoutNullStreams = spawn(node, args, options);
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
    if (stdout.split('\n').length > answers) child.stdin.end();
  });
  child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  const exitCode = await ended;
  // Every line is a message: nothing else was ever written there.
  return { stdout: stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown), stderr, exitCode };
}

const answered = (answers: readonly Found[], id: number): Found => answers.find((answer) => answer.id === id);

describe('What is no message', () => {
  test.each([
    ['a garbage line', 'GET / HTTP/1.1', 'BAD_JSON'],
    ['half a JSON', '{"jsonrpc":"2.0","id":2,"method":"to', 'BAD_JSON'],
    ['bytes that are no text', '"\u0000"', 'BAD_JSON'],
  ])('bad-input J6: %s is answered, and the next message too', async (_, line, code) => {
    const { stdout, exitCode } = await exchange([line, JSON.stringify(hello)], 2);
    expect(stdout).toContainEqual(expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32700, data: expect.objectContaining({ code }) as unknown }) as unknown }));
    expect(answered(stdout, 1)).toMatchObject({ result: { serverInfo: { name: 'refold' } } });
    expect(exitCode).toBe(0);
  });

  test('a line of several messages, or of none, is no message', async () => {
    const { stdout } = await exchange([JSON.stringify([hello]), '7', '', JSON.stringify(hello)], 3);
    expect(stdout.filter(({ id }) => id === null)).toMatchObject([{ error: { code: -32600, data: { details: { reason: 'batch' } } } }, { error: { code: -32600, data: { details: { reason: 'shape' } } } }]);
    expect(answered(stdout, 1)).toHaveProperty('result');
  });

  test('bad-input J12: with -v and faults on the way, stdout holds messages and nothing else', async () => {
    const call = (id: number, name: string, given: object): string => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } });
    const { stdout, stderr, exitCode } = await exchange([JSON.stringify(hello), JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), call(2, 'list_runs', {}), call(3, 'blame', { stream: 'no/such' })], 3, ['-v']);
    expect(stdout.map(({ id }) => id as number).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(answered(stdout, 3)).toMatchObject({ result: { isError: true } });
    expect({ stderr: stderr.includes('jsonrpc'), exitCode }).toEqual({ stderr: false, exitCode: 0 });
  });

  test('ends at Ctrl-C, though the client stays', async () => {
    const { command: node, args, ...options } = command();
    const child = spawn(node, args, options);
    const ended = new Promise<unknown>((resolve) => child.on('close', (exitCode, signal) => resolve({ exitCode, signal })));
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.stdin.write(`${JSON.stringify(hello)}\n`);
    expect(await ended).toEqual({ exitCode: 0, signal: null });
  });

  test('without a log it says so on stderr and is not there', async () => {
    const { exitCode, stdout, stderr } = await console.run('mcp --store sqlite:none/log.db');
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toContain('NOT_FOUND');
  });
});
