/**
 * Debug sessions as operations: a debugger over one stream that a caller moves step by step. Nothing is written to the log.
 *
 * Document 002 stops before an event is applied, so sessions do unless they are told otherwise.
 */
import { LogError, createDebugger, exportSession, forkSession, importSession } from '@refold/core';
import type { DebugExport, DebugInfo, ForkResult, Place } from '@refold/core';
import { z } from 'zod';
import { debuggerParts, markImported, moveWithinTime, refuseImported, sessionsIn } from './debug-sessions.ts';
import { breakpoint, debugInfo, debugStop, debugTimelineEntry, note, watch } from './debug-shapes.ts';
import { defineOperation, defineStreamOperation } from './define.ts';
import type { HttpBinding } from './define.ts';
import { flag, wholeNumber } from './inputs.ts';
import { placeOf, streamOfId } from './places.ts';
import { edit, whatCameOfEdits } from './questions.ts';
import { count, event, instant, jsonObject, revision, streamKey } from './shapes.ts';

const sessionPath = '/debug/sessions/{id}';
const sessionKey = { id: z.string() };

/** Canonical, and document 002's own path for the same. */
const http = (method: HttpBinding['method'], rest: string, more: Partial<HttpBinding> = {}): HttpBinding => ({ method, path: `${sessionPath}${rest}`, aliases: [`/sessions/{id}${rest}`], ...more });

/* ---- Open and close ---- */

const opened = z.object({ sessionId: z.string(), info: debugInfo });

export const startDebugSession = defineOperation({
  name: 'startDebugSession',
  doc: 'Opens a debug session over a stream; it waits at a place, by default before the first event is applied.',
  scope: 'debug',
  kind: 'long',
  input: z.object({
    aggregateId: z.string().meta({ description: 'Id of the stream, or type/id.' }),
    streamType: z.string().optional(),
    fromRevision: wholeNumber.optional(),
    fromVersion: wholeNumber.optional().meta({ description: 'Document 002 calls fromRevision so.' }),
    place: z.string().optional().meta({ description: 'A revision, an instant, start, end, or ~n.' }),
    stopsBefore: flag.optional().meta({ description: 'Default true: stops before the current event is applied, so currentState is the state before it.' }),
  }),
  output: opened,
  http: { method: 'POST', path: '/debug/sessions/start', aliases: ['/sessions/start'], status: 201 },
  run: async (context, { aggregateId, streamType, fromRevision, fromVersion, place, stopsBefore = true }) => {
    if (fromRevision !== undefined && fromVersion !== undefined) throw new LogError('BAD_REQUEST', 'A revision is given twice.', { details: { reason: 'place' }, hint: 'Give one of fromRevision and fromVersion.' });
    const from = fromRevision ?? fromVersion;
    const start: Place | undefined = from === undefined && place === undefined ? undefined : placeOf({ revision: from, place });
    const address = streamType !== undefined ? `${streamType}/${aggregateId}` : aggregateId.includes('/') ? aggregateId : await streamOfId(context, aggregateId);
    const slash = address.indexOf('/');
    const session = await sessionsIn(context).open(async (id) => {
      const started = await createDebugger(debuggerParts(context), { streamType: address.slice(0, slash), streamId: address.slice(slash + 1) }, { id, stopsBefore });
      await started.start(start);
      return started;
    });
    return { sessionId: session.id, info: session.info() };
  },
});

export const listDebugSessions = defineOperation({
  name: 'listDebugSessions',
  doc: 'The debug sessions of this process.',
  scope: 'read',
  input: z.object({}),
  output: z.object({ items: z.array(z.object({ id: z.string(), ...streamKey, state: z.string(), revision, usedAt: instant })) }),
  http: { method: 'GET', path: '/debug/sessions' },
  run: async (context) => ({ items: sessionsIn(context).list() }),
});

export const getDebugSession = defineOperation({
  name: 'getDebugSession',
  doc: 'Where a debug session stands: its state, the current event and state, breakpoints and watches.',
  scope: 'read',
  input: z.object(sessionKey),
  output: debugInfo,
  http: http('GET', ''),
  run: async (context, { id }) => sessionsIn(context).get(id).info(),
});

export const followDebugSession = defineStreamOperation({
  name: 'followDebugSession',
  doc: 'Follows a debug session: as it stands now, then after every change of it; ends when it is stopped. Following it is using it.',
  scope: 'read',
  input: z.object(sessionKey),
  output: debugInfo,
  http: http('GET', '/stream'),
  async *run(context, { id }): AsyncGenerator<DebugInfo> {
    const { limits, ports } = context.log;
    for (let told = ''; context.signal?.aborted !== true; await ports.clock.sleep(limits.debugSessionCheckMs, context.signal)) {
      const info = sessionsIn(context).get(id).info();
      const standing = standingOf(info);
      if (standing !== told) yield info;
      told = standing;
      if (info.state === 'stopped') return;
    }
  },
});

/** What of a session may change; its event and its state follow from where it stands. */
const standingOf = ({ state, revision: at, total, breakpoints, watches, notes, error }: DebugInfo): string => JSON.stringify([state, at, total, breakpoints, watches, notes, error]);

export const stopDebugSession = defineOperation({
  name: 'stopDebugSession',
  doc: 'Ends a debug session for good; it can still be read until it expires.',
  scope: 'debug',
  kind: 'long',
  input: z.object(sessionKey),
  output: debugInfo,
  http: http('POST', '/stop'),
  run: async (context, { id }) => {
    const session = sessionsIn(context).get(id);
    session.stop();
    return session.info();
  },
});

/* ---- Move ---- */

export const stepDebugSession = defineOperation({
  name: 'stepDebugSession',
  doc: 'Steps by events, calls, agents, phases or causes, forward or back.',
  scope: 'debug',
  kind: 'long',
  input: z.object({
    ...sessionKey,
    count: wholeNumber.optional().meta({ description: 'Default 1.' }),
    grain: z.string().optional().meta({ description: 'event (default), call, agent, phase, cause, field:<name>, part:<name>.' }),
    back: flag.optional(),
  }),
  output: debugStop,
  http: http('POST', '/step'),
  run: async (context, { id, count: steps, grain, back = false }) => {
    const session = sessionsIn(context).get(id);
    const step = { ...(steps === undefined ? {} : { count: steps }), ...(grain === undefined ? {} : { grain }) };
    return await moveWithinTime(context, session, () => (back ? session.stepBack(step) : session.step(step)));
  },
});

export const resumeDebugSession = defineOperation({
  name: 'resumeDebugSession',
  doc: 'Runs to the next breakpoint or to the end, backward to the one before or to the beginning; a long run pauses on the way.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, back: flag.optional() }),
  output: debugStop,
  http: http('POST', '/resume'),
  run: async (context, { id, back = false }) => {
    const session = sessionsIn(context).get(id);
    return await moveWithinTime(context, session, () => (back ? session.reverse() : session.resume()));
  },
});

export const pauseDebugSession = defineOperation({
  name: 'pauseDebugSession',
  doc: 'Ends a run where it is.',
  scope: 'debug',
  kind: 'long',
  input: z.object(sessionKey),
  output: debugStop,
  http: http('POST', '/pause'),
  run: (context, { id }) => sessionsIn(context).get(id).pause(),
});

export const seekDebugSession = defineOperation({
  name: 'seekDebugSession',
  doc: 'Jumps to a place; nothing on the way is looked at.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, revision: wholeNumber.optional(), place: z.string().optional() }),
  output: debugStop,
  http: http('POST', '/seek'),
  run: async (context, { id, ...place }) => {
    const session = sessionsIn(context).get(id);
    return await moveWithinTime(context, session, () => session.goTo(placeOf(place)));
  },
});

export const restartDebugSession = defineOperation({
  name: 'restartDebugSession',
  doc: 'Goes back to where the session began.',
  scope: 'debug',
  kind: 'long',
  input: z.object(sessionKey),
  output: debugStop,
  http: http('POST', '/restart'),
  run: async (context, { id }) => {
    const session = sessionsIn(context).get(id);
    return await moveWithinTime(context, session, () => session.restart());
  },
});

/* ---- Breakpoints and watches ---- */

export const addBreakpoint = defineOperation({
  name: 'addBreakpoint',
  doc: 'Adds a breakpoint, or with log a logpoint: all that is given must hold.',
  scope: 'debug',
  kind: 'long',
  input: z.object({
    ...sessionKey,
    eventType: z.string().optional().meta({ description: 'A type, an alias, or a glob.' }),
    condition: z.string().optional(),
    path: z.string().optional().meta({ description: 'JSON pointer into the state: where the value changes.' }),
    flip: z.string().optional().meta({ description: 'An expression: where it changes between true and false.' }),
    invariant: z.string().optional().meta({ description: 'An expression that should hold: where it turns from true to false.' }),
    anomaly: flag.optional().meta({ description: 'Where the fold notes an anomaly of the event.' }),
    nth: wholeNumber.optional(),
    log: z.string().optional().meta({ description: 'Text with ${expressions}, written instead of stopping.' }),
    enabled: flag.optional(),
  }),
  output: breakpoint,
  http: http('POST', '/breakpoints', { status: 201 }),
  run: async (context, { id, ...input }) => sessionsIn(context).get(id).addBreakpoint(input),
});

export const listBreakpoints = defineOperation({
  name: 'listBreakpoints',
  doc: 'The breakpoints of a debug session.',
  scope: 'read',
  input: z.object(sessionKey),
  output: z.object({ items: z.array(breakpoint) }),
  http: http('GET', '/breakpoints'),
  run: async (context, { id }) => ({ items: sessionsIn(context).get(id).breakpoints() }),
});

export const removeBreakpoint = defineOperation({
  name: 'removeBreakpoint',
  doc: 'Removes a breakpoint.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, breakpointId: z.string() }),
  output: z.null(),
  http: http('DELETE', '/breakpoints/{breakpointId}', { status: 204 }),
  run: async (context, { id, breakpointId }) => {
    sessionsIn(context).get(id).removeBreakpoint(breakpointId);
    return null;
  },
});

export const addWatch = defineOperation({
  name: 'addWatch',
  doc: 'Adds an expression whose value is shown at every place.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, expression: z.string() }),
  output: watch,
  http: http('POST', '/watches', { status: 201 }),
  run: async (context, { id, expression }) => sessionsIn(context).get(id).addWatch(expression),
});

export const listWatches = defineOperation({
  name: 'listWatches',
  doc: 'The watches of a debug session with their values here.',
  scope: 'read',
  input: z.object(sessionKey),
  output: z.object({ items: z.array(watch) }),
  http: http('GET', '/watches'),
  run: async (context, { id }) => ({ items: sessionsIn(context).get(id).watches() }),
});

export const removeWatch = defineOperation({
  name: 'removeWatch',
  doc: 'Removes a watch.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, watchId: z.string() }),
  output: z.null(),
  http: http('DELETE', '/watches/{watchId}', { status: 204 }),
  run: async (context, { id, watchId }) => {
    sessionsIn(context).get(id).removeWatch(watchId);
    return null;
  },
});

/* ---- Notes ---- */

export const addDebugNote = defineOperation({
  name: 'addDebugNote',
  doc: 'Writes something down about a place in a debug session, or remembers the place alone. The log is not touched.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, revision: wholeNumber, text: z.string().optional() }),
  output: note,
  http: http('POST', '/notes', { status: 201 }),
  run: async (context, { id, ...input }) => sessionsIn(context).get(id).addNote(input),
});

export const removeDebugNote = defineOperation({
  name: 'removeDebugNote',
  doc: 'Removes a note.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, noteId: z.string() }),
  output: z.null(),
  http: http('DELETE', '/notes/{noteId}', { status: 204 }),
  run: async (context, { id, noteId }) => {
    sessionsIn(context).get(id).removeNote(noteId);
    return null;
  },
});

/* ---- What was seen ---- */

export const debugTimeline = defineOperation({
  name: 'debugTimeline',
  doc: 'The events that a debug session visited, in order, with what the watches showed and what each event changed.',
  scope: 'read',
  input: z.object({ ...sessionKey, from: wholeNumber.optional().meta({ description: '0-based index of a visit.' }), limit: wholeNumber.optional() }),
  output: z.object({ entries: z.array(debugTimelineEntry), total: count, dropped: count }),
  http: http('GET', '/timeline'),
  run: (context, { id, from, limit }) => sessionsIn(context).get(id).timeline({ ...(from === undefined ? {} : { from }), ...(limit === undefined ? {} : { limit }) }),
});

export const exportDebugSession = defineOperation({
  name: 'exportDebugSession',
  doc: 'A debug session as one document that opens anywhere: breakpoints, watches, visits, and the events themselves.',
  scope: 'read',
  input: z.object(sessionKey),
  output: z.object({ format: z.literal('refold-debug-session'), formatVersion: z.string(), info: debugInfo, timeline: z.array(debugTimelineEntry), events: z.array(event), start: jsonObject, exportedAt: instant }),
  http: http('GET', '/export', { attachment: 'debug-session.json' }),
  run: (context, { id }): Promise<DebugExport> => exportSession(sessionsIn(context).get(id), { now: context.log.ports.clock.now() }),
});

export const importDebugSession = defineOperation({
  name: 'importDebugSession',
  doc: 'Opens an exported debug session under a new id: the same place, breakpoints, watches and timeline, over the exported events.',
  scope: 'debug',
  kind: 'long',
  // The rest of the document is checked, with pointers, by who reads it.
  input: z.looseObject({ format: z.string(), formatVersion: z.string() }),
  output: opened,
  http: { method: 'POST', path: '/debug/sessions/import', status: 201 },
  run: async (context, exported) => {
    const { reader: _reader, ...parts } = debuggerParts(context);
    const session = await sessionsIn(context).open((id) => importSession(exported, parts, { id, stopsBefore: true }));
    markImported(session);
    return { sessionId: session.id, info: session.info() };
  },
});

export const forkDebugSession = defineOperation({
  name: 'forkDebugSession',
  doc: 'Opens another session over the history with edits, at the same place with the same breakpoints and watches; nothing is stored.',
  scope: 'debug',
  kind: 'long',
  input: z.object({ ...sessionKey, edits: z.array(edit).min(1), lenient: flag.optional().meta({ description: 'Takes what the rules forbid.' }) }),
  output: opened.extend(whatCameOfEdits),
  http: http('POST', '/fork', { status: 201 }),
  run: async (context, { id, edits, lenient = false }) => {
    const session = sessionsIn(context).get(id);
    refuseImported(session);
    let result: ForkResult | null = null;
    const variant = await sessionsIn(context).open(async (forkId) => {
      const forked = await forkSession(session, debuggerParts(context), edits, { id: forkId, stopsBefore: true, lenient });
      ({ result } = forked);
      return forked.session;
    });
    // `open` calls what it is given, or throws.
    const { diff, rejected, applied, consequences } = result!;
    return { sessionId: variant.id, info: variant.info(), diff, rejected, applied, consequences };
  },
});
