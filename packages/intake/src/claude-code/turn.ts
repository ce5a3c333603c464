/**
 * Turns of the main thread: a prompt begins one, the first end that is reported ends it. The end's id is made from the turn,
 * so a stop summary and a duration that report one end, even in two imports, make one event.
 */
import type { JsonObject } from '@refold/core';
import { factKey } from '../identity.ts';
import { inThread, keep, tool, user } from './record-context.ts';
import type { RecordContext } from './record-context.ts';

export function beginTurn({ session, nativeId }: RecordContext): void {
  session.turn = { id: nativeId, endedId: null };
}

/** Ends the current turn; an end of a turn that has ended is kept as a second report of it. */
export function endTurn(context: RecordContext, type: 'turn.completed' | 'turn.failed' | 'turn.interrupted', data: JsonObject, part: number | string): void {
  const { session, thread, commit } = context;
  // A sub-agent has no turns of its own; its interruption does not end the main turn.
  if (thread.agentId !== null) return keep(context, 'bookkeeping', { part, sourceType: `sub-agent ${type}` });
  if (session.turn.endedId !== null) return keep(context, 'corroborates', { part, refersTo: session.turn.endedId });
  const { id } = session.turn;
  session.turn.endedId = commit.add(
    part,
    inThread(context, {
      type,
      data: { turn_id: id, ...data },
      actor: type === 'turn.interrupted' ? user : tool,
      fact: factKey.turnEnded(session.id, id),
    }),
  );
}
