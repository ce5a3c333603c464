/**
 * What is told of an append to whoever watches from outside: a span, figures, and a report that needs no library. Labels are
 * names of ours and of registered types; what stands on a span went through the redactor, because ids are chosen by callers.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { labelOf } from '../metering.ts';
import type { Ports } from '../ports.ts';
import type { Redactor } from '../schema/redact.ts';
import type { Registry } from '../schema/registry.ts';
import { secretRules } from '../schema/secret-rules.ts';
import { codeOf, traced } from '../tracing.ts';
import type { Span, SpanAttributes } from '../tracing.ts';
import type { AppendReceipt, AppendRequest } from './append.ts';
import { createAppendTimes } from './append-report.ts';
import type { AppendReport } from './append-report.ts';
import type { PendingEvent } from './complete.ts';
import type { Capabilities } from './driver.ts';

export interface AppendTelemetry {
  report(): AppendReport;
  /** Runs an append in a span of its own; the request it gets names the trace that its events link to. */
  run(request: AppendRequest, append: (request: AppendRequest) => Promise<AppendReceipt>): Promise<AppendReceipt>;
  /** Told of the events of every commit that was written, whoever appended it. */
  written(events: readonly PendingEvent[]): void;
}

export interface AppendTelemetryParts {
  readonly ports: Pick<Ports, 'clock' | 'meter' | 'tracer'>;
  readonly registry: Pick<Registry, 'aggregate' | 'eventType' | 'canonicalName'>;
  readonly redactor: Redactor;
  readonly capabilities: Pick<Capabilities, 'durability'>;
  /** Name of the engine, for figures. */
  readonly engine: string;
}

/** So many names of services get a series of their own; a service is named by whoever writes. */
const servicesNamedMax = 100;
const isServiceName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(name);

export function createAppendTelemetry({ ports, registry, redactor, capabilities: { durability }, engine }: AppendTelemetryParts): AppendTelemetry {
  const { clock, meter, tracer } = ports;
  const times = createAppendTimes(clock);
  const services = new Set<string>();

  const streamTypeLabel = (type: string | undefined): string => labelOf(type, (known) => registry.aggregate(known) !== null);
  const typeLabel = (type: string | undefined): string => labelOf(type, (known) => registry.eventType(known)?.name === known);
  const serviceLabel = (name: string | undefined): string => {
    if (name === undefined) return '';
    if (services.size < servicesNamedMax && isServiceName(name)) services.add(name);
    return labelOf(name, (known) => services.has(known));
  };

  function written(events: readonly PendingEvent[]): void {
    if (meter === undefined) return;
    for (const { streamType, type, priority, serviceName, trace, metadata } of events) {
      meter.add('events_published_total', { stream_type: streamTypeLabel(streamType), type: typeLabel(type), priority, service: serviceLabel(serviceName) });
      meter.add(trace === undefined ? 'events_without_trace_total' : 'events_with_trace_total', {});
      if (Array.isArray(metadata['redactions'])) for (const note of metadata['redactions']) meter.add('secrets_redacted_total', { pattern: labelOf((note as { readonly rule?: string } | null)?.rule, (rule) => ruleNames.has(rule)) });
    }
  }

  function failed(error: unknown, { events }: AppendRequest): void {
    times.failed(error);
    if (meter === undefined) return;
    const { code, isFailure } = codeOf(error);
    meter.add('events_publish_failures_total', { reason: code });
    if (isFailure) meter.add('expected_actions_total', {}, events.length);
    const { stream, index = 0 } = error instanceof LogError ? (error.details as { readonly stream?: unknown; readonly index?: number }) : {};
    const refused = events[index];
    const type = typeLabel(registry.canonicalName(String(refused?.type)) ?? undefined);
    const ofStream = typeof stream === 'string' ? stream.slice(0, stream.indexOf('/')) : (refused?.streamType ?? registry.eventType(type)?.streamType ?? undefined);
    if (code === 'REVISION_CONFLICT') meter.add('revision_conflicts_total', { stream_type: streamTypeLabel(ofStream) });
    if (code === 'ILLEGAL_TRANSITION') meter.add('illegal_transitions_total', { stream_type: streamTypeLabel(ofStream), type });
    if (gateCodes.has(code)) meter.add('validation_failures_total', { code, type });
  }

  /** Ids are names that callers chose; one that holds a known secret is masked here, though the event keeps it. */
  const shown = (attributes: SpanAttributes): SpanAttributes => redactor({ data: attributes, metadata: {} }).data as SpanAttributes;

  async function within(span: Span, request: AppendRequest, append: (request: AppendRequest) => Promise<AppendReceipt>): Promise<AppendReceipt> {
    const [beganMs, began] = [clock.now(), meter?.now() ?? 0];
    try {
      const receipt = await append(span.trace === null || span.trace === request.trace ? request : { ...request, trace: span.trace });
      times.written(receipt.duplicate ? 0 : receipt.events.length, beganMs);
      meter?.observe('publish_duration_ms', { driver: engine, durability }, meter.now() - began);
      if (!receipt.duplicate) meter?.add('expected_actions_total', {}, receipt.events.length);
      span.set(() => shown(attributesOf(receipt, request)));
      return receipt;
    } catch (error) {
      failed(error, request);
      throw error;
    }
  }

  return {
    report: () => times.report(),
    run: (request, append) => traced(tracer, 'refold.append', { parent: request.trace }, (span) => within(span, request, append)),
    written,
  };
}

/** The way from a span to what it wrote: the place of the last event, and how many stand before it. */
function attributesOf({ events, first, last, commitId, duplicate }: AppendReceipt, request: AppendRequest): SpanAttributes {
  const { id, type, streamType, streamId, revision } = events.at(-1)!;
  const { correlationId } = request.events.at(-1)!;
  return {
    'refold.stream.type': streamType,
    'refold.stream.id': streamId,
    'refold.stream.revision': revision,
    'refold.event.id': id,
    'refold.event.type': type,
    'refold.events': events.length,
    'refold.position.first': first,
    'refold.position.last': last,
    'refold.place': `${streamType}/${streamId}@${revision}`,
    'refold.commit.id': commitId,
    'refold.duplicate': duplicate,
    ...(correlationId === undefined ? {} : { 'refold.correlation.id': correlationId }),
  };
}

const ruleNames: ReadonlySet<string> = new Set([...secretRules.map(({ name }) => name), 'sensitive-key', 'timeout', 'x-secret', 'x-pii']);

const gateCodes: ReadonlySet<ErrorCode> = new Set(['UNKNOWN_TYPE', 'SCHEMA_VIOLATION', 'MISSING_FIELD', 'BAD_TIMESTAMP', 'BAD_ISSUE_KEY', 'BAD_SESSION_ID', 'ACTOR_MISSING', 'SENSITIVE_DATA']);
