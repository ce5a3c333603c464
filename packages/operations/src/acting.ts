/** Who acts, when an operation writes events of its own. */
import type { Actor } from '@refold/core';
import type { OperationContext } from './define.ts';
import { actor } from './shapes.ts';

/** Whoever is signed in acts; else whom the caller names; else the log itself. */
export const actingAs = ({ principal }: OperationContext, named?: unknown): Actor => principal ?? (named as Actor | undefined) ?? { type: 'system', id: 'refold' };

export const actorInput = { actor: actor.optional().meta({ description: 'Who acts; whoever is signed in stands above it.' }) };
