/**
 * The doors: requests over REST, and events to those who listen, beside the bare frameworks in the same run. Servers, load and
 * listeners are processes of their own; on a machine with two cores they share them, and that is in the figures.
 */
import { join } from 'node:path';
import { startChild } from './doors/child.ts';
import type { Child } from './doors/child.ts';
import type { Publication } from './doors/host.ts';
import type { Delivery, ListenerKind } from './doors/listeners.ts';
import type { LoadRequest, LoadResult } from './doors/load.ts';
import { measureInstrumentedJob } from './instrumented-job.ts';
import { figureOf } from './measure.ts';
import type { Figure } from './measure.ts';
import type { Row } from './report.ts';

export interface DoorsOptions {
  readonly directory: string;
  readonly rounds: number;
  /** How long the sustained load lasts; default 60. */
  readonly sustainedSeconds?: number;
  /** Told what is measured now; the group takes minutes. */
  readonly note?: (text: string) => void;
}

const group = 'doors';
const connections = 20;
const loadMs = 2_000;

export async function measureDoors(options: DoorsOptions): Promise<Row[]> {
  const [host, bare, load, listeners] = ['host', 'host', 'load', 'listeners'].map(startChild) as [Child, Child, Child, Child];
  const note = options.note ?? (() => undefined);
  try {
    const port = await host.ask<number>('product', { path: join(options.directory, 'doors.db') });
    const barePort = await bare.ask<number>('bareHttp');
    const bareSocketsPort = await bare.ask<number>('bareSockets');
    const rows: Row[] = [];
    const add = (...measured: readonly Row[]): void => {
      rows.push(...measured);
      for (const row of measured) note(row.measure);
    };
    add(...(await measureRest({ ...options, host, bare, load, port, barePort })));
    for (const count of [1, 100, 1_000]) add(await measureFollowers(host, count, options));
    for (const count of [1, 100, 1_000]) for (const kind of ['websocket', 'events'] as const) add(await measureDelivery({ host, bare, listeners, port, barePort: bareSocketsPort, kind, count, rounds: options.rounds }));
    if (await hasGraphql(port)) {
      add(await measureGraphql({ host, load, port, rounds: options.rounds }));
      add(await measureDelivery({ host, bare, listeners, port, barePort: bareSocketsPort, kind: 'graphql', count: 100, rounds: options.rounds }));
    }
    for (const kind of ['websocket', 'events'] as const) add(await measureFanOut({ host, bare, listeners, port, barePort: bareSocketsPort, kind, rounds: options.rounds }));
    add(...(await measureSustained({ host, listeners, port, seconds: options.sustainedSeconds ?? 60 })));
    add(await measureInstrumentedJob(options));
    return rows;
  } finally {
    await Promise.all([host, bare, load, listeners].map((child) => child.stop()));
  }
}

/* ---- Requests ---- */

interface RestOptions extends DoorsOptions {
  readonly host: Child;
  readonly bare: Child;
  readonly load: Child;
  readonly port: number;
  readonly barePort: number;
}

interface Answered extends LoadResult {
  /** Processor time of the server per request. */
  readonly processorUs: number;
}

async function driveAt(server: Child, load: Child, request: Omit<LoadRequest, 'connections' | 'ms'>, ms: number): Promise<Answered> {
  const before = await server.ask<number>('processorMs');
  const result = await load.ask<LoadResult>('load', { connections, ms, ...request });
  return { ...result, processorUs: (((await server.ask<number>('processorMs')) - before) * 1_000) / result.requests };
}

const processorPerRequest = (results: readonly Answered[]): string => `${figureOf(results.map(({ processorUs }) => processorUs)).median.toFixed(0)} us of processor`;

async function measureRest({ host, bare, load, port, barePort, rounds }: RestOptions): Promise<Row[]> {
  const drive = (server: Child, request: Omit<LoadRequest, 'connections' | 'ms'>, ms = loadMs): Promise<Answered> => driveAt(server, load, request, ms);
  const [append, nothing, batches, engine, query]: [Answered[], Answered[], Answered[], number[], Answered[]] = [[], [], [], [], []];
  const appends = { port, path: '/api/v1/events', events: 1 };
  const nothings = { port: barePort, path: '/events', events: 1 };
  const queries = { port, path: '/api/v1/events?issueKey=BENCH-1&limit=10', events: 0, seed: 0 };
  await drive(host, { ...appends, seed: 900 }, loadMs / 2);
  await drive(bare, { ...nothings, seed: 900 }, loadMs / 2);
  await drive(host, queries, loadMs / 2);
  for (let round = 1; round <= rounds; round++) {
    append.push(await drive(host, { ...appends, seed: round }));
    nothing.push(await drive(bare, { ...nothings, seed: round }));
    batches.push(await drive(host, { ...appends, events: 100, seed: 100 + round }));
    engine.push(await host.ask<number>('engine', { writers: connections, batch: 100, ms: loadMs, seed: 300 + round }));
    query.push(await drive(host, queries));
  }
  const of = (results: readonly Answered[], value: (result: Answered) => number): Figure => figureOf(results.map(value));
  return [
    { group, measure: `REST append of 1 event, ${connections} connections`, unit: 'requests/s', ours: of(append, ({ perSecond }) => perSecond), ceiling: of(nothing, ({ perSecond }) => perSecond), against: 'fastify + zod', target: { ratio: 0.35 }, note: `${processorPerRequest(append)}, fastify + zod ${processorPerRequest(nothing)}` },
    { group, measure: 'the same, p95', unit: 'ms', ours: of(append, ({ p95Ms }) => p95Ms), ceiling: of(nothing, ({ p95Ms }) => p95Ms), against: 'fastify + zod', target: { atMost: 5 } },
    { group, measure: `REST append of 100 events, ${connections} connections`, unit: 'events/s', ours: of(batches, ({ perSecond }) => 100 * perSecond), ceiling: figureOf(engine), against: 'engine in process', target: { ratio: 0.6 } },
    { group, measure: `REST query, 10 events of an issue, ${connections} connections`, unit: 'requests/s', ours: of(query, ({ perSecond }) => perSecond), note: `p95 ${of(query, ({ p95Ms }) => p95Ms).median.toFixed(1)} ms, ${processorPerRequest(query)}` },
  ];
}

const graphqlQuery = JSON.stringify({ query: 'query ($issueKey: String!) { events(filter: { issueKey: $issueKey }, page: { first: 10 }) { nodes { id type streamType streamId position occurredAt actor { type id } data } } }', variables: { issueKey: 'BENCH-1' } });

/** A server without the endpoint is measured without it. */
const hasGraphql = async (port: number): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: graphqlQuery })).status !== 404;

async function measureGraphql({ host, load, port, rounds }: { readonly host: Child; readonly load: Child; readonly port: number; readonly rounds: number }): Promise<Row> {
  const results: Answered[] = [];
  for (let round = 0; round <= rounds; round++) {
    const result = await driveAt(host, load, { port, path: '/graphql', events: 0, body: graphqlQuery, seed: 0 }, round === 0 ? loadMs / 2 : loadMs);
    if (round > 0) results.push(result);
  }
  return { group, measure: `GraphQL query, 10 events of an issue, ${connections} connections`, unit: 'requests/s', ours: figureOf(results.map(({ perSecond }) => perSecond)), note: `p95 ${figureOf(results.map(({ p95Ms }) => p95Ms)).median.toFixed(1)} ms, ${processorPerRequest(results)}` };
}

/* ---- Listeners ---- */

/** What two cores carry: the listeners of a thousand take a core for 100,000 messages a second. */
const paceFor = (count: number): number => (count >= 1_000 ? 100 : 1_000);
const deliverySeconds = 3;
const waitMs = 60_000;

async function measureFollowers(host: Child, count: number, { rounds }: DoorsOptions): Promise<Row> {
  const results: (Publication & { readonly deliveredP95Ms: number })[] = [];
  for (let round = 1; round <= rounds; round++) results.push(await host.ask('followers', { count, perSecond: 1_000, seconds: deliverySeconds, seed: 1_000 + count + round }));
  return {
    group,
    measure: `commit to ${count} in-process followers, 1,000 events/s, p95`,
    unit: 'ms',
    ours: figureOf(results.map(({ deliveredP95Ms }) => deliveredP95Ms)),
    ...(count === 100 ? { target: { atMost: 3 } } : {}),
    note: `processor ${perItem(results, count * 1_000 * deliverySeconds)}, append p95 ${figureOf(results.map(({ p95Ms }) => p95Ms)).median.toFixed(2)} ms`,
  };
}

interface DeliveryOptions {
  readonly host: Child;
  readonly bare: Child;
  readonly listeners: Child;
  readonly port: number;
  readonly barePort: number;
  readonly kind: Exclude<ListenerKind, 'bare'>;
  readonly rounds: number;
}

const names = { websocket: 'WebSocket', events: 'SSE', graphql: 'graphql-ws' } as const;

async function measureDelivery({ host, bare, listeners, port, barePort, kind, count, rounds }: DeliveryOptions & { readonly count: number }): Promise<Row> {
  const pace = { perSecond: paceFor(count), seconds: deliverySeconds };
  const [ours, ceiling]: [Heard[], Heard[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    const seed = 2_000 + 10 * count + round;
    ours.push(await heardBy(listeners, { kind, port, count, total: pace.perSecond * pace.seconds, first: () => host.ask('nextPosition'), publish: () => host.ask('publish', { ...pace, seed }) }));
    ceiling.push(await heardBy(listeners, { kind: 'bare', port: barePort, count, total: pace.perSecond * pace.seconds, first: async () => (round - 1) * pace.perSecond * pace.seconds + 1 + bareBefore, publish: () => bare.ask('publishBare', { ...pace, seed }) }));
  }
  bareBefore += rounds * pace.perSecond * pace.seconds;
  const p95 = (heard: readonly Heard[]): Figure => figureOf(heard.map(({ delivery }) => delivery.p95Ms));
  return {
    group,
    measure: `commit to callback, ${count} over ${names[kind]}, ${pace.perSecond}/s, p95`,
    unit: 'ms',
    ours: p95(ours),
    ceiling: p95(ceiling),
    against: 'bare ws',
    ...(count === 100 ? { target: { atMost: 10 } } : {}),
    note: `processor ${perItem(ours.map(({ published }) => published), count * pace.perSecond * pace.seconds)}, bare ${perItem(ceiling.map(({ published }) => published), count * pace.perSecond * pace.seconds)}${faultsOf(ours)}`,
  };
}

/** Messages that the bare sockets have carried; their positions go on where they were. */
let bareBefore = 0;

interface Heard {
  readonly published: Publication;
  readonly delivery: Delivery;
}

interface Hearing {
  readonly kind: ListenerKind;
  readonly port: number;
  readonly count: number;
  readonly total: number;
  readonly first: () => Promise<number>;
  readonly publish: () => Promise<Publication>;
}

async function heardBy(listeners: Child, { kind, port, count, total, first, publish }: Hearing): Promise<Heard> {
  await listeners.ask('open', { kind, port, count });
  try {
    await listeners.ask('expect', { first: await first(), count: total });
    const published = await publish();
    return { published, delivery: await listeners.ask<Delivery>('delivered', { commits: published.commits, waitMs }) };
  } finally {
    await listeners.ask('close');
  }
}

const fanOutListeners = 1_000;
const fanOutEvents = 500;

/** As many deliveries a second as there can be: a burst of commits to a thousand. */
async function measureFanOut({ host, bare, listeners, port, barePort, kind, rounds }: DeliveryOptions): Promise<Row> {
  const [ours, ceiling]: [Heard[], Heard[]] = [[], []];
  const residentMb: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const burst = { count: fanOutEvents, seed: 5_000 + round };
    ours.push(await heardBy(listeners, { kind, port, count: fanOutListeners, total: fanOutEvents, first: () => host.ask('nextPosition'), publish: async () => {
      const published = await host.ask<Publication>('burst', burst);
      residentMb.push(await host.ask<number>('residentMb'));
      return published;
    } }));
    ceiling.push(await heardBy(listeners, { kind: 'bare', port: barePort, count: fanOutListeners, total: fanOutEvents, first: async () => bareBefore + 1, publish: () => bare.ask('burstBare', burst) }));
    bareBefore += fanOutEvents;
  }
  const perSecond = (heard: readonly Heard[]): Figure => figureOf(heard.map(({ delivery }) => ((fanOutListeners * fanOutEvents - delivery.missing) / delivery.spanMs) * 1_000));
  return { group, measure: `fan-out of a burst to ${fanOutListeners} over ${names[kind]}`, unit: 'deliveries/s', ours: perSecond(ours), ceiling: perSecond(ceiling), against: 'bare ws', note: `server ${figureOf(residentMb).median.toFixed(0)} MB${faultsOf(ours)}` };
}

const sustainedListeners = 100;

async function measureSustained({ host, listeners, port, seconds }: { readonly host: Child; readonly listeners: Child; readonly port: number; readonly seconds: number }): Promise<readonly Row[]> {
  const perSecond = 1_000;
  const { published, delivery } = await heardBy(listeners, { kind: 'websocket', port, count: sustainedListeners, total: perSecond * seconds, first: () => host.ask('nextPosition'), publish: () => host.ask('publish', { perSecond, seconds, seed: 9_000 }) });
  const load = `${sustainedListeners} over WebSocket, ${perSecond}/s for ${seconds} s`;
  return [
    { group, measure: `publish p95, ${load}`, unit: 'ms', ours: figureOf([published.p95Ms]), target: { atMost: 5 }, note: `p50 ${published.p50Ms.toFixed(2)}, p99 ${published.p99Ms.toFixed(2)} ms, processor ${((published.processorMs / seconds / 1_000) * 100).toFixed(0)} % of one` },
    { group, measure: `commit to callback p95, ${load}`, unit: 'ms', ours: figureOf([delivery.p95Ms]), target: { atMost: 10 }, note: `p50 ${delivery.p50Ms.toFixed(2)}, p99 ${delivery.p99Ms.toFixed(2)} ms, server ${(await host.ask<number>('residentMb')).toFixed(0)} MB${faultsOf([{ published, delivery }])}` },
  ];
}

/** What one delivery costs the server, its share of the append included: told in processor time, which a busy machine does not change. */
const perItem = (published: readonly Pick<Publication, 'processorMs'>[], deliveries: number): string => `${((figureOf(published.map(({ processorMs }) => processorMs)).median * 1_000) / deliveries).toFixed(1)} us a delivery`;

/** A delivery that failed makes the figure worthless, so it is said beside it. */
function faultsOf(heard: readonly Heard[]): string {
  const [missing, faults] = [heard.reduce((sum, { delivery }) => sum + delivery.missing, 0), heard.reduce((sum, { delivery }) => sum + delivery.faults, 0)];
  return missing + faults === 0 ? '' : `, MISSING ${missing}, OUT OF ORDER ${faults}`;
}
