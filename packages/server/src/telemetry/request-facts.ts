/** What a line about a request says beside its route: its trace, its conversation, what it wrote. Ids that hold a known secret are masked. */
import { createRedactor, parseTraceparent } from '@refold/core';
import type { Log, TraceContext } from '@refold/core';
import type { IncomingMessage } from 'node:http';
import type { DoneRequest, FailedRequest } from '../request-log.ts';

type Facts = Pick<DoneRequest, 'traceId' | 'correlationId' | 'eventIds' | 'events' | 'stream' | 'revision' | 'position'>;

export interface RequestFacts {
  /** The trace that a request came in; what cannot be read is ignored (W3C Trace Context, 3.2). */
  traceOf(request: IncomingMessage): TraceContext | undefined;
  /** The conversation that its header names. */
  correlationOf(request: IncomingMessage): string | undefined;
  /** Notes the trace that it is answered in, where spans are made. */
  answeredIn(request: IncomingMessage, trace: TraceContext): void;
  /** Notes the answer of an operation, if it is one that tells what was written. */
  answered(request: IncomingMessage, output: unknown): void;
  /** The line, with what is known. */
  line<L extends DoneRequest | FailedRequest>(request: IncomingMessage, line: L): L;
}

/** Section 3.3.1.5 of the standard: at least so much is handed on; more is not kept on every event. */
const traceStateCharactersMax = 512;
const eventIdsNamed = 20;

export function createRequestFacts({ ports, identity }: Pick<Log, 'ports' | 'identity'>): RequestFacts {
  const noted = new WeakMap<IncomingMessage, Facts>();
  const redactor = createRedactor({ hasher: ports.hasher, key: identity.redactionKey });

  const note = (request: IncomingMessage, facts: Facts): void => void noted.set(request, { ...noted.get(request), ...facts });

  function traceOf({ headers }: IncomingMessage): TraceContext | undefined {
    const state = headers['tracestate'];
    return parseTraceparent(headers['traceparent'], typeof state === 'string' && state.length <= traceStateCharactersMax ? state : undefined) ?? undefined;
  }

  function correlationOf({ headers }: IncomingMessage): string | undefined {
    const given = headers[correlationHeader];
    return typeof given === 'string' && correlationIdPattern.test(given) ? given : undefined;
  }

  return {
    traceOf,
    correlationOf,
    answeredIn: (request, { traceId }) => note(request, { traceId }),
    answered(request, output) {
      const { events } = output as { readonly events?: unknown };
      if (!Array.isArray(events) || !events.every(isAppended)) return;
      const last = events.at(-1);
      if (last === undefined) return;
      note(request, { eventIds: events.slice(0, eventIdsNamed).map(({ id }) => id), events: events.length, stream: `${last.streamType}/${last.streamId}`, revision: last.revision, position: last.position });
    },
    line(request, line) {
      const traceId = traceOf(request)?.traceId;
      const correlationId = correlationOf(request);
      const facts: Facts = { ...(traceId === undefined ? {} : { traceId }), ...(correlationId === undefined ? {} : { correlationId }), ...noted.get(request) };
      const { data } = redactor({ data: facts, metadata: {} });
      return { ...line, ...(data as Facts) };
    },
  };
}

/** Which conversation the events of a request belong to, where they do not say it themselves (B-124). */
export const correlationHeader = 'x-correlation-id';
export const correlationIdPattern = /^[\x21-\x7e]{1,200}$/;

interface Appended {
  readonly id: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly revision: number;
  readonly position: number;
}

/** What a receipt names; an event that was read has more. */
const isAppended = (event: unknown): event is Appended => typeof event === 'object' && event !== null && 'position' in event && 'revision' in event && 'streamId' in event && !('data' in event);
