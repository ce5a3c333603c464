/** Who acts, when an operation writes events. */
import type { Actor, AppendRequest } from '@refold/core';
import type { OperationContext } from './define.ts';
import { actor } from './shapes.ts';

/** Where nobody has to sign in everybody names his actor; else only who may write in the name of others. */
export const mayNameActors = ({ principal, access }: OperationContext): boolean => principal === undefined || access?.scopes.has('actor:override') === true;

/** Whom the caller names, if he may; else whoever is signed in; else the log itself. */
export const actingAs = (context: OperationContext, named?: unknown): Actor => (mayNameActors(context) ? (named as Actor | undefined) : undefined) ?? context.principal ?? { type: 'system', id: 'refold' };

/** The same in an append with `heldTo`: there the log says who acted, and keeps whom the caller names as a claim. */
export const actorToAppend = (context: OperationContext, named?: unknown): Actor => (named as Actor | undefined) ?? actingAs(context);

/** What an append has to hold its caller to, and the trace that it was asked for in. */
export const heldTo = (context: OperationContext): Pick<AppendRequest, 'principal' | 'streamPrefix' | 'trace'> => ({
  ...inTraceOf(context),
  ...(context.principal === undefined || mayNameActors(context) ? {} : { principal: context.principal }),
  ...(context.access?.streamPrefix === undefined ? {} : { streamPrefix: context.access.streamPrefix }),
});

export const inTraceOf = ({ trace }: OperationContext): Pick<AppendRequest, 'trace'> => (trace === undefined ? {} : { trace });

export const actorInput = { actor: actor.optional().meta({ description: 'Who acts; whoever is signed in stands above it, unless he may write in the name of others.' }) };
