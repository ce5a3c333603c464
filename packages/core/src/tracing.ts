/**
 * Spans, for whoever traces. The core names what it does and knows no library: the edge hands in a tracer (ports.ts), or none,
 * and then nothing is traced and nothing is paid for. Names and attributes: the unified model, section 3.7.
 */
import { LogError } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import type { TraceContext } from './log/event.ts';

/** Places, ids, counts and codes; never a payload. */
export type SpanAttributes = { readonly [name: string]: string | number | boolean };

export interface Span {
  /** What is written inside links to it; without a tracer, the trace that came from outside. null: there is none. */
  readonly trace: TraceContext | null;
  /** @param attributes  Not called where nobody records the span. */
  set(attributes: () => SpanAttributes): void;
}

export interface SpanOptions {
  /** The trace that the work belongs to when its surroundings are in none. */
  readonly parent?: TraceContext | undefined;
  readonly attributes?: SpanAttributes;
  /** server: the work was asked for from outside. Default internal. */
  readonly kind?: 'server' | 'internal';
  /** Other spans that it has to do with, such as those that wrote what is delivered. */
  readonly links?: readonly TraceContext[];
}

export interface Tracer {
  /** Runs the work inside a span, which ends with it. What the work throws is thrown on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
}

/** Inside a span where somebody traces, as it is where nobody does. */
export function traced<T>(tracer: Tracer | undefined, name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  if (tracer !== undefined) return tracer.span(name, options, work);
  return work({ trace: options.parent ?? null, set: () => undefined });
}

/** What says nothing about the caller or his events, only about the log and this program. */
const failures: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'LOG_CORRUPT', 'LOG_ROLLED_BACK', 'LOG_LOCKED', 'LOG_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'INTEGRITY_VIOLATION', 'FOLD_FAILED', 'QUERY_TIMEOUT']);

/** The code of what was thrown, and whether it is a failure; a refusal is an answer. */
export function codeOf(thrown: unknown): { readonly code: ErrorCode; readonly isFailure: boolean } {
  const code = thrown instanceof LogError ? thrown.code : 'INTERNAL';
  return { code, isFailure: failures.has(code) };
}
