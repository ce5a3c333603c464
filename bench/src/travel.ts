/**
 * The time machine on one long run: the state at random places, a scan for flips, a debugger's steps and windows of the level
 * of detail, beside the naive fold of the same run. The run is written by one process, folded by a second and travelled by a
 * third, so that the memory that travel takes is its own.
 */
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createColumnIndex, createDebugger, createKeyframeIndex, createLod, flips, lodAxes, reconstruct } from '@refold/core';
import type { ColumnIndex, DebuggerParts, KeyframeIndex, Lod, State, StreamReader } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { longRun } from './long-run.ts';
import { figureOf, nowMs, percentile, residentMb, timed } from './measure.ts';
import { fill } from './read.ts';
import type { Row } from './report.ts';
import { createRandom } from './workload.ts';

export interface TravelOptions {
  readonly directory: string;
  readonly events: number;
  readonly commitEventsMax: number;
}

export const longRunAddress = { streamType: 'orchestration', streamId: 'LONG-1' };
const address = longRunAddress;
const stream = `${address.streamType}/${address.streamId}`;

/** Writes the run into `travel.db` of the directory, in a process of its own; events per second. */
export const fillTravel = (options: TravelOptions): Promise<number> => inProcess<number>('fill', options);

/** Starts this file in processes of its own, to write the run and to measure it, and hands on what was measured. */
export async function measureTravel(options: TravelOptions): Promise<Row[]> {
  const filledPerSecond = await fillTravel(options);
  const least = await inProcess<Least>('least', options);
  return await inProcess<Row[]>('measure', { ...options, filledPerSecond, least });
}

type Measured = TravelOptions & { readonly filledPerSecond: number; readonly least: Least };

/** What `refold serve` starts itself with (packages/cli/src/bounded-memory.ts): a long-lived process as it is shipped. */
const youngGeneration = '--max-semi-space-size=16';
const growing = '--heap-growing-percent=30';
const blocks = { MALLOC_MMAP_THRESHOLD_: '131072' };

async function inProcess<T>(part: keyof typeof parts, options: TravelOptions | Measured): Promise<T> {
  const child = spawn(process.execPath, ['--expose-gc', youngGeneration, growing, fileURLToPath(import.meta.url), part, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...blocks } });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`The measurement of travel ended with ${code} (${part}).`);
  return JSON.parse(said) as T;
}

const parts = {
  fill: async ({ directory, events, commitEventsMax }: TravelOptions): Promise<number> => {
    const source = longRun();
    return await within(directory, (store) => fill(store, () => source.next().value, events, commitEventsMax));
  },
  least: ({ directory, events }: TravelOptions): Promise<Least> => within(directory, async (store) => ({ naive: await naiveFold(store, events), reading: await leastOfReading(store), cold: await coldScan(store) })),
  measure: (options: Measured): Promise<Row[]> => within(options.directory, (store) => measure(store, options)),
};

async function within<T>(directory: string, work: (store: OpenedStore) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${join(directory, 'travel.db')}`);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What nothing can do without, and what it takes to do without the time machine. */
interface Least {
  readonly naive: { readonly ms: number; readonly cpuMs: number; readonly stateBytes: number };
  /** The records of every event as the engine gives them, JSON.parse of the same bytes, and both with everything that makes an event. */
  readonly reading: { readonly readMs: number; readonly parseMs: number; readonly events: { readonly ms: number; readonly cpuMs: number } };
  /** A scan for flips where nothing is warm. Here, for no product process keeps columns twice. */
  readonly cold: { readonly ms: number; readonly cpuMs: number };
}

async function measure(store: OpenedStore, { events, filledPerSecond, least }: Measured): Promise<Row[]> {
  const { naive } = least;
  const keyframes = createKeyframeIndex({ packer: store.log.ports.packer, limits: store.log.limits, settled: store.log.fold.settled });
  const debugging = partsOf(store, keyframes);
  const group = `travel, one run of ${events.toLocaleString('en-US')} events`;
  const rows: readonly Omit<Row, 'group'>[] = [
    { measure: 'naive fold to the end', unit: 'ms', ours: figureOf([naive.ms]), note: `${cpuNote(naive.cpuMs)}; state of ${Math.round(naive.stateBytes / 1_000)} kB as JSON; filled at ${Math.round(filledPerSecond).toLocaleString('en-US')}/s` },
    ...(await places(debugging, keyframes, events, naive.ms)),
    ...(await steps(debugging, events)),
    ...(await scans(debugging, least)),
    ...(await windows(store)),
    { measure: 'resident memory, after all of this', unit: 'MB', ours: figureOf([residentMb()]), target: { atMost: 400 }, note: `after a collection; ${youngGeneration} ${growing}; keyframes and columns kept` },
    { measure: 'machine: load average of the last minute', unit: '', ours: figureOf([loadavg()[0]!]), note: `${availableParallelism()} cores` },
  ];
  return rows.map((row) => ({ group, ...row }));
}

const readerOf = ({ log }: OpenedStore): StreamReader => ({
  async *pages(asked, range = {}) {
    for await (const page of log.events({ stream: asked, ...range })) if (page.events.length > 0) yield page.events;
  },
  head: async (asked) => (await log.stream(asked))?.revision ?? 0,
});

type Kept = DebuggerParts & { readonly keyframes: KeyframeIndex; readonly columns: ColumnIndex };

const partsOf = (store: OpenedStore, keyframes: KeyframeIndex): Kept => ({ reader: readerOf(store), fold: store.log.fold, hasher: store.log.ports.hasher, clock: store.log.ports.clock, keyframes, columns: createColumnIndex(store.log.limits) });

async function naiveFold(store: OpenedStore, events: number): Promise<{ readonly ms: number; readonly cpuMs: number; readonly stateBytes: number }> {
  const { value, ...took } = await timed(async () => {
    let state: State = store.log.fold.initial(address.streamType, address.streamId);
    for await (const page of readerOf(store).pages(stream, { upTo: events })) for (const event of page) state = store.log.fold.evolveDraft(state, event);
    return state;
  });
  return { ...took, stateBytes: JSON.stringify(value).length };
}

/** The first question folds the run and leaves keyframes: the warm-up, once. */
async function places(parts: DebuggerParts, keyframes: KeyframeIndex, events: number, naiveMs: number): Promise<Omit<Row, 'group'>[]> {
  const warmUp = await timed(() => reconstruct(parts, address, { kind: 'end' }));
  const walk = await createDebugger(parts, address);
  const random = createRandom(5);
  const anyPlace = (): number => 1 + Math.floor(random() * events);
  const states = await retry(Array.from({ length: 120 }, anyPlace), (revision) => walk.stateAt(revision));
  const answers = await retry(Array.from({ length: 60 }, anyPlace), async (revision) => (await reconstruct(parts, address, { kind: 'revision', revision })).stateHash);
  const frames = keyframes.of(stream, events);
  return [
    { measure: 'warm-up: fold once, leaving keyframes', unit: 'ms', ours: figureOf([warmUp.ms]), note: `${cpuNote(warmUp.cpuMs)}; ${frames.count} keyframes of ${(frames.bytes / 1e6).toFixed(1)} MB, one each ${frames.distance.toLocaleString('en-US')} events` },
    { measure: 'state at a random place', unit: 'ms', ours: p95Of(states.first), ceiling: figureOf([naiveMs / 2]), against: 'naive fold to the middle', target: { atMost: 30 }, note: retryNote(states) },
    { measure: 'the same, with its identity (canonical JSON, SHA-256)', unit: 'ms', ours: p95Of(answers.first), note: retryNote(answers) },
    { measure: 'resident memory, with keyframes', unit: 'MB', ours: figureOf([residentMb()]), target: { atMost: 400 }, note: `after a collection; ${youngGeneration} ${growing}` },
  ];
}

async function steps(parts: DebuggerParts, events: number): Promise<Omit<Row, 'group'>[]> {
  const session = await createDebugger(parts, address);
  await session.start({ kind: 'revision', revision: Math.floor(events / 2) });
  const forward = await repeat(400, () => session.step());
  const back = await repeat(400, () => session.stepBack());
  return [
    { measure: 'debugger: step', unit: 'ms', ours: p95Of(forward), target: { atMost: 5 }, note: p95Note(forward) },
    { measure: 'debugger: step back', unit: 'ms', ours: p95Of(back), target: { atMost: 5 }, note: p95Note(back) },
  ];
}

const questions: readonly (readonly [name: string, first: string, next: string])[] = [
  ['of the event', "severity == 'ERROR'", "severity == 'ERROR' || severity == 'FATAL'"],
  ['of the payload', "event_data.get('duration_ms', 0) > 8900", "event_data.get('duration_ms', 0) > 8950"],
  ['of the state', "state.currentPhase == 'TEST'", "state.currentPhase == 'CODE'"],
  ['at every second event', 'has(event.data.tool)', "has(event.data.tool) && agent != ''"],
];

/**
 * The warm-up left columns of the values, so already the first question reads no event. What no scan of events can do without is
 * the records, and JSON.parse of their bodies; the last row is a scan where nothing is warm, which leaves columns for the next.
 */
async function scans(parts: Kept, { reading: { readMs, parseMs, events }, cold }: Least): Promise<Omit<Row, 'group'>[]> {
  const [ceiling, against] = [figureOf([readMs + parseMs]), 'records + JSON.parse'];
  const rows: Omit<Row, 'group'>[] = [{ measure: 'reading and decoding every event', unit: 'ms', ours: figureOf([events.ms]), ceiling, against, note: `${cpuNote(events.cpuMs)}; records ${Math.round(readMs)} ms, JSON.parse alone ${Math.round(parseMs)} ms` }];
  for (const [name, first, next] of questions) {
    const whole = await timed(() => scan(parts, first));
    rows.push({ measure: `flips ${name}, first question`, unit: 'ms', ours: figureOf([whole.ms]), ceiling, against, target: { atMost: 1_500 }, note: `${first}; ${cpuNote(whole.cpuMs)}; ${whole.value.toLocaleString('en-US')} changes` });
    let changes = 0;
    const again = await repeat(5, async () => (changes = await scan(parts, next)));
    rows.push({ measure: `flips ${name}, next question`, unit: 'ms', ours: figureOf(again), target: { atMost: 1_500 }, note: `${next}; ${changes.toLocaleString('en-US')} changes; columns of ${(parts.columns.bytes / 1e6).toFixed(1)} MB in all` });
  }
  rows.push({ measure: 'flips of the event, when nothing is warm', unit: 'ms', ours: figureOf([cold.ms]), ceiling, against, note: `${questions[0]![1]}; ${cpuNote(cold.cpuMs)}; leaves columns` });
  return rows;
}

async function coldScan(store: OpenedStore): Promise<Least['cold']> {
  const { ms, cpuMs } = await timed(() => scan(partsOf(store, createKeyframeIndex({ limits: store.log.limits })), questions[0]![1]));
  return { ms, cpuMs };
}

async function leastOfReading(store: OpenedStore): Promise<Least['reading']> {
  let parseMs = 0;
  const records = await timed(async () => {
    for await (const { events } of store.log.driver.read({ stream, tags: false })) {
      const start = nowMs();
      for (const { body } of events) JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
      parseMs += nowMs() - start;
    }
  });
  const { ms, cpuMs } = await timed(async () => {
    for await (const page of readerOf(store).pages(stream)) void page.length;
  });
  return { readMs: records.ms - parseMs, parseMs, events: { ms, cpuMs } };
}

async function scan(parts: DebuggerParts, expression: string): Promise<number> {
  let changes = 0;
  for await (const _ of flips(parts, address, expression)) changes++;
  return changes;
}

async function windows(store: OpenedStore): Promise<Omit<Row, 'group'>[]> {
  const lod: Lod = createLod(store.log.registry);
  let buildMs = 0;
  for await (const page of readerOf(store).pages(stream)) {
    const start = nowMs();
    for (const event of page) lod.add(event);
    buildMs += nowMs() - start;
  }
  const random = createRandom(8);
  const rows: Omit<Row, 'group'>[] = [{ measure: 'level of detail: build, three axes', unit: 'ms', ours: figureOf([buildMs]), note: 'without reading' }];
  for (const axis of lodAxes) {
    const { from, to } = lod.window({ axis });
    let bytes = 0;
    // From the whole run to a ten-thousandth of it.
    const spans = Array.from({ length: 400 }, () => {
      const wide = Math.max(1, Math.floor((to - from) * 10 ** (-4 * random())));
      const start = from + Math.floor(random() * (to - from - wide));
      return { from: start, to: start + wide };
    });
    const all = await retry(spans, (span) => void (bytes = Math.max(bytes, JSON.stringify(lod.window({ axis, ...span, px: 1_392 })).length)));
    rows.push({ measure: `level of detail: window by ${axis}, as JSON`, unit: 'ms', ours: p95Of(all.first), target: { atMost: 5 }, note: `${retryNote(all)}; at most ${Math.round(bytes / 1_000)} kB` });
  }
  return rows;
}

async function repeat(times: number, work: () => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push((await timed(work)).ms);
  return all;
}

interface Tries {
  /** What counts: how long each piece of work took the first time. */
  readonly first: readonly number[];
  /** The least of three: what it takes when nobody else has the processor. */
  readonly least: readonly number[];
}

async function retry<T>(all: readonly T[], work: (one: T) => unknown): Promise<Tries> {
  const first = await repeat(all.length, ((index) => () => work(all[index++]!))(0));
  const least: number[] = [];
  for (const [index, one] of all.entries()) least.push(Math.min(first[index]!, ...(await repeat(2, () => work(one)))));
  return { first, least };
}

const cpuNote = (cpuMs: number): string => `CPU ${Math.round(cpuMs).toLocaleString('en-US')} ms`;
const retryNote = ({ first, least }: Tries): string => `${p95Note(first)}; least of three tries: p95 ${percentile(least, 0.95).toFixed(2)} ms, median ${figureOf(least).median.toFixed(2)} ms`;
const p95Of = (all: readonly number[]): Row['ours'] => ({ ...figureOf(all), median: percentile(all, 0.95) });
const p95Note = (all: readonly number[]): string => `p95; median ${figureOf(all).median.toFixed(2)} ms`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [part, options] = process.argv.slice(2) as [keyof typeof parts, string];
  process.stdout.write(JSON.stringify(await parts[part](JSON.parse(options) as Measured)));
}
