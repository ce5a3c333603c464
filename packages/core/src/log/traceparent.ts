/** The header `traceparent` (W3C Trace Context, level 1, section 3.2) and the trace that an event keeps. */
import type { TraceContext } from './event.ts';

/** `version-traceid-parentid-flags`; a later version may say more behind. */
const pattern = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** null for what is no traceparent: section 3.2 has it ignored, not refused. */
export function parseTraceparent(header: unknown, traceState?: unknown): TraceContext | null {
  const match = typeof header === 'string' ? pattern.exec(header.trim()) : null;
  if (match === null) return null;
  const [, , traceId, spanId, flags] = match as unknown as readonly [string, string, string, string, string];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), ...(typeof traceState === 'string' && traceState !== '' ? { traceState } : {}) };
}

/** null for a trace without a span. */
export const formatTraceparent = ({ traceId, spanId, traceFlags = 1 }: TraceContext): string | null => (spanId === undefined ? null : `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`);
