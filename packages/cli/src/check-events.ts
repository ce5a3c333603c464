/** Events against the gates, wherever they stand: the lines of a file, or a stream of the log. */
import { LogError, parseStrictJson } from '@refold/core';
import type { EventEnvelope, EventInput, Json } from '@refold/core';
import { stateAt, streamEvents, validateEvents } from '@refold/operations';
import type { Connection } from './connection.ts';
import type { StreamArgument } from './place-argument.ts';
import { isBlank, linesOf } from './read-input.ts';
import { createEventReader } from './spelling.ts';

/** As validateCorrelation reports it. */
export interface Violation {
  readonly code: string;
  readonly severity: 'error' | 'info';
  readonly eventId: string | null;
  readonly streamType: string | null;
  readonly streamId: string | null;
  readonly revision: number | null;
  readonly position: number | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly detail: string;
}

export interface Findings {
  readonly ok: boolean;
  readonly checked: number;
  readonly violations: readonly Violation[];
}

const batchSize = 500;

/** Lines of events in our own form or in one of the documents': JSON, schema, and revisions that follow each other. */
export async function checkLines(connection: Connection, file: string, bytes: Uint8Array): Promise<Findings> {
  const reader = createEventReader(connection.registry);
  const violations: Violation[] = [];
  const events: { readonly line: number; readonly event: LineEvent }[] = [];
  for (const { line, bytes: text } of linesOf(bytes)) {
    if (isBlank(text)) continue;
    try {
      events.push({ line, event: readEvent(reader, parseStrictJson(text)) });
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      violations.push(violation({ code: error.code, detail: error.message, file, line }));
    }
  }
  for (const { line, event, detail } of gapsIn(events)) violations.push(violation({ code: 'INCOMPLETE_HISTORY', detail, file, line, ...event.stream, revision: event.revision }));
  for (let from = 0; from < events.length; from += batchSize) {
    const batch = events.slice(from, from + batchSize);
    for (const { index, code, detail } of await gateViolations(connection, batch.map(({ event }) => event.input)))
      violations.push(violation({ code, detail, file, line: batch[index]!.line, ...batch[index]!.event.stream, revision: batch[index]!.event.revision }));
  }
  violations.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { ok: violations.length === 0, checked: events.length, violations };
}

interface LineEvent {
  readonly input: Json;
  readonly stream: StreamArgument | Record<string, never>;
  /** What the line says of itself; null when it says nothing. */
  readonly revision: number | null;
}

/** @throws LogError with the code of what is wrong with the form. */
function readEvent(reader: ReturnType<typeof createEventReader>, value: Json): LineEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new LogError('BAD_JSON', 'An event is a JSON object.', { details: { reason: 'not_an_object' } });
  const { input, claimedRevision } = reader(value);
  if (typeof input.type !== 'string') throw new LogError('MISSING_FIELD', 'The event has no type.', { details: { pointer: '/type' } });
  const { streamType, streamId, issueKey, revision } = input as EventInput & { readonly revision?: unknown };
  const stream = streamType !== undefined && streamId !== undefined ? { streamType, streamId } : issueKey === undefined ? {} : { streamType: 'orchestration', streamId: issueKey };
  return { input: input as unknown as Json, stream, revision: typeof revision === 'number' ? revision : claimedRevision };
}

/** Where a stream's revisions do not follow each other. */
function* gapsIn(events: readonly { readonly line: number; readonly event: LineEvent }[]): Generator<{ readonly line: number; readonly event: LineEvent; readonly detail: string }> {
  const last = new Map<string, number>();
  for (const { line, event } of events) {
    const { revision, stream } = event;
    if (revision === null) continue;
    const name = `${stream.streamType ?? ''}/${stream.streamId ?? ''}`;
    const before = last.get(name);
    last.set(name, revision);
    if (before === undefined || revision === before + 1) continue;
    const missing = revision > before + 2 ? `${before + 1} to ${revision - 1} are missing` : `${before + 1} is missing`;
    yield { line, event, detail: revision > before ? `${name}: revision ${revision} follows ${before}; ${missing}` : `${name}: revision ${revision} comes after ${before}` };
  }
}

/** A stream of the log: every event against the gates, and what its fold found odd. */
export async function checkStream(connection: Connection, stream: StreamArgument): Promise<Findings> {
  const events: EventEnvelope[] = [];
  const violations: Violation[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: { readonly items: readonly EventEnvelope[]; readonly nextCursor: string | null } = await connection.call(streamEvents, { ...stream, limit: batchSize, ...(cursor === null ? {} : { cursor }) });
    const found = await gateViolations(connection, page.items as unknown as readonly Json[]);
    for (const { index, code, detail } of found) violations.push(violation({ code, detail, ...stream, revision: page.items[index]!.revision, eventId: page.items[index]!.id, position: page.items[index]!.position }));
    events.push(...page.items);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const { anomalies } = (await connection.call(stateAt, { ...stream })).state;
  for (const { code, detail, revision, eventId } of anomalies) violations.push(violation({ code, detail, ...stream, revision, eventId }));
  return { ok: violations.length === 0, checked: events.length, violations };
}

/** An input that does not even have the shape of an event refuses its whole batch; then each is asked about alone. */
async function gateViolations(connection: Connection, events: readonly Json[]): Promise<readonly { readonly index: number; readonly code: string; readonly detail: string }[]> {
  try {
    const { results } = await connection.call(validateEvents, { events, against: 'rules' });
    return results.flatMap(({ index, violations }) => violations.map(({ code, detail }) => ({ index, code, detail })));
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'BAD_REQUEST') throw error;
    if (events.length === 1) return [{ index: 0, code: 'SCHEMA_VIOLATION', detail: error.message }];
    const found: { readonly index: number; readonly code: string; readonly detail: string }[] = [];
    for (const [index, event] of events.entries()) found.push(...(await gateViolations(connection, [event])).map((one) => ({ ...one, index })));
    return found;
  }
}

const nothing = { severity: 'error', eventId: null, streamType: null, streamId: null, revision: null, position: null, file: null, line: null } as const;

const violation = (known: Partial<Violation> & Pick<Violation, 'code' | 'detail'>): Violation => ({ ...nothing, ...known });
