/**
 * A stream operation as Server-Sent Events (WHATWG HTML, 9.2). The id of an event is its position, so that a client that
 * lost the connection goes on where it was (`Last-Event-ID`), without gap or repeat.
 *
 * A slow client is waited for: nothing is read from the log that the socket has not room for, and what is written is shared with
 * everybody who is shown the same. A client that has gone ends the read. A fault before the first wait answers as a problem; later ones are an `error` event, because the status is out.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Problem } from '../problem.ts';
import type { FrameView, SharedFrames } from '../shared-frames.ts';
import { started } from '../started-stream.ts';

export interface EventStreamOptions {
  readonly heartbeatMs: number;
  /** Position from which the client can go on if the connection breaks before the first event; null when unknown. */
  readonly from: number | null;
  readonly headers: { readonly [name: string]: string };
  readonly frames: SharedFrames;
  /** What the client is shown of an item. */
  readonly view: FrameView<unknown>;
  readonly problemOf: (thrown: unknown) => Problem;
  /** Aborted by this function's caller when the server closes, and here when the client has gone. */
  readonly stop: AbortController;
  /** Resolves when the stream was not refused and waits for what comes. */
  readonly listening: Promise<void>;
  /** Called when the answer is begun: from here on nobody else writes it. */
  readonly onOpen: () => void;
}

/** How an item is written to everybody who asked for the same view of it. */
export const eventStreamView = (key: string, view: (item: unknown) => unknown): FrameView<unknown> => ({ key: `sse ${key}`, frameOf: (item) => Buffer.from(frameOf(item, view(item))) });

/**
 * Writes items until the stream or the client ends.
 *
 * @throws what the stream throws before anything was written.
 */
export async function writeEventStream(response: ServerResponse, batches: AsyncIterable<readonly unknown[]>, options: EventStreamOptions): Promise<void> {
  const { stop, heartbeatMs, listening } = options;
  response.once('close', () => stop.abort());
  const { iterator, first } = await started(batches, listening);
  let next = first;

  options.onOpen();
  response.writeHead(200, { ...options.headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' });
  response.write(options.from === null ? ': open\n\n' : `id: ${options.from}\n\n`);
  const heartbeat = setInterval(() => !response.writableNeedDrain && response.write(': heartbeat\n\n'), heartbeatMs);
  try {
    for (;;) {
      const { done, value } = await next;
      if (stop.signal.aborted) break;
      if (done === true) {
        response.write(endFrame);
        break;
      }
      for (const { bytes } of options.frames.piecesOf(value, options.view)) if (!stop.signal.aborted && !response.write(bytes)) await drained(response, stop.signal);
      if (stop.signal.aborted) break;
      next = iterator.next();
    }
  } catch (error) {
    if (!stop.signal.aborted) response.write(`event: error\ndata: ${JSON.stringify(options.problemOf(error))}\n\n`);
  } finally {
    clearInterval(heartbeat);
    stop.abort();
    response.end();
    // Ends the generator where it waits; what it says on the way out concerns nobody any more.
    await iterator.return?.().catch(() => undefined);
  }
}

/** The stream is complete. A connection that just ends broke, or the server closes: the client comes back. */
const endFrame = 'event: end\ndata: {}\n\n';

function frameOf(item: unknown, shown: unknown): string {
  const position = (item as { readonly position?: unknown } | null)?.position;
  // JSON has no line ends outside of strings and escapes them inside, so one data line is enough.
  return `${typeof position === 'number' ? `id: ${position}\n` : ''}data: ${JSON.stringify(shown)}\n\n`;
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
