/**
 * Every refusal has one code, for ever. A code says what kind of thing went wrong, `details` say where, `hint` says what to
 * do next. HTTP status and exit code are mapped at the edges only (server/error-map.ts, cli/exit-codes.ts).
 */
export const errorCodes = [
  'BAD_REQUEST',
  'BAD_JSON',
  'BAD_UTF8',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'ORIGIN_NOT_ALLOWED',
  'NOT_FOUND',
  'REVISION_CONFLICT',
  'BEFORE_MISMATCH',
  'DUPLICATE_ID',
  'AMBIGUOUS_STREAM',
  'BAD_DEBUG_STATE',
  'UNDO_CONFLICT',
  'HISTORY_DELETED',
  'PRECONDITION_FAILED',
  'TOO_LARGE',
  'HOST_NOT_ALLOWED',
  'UNKNOWN_TYPE',
  'SCHEMA_VIOLATION',
  'MISSING_FIELD',
  'BAD_TIMESTAMP',
  'BAD_ISSUE_KEY',
  'BAD_SESSION_ID',
  'ACTOR_MISSING',
  'SENSITIVE_DATA',
  'ILLEGAL_TRANSITION',
  'INCOMPLETE_HISTORY',
  'SCHEMA_INCOMPATIBLE',
  'BAD_EXPRESSION',
  'BAD_NUMBER',
  'BAD_STREAM_ADDRESS',
  'FOLD_FAILED',
  'INTEGRITY_VIOLATION',
  'RATE_LIMITED',
  'INTERNAL',
  'LOG_CORRUPT',
  'LOG_ROLLED_BACK',
  'LOG_LOCKED',
  'LOG_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'QUERY_TIMEOUT',
  'BAD_CONFIG',
  'INSECURE_BIND',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Where and what, in fields that a program can read. `reason` is the machine-readable sub-kind within one code. */
export interface ErrorDetails {
  readonly reason?: string;
  /** JSON pointer (RFC 6901) into the input. */
  readonly pointer?: string;
  /** 1-based line, and 0-based byte offset, in the input text. */
  readonly line?: number;
  readonly byte?: number;
  /** 0-based index in a batch. */
  readonly index?: number;
  readonly limit?: number;
  readonly [key: string]: unknown;
}

export interface LogErrorOptions {
  readonly details?: ErrorDetails;
  /** One sentence that tells the reader what to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

const retryableCodes: ReadonlySet<ErrorCode> = new Set(['REVISION_CONFLICT', 'RATE_LIMITED', 'OUTCOME_UNKNOWN', 'QUERY_TIMEOUT']);
const lastingReasons: ReadonlySet<string> = new Set(['format_newer', 'unsafe_path', 'read_only']);

/** The one error class of the product. Anything else that is thrown is a bug and reaches the edges as INTERNAL. */
export class LogError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: LogErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LogError';
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }

  /** True when the same call may succeed later: after re-reading for a conflict, with the same commit for an unknown outcome. */
  get retryable(): boolean {
    if (this.code === 'LOG_UNAVAILABLE') return !lastingReasons.has(this.details.reason ?? '');
    return retryableCodes.has(this.code);
  }
}

export const isLogError = (value: unknown, code?: ErrorCode): value is LogError =>
  value instanceof LogError && (code === undefined || value.code === code);
