/**
 * The event: a recorded fact, immutable. One camelCase envelope; foreign forms are lossless views of it (catalog/dialects).
 * Payload keys are kept verbatim. Source: the unified model, section 3.1; decision 0002.
 */
import type { Instant, Position, Revision } from './driver.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export type Priority = 'P0' | 'P1' | 'P2' | 'P3';
export type Severity = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
export type ActorType = 'user' | 'agent' | 'service' | 'system' | 'unknown';

export const priorities: readonly Priority[] = ['P0', 'P1', 'P2', 'P3'];
export const severities: readonly Severity[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
export const actorTypes: readonly ActorType[] = ['user', 'agent', 'service', 'system', 'unknown'];

export interface Actor {
  readonly type: ActorType;
  readonly id: string;
  readonly model?: string;
  readonly name?: string;
}
export interface EntityRef {
  readonly type: string;
  readonly id: string;
  readonly rel?: string;
}
export interface Change {
  readonly before: Json;
  readonly after: Json;
}
export interface GitContext {
  readonly sha?: string;
  readonly branch?: string;
  readonly codebaseState?: JsonObject;
}
export interface TraceContext {
  readonly traceId: string;
  readonly spanId?: string;
  readonly traceFlags?: number;
  readonly traceState?: string;
}

export interface EventEnvelope<D extends JsonObject = JsonObject> {
  readonly id: string;
  /** Canonical dotted name, `noun.verb`. */
  readonly type: string;
  /** Semver of the payload's shape. */
  readonly schemaVersion: string;
  readonly streamType: string;
  readonly streamId: string;
  /** 1-based, dense in the stream. */
  readonly revision: Revision;
  /** 1-based, gapless in the log, in commit order. */
  readonly position: Position;
  /** What the event is about; the stream itself unless it is a part of it. */
  readonly entityType: string;
  readonly entityId: string;
  readonly refs?: readonly EntityRef[];
  /** When it happened, as the producer claims. It may cut a history, it never orders one. */
  readonly occurredAt: Instant;
  /** When the log took it; never decreases with position. */
  readonly recordedAt: Instant;
  readonly actor: Actor;
  readonly serviceName?: string;
  readonly correlationId: string;
  /** Root ... own; the last element is `correlationId`. */
  readonly correlationChain: readonly string[];
  /** Id of the event (or command) that directly caused this one. */
  readonly causationId?: string;
  readonly sessionId?: string;
  readonly issueKey?: string;
  readonly phase?: string;
  readonly agent?: string;
  readonly data: D;
  readonly changes?: { readonly [field: string]: Change };
  readonly metadata: JsonObject;
  readonly priority: Priority;
  readonly severity: Severity;
  readonly git?: GitContext;
  readonly trace?: TraceContext;
  /** Leaf hash of revision - 1 in hex; 64 zeros at revision 1. */
  readonly prevHash: string;
  /** Leaf hash of this event in hex. */
  readonly hash: string;
  readonly archivedAt?: Instant;
  /** The payload was erased; `data` is empty and the leaf still proves that the event was here. */
  readonly erased?: true;
  /** Residue of a foreign form, kept so that the way back is exact. */
  readonly ext?: { readonly [dialect: string]: JsonObject };
}

/** What a caller hands in; everything left out is filled by the log. Names of types may be any known alias. */
export type EventInput<D extends JsonObject = JsonObject> = Pick<EventEnvelope<D>, 'type' | 'data'> &
  Partial<Omit<EventEnvelope<D>, 'type' | 'data' | 'revision' | 'position' | 'recordedAt' | 'prevHash' | 'hash' | 'archivedAt' | 'erased'>>;

/** Number: the stream's current revision (0 = no stream). "none" is 0; "exists" is at least one event; "any" checks nothing. */
export type ExpectedRevision = Revision | 'any' | 'none' | 'exists';

export const zeroHash = '0'.repeat(64);
