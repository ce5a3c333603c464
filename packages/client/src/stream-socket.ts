/**
 * Everything that is followed, over one WebSocket (`/ws`, the message `follow`): it is opened with the first stream and closed with the
 * last. A stream begins where its caller says and ends with the socket; going on elsewhere is for whoever follows (follow.ts).
 *
 * A socket cannot be told to wait. Who reads so slowly that `unreadItemsMax` wait for him loses the connection, and goes on after
 * what he has read when he asks again.
 */
import { LogError } from '@refold/core';
import type { Sent } from './follow.ts';
import type { HttpOptions } from './http.ts';
import type { ClientLimits } from './limits.ts';
import { errorOf } from './problem.ts';
import type { Problem } from './problem.ts';

export interface FollowRequest {
  readonly operation: string;
  readonly input: object;
  /** null: as the input says. */
  readonly afterPosition: number | null;
  readonly dialect: string | undefined;
}

export interface StreamSocket {
  /**
   * Resolves when the server has begun the stream; null when no socket can be opened here.
   *
   * @throws LogError what it refuses with; LOG_UNAVAILABLE `connection` when the socket ends, `silent`, `slow`.
   */
  open(request: FollowRequest, signal: AbortSignal): Promise<AsyncIterable<Sent> | null>;
}

/** What the server says; the rest of a frame is its own. */
interface Frame extends Problem {
  readonly op: string;
  readonly id?: string;
  readonly position?: number;
  readonly event?: object;
  readonly update?: object;
}

interface Line {
  readonly begun: () => void;
  readonly take: (sent: Sent) => void;
  readonly fail: (error: LogError) => void;
}

interface Wire {
  readonly socket: WebSocket;
  readonly lines: Map<string, Line>;
}

export function createStreamSocket({ url, token = null }: Pick<HttpOptions, 'url' | 'token'>, { silenceMsMax, unreadItemsMax }: Pick<ClientLimits, 'silenceMsMax' | 'unreadItemsMax'>): StreamSocket {
  let wire: Promise<Wire | null> | null = null;
  let lastId = 0;

  async function connect(): Promise<Wire | null> {
    const bearer = typeof token === 'function' ? await token() : token;
    const socket = await opened(url);
    if (socket === null) return null;
    const lines = new Map<string, Line>();
    const silence = watchSilence(socket, silenceMsMax);
    socket.addEventListener('message', ({ data }) => {
      silence.heard();
      receive(JSON.parse(String(data)) as Frame, lines);
    });
    socket.addEventListener('close', () => {
      silence.stop();
      failAll(lines, broken(silence.isOver() ? 'silent' : 'connection'));
    });
    if (bearer !== null) socket.send(JSON.stringify({ op: 'auth', token: bearer }));
    return { socket, lines };
  }

  /** The socket that is open, or one that is opened now; a socket that has ended is nobody's. */
  async function join(): Promise<Wire | null> {
    for (;;) {
      const joined = (wire ??= connect());
      const found = await joined.catch((error: unknown) => {
        wire = null;
        throw error;
      });
      if (found?.socket.readyState === WebSocket.OPEN) return found;
      if (wire === joined) wire = null;
      if (found === null) return null;
    }
  }

  function receive({ op, id, ...frame }: Frame, lines: Map<string, Line>): void {
    const line = id === undefined ? undefined : lines.get(id);
    if (op === 'error') {
      // Where it stands, the reader knows himself.
      const error = frame.code === 'RESYNC_REQUIRED' ? broken('slow') : errorOf(frame, url);
      if (line !== undefined) line.fail(error);
      // What is about no stream of ours is about all of them; about one that has been left it is nothing.
      else if (id === undefined) failAll(lines, error);
    } else if (op === 'subscribed') {
      line?.begun();
      // Where it began, for whoever comes back before there was anything.
      if (frame.position !== undefined) line?.take({ name: op, data: '', id: String(frame.position) });
    }
    else if (op === 'complete') line?.take({ name: 'end', data: '', id: null });
    else if (op === 'event' || op === 'update') line?.take({ name: op, data: frame.event ?? frame.update ?? '', id: frame.position === undefined ? null : String(frame.position) });
  }

  return {
    async open({ operation, input, afterPosition, dialect }, signal) {
      const found = await join();
      if (found === null) return null;
      signal.throwIfAborted();
      const { socket, lines } = found;
      const id = String(++lastId);
      const say = (message: object): void => {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const queue = createQueue(unreadItemsMax, signal);
      lines.set(id, {
        begun: resolve,
        take: queue.put,
        fail: (error) => {
          reject(error);
          queue.end(error);
        },
      });
      const leave = (): void => {
        if (!lines.delete(id)) return;
        say({ op: 'unsubscribe', id });
        if (lines.size === 0) socket.close();
      };
      say({ op: 'follow', id, operation, input, ...(afterPosition === null ? {} : { afterPosition }), ...(dialect === undefined ? {} : { dialect }) });
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      try {
        await promise;
      } catch (error) {
        leave();
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
      return itemsOf(queue, leave);
    },
  };
}

async function* itemsOf(queue: Queue, leave: () => void): AsyncGenerator<Sent> {
  try {
    for (;;) yield await queue.next();
  } finally {
    leave();
  }
}

interface Queue {
  readonly put: (sent: Sent) => void;
  readonly end: (error: LogError) => void;
  /** @throws what it was ended with, after everything before it; the signal's reason at once. */
  next(): Promise<Sent>;
}

function createQueue(itemsMax: number, signal: AbortSignal): Queue {
  let items: Sent[] = [];
  let from = 0;
  let fault: LogError | null = null;
  let wake: (() => void) | null = null;
  const changed = (): void => {
    wake?.();
    wake = null;
  };
  signal.addEventListener('abort', changed, { once: true });
  return {
    put(sent) {
      if (fault !== null) return;
      if (items.length - from >= itemsMax) fault = broken('slow');
      else items.push(sent);
      changed();
    },
    end(error) {
      fault ??= error;
      changed();
    },
    async next() {
      while (from === items.length && fault === null && !signal.aborted) await new Promise<void>((resolve) => void (wake = resolve));
      signal.throwIfAborted();
      if (from < items.length) {
        const item = items[from++]!;
        // What was read is let go of a thousand at a time, not one by one.
        if (from === items.length || from >= 1_000) [items, from] = [items.slice(from), 0];
        return item;
      }
      throw fault!;
    },
  };
}

/** null where there are no sockets, or the server does not take one here: a browser does not say which. */
function opened(url: string): Promise<WebSocket | null> {
  if (typeof WebSocket === 'undefined') return Promise.resolve(null);
  const address = new URL('/ws', url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  return new Promise((resolve) => {
    socket.addEventListener('open', () => resolve(socket), { once: true });
    socket.addEventListener('error', () => resolve(null), { once: true });
  });
}

interface Silence {
  heard(): void;
  isOver(): boolean;
  stop(): void;
}

/** A page does not see the server's pings; it asks itself, and closes a socket that does not answer. */
function watchSilence(socket: WebSocket, silenceMsMax: number): Silence {
  let heardAt = performance.now();
  let isOver = false;
  const timer = setInterval(() => {
    if (performance.now() - heardAt >= silenceMsMax) {
      isOver = true;
      socket.close();
    } else socket.send('{"op":"ping"}');
  }, silenceMsMax / 3);
  (timer as { unref?: () => void }).unref?.();
  return {
    heard: () => void (heardAt = performance.now()),
    isOver: () => isOver,
    stop: () => clearInterval(timer),
  };
}

function failAll(lines: Map<string, Line>, error: LogError): void {
  const all = [...lines.values()];
  lines.clear();
  for (const { fail } of all) fail(error);
}

const broken = (reason: 'connection' | 'silent' | 'slow'): LogError => new LogError('LOG_UNAVAILABLE', 'The connection to the server broke.', { details: { reason } });
