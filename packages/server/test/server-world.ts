/** A running server over a real log, and the few ways to talk to it. Nothing here knows a route. */
import { connect } from 'node:net';
import { createCatalogRegistry } from '@refold/catalog';
import { createMemorySearch, openLog } from '@refold/core';
import type { Linker, Log, LogDriver, Ports } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { auditRegistry, createAuditTrail, keepAudit, operations } from '@refold/operations';
import { createTestPorts } from '@refold/testing';
import type { ManualClock } from '@refold/testing';
import { onTestFinished } from 'vitest';
import type { SignIn } from '../src/auth/sign-in.ts';
import { createServer } from '../src/create-server.ts';
import type { ServerOptions } from '../src/create-server.ts';
import { listen } from '../src/listen.ts';
import type { Listening } from '../src/listen.ts';
import type { DoneRequest, FailedRequest } from '../src/request-log.ts';
import { openTestLog } from './test-store.ts';

export interface World {
  readonly log: Log;
  readonly clock: ManualClock;
  readonly server: Listening;
  /** Every line that was written about a failed request. */
  readonly lines: readonly FailedRequest[];
  /** Every line about one that did not. */
  readonly done: readonly DoneRequest[];
  call(path: string, init?: RequestInit): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends these bytes as they are and gives back what comes until the server ends the connection. */
  raw(bytes: string | Buffer): Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when there is none. */
  // oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
  readonly body: any;
}

export interface WorldOptions extends Partial<Pick<ServerOptions, 'operations' | 'limits' | 'channels' | 'mcpWrites' | 'allowedHosts' | 'allowedOrigins' | 'installation' | 'rates' | 'replay' | 'metrics' | 'webApp'>>, Pick<Ports, 'meter' | 'tracer'> {
  /** Default: nobody has to sign in. */
  readonly signIn?: (log: Log) => SignIn;
  /** Default: a new log on the engine of this run, in memory when nothing is said. */
  readonly open?: (linker: Linker, ports: Ports) => LogDriver | Promise<LogDriver>;
  readonly seed?: number;
}

/** A world for one test, closed after it. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  onTestFinished(world.close);
  return world;
}

/** A world that whoever opened it closes: for many tests that change nothing. */
export async function openWorld({ open, seed = 1, signIn, meter, tracer, ...options }: WorldOptions = {}): Promise<World & { close(): Promise<void> }> {
  const ports = { ...createTestPorts(seed, { startMs: Date.parse('2026-11-20T10:00:00.000Z') }), ...(meter === undefined ? {} : { meter }), ...(tracer === undefined ? {} : { tracer }) };
  const log = await openLog({ open: (linker) => (open ?? openTestLog)(linker, ports), registry: createCatalogRegistry(), ports });
  const audit = createAuditTrail(() => openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock }), registry: auditRegistry(), ports }), ports.clock.now);
  keepAudit(log, audit);
  const lines: FailedRequest[] = [];
  const done: DoneRequest[] = [];
  const app = createServer({
    log,
    search: createMemorySearch(),
    installation: { version: '0.1.0', store: 'memory:', engine: { driver: 'memory', durability: log.capabilities.durability }, startedAt: '2026-11-20T10:00:00.000Z' },
    operations,
    requestLog: { failed: (line) => void lines.push(line), done: (line) => void done.push(line) },
    ...(signIn === undefined ? {} : { signIn: signIn(log) }),
    ...options,
  });
  const server = await listen(app, { port: 0, drainMs: 1_000 });

  const call: World['call'] = async (path, init) => {
    const response = await fetch(server.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, get body() { return text === '' ? null : JSON.parse(text); } };
  };
  return {
    log,
    clock: ports.clock,
    server,
    lines,
    done,
    call,
    post: (path, body, headers = {}) => call(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    raw: (bytes) => exchange(server.port, bytes),
    async close() {
      await server.close();
      await audit.close();
      await log.close();
    },
  };
}

function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  // A server may close while bytes of ours are on the way; what it said before counts.
  socket.on('error', () => undefined).on('data', (chunk) => chunks.push(chunk)).on('close', () => resolve(Buffer.concat(chunks).toString()));
  return promise;
}

/** A small run: an orchestration with an agent that fails, in one conversation. */
export async function appendSmallRun(world: World): Promise<void> {
  const shared = { actor: { type: 'agent', id: 'planner' }, correlationId: 'c1', sessionId: 'sess-1', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1' };
  const events = [
    { ...shared, type: 'orchestration.started', occurredAt: '2026-11-20T09:00:00.000Z', data: {} },
    { ...shared, type: 'phase.started', occurredAt: '2026-11-20T09:00:01.000Z', data: { phase: 'build' } },
    { ...shared, type: 'custom.noted', occurredAt: '2026-11-20T09:00:02.000Z', data: { text: 'a note' } },
  ];
  const { status, text } = await world.post('/api/v1/events', events);
  if (status !== 201) throw new Error(text);
}
