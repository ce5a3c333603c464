/**
 * JSON-RPC on lines, as MCP has it on stdio. Lines are read strictly and one by one, so that a line which is no message is
 * answered and forgotten (bad-input J6). Nothing but messages is ever written.
 */
import { isJSONRPCErrorResponse, isJSONRPCNotification, isJSONRPCRequest, isJSONRPCResultResponse } from '@modelcontextprotocol/server';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { isLogError, parseStrictJson } from '@refold/core';
import { mcpLimits } from './limits.ts';

export interface LineStreams {
  /** What the client sends; its end is the end of the connection. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly output: { write(text: string): unknown };
}

const [parseError, invalidRequest] = [-32_700, -32_600];
const lineFeed = 0x0a;

export function createLineTransport({ input, output }: LineStreams): Transport & { readonly ended: Promise<void> } {
  const end = Promise.withResolvers<void>();
  let isClosed = false;

  const transport: Transport & { readonly ended: Promise<void> } = {
    ended: end.promise,
    start: async () => {
      // Input that breaks is input that ends.
      void readLines()
        .catch((error: unknown) => transport.onerror?.(error as Error))
        .finally(() => void transport.close());
    },
    send: async (message) => write(message),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      transport.onclose?.();
      end.resolve();
    },
  };

  const write = (message: unknown): void => void output.write(`${JSON.stringify(message)}\n`);
  const refuse = (code: number, message: string, data: object): void => write({ jsonrpc: '2.0', id: null, error: { code, message, data } });

  async function readLines(): Promise<void> {
    for await (const line of linesOf(input)) {
      if (isClosed) break;
      if (line === null) refuse(parseError, 'The line is too long.', { code: 'TOO_LARGE', details: { reason: 'line', limit: mcpLimits.lineBytesMax } });
      else if (line.length > 0) receive(line);
    }
  }

  function receive(line: Uint8Array): void {
    let message: unknown;
    try {
      message = parseStrictJson(line);
    } catch (error) {
      if (!isLogError(error)) throw error;
      return refuse(parseError, error.message, { code: error.code, details: error.details });
    }
    if (isMessage(message)) transport.onmessage?.(message);
    else refuse(invalidRequest, 'The line is no JSON-RPC message.', { code: 'BAD_REQUEST', details: { reason: Array.isArray(message) ? 'batch' : 'shape' }, hint: 'Send one message per line.' });
  }
  return transport;
}

const isMessage = (value: unknown): value is JSONRPCMessage => isJSONRPCRequest(value) || isJSONRPCNotification(value) || isJSONRPCResultResponse(value) || isJSONRPCErrorResponse(value);

/** Lines without their end; null for one that is longer than it may be. A last line without an end is half a message. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | null> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const isTooLong = (): boolean => bytes > mcpLimits.lineBytesMax;
  for await (const chunk of input) {
    let start = 0;
    for (let at = chunk.indexOf(lineFeed); ; at = chunk.indexOf(lineFeed, start)) {
      const part = chunk.subarray(start, at < 0 ? chunk.length : at);
      bytes += part.length;
      // Nothing of a line that is refused is kept.
      if (isTooLong()) parts = [];
      else parts.push(part);
      if (at < 0) break;
      yield isTooLong() ? null : trimmed(Buffer.concat(parts));
      [parts, bytes, start] = [[], 0, at + 1];
    }
  }
  if (bytes > 0) yield isTooLong() ? null : trimmed(Buffer.concat(parts));
}

const carriageReturn = 0x0d;
const trimmed = (line: Uint8Array): Uint8Array => (line.at(-1) === carriageReturn ? line.subarray(0, -1) : line);
