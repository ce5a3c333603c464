/**
 * Where the spans of a server go: over OTLP to a collector, or as lines to whoever looks. Configured by our own keys or by the
 * variables that every program knows (OpenTelemetry SDK configuration); nothing is loaded where neither asks for it.
 */
import { LogError } from '@refold/core';
import type { OpenOptions } from '@refold/sdk';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Config } from './config/schema.ts';
import { version } from './version.ts';
import type { World } from './world.ts';

export interface SpanExport {
  /** What the log is to be opened with. */
  readonly tracing: NonNullable<OpenOptions['tracing']>;
  /** Sends what is left, and waits for it only so long. */
  stop(): Promise<void>;
}

export interface SpanExportOptions {
  readonly config: Config['event_sourcing']['telemetry'];
  readonly env: World['env'];
  /** Takes the lines of the exporter `console`. */
  readonly note: (line: string) => void;
}

const exportTimeoutMs = 5_000;
/** A collector that is away costs this many spans of memory, then the newest are dropped. */
const spansWaitingMax = 2_048;

/** @throws LogError BAD_CONFIG `endpoint`. */
export async function exportSpans(options: SpanExportOptions): Promise<SpanExport> {
  const { config, env } = options;
  const exporter = await exporterOf(options);
  if (exporter === null) return { tracing: 'off', stop: async () => undefined };
  const [{ context, trace }, { BatchSpanProcessor, TracerProvider }, { AsyncLocalStorageContextManager }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/resources'),
  ]);
  const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? config.otel.service_name, 'service.version': version }));
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: spansWaitingMax, exportTimeoutMillis: exportTimeoutMs })] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    tracing: config.always_trace ? 'always' : 'inherit',
    async stop() {
      // A collector that is away must not keep a server from ending.
      await provider.shutdown().catch(() => undefined);
      context.disable();
      trace.disable();
    },
  };
}

async function exporterOf({ config: { otel }, env, note }: SpanExportOptions): Promise<SpanExporter | null> {
  if (!otel.enabled || env['OTEL_SDK_DISABLED'] === 'true') return null;
  const url = endpointOf(otel.endpoint, env);
  if (otel.exporter === 'console') return lineExporter(note);
  if (otel.exporter === 'none' && (url === null || otel.endpoint !== null)) return null;
  if (url !== null && !URL.canParse(url)) throw new LogError('BAD_CONFIG', 'The endpoint of telemetry is no URL.', { details: { reason: 'endpoint' }, hint: 'For example http://127.0.0.1:4318' });
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new OTLPTraceExporter({ ...(url === null ? {} : { url }), timeoutMillis: exportTimeoutMs });
}

/** The general endpoint is a base, that for traces is taken as it is (OTLP exporter specification). */
function endpointOf(configured: string | null, env: World['env']): string | null {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (configured === null && own !== undefined && own !== '') return own;
  const base = configured ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return base === '' ? null : `${base.replace(/\/$/, '').replace(/\/v1\/traces$/, '')}/v1/traces`;
}

const lineExporter = (note: (line: string) => void): SpanExporter => ({
  export(spans, done) {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const [seconds, nanoseconds] = span.duration;
      const parent = span.parentSpanContext === undefined ? {} : { parentSpanId: span.parentSpanContext.spanId };
      note(JSON.stringify({ message: 'span ended', name: span.name, traceId, spanId, ...parent, durationMs: seconds * 1_000 + nanoseconds / 1e6, attributes: span.attributes }));
    }
    done({ code: 0 });
  },
  shutdown: async () => undefined,
});
