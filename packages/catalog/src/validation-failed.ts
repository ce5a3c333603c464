/**
 * What stands in the log for an append that the quality gates refused (C-005): which type, for which stream, and why; never
 * what it carried. A refusal's message is for the caller alone, for it may quote what he sent; what is kept is its code and
 * the names that go with it. For `openLog({ emitValidationFailed })`.
 */
import type { ErrorCode, EventInput, JsonObject, LogError, LogOptions } from '@refold/core';

type RefusedAppend = Parameters<NonNullable<LogOptions['emitValidationFailed']>>[0];

/** Refusals that are about the event. Conflicts, duplicates, sizes and the log's own troubles are no failed validation. */
const recorded: ReadonlySet<ErrorCode> = new Set([
  'UNKNOWN_TYPE', 'SCHEMA_VIOLATION', 'MISSING_FIELD', 'BAD_TIMESTAMP', 'BAD_ISSUE_KEY', 'BAD_SESSION_ID', 'ACTOR_MISSING', 'SENSITIVE_DATA', 'ILLEGAL_TRANSITION', 'BEFORE_MISMATCH',
]);

/** The stream that the log's own acts stand in. */
const storeStream = { streamType: 'store', streamId: 'log' } as const;

/** @returns the event `validation.failed`; null for a refusal that is not about the event. */
export function validationFailed({ refusal, request }: RefusedAppend): EventInput | null {
  if (!recorded.has(refusal.code)) return null;
  const refused = request.events[refusal.details.index ?? 0];
  const { streamType, streamId, correlationId } = refused ?? {};
  return {
    ...storeStream,
    type: 'validation.failed',
    actor: { type: 'system', id: 'refold' },
    // In the conversation of the event that was refused, so that whoever looks there sees that something is missing.
    correlationId: isName(correlationId) ? correlationId : 'store',
    data: {
      rejected_type: nameOf(refused?.type),
      ...(isName(streamType) && isName(streamId) ? { rejected_stream: { type: streamType, id: streamId } } : {}),
      errors: [errorOf(refusal)],
    },
  };
}

/** The rule, the place in the event, and for a transition the machine and the status it stood at. */
function errorOf({ code, details }: LogError): JsonObject {
  const names = ['reason', 'pointer', 'machine', 'from'].flatMap((key) => (isName(details[key]) ? [[key, details[key]] as const] : []));
  return { code, ...Object.fromEntries(names), ...(details.index === undefined ? {} : { index: details.index }) };
}

const textMax = 500;

const isName = (text: unknown): text is string => typeof text === 'string' && text !== '' && text.length <= textMax;
const nameOf = (text: unknown): string => (typeof text === 'string' ? text.slice(0, textMax) : 'none');
