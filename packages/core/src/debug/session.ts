/**
 * Debug sessions of a process: many at once, each on its own, and none for ever. A session is a debugger with a name; it
 * lives in memory, so the oldest thing to lose is a cursor, and an export keeps even that.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Instant } from '../log/driver.ts';
import type { Clock, IdSource } from '../ports.ts';
import type { Debugger } from './debugger.ts';
import type { DebugState } from './debug-state.ts';

export interface DebugSessions {
  /**
   * Opens a session under a new id.
   *
   * @throws LogError RATE_LIMITED `debug_sessions` {limit} when so many are open that none of them has ended or expired.
   */
  open(create: (id: string) => Promise<Debugger>): Promise<Debugger>;
  /** The session of an id; asking counts as use. @throws LogError NOT_FOUND `debug_session`, also for one that expired. */
  get(id: string): Debugger;
  list(): readonly DebugSessionRow[];
  /** Stops a session and forgets it. @throws LogError NOT_FOUND `debug_session`. */
  close(id: string): void;
  /** Stops and forgets what nobody used for too long. Also done by every other call; returns the ids. */
  expire(): readonly string[];
}

export interface DebugSessionRow {
  readonly id: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly state: DebugState;
  readonly revision: number;
  readonly usedAt: Instant;
}

export interface DebugSessionsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Default `limits.debugSessionsMax`. */
  readonly sessionsMax?: number;
  /** Default `limits.debugSessionIdleMs`. */
  readonly idleMs?: number;
}

interface Held {
  readonly session: Debugger;
  usedAtMs: number;
}

export function createDebugSessions({ clock, ids, sessionsMax = defaultLimits.debugSessionsMax, idleMs = defaultLimits.debugSessionIdleMs }: DebugSessionsOptions): DebugSessions {
  const sessions = new Map<string, Held>();
  let opening = 0;

  function expire(): readonly string[] {
    // A run that takes long is no idle session.
    const gone = [...sessions].filter(([, { session, usedAtMs }]) => clock.now() - usedAtMs >= idleMs && session.state !== 'running').map(([id]) => id);
    for (const id of gone) forget(id);
    return gone;
  }

  function forget(id: string): void {
    const { session } = sessions.get(id)!;
    sessions.delete(id);
    if (session.state !== 'stopped') session.stop();
  }

  /** Stopped sessions can still be read; they make room first. */
  function makeRoom(): void {
    expire();
    for (const [id, { session }] of sessions) if (sessions.size + opening >= sessionsMax && session.state === 'stopped') forget(id);
    if (sessions.size + opening < sessionsMax) return;
    throw new LogError('RATE_LIMITED', `${sessionsMax} debug sessions are open.`, { details: { reason: 'debug_sessions', limit: sessionsMax }, hint: 'Stop one that is no longer needed.' });
  }

  function held(id: string): Held {
    expire();
    const found = sessions.get(id);
    if (found === undefined) throw new LogError('NOT_FOUND', `There is no debug session ${id}.`, { details: { reason: 'debug_session', id }, hint: 'Sessions that nobody uses expire; start a new one, or import an export.' });
    found.usedAtMs = clock.now();
    return found;
  }

  return {
    async open(create) {
      makeRoom();
      opening++;
      try {
        const session = await create(`ds_${ids.uuid()}`);
        sessions.set(session.id, { session, usedAtMs: clock.now() });
        return session;
      } finally {
        opening--;
      }
    },
    get: (id) => held(id).session,
    list() {
      expire();
      return [...sessions.values()].map(({ session, usedAtMs }) => ({
        id: session.id,
        streamType: session.address.streamType,
        streamId: session.address.streamId,
        state: session.state,
        revision: session.revision,
        usedAt: new Date(usedAtMs).toISOString(),
      }));
    },
    close(id) {
      held(id);
      forget(id);
    },
    expire,
  };
}
