/**
 * Debug sessions of this process, per log. They live in memory and expire when nobody uses them; what is lost is a cursor,
 * and an export keeps even that.
 */
import { LogError, createDebugSessions } from '@refold/core';
import type { Debugger, DebuggerParts, DebugSessions, DebugStop, Log } from '@refold/core';
import type { OperationContext } from './define.ts';
import { eventsByIds } from './relations.ts';
import { travelParts } from './travel-parts.ts';

const sessionsOf = new WeakMap<Log, DebugSessions>();

export function sessionsIn({ log }: OperationContext): DebugSessions {
  let sessions = sessionsOf.get(log);
  if (sessions === undefined) sessionsOf.set(log, (sessions = createDebugSessions({ clock: log.ports.clock, ids: log.ports.ids })));
  return sessions;
}

export const openDebugSessions = (log: Log): number => sessionsOf.get(log)?.list().length ?? 0;

/** A session outlives the call that opened it, and so the call's signal. */
export function debuggerParts({ signal: _signal, gone: _gone, ...lasting }: OperationContext): DebuggerParts {
  return { ...travelParts(lasting), clock: lasting.log.ports.clock, byId: async (id) => (await eventsByIds(lasting, [id]))[0] ?? null };
}

const imported = new WeakSet<Debugger>();
export const markImported = (session: Debugger): void => void imported.add(session);

/** An export holds the events from its first visit on; what they would be with edits needs the ones before. @throws LogError BAD_REQUEST `imported`. */
export function refuseImported(session: Debugger): void {
  if (imported.has(session)) throw new LogError('BAD_REQUEST', 'An imported session cannot be forked: its history is not the log.', { details: { reason: 'imported', id: session.id }, hint: 'Start a session over the stream itself.' });
}

/**
 * Moves a session, and pauses it where it is when that takes longer than a question may, or nobody waits for the answer any
 * more. Resuming goes on from there.
 */
export async function moveWithinTime({ log, signal }: OperationContext, session: Debugger, move: () => Promise<DebugStop>): Promise<DebugStop> {
  const done = new AbortController();
  const enough = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  let isDone = false;
  void log.ports.clock.sleep(log.limits.queryTimeoutMs, enough).then(async () => {
    if (!isDone && (session.state === 'running' || session.state === 'stepping')) await session.pause();
  });
  try {
    return await move();
  } finally {
    isDone = true;
    done.abort();
  }
}
