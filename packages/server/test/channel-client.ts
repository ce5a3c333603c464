/** A real client of the channels: says something, and takes what comes one by one. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { World } from './server-world.ts';

// oxlint-disable-next-line no-explicit-any -- tests look into messages of every shape.
type Message = any;

export interface ChannelClient {
  readonly ws: WebSocket;
  say(message: unknown): void;
  /** The next message that has not been taken; fails when the socket closes instead. */
  next(): Promise<Message>;
  /** The code that the socket was closed with. */
  readonly closed: Promise<number>;
  /** Messages that nobody has taken yet. */
  readonly left: readonly Message[];
}

interface ConnectOptions {
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

export async function connectTo(world: Pick<World, 'server'>, options: ConnectOptions = {}): Promise<ChannelClient> {
  return await connectToUrl(world.server.url, options);
}

async function connectToUrl(url: string, { path = '/ws', headers = {} }: ConnectOptions = {}): Promise<ChannelClient> {
  const ws = new WebSocket(url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => ws.terminate());
  const left: Message[] = [];
  const waiting: { resolve(message: Message): void; reject(error: Error): void }[] = [];
  ws.on('message', (data: Buffer) => {
    const message: Message = JSON.parse(data.toString());
    const waiter = waiting.shift();
    if (waiter === undefined) left.push(message);
    else waiter.resolve(message);
  });
  const closed = new Promise<number>((resolve) =>
    ws.once('close', (code) => {
      for (const { reject } of waiting) reject(new Error(`the socket closed with ${code}`));
      resolve(code);
    }),
  );
  await new Promise<void>((resolve, reject) => ws.once('open', resolve).once('error', reject));
  ws.on('error', () => undefined);
  return {
    ws,
    closed,
    left,
    say: (message) => ws.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => (left.length > 0 ? Promise.resolve(left.shift()) : new Promise((resolve, reject) => waiting.push({ resolve, reject }))),
  };
}

/** A socket past the handshake, for bytes that no client library would send. */
export async function connectRaw(world: Pick<World, 'server'>): Promise<Socket> {
  const { port } = world.server;
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(['GET /ws HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));
  await new Promise<void>((resolve) => socket.once('data', () => resolve()));
  return socket;
}

/** The code in the first close frame that comes; null when the connection ends without one. */
export async function closeCodeOf(socket: Socket): Promise<number | null> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume().once('close', resolve));
  const bytes = Buffer.concat(chunks);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [first, short] = [bytes[at]!, bytes[at + 1]! & 0x7f];
    const [header, length] = short < 126 ? [2, short] : short === 126 ? [4, bytes.readUInt16BE(at + 2)] : [10, Number(bytes.readBigUInt64BE(at + 2))];
    if ((first & 0x0f) === 8) return bytes.readUInt16BE(at + header);
    at += header + length;
  }
  return null;
}

/** A client's frame (RFC 6455, 5.2). */
export function clientFrame(payload: Buffer, { opcode = 1, isFinal = true, isMasked = true }: { readonly opcode?: number; readonly isFinal?: boolean; readonly isMasked?: boolean } = {}): Buffer {
  const first = (isFinal ? 0x80 : 0) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const header = payload.length < 126 ? Buffer.from([first, mask | payload.length]) : Buffer.from([first, mask | 126, payload.length >> 8, payload.length & 0xff]);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, ...(isMasked ? [Buffer.alloc(4)] : []), payload]);
}
