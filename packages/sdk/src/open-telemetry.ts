/**
 * The tracer port over the OpenTelemetry API: no-op until the program that embeds Refold sets up an SDK, then spans are children
 * of whatever span is active where a store is called. Only names, places, ids, counts and codes stand on a span; what was
 * thrown is told by its code, because its message may quote what was sent.
 */
import { ProxyTracerProvider, SpanKind, SpanStatusCode, context as contexts, createTraceState, isSpanContextValid, trace as traces } from '@opentelemetry/api';
import type { Context, Span as ApiSpan, SpanContext, SpanOptions as ApiSpanOptions } from '@opentelemetry/api';
import { codeOf } from '@refold/core';
import type { Span, SpanOptions, TraceContext, Tracer } from '@refold/core';
import { version } from './version.ts';

export interface OpenTelemetryOptions {
  /** Whether an append in no trace begins one of its own (K-079), so that every event links to a span. Default true. */
  readonly alwaysTrace?: boolean;
}

export function createOpenTelemetryTracer({ alwaysTrace = true }: OpenTelemetryOptions = {}): Tracer {
  const tracer = traces.getTracer('refold', version);
  return {
    span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
      const surroundings = contexts.active();
      const around = traces.getSpanContext(surroundings) === undefined ? inTrace(surroundings, options.parent) : surroundings;
      if (around === null && (!alwaysTrace || !isSetUp())) return work({ trace: options.parent ?? null, set: () => undefined });
      return tracer.startActiveSpan(name, spanOptions(options), around ?? surroundings, (span) => within(span, options, work));
    },
  };
}

/** A span that nobody records and that is in no trace is work for nothing. */
function isSetUp(): boolean {
  const provider = traces.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('refold', version) !== undefined;
}

/** null: there is no trace that a span could be part of. */
function inTrace(surroundings: Context, parent: TraceContext | undefined): Context | null {
  if (parent?.spanId === undefined) return null;
  const { traceId, spanId, traceFlags = 1, traceState } = parent;
  const spanContext: SpanContext = { traceId, spanId, traceFlags, isRemote: true, ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }) };
  return isSpanContextValid(spanContext) ? traces.setSpanContext(surroundings, spanContext) : null;
}

const spanOptions = ({ attributes = {}, kind = 'internal', links = [] }: SpanOptions): ApiSpanOptions => ({
  attributes,
  kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
  links: links.flatMap(({ traceId, spanId, traceFlags = 1 }) => (spanId === undefined ? [] : [{ context: { traceId, spanId, traceFlags } }])),
});

async function within<T>(span: ApiSpan, { parent }: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await work({ trace: traceOf(span) ?? parent ?? null, set: (attributes) => void (span.isRecording() && span.setAttributes(attributes())) });
  } catch (error) {
    const { code, isFailure } = codeOf(error);
    span.setAttribute('error.type', code);
    // A refusal is an answer; it does not make a trace a failed one.
    if (isFailure) span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    throw error;
  } finally {
    span.end();
  }
}

function traceOf(span: ApiSpan): TraceContext | null {
  const found = span.spanContext();
  if (!isSpanContextValid(found)) return null;
  const { traceId, spanId, traceFlags, traceState } = found;
  const state = traceState?.serialize() ?? '';
  return { traceId, spanId, traceFlags, ...(state === '' ? {} : { traceState: state }) };
}
