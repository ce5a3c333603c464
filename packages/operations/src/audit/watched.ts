/**
 * Which operations are on record in the audit log, and what follows when that cannot be written: administration, keys, erasing
 * and reading of the audit log are then not done; the others are, and health tells. One place for every door.
 */
import type { Actor } from '@refold/core';
import { codeOf } from '@refold/core';
import type { GrantedScope } from '../access.ts';
import type { OperationContext, Scope } from '../define.ts';
import { auditOf, orUnavailable } from './audit-trail.ts';
import type { AuditTrail } from './audit-trail.ts';

const closedScopes: ReadonlySet<Scope> = new Set<GrantedScope>(['audit', 'hold', 'erase', 'retention', 'keys', 'users', 'config', 'actor:override']);
/** Replays, and debugging of what is there; the steps of a session are not. */
export const openNames: ReadonlySet<string> = new Set(['replayEvents', 'cancelReplay', 'startDebugSession', 'forkDebugSession', 'exportDebugSession']);

export const isOnRecord = (name: string, scope: Scope): boolean => closedScopes.has(scope) || openNames.has(name);

interface Asked {
  readonly name: string;
  readonly scope: Scope;
  readonly input: unknown;
}

/** Where nobody signs in, whoever can open the files acts. */
const actorOf = ({ principal }: Pick<OperationContext, 'principal'>): Actor => principal ?? { type: 'user', id: 'local' };

/** Runs what was asked for; on record before, when it is watched. @throws LogError LOG_UNAVAILABLE `audit`. */
export async function onAuditRecord<O>(context: OperationContext, asked: Asked, run: () => Promise<O>): Promise<O> {
  const trail = auditOf(context.log);
  const isClosed = closedScopes.has(asked.scope);
  if (trail === null || !isOnRecord(asked.name, asked.scope)) return await run();
  const recording = recordUse(trail, context, asked);
  if (isClosed) await orUnavailable(recording);
  else recording.catch(() => undefined);
  try {
    return await run();
  } catch (error) {
    trail.recordSome('access.use_failed', actorOf(context), asked.name, { operation: asked.name, code: codeOf(error).code });
    throw error;
  }
}

async function recordUse(trail: AuditTrail, context: OperationContext, { name, scope, input }: Asked): Promise<void> {
  await trail.record('access.used', actorOf(context), { operation: name, scope, digest: await trail.digestOf(input) });
}
