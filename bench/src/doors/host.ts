/** The serving side: the product over SQLite, and the bare frameworks doing nothing, on ports of this machine. */
import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventInput } from '@refold/core';
import { operations } from '@refold/operations';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { createServer, listen } from '@refold/server';
import type { Listening } from '@refold/server';
import { fastify } from 'fastify';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { nowMs, percentile, residentMb } from '../measure.ts';
import { createWorkload, take } from '../workload.ts';
import { serveTasks, sharedNowMs } from './child.ts';

/** What was published, when each was on record, and what it cost. */
export interface Publication {
  readonly first: number;
  readonly commits: readonly number[];
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Processor time that the process spent meanwhile. */
  readonly processorMs: number;
}

interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

let store: OpenedStore;
let product: Listening;
let bareSockets: WebSocketServer;
let bareEvents = 0;

interface Published {
  /** 0 for the first. */
  readonly index: number;
  readonly atMs: number;
}

/** Calls `once` at an even pace, whether or not the last one is done; late ones follow at once. */
async function atPace({ perSecond, seconds }: Pace, once: () => Promise<Published>): Promise<Omit<Publication, 'first'>> {
  const [commits, latencies, pending]: [number[], number[], Promise<void>[]] = [[], [], []];
  const [start, processor, total] = [nowMs(), processorMs(), perSecond * seconds];
  while (latencies.length < total) {
    const due = Math.min(total, Math.ceil(((nowMs() - start) / 1_000) * perSecond));
    while (latencies.length + pending.length < due) {
      const before = nowMs();
      const one = once().then(({ index, atMs }) => {
        latencies.push(nowMs() - before);
        commits[index] = atMs;
        void pending.splice(pending.indexOf(one), 1);
      });
      pending.push(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { commits, p50Ms: percentile(latencies, 0.5), p95Ms: percentile(latencies, 0.95), p99Ms: percentile(latencies, 0.99), processorMs: processorMs() - processor };
}

/** Processor time that this process has spent so far. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function appendOne(event: EventInput, first: number): Promise<Published> {
  const receipt = await store.log.append({ events: [event] });
  return { index: receipt.first - first, atMs: sharedNowMs() };
}

serveTasks({
  async product({ path }: { readonly path: string }): Promise<number> {
    store = await openStore(`sqlite:${path}`);
    const app = createServer({ log: store.log, search: store.search, installation: store.installation, operations, limits: { socketsMax: 4_000, webSocketsMax: 4_000 } });
    product = await listen(app, { port: 0 });
    return product.port;
  },
  async bareHttp(): Promise<number> {
    const app = fastify();
    const shape = z.looseObject({ type: z.string(), streamType: z.string(), streamId: z.string(), data: z.record(z.string(), z.unknown()) });
    app.post('/events', { bodyLimit: 8 * 1_048_576 }, async (request, reply) => {
      const events = Array.isArray(request.body) ? request.body.map((one) => shape.parse(one)) : [shape.parse(request.body)];
      return await reply.code(201).send({ commitId: 'none', events: events.map(({ type }) => ({ type })) });
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return (app.server.address() as AddressInfo).port;
  },
  async bareSockets(): Promise<number> {
    const server: Server = createHttpServer();
    bareSockets = new WebSocketServer({ server, perMessageDeflate: false });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  async fill({ count }: { readonly count: number }) {
    const source = createWorkload({ seed: 77 });
    for (let left = count; left > 0; left -= 500) await store.log.append({ events: take(source, Math.min(500, left)) });
  },
  /** Events per second of the engine without a door: so many writers, each with its batches. */
  async engine({ writers, batch, ms, seed }: { readonly writers: number; readonly batch: number; readonly ms: number; readonly seed: number }): Promise<number> {
    const start = nowMs();
    let written = 0;
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const source = createWorkload({ seed: seed * 97 + writer });
        while (nowMs() - start < ms) {
          await store.log.append({ events: take(source, batch) });
          written += batch;
        }
      }),
    );
    return (written / (nowMs() - start)) * 1_000;
  },
  async nextPosition(): Promise<number> {
    return (await store.log.head()).position + 1;
  },
  async publish(pace: Pace): Promise<Publication> {
    const first = (await store.log.head()).position + 1;
    const source = createWorkload({ seed: pace.seed });
    return { first, ...(await atPace(pace, () => appendOne(source(), first))) };
  },
  /** The same over bare sockets: a message of the same size to each, without a log. */
  async publishBare(pace: Pace): Promise<Publication> {
    const source = createWorkload({ seed: pace.seed });
    const first = bareEvents + 1;
    const published = await atPace(pace, async () => {
      const index = bareEvents++ - first + 1;
      const message = Buffer.from(JSON.stringify({ op: 'event', position: bareEvents, event: source() }));
      const atMs = sharedNowMs();
      for (const socket of bareSockets.clients) socket.send(message, { binary: false });
      return { index, atMs };
    });
    return { first, ...published };
  },
  /** As fast as it goes, in commits of 100. */
  async burst({ count, seed }: { readonly count: number; readonly seed: number }): Promise<Pick<Publication, 'first' | 'commits'>> {
    const first = (await store.log.head()).position + 1;
    const [source, commits] = [createWorkload({ seed }), [] as number[]];
    for (let left = count; left > 0; left -= 100) {
      await store.log.append({ events: take(source, 100) });
      const now = sharedNowMs();
      for (let index = 0; index < 100; index++) commits.push(now);
    }
    return { first, commits };
  },
  async burstBare({ count, seed }: { readonly count: number; readonly seed: number }): Promise<Pick<Publication, 'first' | 'commits'>> {
    const [first, source, commits] = [bareEvents + 1, createWorkload({ seed }), [] as number[]];
    for (let left = count; left > 0; left -= 100) {
      for (let index = 0; index < 100; index++) {
        const message = Buffer.from(JSON.stringify({ op: 'event', position: ++bareEvents, event: source() }));
        commits.push(sharedNowMs());
        for (const socket of bareSockets.clients) socket.send(message, { binary: false });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { first, commits };
  },
  /** Followers in this process, without a door. */
  async followers({ count, ...pace }: Pace & { readonly count: number }): Promise<Publication & { readonly deliveredP95Ms: number }> {
    const first = (await store.log.head()).position + 1;
    const total = pace.perSecond * pace.seconds;
    const stop = new AbortController();
    const arrivals = Array.from({ length: count }, () => new Float64Array(total));
    const following = arrivals.map(async (arrived) => {
      let left = total;
      for await (const { events } of store.log.follow(first - 1, stop.signal)) {
        const now = sharedNowMs();
        for (const { position } of events) arrived[position - first] = now;
        if ((left -= events.length) === 0) return;
      }
    });
    const source = createWorkload({ seed: pace.seed });
    const published = await atPace(pace, () => appendOne(source(), first));
    await Promise.all(following);
    stop.abort();
    const latencies = arrivals.flatMap((arrived, index) => (index % Math.ceil(count / 50) === 0 ? [...arrived].map((at, position) => at - published.commits[position]!) : []));
    return { first, ...published, deliveredP95Ms: percentile(latencies, 0.95) };
  },
  residentMb: () => residentMb(),
  processorMs: () => processorMs(),
});
