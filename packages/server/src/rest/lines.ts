/**
 * A stream operation that comes to its end, as JSON lines: one item per line. A slow client is waited for: nothing is read from the
 * log that the socket has not room for. A fault before the first item answers as a problem. A later one breaks the transfer off, so that
 * half a file never looks like a whole one; the client goes on after the last whole line that it has.
 */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ndjsonMediaType } from '../ndjson.ts';
import { pieceBytesMax } from '../shared-frames.ts';
import { compressing } from './compress.ts';

export interface LinesOptions {
  readonly headers: { readonly [name: string]: string };
  /** What the client is shown of an item. */
  readonly view: (item: unknown) => unknown;
  /** Accept-Encoding; undefined: it is sent as it is. */
  readonly acceptEncoding: string | undefined;
  /** Is told what broke the transfer off. */
  readonly onFault: (thrown: unknown) => void;
  /** Aborted by this function's caller when the server closes, and here when the client has gone. */
  readonly stop: AbortController;
  /** Called when the answer is begun: from here on nobody else writes it. */
  readonly onOpen: () => void;
}

/**
 * Writes items until they or the client end.
 *
 * @throws what the stream throws before anything was written.
 */
export async function writeLines(response: ServerResponse, batches: AsyncIterable<readonly unknown[]>, { headers, view, acceptEncoding, onFault, stop, onOpen }: LinesOptions): Promise<void> {
  response.once('close', () => stop.abort());
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  let fault: unknown;

  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for (let next = first; next.done !== true && !stop.signal.aborted; next = await iterator.next()) yield* piecesOf(next.value, view);
    } catch (error) {
      fault = error;
      throw error;
    } finally {
      // Ends the generator where it waits; what it says on the way out concerns nobody any more.
      await iterator.return?.().catch(() => undefined);
    }
  }

  onOpen();
  const coded = compressing(acceptEncoding);
  response.writeHead(200, { ...headers, 'content-type': `${ndjsonMediaType}; charset=utf-8`, 'cache-control': 'no-store', ...(coded === null ? {} : { 'content-encoding': coded.coding }) });
  const source = Readable.from(pieces(), { objectMode: false, highWaterMark: pieceBytesMax });
  // A pipeline that fails destroys the response: the client sees that it is not whole.
  await pipeline(coded === null ? [source, response] : [source, coded.encoder, response], { signal: stop.signal }).catch(() => fault === undefined || onFault(fault));
}

function* piecesOf(batch: readonly unknown[], view: (item: unknown) => unknown): Generator<Buffer> {
  let lines = '';
  for (const item of batch) {
    lines += `${JSON.stringify(view(item))}\n`;
    if (lines.length < pieceBytesMax) continue;
    yield Buffer.from(lines);
    lines = '';
  }
  if (lines !== '') yield Buffer.from(lines);
}
