/** Reads a JSON body of strangers, or one of JSON lines: media type, size, time, inflation, then the strict parser. Nothing is read that is refused. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LogError, parseStrictJson } from '@refold/core';
import type { Json, Limits, StrictJsonOptions } from '@refold/core';
import { HttpFault, notJson } from './http-fault.ts';
import type { HttpLimits } from './http-limits.ts';
import { ndjsonMediaType, parseJsonLines } from './ndjson.ts';

const inflate = promisify(gunzip);

/** Levels that a body may wrap around a payload: the call, its list, the event. */
const wrappingLevels = 3;
/** A batch holds more keys than one event may; per event the log counts again. */
const eventsWorthOfKeys = 10;

/**
 * The JSON value of a request's body; `undefined` when there is none.
 *
 * @throws LogError TOO_LARGE `body`; BAD_REQUEST `content_type`, `content_encoding` (415), `body_timeout` (408), `aborted`;
 *         BAD_JSON, BAD_UTF8, BAD_NUMBER as the strict parser says.
 */
export async function readBody(request: IncomingMessage, http: HttpLimits, limits: Limits): Promise<Json | undefined> {
  const bytes = await bytesOf(request, http, [isJson]);
  return bytes === null ? undefined : parseStrictJson(bytes, parsing(limits));
}

export interface ListBody {
  readonly value: Json | undefined;
  /** Of a body of lines: where each item of the list stands; else null. */
  readonly lineNumbers: readonly number[] | null;
}

/**
 * The same where a list may come as one value per line: then the value is the list of them.
 *
 * @throws LogError as `readBody`, with `line` and `byte` for a bad line.
 */
export async function readListBody(request: IncomingMessage, http: HttpLimits, limits: Limits): Promise<ListBody> {
  const bytes = await bytesOf(request, http, [isJson, isLines]);
  if (bytes === null) return { value: undefined, lineNumbers: null };
  if (!isLines(mediaTypeOf(request))) return { value: parseStrictJson(bytes, parsing(limits)), lineNumbers: null };
  const { values, lineNumbers } = parseJsonLines(bytes, parsing(limits));
  return { value: values, lineNumbers };
}

const parsing = (limits: Limits): StrictJsonOptions => ({ limits: { jsonDepthMax: limits.jsonDepthMax + wrappingLevels, jsonKeysMax: limits.jsonKeysMax * eventsWorthOfKeys, jsonKeyBytesMax: limits.jsonKeyBytesMax } });

/** null: there is no body. */
async function bytesOf(request: IncomingMessage, http: HttpLimits, takes: readonly ((type: string) => boolean)[]): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > http.bodyBytesMax) throw tooLarge(http.bodyBytesMax);
  const received = await collect(request, http);
  if (received.length === 0) return null;
  refuseMediaType(request, takes);
  const bytes = await decoded(received, request.headers['content-encoding'], http.bodyBytesMax);
  return bytes.length === 0 ? null : bytes;
}

/** The request stays whole when reading stops early: it still has to be answered. */
async function collect(request: IncomingMessage, { bodyBytesMax, bodyReadMs }: HttpLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return reject(tooLarge(bodyBytesMax));
    chunks.push(chunk);
  };
  const onGone = (): void => reject(new HttpFault('aborted', 'The request ended before its body did.', { status: 400, hint: 'Send it again; an append with an Idempotency-Key is stored once.' }));
  const onEnd = (): void => {
    // It closes next, before anybody hears of the end.
    request.off('close', onGone);
    resolve();
  };
  const timer = setTimeout(() => reject(new HttpFault('body_timeout', `The body took longer than ${bodyReadMs} ms.`, { status: 408, headers: { connection: 'close' }, details: { limit: bodyReadMs }, hint: 'Send it at once.' })), bodyReadMs);
  request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  try {
    await promise;
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
    request.off('data', onData).off('end', onEnd).off('close', onGone).pause();
  }
}

function refuseMediaType(request: IncomingMessage, takes: readonly ((type: string) => boolean)[]): void {
  const [type = '', ...parameters] = partsOf(request);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (takes.some((isTaken) => isTaken(type)) && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return;
  throw notJson();
}

const partsOf = ({ headers }: IncomingMessage): readonly string[] => (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
const mediaTypeOf = (request: IncomingMessage): string => partsOf(request)[0] ?? '';

const isJson = (type: string): boolean => type === 'application/json' || /^application\/[a-z0-9.-]+\+json$/.test(type);
/** The name in use, and the two that others use for the same. */
const isLines = (type: string): boolean => type === ndjsonMediaType || type === 'application/jsonl' || type === 'application/ndjson';

/** Inflation stops at the limit: a small bomb costs no more than a large body. */
async function decoded(bytes: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity') return bytes;
  if (name !== 'gzip') throw new HttpFault('content_encoding', 'The body is encoded in a way that is not read here.', { status: 415, headers: { 'accept-encoding': 'gzip' }, hint: 'Send it plain, or as gzip.' });
  try {
    return await inflate(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax, error);
    throw new HttpFault('content_encoding', 'The body is not the gzip that it says it is.', { status: 400, hint: 'Compress it again, or send it plain.', cause: error });
  }
}

const tooLarge = (limit: number, cause?: unknown): LogError => new LogError('TOO_LARGE', `The body is larger than ${limit} bytes.`, { details: { reason: 'body', limit }, hint: 'Send several smaller appends.', cause });
