/**
 * A debug session as a file, and back: breakpoints, watches, notes, the visited events with what was seen there, and the events
 * themselves, so that it opens where the log is not. `start` is the state before the first of them; from it the exported
 * stretch can be walked like any history.
 */
import { LogError } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { readerOver } from '../travel/stream-reader.ts';
import { createDebugger } from './create-debugger.ts';
import type { Debugger, DebuggerOptions, DebuggerParts, DebugInfo } from './debugger.ts';
import type { DebugTimelineEntry } from './visits.ts';

/** The wire's DebugExport; `start` is ours. */
export interface DebugExport {
  readonly format: 'refold-debug-session';
  readonly formatVersion: '1.0.0';
  readonly info: DebugInfo;
  readonly timeline: readonly DebugTimelineEntry[];
  /** From the first visited event to the last, without a gap. */
  readonly events: readonly EventEnvelope[];
  /** State before the first of the events. */
  readonly start: State;
  readonly exportedAt: Instant;
}

export interface ExportOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Visits at most, the newest. Default 1,000. */
  readonly visitsMax?: number;
  /** Events at most. Default 10,000; when the visits lie further apart, the oldest are left out. */
  readonly eventsMax?: number;
}

/** Writes a session down; it goes on as it was. */
export async function exportSession(session: Debugger, { now, visitsMax = 1_000, eventsMax = 10_000 }: ExportOptions): Promise<DebugExport> {
  const { total } = await session.timeline({ limit: 0 });
  const { entries } = await session.timeline({ from: Math.max(0, total - visitsMax), limit: visitsMax });
  const to = Math.max(session.revision, ...entries.map(({ revision }) => revision));
  const kept = entries.filter(({ revision }) => revision > to - eventsMax);
  const from = Math.max(session.first + 1, Math.min(session.revision, ...kept.map(({ revision }) => revision)), to - eventsMax + 1);
  return {
    format: 'refold-debug-session',
    formatVersion: '1.0.0',
    info: session.info(),
    timeline: kept,
    events: await session.events(from, to),
    start: await session.stateAt(from - 1),
    exportedAt: new Date(now).toISOString(),
  };
}

/**
 * Opens an exported session: at the same place, with the same breakpoints, watches and timeline. It walks over the exported
 * events, unless `parts.reader` is given to walk over the log again.
 *
 * @throws LogError BAD_REQUEST `debug_export` {pointer} for what is no export; BAD_EXPRESSION for its expressions.
 */
export async function importSession(exported: unknown, parts: Omit<DebuggerParts, 'reader'> & Partial<Pick<DebuggerParts, 'reader'>>, options: Omit<DebuggerOptions, 'base'> = {}): Promise<Debugger> {
  const { info, timeline, events, start } = checkExport(exported);
  const { reader = readerOver(events), keyframes, columns, ...others } = parts;
  const isDetached = parts.reader === undefined;
  // An export may come from another log: what is kept of this one's streams is not for it, nor to be added to by it.
  const kept = isDetached ? {} : { ...(keyframes === undefined ? {} : { keyframes }), ...(columns === undefined ? {} : { columns }) };
  const session = await createDebugger({ ...others, ...kept, reader }, { streamType: info.streamType, streamId: info.aggregateId }, { id: info.sessionId, ...options, ...(isDetached ? { base: start } : {}) });
  session.restoreVisits(timeline);
  await session.start({ kind: 'revision', revision: within(session, info.revision) });
  copyWhatWasSet(info, session);
  return session;
}

/** Sets the breakpoints, watches and notes of one session in another; exports of earlier versions have no notes. */
export function copyWhatWasSet({ breakpoints, watches, notes = [] }: Pick<DebugInfo, 'breakpoints' | 'watches'> & Partial<Pick<DebugInfo, 'notes'>>, session: Debugger): void {
  for (const { id: _id, hits: _hits, notEvaluated: _notEvaluated, lastError: _lastError, ...input } of breakpoints) session.addBreakpoint(withoutNull(input));
  for (const { expression } of watches) session.addWatch(expression);
  for (const { revision, text } of notes) session.addNote({ revision, text });
}

const within = (session: Debugger, revision: Revision): Revision => Math.min(Math.max(revision, session.first), session.head);

const withoutNull = <T extends object>(input: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as { [K in keyof T]?: NonNullable<T[K]> };

/** The outer shape is checked here; expressions and events are checked by whoever takes them. */
function checkExport(value: unknown): DebugExport {
  const exported = fieldsOf(value, '');
  if (exported['format'] !== 'refold-debug-session') throw notExported('/format', 'is not refold-debug-session');
  if (!String(exported['formatVersion']).startsWith('1.')) throw notExported('/formatVersion', `${String(exported['formatVersion'])} is not one that is read here`);
  const info = fieldsOf(exported['info'], '/info');
  for (const name of ['streamType', 'aggregateId', 'sessionId']) if (typeof info[name] !== 'string') throw notExported(`/info/${name}`, 'is no text');
  if (!Number.isSafeInteger(info['revision'])) throw notExported('/info/revision', 'is no revision');
  for (const name of ['breakpoints', 'watches']) listOf(info[name], `/info/${name}`);
  for (const [index, note] of listOf(info['notes'] ?? [], '/info/notes').entries()) fieldsOf(note, `/info/notes/${index}`);
  for (const name of ['timeline', 'events']) listOf(exported[name], `/${name}`);
  for (const [index, event] of listOf(exported['events'], '/events').entries()) checkEvent(event, `/events/${index}`);
  for (const [index, entry] of listOf(exported['timeline'], '/timeline').entries()) checkEntry(entry, `/timeline/${index}`);
  const start = fieldsOf(exported['start'], '/start');
  if (!Number.isSafeInteger(start['revision'])) throw notExported('/start/revision', 'is no revision');
  // Safe: what is read of it was looked at above; the rest is shown as it is.
  return value as DebugExport;
}

function checkEvent(value: unknown, pointer: string): void {
  const event = fieldsOf(value, pointer);
  for (const name of ['id', 'type', 'streamType', 'streamId', 'occurredAt', 'recordedAt']) if (typeof event[name] !== 'string') throw notExported(`${pointer}/${name}`, 'is no text');
  if (!Number.isSafeInteger(event['revision'])) throw notExported(`${pointer}/revision`, 'is no revision');
  fieldsOf(event['data'], `${pointer}/data`);
}

function checkEntry(value: unknown, pointer: string): void {
  const entry = fieldsOf(value, pointer);
  if (!Number.isSafeInteger(entry['revision'])) throw notExported(`${pointer}/revision`, 'is no revision');
  if (Number.isNaN(Date.parse(String(entry['visitedAt'])))) throw notExported(`${pointer}/visitedAt`, 'is no instant');
  fieldsOf(entry['watches'], `${pointer}/watches`);
  for (const name of ['breakpointIds', 'changes']) listOf(entry[name], `${pointer}/${name}`);
}

function fieldsOf(value: unknown, pointer: string): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notExported(pointer, 'is no object');
  return value as { readonly [key: string]: unknown };
}

function listOf(value: unknown, pointer: string): readonly unknown[] {
  if (!Array.isArray(value)) throw notExported(pointer, 'is no list');
  return value;
}

const notExported = (pointer: string, what: string): LogError =>
  new LogError('BAD_REQUEST', `This is no debug session: ${pointer === '' ? 'it' : pointer} ${what}.`, { details: { reason: 'debug_export', pointer }, hint: 'Give the JSON that exporting a debug session wrote.' });
