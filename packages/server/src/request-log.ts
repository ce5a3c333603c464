/**
 * One line per request that ended: a constant sentence and fields, never payloads, queries or secrets. The address of a request
 * may hold data, so its route's template stands there. Where lines are written, and from which level on, is the caller's business.
 */
import type { ErrorCode } from '@refold/core';

interface EndedRequest {
  readonly requestId: string;
  readonly method: string;
  /** The route's template, for example `/api/v1/events/:id`; null when none matched. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMs: number;
  /** Of the trace that it came or was answered in. */
  readonly traceId?: string;
  /** Of the conversation that its caller named. */
  readonly correlationId?: string;
}

export interface FailedRequest extends EndedRequest {
  readonly message: 'request failed';
  readonly code: ErrorCode;
  readonly reason?: string;
  /** What was thrown, for faults of ours (status 500 and above). */
  readonly error?: unknown;
}

export interface DoneRequest extends EndedRequest {
  readonly message: 'request done';
  /** What it wrote: the first events, and where the last one stands. */
  readonly eventIds?: readonly string[];
  readonly events?: number;
  readonly stream?: string;
  readonly revision?: number;
  readonly position?: number;
}

export interface RequestLog {
  failed(request: FailedRequest): void;
  done?(request: DoneRequest): void;
}

export const silentLog: RequestLog = { failed: () => undefined };
