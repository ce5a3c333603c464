/** One line per request that failed: fields, never payloads, queries or secrets. Where it is written is the caller's business. */
import type { ErrorCode } from '@refold/core';

export interface FailedRequest {
  readonly message: 'request failed';
  readonly requestId: string;
  readonly method: string;
  /** The route's template, for example `/api/v1/events/:id`; null when none matched. The address itself may hold data. */
  readonly route: string | null;
  readonly status: number;
  readonly code: ErrorCode;
  readonly reason?: string;
  readonly durationMs: number;
  /** What was thrown, for faults of ours (status 500 and above). */
  readonly error?: unknown;
}

export interface RequestLog {
  failed(request: FailedRequest): void;
}

export const silentLog: RequestLog = { failed: () => undefined };
