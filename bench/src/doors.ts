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
    add(...(await measureRest({ ...options, host, load, port, barePort })));
    for (const count of [1, 100, 1_000]) add(await measureFollowers(host, count, options));
    for (const count of [1, 100, 1_000]) for (const kind of ['websocket', 'events'] as const) add(await measureDelivery({ host, bare, listeners, port, barePort: bareSocketsPort, kind, count, rounds: options.rounds }));
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
  readonly load: Child;
  readonly port: number;
  readonly barePort: number;
}

async function measureRest({ host, load, port, barePort, rounds }: RestOptions): Promise<Row[]> {
  const drive = (request: Omit<LoadRequest, 'connections' | 'ms'>, ms = loadMs): Promise<LoadResult> => load.ask('load', { connections, ms, ...request });
  const [append, nothing, batches, engine, query]: [LoadResult[], LoadResult[], LoadResult[], number[], LoadResult[]] = [[], [], [], [], []];
  const appendPath = '/api/v1/events';
  const queryPath = '/api/v1/events?issueKey=BENCH-1&limit=10';
  await drive({ port, path: appendPath, events: 1, seed: 900 }, loadMs / 2);
  await drive({ port: barePort, path: '/events', events: 1, seed: 900 }, loadMs / 2);
  await drive({ port, path: queryPath, events: 0, seed: 0 }, loadMs / 2);
  for (let round = 1; round <= rounds; round++) {
    append.push(await drive({ port, path: appendPath, events: 1, seed: round }));
    nothing.push(await drive({ port: barePort, path: '/events', events: 1, seed: round }));
    batches.push(await drive({ port, path: appendPath, events: 100, seed: 100 + round }));
    engine.push(await host.ask<number>('engine', { writers: connections, batch: 100, ms: loadMs, seed: 300 + round }));
    query.push(await drive({ port, path: queryPath, events: 0, seed: 0 }));
  }
  const p95 = (results: readonly LoadResult[]): ReturnType<typeof figureOf> => figureOf(results.map(({ p95Ms }) => p95Ms));
  const perSecond = (results: readonly LoadResult[], factor = 1): ReturnType<typeof figureOf> => figureOf(results.map((result) => result.perSecond * factor));
  return [
    { group, measure: `REST append of 1 event, ${connections} connections`, unit: 'requests/s', ours: perSecond(append), ceiling: perSecond(nothing), against: 'fastify + zod', target: { ratio: 0.35 } },
    { group, measure: 'the same, p95', unit: 'ms', ours: p95(append), ceiling: p95(nothing), against: 'fastify + zod', target: { atMost: 5 } },
    { group, measure: `REST append of 100 events, ${connections} connections`, unit: 'events/s', ours: perSecond(batches, 100), ceiling: figureOf(engine), against: 'engine in process', target: { ratio: 0.6 } },
    { group, measure: `REST query, 10 events of an issue, ${connections} connections`, unit: 'requests/s', ours: perSecond(query), note: `p95 ${p95(query).median.toFixed(1)} ms` },
  ];
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

const names = { websocket: 'WebSocket', events: 'SSE' } as const;

async function measureDelivery({ host, bare, listeners, port, barePort, kind, count, rounds }: DeliveryOptions & { readonly count: number }): Promise<Row> {
  const pace = { perSecond: paceFor(count), seconds: deliverySeconds };
  const [ours, ceiling]: [Heard[], Heard[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    const seed = 2_000 + 10 * count + round;
    ours.push(await heardBy(listeners, { kind, port, count, total: pace.perSecond * pace.seconds, first: () => host.ask('nextPosition'), publish: () => host.ask('publish', { ...pace, seed }) }));
    ceiling.push(await heardBy(listeners, { kind: 'bare', port: barePort, count, total: pace.perSecond * pace.seconds, first: async () => (round - 1) * pace.perSecond * pace.seconds + 1 + bareBefore, publish: () => bare.ask('publishBare', { ...pace, seed }) }));
  }
  bareBefore += rounds * pace.perSecond * pace.seconds;
  const p95 = (heard: readonly Heard[]): ReturnType<typeof figureOf> => figureOf(heard.map(({ delivery }) => delivery.p95Ms));
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
  const perSecond = (heard: readonly Heard[]): ReturnType<typeof figureOf> => figureOf(heard.map(({ delivery }) => ((fanOutListeners * fanOutEvents - delivery.missing) / delivery.spanMs) * 1_000));
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
