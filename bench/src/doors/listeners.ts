/** Subscribers: each notes when which position came to its callback, and whether every one came once and in order. */
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { percentile } from '../measure.ts';
import { serveTasks, sharedNowMs } from './child.ts';

export type ListenerKind = 'websocket' | 'events' | 'graphql' | 'bare';

interface Record {
  readonly arrivals: Float64Array;
  /** How many of the positions came, and the last of them. */
  count: number;
  last: number;
  faults: number;
}

let [records, closers, first]: [Record[], (() => void)[], number] = [[], [], 0];

export interface Delivery {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** From the first commit to the last callback. */
  readonly spanMs: number;
  readonly missing: number;
  /** Positions that came twice or out of order. */
  readonly faults: number;
}

function note(listener: number, position: number): void {
  const record = records[listener];
  const index = position - first;
  if (record === undefined || index < 0 || index >= record.arrivals.length) return;
  if (position <= record.last) record.faults++;
  record.last = position;
  record.arrivals[index] = sharedNowMs();
  record.count++;
}

async function listenOver(kind: ListenerKind, port: number, listener: number): Promise<() => void> {
  return kind === 'events' ? await listenToEvents(port, listener) : await listenToSocket(kind, port, listener);
}

interface Greeting {
  readonly path: string;
  readonly protocols: readonly string[];
  /** Messages in turn; each but the first is said when the answer before it has come. The last answer tells that the listener is heard. */
  readonly turns: readonly { readonly say: object; readonly answer: string }[];
}

const greetings: { readonly [K in Exclude<ListenerKind, 'events'>]: Greeting } = {
  bare: { path: '/', protocols: [], turns: [] },
  websocket: { path: '/ws', protocols: [], turns: [{ say: { op: 'subscribe', channel: 'orchestration.*' }, answer: '{"op":"subscribed"' }] },
  graphql: {
    path: '/graphql',
    protocols: ['graphql-transport-ws'],
    turns: [
      { say: { type: 'connection_init' }, answer: '{"type":"connection_ack"' },
      { say: { id: '1', type: 'subscribe', payload: { query: 'subscription { eventAppended { position id type streamType streamId actor { type id } occurredAt data } }' } }, answer: '' },
      // The protocol has no answer to a subscription; a pong comes after it was taken.
      { say: { type: 'ping' }, answer: '{"type":"pong"' },
    ],
  },
};

async function listenToSocket(kind: Exclude<ListenerKind, 'events'>, port: number, listener: number): Promise<() => void> {
  const { path, protocols, turns } = greetings[kind];
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], { perMessageDeflate: false, skipUTF8Validation: true });
  await new Promise<void>((resolve, reject) => {
    let turn = 0;
    const go = (): void => {
      for (; turn < turns.length; turn++) {
        socket.send(JSON.stringify(turns[turn]!.say));
        if (turns[turn]!.answer !== '') return;
      }
      setTimeout(resolve, settleMs);
    };
    socket.once('error', reject).once('close', (code) => reject(new Error(`a listener was closed with ${code}`))).once('open', go);
    socket.on('message', (data: Buffer) => {
      // The position stands in front, as a client would find it after parsing; parsing costs every side the same.
      const head = data.toString('latin1', 0, 96);
      const at = head.indexOf('"position":');
      if (turn < turns.length && head.startsWith(turns[turn]!.answer)) {
        turn++;
        go();
      } else if (at !== -1) note(listener, Number.parseInt(head.slice(at + 11), 10));
    });
  });
  return () => socket.terminate();
}

/** A subscription that was taken may still be on its way to the log. */
const settleMs = 50;

async function listenToEvents(port: number, listener: number): Promise<() => void> {
  const call = request({ port, host: '127.0.0.1', path: '/api/v1/events/stream', agent: false });
  await new Promise<void>((resolve, reject) => {
    call.once('error', reject).once('response', (response) => {
      let rest = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        const text = rest + chunk;
        // Up to the end of the last whole frame; 0 without one.
        const end = text.includes('\n\n') ? text.lastIndexOf('\n\n') + 2 : 0;
        rest = text.slice(end);
        for (const [, id] of text.slice(0, end).matchAll(/^id: (\d+)$/gm)) note(listener, Number(id));
        resolve();
      });
    });
    call.end();
  });
  return () => call.destroy();
}

serveTasks({
  async open({ kind, port, count }: { readonly kind: ListenerKind; readonly port: number; readonly count: number }) {
    closers = [];
    for (let from = 0; from < count; from += 50) closers.push(...(await Promise.all(Array.from({ length: Math.min(50, count - from) }, (_, index) => listenOver(kind, port, from + index)))));
  },
  expect(range: { readonly first: number; readonly count: number }) {
    first = range.first;
    records = closers.map(() => ({ arrivals: new Float64Array(range.count), count: 0, last: 0, faults: 0 }));
  },
  async delivered({ commits, waitMs }: { readonly commits: readonly number[]; readonly waitMs: number }): Promise<Delivery> {
    const until = sharedNowMs() + waitMs;
    while (records.some(({ count }) => count < commits.length) && sharedNowMs() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    // A thousand listeners make millions of figures; every so many are enough for a percentile.
    const step = Math.ceil((records.length * commits.length) / 500_000);
    const latencies: number[] = [];
    let [last, missing, faults, seen] = [0, 0, 0, 0];
    for (const record of records) {
      faults += record.faults;
      record.arrivals.forEach((arrival, index) => {
        if (arrival === 0) missing++;
        else if (seen++ % step === 0) latencies.push(arrival - commits[index]!);
        last = Math.max(last, arrival);
      });
    }
    return { p50Ms: percentile(latencies, 0.5), p95Ms: percentile(latencies, 0.95), p99Ms: percentile(latencies, 0.99), spanMs: last - commits[0]!, missing, faults };
  },
  close() {
    for (const close of closers) close();
    [closers, records] = [[], []];
  },
});
