/**
 * Questions as a program writes them: every filter parameter under our name and under those of the documents, in camelCase or
 * snake_case, with dates as Date or text. What they mean is said once, by the core's `parseFilter`.
 */
import { pageParameters } from '@refold/core';
import type { ActorType, EntityRef, Priority, Severity } from '@refold/core';
import type { SnakeCase } from './snake-naming.ts';

/** One, or any one of several. */
type OneOf<T> = T | readonly T[];
/** RFC 3339 text or a Date. A date alone, `2025-12-22`, is its whole UTC day. */
type When = string | Date;
/** `type/id`. */
type Ref = string | EntityRef;

interface FilterFields {
  readonly id: OneOf<string>;
  readonly ids: OneOf<string>;
  readonly eventId: OneOf<string>;
  /** Canonical names, any document's spelling, or globs: `agent_run.failed`, `AgentFailed`, `agent_run.*`. */
  readonly type: OneOf<string>;
  readonly types: OneOf<string>;
  readonly eventType: OneOf<string>;
  readonly eventTypes: OneOf<string>;
  readonly category: OneOf<string>;
  readonly stream: Ref;
  readonly streamType: string;
  readonly streamId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly entity: Ref;
  readonly entityType: string;
  readonly entityId: string;
  /** The entity and what refers to it, up to three steps away. */
  readonly entityChain: Ref;
  readonly issueKey: string;
  readonly sessionId: string;
  readonly sessionKey: string;
  readonly phase: string;
  readonly agent: string;
  /** `type/id`, or an id alone. */
  readonly actor: string;
  readonly actorId: string;
  readonly actorType: ActorType;
  readonly userId: string;
  readonly serviceName: string;
  /** The conversation and the ones it started. */
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceId: string;
  /** Both ends inclusive, against `occurredAt`. */
  readonly from: When;
  readonly to: When;
  readonly fromTimestamp: When;
  readonly toTimestamp: When;
  /** Both ends inclusive. */
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Exclusive. */
  readonly afterPosition: number;
  readonly priority: OneOf<Priority>;
  readonly minSeverity: Severity;
  /** Literal text in payload or metadata, without regard to case. */
  readonly text: string;
  /** CEL over `event`, for example `event.data.reward > 0.8`. */
  readonly expression: string;
  readonly includeArchived: boolean;
}

/** All parts hold together. A part that is undefined asks for nothing. */
export type EventFilter = { readonly [Name in keyof FilterFields]?: FilterFields[Name] | undefined } & {
  readonly [Name in keyof FilterFields as SnakeCase<Name>]?: FilterFields[Name] | undefined;
};

export interface PageOptions {
  /** Events per page, 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** Events to leave out first. Not together with a cursor. */
  readonly offset?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** By position. Default asc. */
  readonly order?: 'asc' | 'desc';
  /** Also counts all events that match. */
  readonly total?: boolean;
}

/** The parameters of an operation: a Date as its text, a reference as its address. */
export function parametersOf(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]: [string, unknown]) => (value === undefined ? [] : [[name, parameterOf(value)]])));
}

function parameterOf(value: unknown): unknown {
  if (value instanceof Date) return instantText(value);
  if (typeof value === 'object' && value !== null && 'type' in value && 'id' in value) return `${String(value.type)}/${String(value.id)}`;
  return value;
}

/** RFC 3339. A Date that is none becomes a text that is no instant, and the core says so. */
export const instantText = (when: string | Date): string => (when instanceof Date && !Number.isNaN(when.getTime()) ? when.toISOString() : String(when));

/** Document 002 asks for "the recent events" with an empty filter and a limit alone (K-018). */
export const asksForTheNewest = (parameters: object): boolean => Object.keys(parameters).every((name) => pageParameters.includes(name) && (name === 'limit' || name === 'total'));
