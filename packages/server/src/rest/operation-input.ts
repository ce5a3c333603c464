/**
 * A request as an operation's input: the path's parameters, then the query (GET, DELETE) or the body, then the headers that
 * HTTP has for the same things. What the values mean is the operation's business; here is only where they stand.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { LogError } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import { HttpFault } from '../http-fault.ts';
import { inLine } from '../ndjson.ts';
import type { ListBody } from '../read-body.ts';
import type { InputShape } from './input-shape.ts';
import { correlationHeader, correlationIdPattern } from '../telemetry/request-facts.ts';
import { inputOfQuery, spelledAs, unknown } from './query.ts';
import type { Query } from './query.ts';
import type { ReadEvent } from './speaker.ts';

export type RawInput = { [name: string]: unknown };

export interface InputParts {
  readonly shape: InputShape;
  /** Names in the path, decoded; an alias may fix more of them. */
  readonly path: { readonly [name: string]: string };
  /** What is left of the query when the door has taken its own parameters. */
  readonly query: Query;
  /** `undefined` when there was none; `null` is a body. Absent for methods without one. */
  readonly body?: ListBody;
  readonly headers: IncomingHttpHeaders;
  /** Reads an event in a foreign form; anything else comes back as it is. */
  readonly readEvent: (event: Json) => ReadEvent;
}

export function operationInput({ shape, path, query, body, headers, readEvent }: InputParts): RawInput {
  const fromQuery = inputOfQuery(query, body === undefined ? shape : { ...shape, names: new Set(), isOpen: false });
  const input: RawInput = { ...fromQuery, ...(body === undefined ? {} : inputOfBody(body.value, shape, path, eventReader(body, readEvent))) };
  for (const [name, value] of Object.entries(path)) {
    if (Object.hasOwn(input, name) && input[name] !== value) throw contradiction(name, 'the path');
    input[name] = value;
  }
  if (shape.names.has('commitId')) setFromHeader(input, 'commitId', idempotencyKey(headers), 'Idempotency-Key');
  setCorrelation(input, shape, headers[correlationHeader]);
  if (shape.names.has('expectedRevision')) setFromHeader(input, 'expectedRevision', expectedRevision(headers), 'If-Match');
  return input;
}

/* ---- Bodies ---- */

function inputOfBody(value: Json | undefined, shape: InputShape, path: { readonly [name: string]: string }, readEvent: (event: Json) => ReadEvent): RawInput {
  if (value === undefined) {
    if (shape.required.every((name) => Object.hasOwn(path, name))) return {};
    throw new LogError('BAD_REQUEST', 'The body is empty.', { details: { reason: 'empty_body' }, hint: 'Send a JSON body.' });
  }
  if (shape.names.has('events')) return inputOfEvents(value, shape, readEvent);
  if (!isObject(value)) throw badShape('an object');
  return named(value, shape);
}

/** Where events go in, one may come alone, and a list without its call. */
function inputOfEvents(value: Json, shape: InputShape, readEvent: (event: Json) => ReadEvent): RawInput {
  if (isList(value)) return eventsIn(value, shape, readEvent);
  if (!isObject(value)) throw badShape('an event, or a list of events');
  if (isList(value['events'])) return { ...eventsIn(value['events'], shape, readEvent), ...named(without(value, 'events'), shape) };
  const call: RawInput = {};
  const event: { [name: string]: Json } = {};
  for (const [name, part] of Object.entries(value)) {
    const ofCall = callField(name, shape);
    if (ofCall === null) event[name] = part;
    else call[ofCall] = part;
  }
  return { ...eventsIn([event], shape, readEvent), ...call };
}

/** A form may say which revision it builds on; what the caller says himself stands above it. */
function eventsIn(events: readonly Json[], shape: InputShape, readEvent: (event: Json) => ReadEvent): RawInput {
  if (events.length === 0) throw new LogError('BAD_REQUEST', 'There are no events in the batch.', { details: { reason: 'empty_batch' }, hint: 'Send at least one event.' });
  const read = events.map(readEvent);
  const claimed = shape.names.has('expectedRevision') ? read[0]?.expectedRevision : undefined;
  return { ...(claimed === undefined ? {} : { expectedRevision: claimed }), events: read.map(({ event }) => event) };
}

/** Fields of the call that may stand in an event that comes alone; no event has fields of these names. */
const callField = (name: string, shape: InputShape): string | null => {
  const spelled = spelledAs(name, { ...shape, isOpen: false });
  return spelled === null || spelled === 'events' ? null : spelled;
};

function named(value: JsonObject, shape: InputShape): RawInput {
  const input: RawInput = {};
  for (const [name, part] of Object.entries(value)) {
    const spelled = spelledAs(name, shape);
    if (spelled === null) throw unknown(name, shape);
    if (Object.hasOwn(input, spelled)) throw contradiction(spelled, 'another spelling of it');
    input[spelled] = part;
  }
  return input;
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (value: JsonObject, name: string): JsonObject => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));

const badShape = (wanted: string): LogError => new LogError('BAD_REQUEST', `The body is not ${wanted}.`, { details: { reason: 'shape', pointer: '' }, hint: `Send ${wanted} as JSON.` });

/* ---- Lines ---- */

/** What is wrong with a foreign form is told with its line. Events are read in their order, each once. */
function eventReader({ lineNumbers }: ListBody, readEvent: (event: Json) => ReadEvent): (event: Json) => ReadEvent {
  if (lineNumbers === null) return readEvent;
  let index = 0;
  return (event) => {
    const line = lineNumbers[index++]!;
    try {
      if (!isObject(event)) throw badShape('one event per line');
      return readEvent(event);
    } catch (error) {
      throw inLine(error, line);
    }
  };
}

/** A refusal that names an event of the list names its line, too, when it came in one. */
export function atLine(thrown: unknown, lineNumbers: readonly number[] | null): unknown {
  if (lineNumbers === null || !(thrown instanceof LogError)) return thrown;
  const { index, pointer } = thrown.details;
  const named = typeof index === 'number' ? index : Number(/^\/events\/(\d+)/.exec(String(pointer ?? ''))?.[1] ?? Number.NaN);
  const line = lineNumbers[named];
  return line === undefined ? thrown : inLine(thrown, line);
}

/* ---- Headers ---- */

/** The key as it is, or as a quoted string of structured fields (draft-ietf-httpapi-idempotency-key-header). */
function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (typeof given !== 'string') return undefined;
  return /^"[^"\\]*"$/.test(given) ? given.slice(1, -1) : given;
}

/** `"7"` or `7`: the stream's revision; `*`: it exists (RFC 9110, 13.1.1). */
function expectedRevision(headers: IncomingHttpHeaders): number | 'exists' | undefined {
  const given = headers['if-match']?.trim();
  if (given === undefined) return undefined;
  if (given === '*') return 'exists';
  const digits = /^(?:"(\d{1,15})"|(\d{1,15}))$/.exec(given);
  if (digits === null) throw new HttpFault('if_match', 'If-Match is not a revision.', { status: 400, hint: 'Send the revision the stream has, for example If-Match: "7", or * when it must exist.' });
  return Number(digits[1] ?? digits[2]);
}

/** The conversation of the request is that of what it writes, unless that says otherwise. */
function setCorrelation(input: RawInput, { names }: InputShape, given: string | string[] | undefined): void {
  if (typeof given !== 'string') return;
  if (!correlationIdPattern.test(given)) throw new HttpFault('correlation_id', 'X-Correlation-Id is not a name that can be kept.', { status: 400, hint: 'Send 1 to 200 visible ASCII characters, or leave it out.' });
  if (Array.isArray(input['events'])) input['events'] = input['events'].map((event: Json) => (isObject(event) && event['correlationId'] === undefined && event['correlationChain'] === undefined ? { ...event, correlationId: given } : event));
  else if (names.has('correlationId') && names.has('commitId') && input['correlationId'] === undefined) input['correlationId'] = given;
}

function setFromHeader(input: RawInput, name: string, value: string | number | undefined, header: string): void {
  if (value === undefined) return;
  if (Object.hasOwn(input, name) && input[name] !== value) throw contradiction(name, header);
  input[name] = value;
}

const contradiction = (name: string, other: string): LogError =>
  new LogError('BAD_REQUEST', `"${name}" says something else than ${other}.`, { details: { reason: 'contradiction', pointer: `/${name}` }, hint: 'Say it once.' });

/**
 * A conflict that the caller named with If-Match is a precondition that did not hold, in HTTP's word for it.
 * The details stay: which stream, what was expected, where it stands.
 */
export function asPrecondition(thrown: unknown, headers: IncomingHttpHeaders): unknown {
  if (headers['if-match'] === undefined || !(thrown instanceof LogError) || thrown.code !== 'REVISION_CONFLICT') return thrown;
  return new LogError('PRECONDITION_FAILED', 'The stream is not at the revision that If-Match names.', { details: { ...thrown.details, reason: 'if_match' }, hint: 'Read the stream, decide again, and send the revision it has now.', cause: thrown });
}
