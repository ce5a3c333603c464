/**
 * A commit as one line of JSON, and back.
 *
 *   {"origin":"refold.local/6f1c...","position":7,"commit":"...","digest":"<base64>","recordedAt":"...","fence":3,"batch":5,"events":[
 *     {"id":"...","stream":"job/42","revision":2,"type":"job.failed","tags":[...],"leaf":"<base64>","previousLeaf":"<base64>","bytes":412,"body":{...}}
 *   ],"hash":"<hex>"}
 *
 * `position` is that of the first event; the others follow. `batch` is the position at which the write began that this line was part of,
 * when another line came before it. A body that is JSON without line breaks stands in the line as it
 * is, byte for byte, so that people can read it and no second writing can change it. Any other text is a string under `text`,
 * and bytes that are no text are `base64`. `bytes` says how long the body is where it stands, so that it is cut out and never
 * written anew. `hash` is SHA-256 over the hash of the
 * line before (64 zeros at the beginning of a segment) and this line up to `,"hash"`. It tells a torn write, not a forger:
 * evidence is the tree's task.
 */
import { isUtf8 } from 'node:buffer';
import { hash as hashNow } from 'node:crypto';
import type { NewEvent, Position, Revision } from '@refold/core';

export const hashStart = '0'.repeat(64);

export interface PlacedEvent extends NewEvent {
  readonly revision: Revision;
  readonly leaf: Uint8Array | null;
  readonly previousLeaf: Uint8Array | null;
  readonly isForgotten: boolean;
}

export interface PlacedCommit {
  readonly origin: string;
  /** Of the first event. */
  readonly position: Position;
  readonly commit: string;
  readonly digest: Uint8Array;
  readonly recordedAt: string;
  /** Rises with every writer that opened the log. */
  readonly fence: number;
  /** Position of the first line that was written in the same batch, and so became durable together with this one. */
  readonly batch: Position;
  readonly events: readonly PlacedEvent[];
}

/** Where an event stands in its line: its first byte, the bytes up to its body, and the bytes of it all. */
export interface EventSpan {
  readonly start: number;
  readonly head: number;
  readonly length: number;
}

export interface EncodedLine {
  /** With the line feed. */
  readonly bytes: Buffer;
  readonly hash: string;
  readonly spans: readonly EventSpan[];
}

export function encodeLine(commit: PlacedCommit, previousHash: string): EncodedLine {
  const { origin, position, commit: id, digest, recordedAt, fence, batch } = commit;
  let text = beforeEvents({ origin, position, commit: id, digest: base64(digest), recordedAt, fence, batch });
  let length = Buffer.byteLength(text);
  const spans = commit.events.map((event, index) => {
    if (index > 0) {
      text += ',';
      length += 1;
    }
    const { head, rest } = encodeEvent(event);
    const span = { start: length, head: Buffer.byteLength(head), length: 0 };
    span.length = span.head + Buffer.byteLength(rest);
    text += head + rest;
    length += span.length;
    return span;
  });
  return { ...closeLine(`${text}]`, previousHash), spans };
}

/** A line that is the first of its batch, as most are, says nothing of it. */
function beforeEvents({ batch, ...front }: Omit<RawLine, 'events' | 'seal'> & { readonly batch: Position }): string {
  return `${JSON.stringify({ ...front, ...(batch !== front.position && { batch }) }).slice(0, -1)},"events":[`;
}

/** The last line of a closed segment: what the segment holds. */
export interface Seal {
  readonly origin: string;
  readonly first: Position;
  readonly last: Position;
  readonly commits: number;
}

export function encodeSeal({ origin, ...seal }: Seal, previousHash: string): { readonly bytes: Buffer; readonly hash: string } {
  return closeLine(JSON.stringify({ origin, seal }).slice(0, -1), previousHash);
}

function closeLine(text: string, previousHash: string): { readonly bytes: Buffer; readonly hash: string } {
  const made = hash(previousHash + text);
  return { bytes: Buffer.from(`${text},"hash":"${made}"}\n`), hash: made };
}

function encodeEvent({ id, stream, revision, type, tags, body, leaf, previousLeaf, isForgotten }: PlacedEvent): { readonly head: string; readonly rest: string } {
  const fields = `{"id":"${id}","stream":${JSON.stringify(stream)},"revision":${revision},"type":"${type}","tags":${JSON.stringify(tags)}`;
  const leaves = `${leaf === null ? '' : `,"leaf":"${base64(leaf)}"`}${previousLeaf === null ? '' : `,"previousLeaf":"${base64(previousLeaf)}"`}`;
  const { form, written } = writtenBody(body);
  const bytes = form === 'body' ? body.length : Buffer.byteLength(written);
  const head = `${fields}${leaves}${isForgotten ? ',"forgotten":true' : ''},"bytes":${bytes},"${form}":${form === 'body' ? '' : '"'}`;
  return { head, rest: form === 'body' ? `${written}}` : `${written}"}` };
}

/** How a body stands in its line: as the JSON it is, inside a string, or encoded. */
type BodyForm = 'body' | 'text' | 'base64';

function writtenBody(body: Uint8Array): { readonly form: BodyForm; readonly written: string } {
  if (!isUtf8(body)) return { form: 'base64', written: base64(body) };
  const text = textOf(body);
  return isOneLineOfJson(text) ? { form: 'body', written: text } : { form: 'text', written: JSON.stringify(text).slice(1, -1) };
}

function isOneLineOfJson(text: string): boolean {
  if (text === '' || text.includes('\n') || text.includes('\r')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What of an event is in front of its body. */
export interface EventHead extends Omit<PlacedEvent, 'body' | 'leaf' | 'previousLeaf' | 'isForgotten'> {
  readonly leaf: Uint8Array | null;
  readonly previousLeaf: Uint8Array | null;
  readonly isForgotten: boolean;
  readonly bytes: number;
  readonly form: BodyForm;
}

interface RawEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly tags: readonly string[];
  readonly leaf?: string;
  readonly previousLeaf?: string;
  readonly forgotten?: true;
  readonly bytes: number;
  readonly text?: string;
  readonly base64?: string;
}

/** The event whose bytes these are, its first `head` bytes being those before the body. */
export function decodeEvent(bytes: Buffer, head: number, withBody: boolean): EventHead & { readonly body: Uint8Array } {
  const front = bytes.toString('latin1', head - 1, head) === '"' ? `${bytes.toString('utf8', 0, head)}"}` : `${bytes.toString('utf8', 0, head)}0}`;
  const event = headOf(JSON.parse(front) as RawEvent);
  if (!withBody) return { ...event, body: nothing };
  return { ...event, body: bodyIn(bytes.subarray(head, head + event.bytes), event.form) };
}

/** A view that is no Buffer, as the port promises bytes and nothing of Node's. */
function bodyIn(written: Buffer, form: BodyForm): Uint8Array {
  switch (form) {
    case 'body':
      return new Uint8Array(written.buffer, written.byteOffset, written.length);
    case 'text':
      return new Uint8Array(Buffer.from(JSON.parse(`"${written.toString('utf8')}"`) as string));
    case 'base64':
      return new Uint8Array(Buffer.from(written.toString('latin1'), 'base64'));
  }
}

const nothing = new Uint8Array();

function headOf({ id, stream, revision, type, tags, leaf, previousLeaf, forgotten, bytes, ...rest }: RawEvent): EventHead {
  return { id, stream, revision, type, tags, leaf: bytesOf(leaf), previousLeaf: bytesOf(previousLeaf), isForgotten: forgotten === true, bytes, form: formOf(rest) };
}

function formOf({ text, base64: encoded }: Pick<RawEvent, 'text' | 'base64'>): BodyForm {
  return text !== undefined ? 'text' : encoded !== undefined ? 'base64' : 'body';
}

/** What a line says, its bodies left where they are. */
export interface DecodedLine extends Omit<PlacedCommit, 'events'> {
  readonly events: readonly EventHead[];
  readonly spans: readonly EventSpan[];
}

interface RawLine extends Omit<PlacedCommit, 'digest' | 'events' | 'batch'> {
  readonly digest: string;
  readonly batch?: Position;
  readonly events: readonly RawEvent[];
  readonly seal?: Omit<Seal, 'origin'>;
}

/**
 * The parts of a line whose hash holds, so that it is as `encodeLine` wrote it: where its events stand follows from the
 * lengths of their parts.
 */
export function decodeLine(text: string): { readonly commit: DecodedLine } | { readonly seal: Seal } {
  const { events, digest, seal, ...rest } = JSON.parse(text) as RawLine;
  if (seal !== undefined) return { seal: { origin: rest.origin, ...seal } };
  const { origin, position, commit, recordedAt, fence, batch = position } = rest;
  let start = Buffer.byteLength(beforeEvents({ origin, position, commit, digest, recordedAt, fence, batch }));
  const spans: EventSpan[] = [];
  for (const raw of events) {
    const { head, length } = spanOf(raw);
    spans.push({ start, head, length });
    start += length + 1;
  }
  return { commit: { origin, position, commit, digest: Buffer.from(digest, 'base64'), recordedAt, fence, batch, events: events.map(headOf), spans } };
}

function spanOf(raw: RawEvent): { readonly head: number; readonly length: number } {
  const { id, stream, revision, type, tags, leaf, previousLeaf, forgotten, bytes } = raw;
  const form = formOf(raw);
  const front = { id, stream, revision, type, tags, ...(leaf !== undefined && { leaf }), ...(previousLeaf !== undefined && { previousLeaf }), ...(forgotten === true && { forgotten }), bytes };
  const head = Buffer.byteLength(JSON.stringify(front)) - 1 + `,"${form}":`.length + (form === 'body' ? 0 : 1);
  return { head, length: head + bytes + (form === 'body' ? 1 : 2) };
}

/** The whole commit, bodies and all, to be written again. */
export function placedCommit(line: Buffer, { spans, events: _heads, ...commit }: DecodedLine): PlacedCommit {
  return { ...commit, events: spans.map(({ start, head, length }) => decodeEvent(line.subarray(start, start + length), head, true)) };
}

const hashTail = /,"hash":"([0-9a-f]{64})"\}$/;
/** `,"hash":"` + 64 + `"}` */
export const hashTailBytes = 75;

/** The hash that a line carries; null when its end is not that of a line. */
export function hashIn(line: Buffer): string | null {
  return hashTail.exec(line.toString('latin1', Math.max(0, line.length - hashTailBytes)))?.[1] ?? null;
}

export function hashOf(line: Buffer, previousHash: string): string {
  return hash(Buffer.concat([Buffer.from(previousHash, 'latin1'), line.subarray(0, line.length - hashTailBytes)]));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
const bytesOf = (text: string | undefined): Uint8Array | null => (text === undefined ? null : new Uint8Array(Buffer.from(text, 'base64')));
const hash = (text: string | Buffer): string => hashNow('sha256', text, 'hex');
