/** HTTP load: connections that each send a request, wait for the whole answer, and send the next. Bytes on bare sockets, because a client library costs more than the server. */
import { connect } from 'node:net';
import { nowMs, percentile } from '../measure.ts';
import { createWorkload, take } from '../workload.ts';
import { serveTasks } from './child.ts';

export interface LoadRequest {
  readonly port: number;
  readonly connections: number;
  readonly ms: number;
  readonly path: string;
  /** Events per request; 0 asks (GET) instead. */
  readonly events: number;
  /** A body to post instead of events, the same each time. */
  readonly body?: string;
  readonly seed: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

serveTasks({
  async load(request: LoadRequest): Promise<LoadResult> {
    const latencies: number[] = [];
    const start = nowMs();
    await Promise.all(Array.from({ length: request.connections }, (_, index) => drive(request, index, start + request.ms, latencies)));
    return { requests: latencies.length, perSecond: (latencies.length / (nowMs() - start)) * 1_000, p50Ms: percentile(latencies, 0.5), p95Ms: percentile(latencies, 0.95) };
  },
});

async function drive({ port, path, events, body: fixed, seed }: LoadRequest, index: number, until: number, latencies: number[]): Promise<void> {
  const source = createWorkload({ seed: seed * 131 + index });
  const bodyOf = (): string | null => fixed ?? (events === 0 ? null : JSON.stringify(events === 1 ? source() : take(source, events)));
  const requestOf = (): string => {
    const body = bodyOf();
    const head = `${body === null ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`;
    return body === null ? `${head}\r\n` : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [answer, sentAt] = ['', 0];
  const send = (): void => {
    const request = requestOf();
    sentAt = nowMs();
    socket.write(request);
  };
  socket.setEncoding('latin1').on('error', reject).once('connect', send);
  socket.on('data', (chunk: string) => {
    answer += chunk;
    const end = answer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, end + 2))?.[1];
    if (length === undefined ? !answer.endsWith('\r\n0\r\n\r\n') : answer.length < end + 4 + Number(length)) return;
    if (!/^HTTP\/1.1 20[01]/.test(answer)) return reject(new Error(answer.slice(0, 1_000)));
    latencies.push(nowMs() - sentAt);
    answer = '';
    if (nowMs() < until) send();
    else resolve();
  });
  await promise.finally(() => socket.destroy());
}
