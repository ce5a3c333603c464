/**
 * Pages of events. A cursor is opaque and signed: it holds the place of the last item of a page, and its signature covers the
 * log and the question as well, so that a cursor that was cut, altered, or made for another question or log is refused, always
 * with the same words. A page is exclusive of its cursor's place; events that are appended meanwhile neither shift nor repeat it.
 */
import { LogError } from '../errors.ts';
import { defaultLimits, type Limits } from '../limits.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Hasher } from '../ports.ts';
import type { Filter } from './filter.ts';
import type { EventTest } from './match.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** null at the end. */
  readonly nextCursor: string | null;
  /** null when nobody counted. */
  readonly total: number | null;
}

export type Direction = 'forward' | 'backward';

export interface PageRequest {
  readonly limit: number;
  readonly direction: Direction;
  /** Items to leave out first; the documents page this way. Not together with a cursor. */
  readonly offset: number;
  readonly cursor: string | null;
  readonly wantsTotal: boolean;
}

export interface ParsePageOptions {
  readonly limits?: Partial<Pick<Limits, 'pageSizeDefault' | 'pageSizeMax'>>;
  /** Default order; "asc" unless the caller shows the newest first. */
  readonly order?: 'asc' | 'desc';
}

/** What events can be sorted by: all of it is the log's own order. Time cuts, it never orders. */
const sortFields: readonly string[] = ['position', 'revision', 'recordedAt'];

/** @throws LogError BAD_REQUEST `limit`, `offset`, `order`, `sort`, `cursor` (bad-inputs B1, B2, B10). */
export function parsePage(input: { readonly [name: string]: unknown }, options: ParsePageOptions = {}): PageRequest {
  const { pageSizeDefault, pageSizeMax } = { ...defaultLimits, ...options.limits };
  const given = (name: string): unknown => (input[name] === '' ? undefined : (input[name] ?? undefined));
  const limit = wholeNumber(given('limit') ?? pageSizeDefault);
  if (limit === null || limit < 1 || limit > pageSizeMax) throw refuse('limit', `"limit" is a number from 1 to ${pageSizeMax}.`, pageSizeMax);
  const offset = wholeNumber(given('offset') ?? 0);
  if (offset === null) throw refuse('offset', '"offset" is a whole number from 0.');
  const cursor = given('cursor') ?? null;
  if (cursor !== null && typeof cursor !== 'string') throw badCursor();
  return { limit, offset, cursor, direction: directionOf(given('sort'), given('order') ?? options.order ?? 'asc'), wantsTotal: given('total') === true || given('total') === 'true' };
}

function directionOf(sort: unknown, order: unknown): Direction {
  const word = typeof order === 'string' ? order.toLowerCase() : '';
  if (word !== 'asc' && word !== 'desc') throw refuse('order', '"order" is asc or desc.');
  if (sort === undefined) return word === 'asc' ? 'forward' : 'backward';
  const field = typeof sort === 'string' ? sort : '';
  const name = field.replace(/^-/, '').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (!sortFields.includes(name)) throw refuse('sort', `Events are not sorted by that; there are ${sortFields.join(', ')}.`);
  return field.startsWith('-') ? 'backward' : 'forward';
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

const refuse = (reason: string, message: string, limit?: number): LogError =>
  new LogError('BAD_REQUEST', message, { details: { reason, pointer: `/${reason}`, ...(limit === undefined ? {} : { limit }) }, hint: 'Correct the parameter.' });

/* ---- Cursors ---- */

export interface CursorCodec {
  /** @param place  Position or revision of the last item delivered. */
  encode(place: number, direction: Direction, question: string): string;
  /** @throws LogError BAD_REQUEST `cursor`; the same for garbage, a flipped bit, another question, another log. */
  decode(cursor: string, direction: Direction, question: string): number;
}

const placeBytes = 7;
const macBytes = 16;
/** Version, place, signature: 24 bytes, so that the text has no spare bits to flip unseen. */
const cursorBytes = 1 + placeBytes + macBytes;
const version = 1;

/** @param key  The log's own cursor key, 32 bytes. */
export function createCursorCodec(hasher: Hasher, key: Uint8Array): CursorCodec {
  const sign = (head: Uint8Array, direction: Direction, question: string): Uint8Array => {
    const about = encodeUtf8(`refold.cursor\n${direction}\n${question}`);
    const message = new Uint8Array(head.length + about.length);
    message.set(head);
    message.set(about, head.length);
    return hasher.hmacSha256(key, message).subarray(0, macBytes);
  };
  return {
    encode(place, direction, question) {
      const bytes = new Uint8Array(cursorBytes);
      bytes[0] = version;
      let rest = place;
      for (let index = placeBytes; index >= 1; index--, rest = Math.floor(rest / 256)) bytes[index] = rest % 256;
      bytes.set(sign(bytes.subarray(0, 1 + placeBytes), direction, question), 1 + placeBytes);
      return toBase64Url(bytes);
    },
    decode(cursor, direction, question) {
      const bytes = fromBase64Url(cursor);
      if (bytes === null || bytes.length !== cursorBytes || bytes[0] !== version) throw badCursor();
      const expected = sign(bytes.subarray(0, 1 + placeBytes), direction, question);
      const isOurs = expected.reduce((difference, byte, index) => difference | (byte ^ bytes[1 + placeBytes + index]!), 0) === 0;
      if (!isOurs) throw badCursor();
      return bytes.subarray(1, 1 + placeBytes).reduce((place, byte) => place * 256 + byte, 0);
    },
  };
}

/** One text per question: the filter with its parts in order. Two spellings of one filter share their cursors. */
export const questionOf = (filter: Filter): string =>
  JSON.stringify(
    Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const badCursor = (): LogError => new LogError('BAD_REQUEST', 'The cursor does not belong to this list.', { details: { reason: 'cursor', pointer: '/cursor' }, hint: 'Ask for the first page again, without a cursor.' });

const toBase64Url = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');

function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]{32}$/.test(text)) return null;
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

/* ---- Filling a page ---- */

/** Events in batches, in one direction. */
export type EventPages = AsyncIterable<readonly EventEnvelope[]> | Iterable<readonly EventEnvelope[]>;

export interface FilledPage {
  readonly items: readonly EventEnvelope[];
  /** Last event of the page, where the next one goes on; null when there is no more. */
  readonly last: EventEnvelope | null;
  /** Events that had to be looked at. */
  readonly scanned: number;
}

export interface FillOptions {
  readonly limit: number;
  readonly offset?: number;
  readonly residue?: EventTest | null;
  /** Stops after so many events; the page may then be short, and its cursor goes on where it stopped. */
  readonly scannedMax?: number;
}

/** Takes a page from events that start right behind the cursor. Reads one match further to tell whether there is a next page. */
export async function fillPage(events: EventPages, { limit, offset = 0, residue = null, scannedMax = Infinity }: FillOptions): Promise<FilledPage> {
  const items: EventEnvelope[] = [];
  let skip = offset;
  let scanned = 0;
  for await (const batch of events)
    for (const event of batch) {
      scanned++;
      if (residue === null || residue(event)) {
        if (items.length === limit) return { items, last: items.at(-1)!, scanned };
        if (skip > 0) skip--;
        else items.push(event);
      }
      if (scanned >= scannedMax) return { items, last: event, scanned };
    }
  return { items, last: null, scanned };
}
