/** Ancestors of an event, the links that lead from them to it, and what a link costs. */
import type { Instant, Position, Revision } from '../log/driver.ts';
import type { Actor, Severity } from '../log/event.ts';
import type { BadReason } from './survey.ts';

export type RecordedReason = 'cause' | 'start' | 'parent';
export type InferredReason = 'inside' | 'previous' | 'agent' | 'data';

export type Link =
  | { readonly kind: 'recorded'; readonly reason: RecordedReason; readonly strength: 1; readonly detail: string }
  /** `strength`: 0 to 1, how much the edge says; it orders, it is no probability. */
  | { readonly kind: 'inferred'; readonly reason: InferredReason; readonly strength: number; readonly detail: string };

export interface BlameEvent {
  readonly eventId: string;
  readonly type: string;
  /** Its own stream, which may be another one when a cause lies there. */
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly at: Instant;
  readonly severity: Severity;
  readonly actor: Actor;
  /** Where it stands in the agent tree; null for an event of another stream. */
  readonly place: string | null;
  /** One line for people; null when its definition has none. */
  readonly summary: string | null;
}

/** An ancestor and the next step of its best chain towards the target. */
export interface Ancestor {
  readonly event: BlameEvent;
  /** Why it is bad in itself; null when it is not. */
  readonly bad: BadReason | null;
  /** null: the target itself. */
  readonly next: { readonly to: Ancestor; readonly link: Link } | null;
  /** Inferred edges on the chain, and all edges. */
  readonly inferredHops: number;
  readonly hops: number;
  readonly cost: number;
}

/** What an ancestor came from, not met yet. */
export interface Want {
  readonly by: Ancestor;
  readonly link: Link;
  /** Of the chain from whatever answers it to the target. */
  readonly cost: number;
}

/** Any number of recorded edges costs less than one inferred edge; a weak edge costs more than a strong one. */
const inferredCost = 10_000_000;

export const wantOf = (by: Ancestor, link: Link): Want => ({ by, link, cost: by.cost + (link.kind === 'recorded' ? 1 : inferredCost + Math.round((1 - link.strength) * 1_000_000)) });
export const recorded = (reason: RecordedReason, detail: string): Link => ({ kind: 'recorded', reason, strength: 1, detail });
export const inferred = (reason: InferredReason, strength: number, detail: string): Link => ({ kind: 'inferred', reason, strength, detail });
export function cheaper(a: Want | null, b: Want | null): Want | null {
  if (a === null || b === null) return a ?? b;
  return a.cost <= b.cost ? a : b;
}
