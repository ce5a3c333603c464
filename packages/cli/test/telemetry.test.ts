/** A served log seen from outside: spans at a collector that listens here, lines on stderr, figures for a scraper. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { consoleWithRun, testStore } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';
import type { Served } from './serve.ts';

interface OtlpValue { readonly stringValue?: string; readonly intValue?: number | string; readonly boolValue?: boolean }
interface OtlpSpan { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly name: string; readonly kind: number; readonly attributes: readonly { readonly key: string; readonly value: OtlpValue }[]; readonly status: { readonly code?: number } }

interface Collector {
  readonly url: string;
  readonly spans: OtlpSpan[];
  readonly resources: Record<string, OtlpValue>[];
  readonly paths: string[];
}

/** The far end: takes OTLP over HTTP as JSON, as a collector does. */
async function startCollector(): Promise<Collector> {
  const [spans, resources, paths]: [OtlpSpan[], Record<string, OtlpValue>[], string[]] = [[], [], []];
  const take = (body: string): void => {
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { resource: { attributes: { key: string; value: OtlpValue }[] }; scopeSpans: { spans: OtlpSpan[] }[] }[] };
    for (const { resource, scopeSpans } of resourceSpans) {
      resources.push(Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value])));
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    }
  };
  const server = createServer((request, response) => {
    paths.push(request.url!);
    void text(request).then((body) => {
      take(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, resources, paths };
}

const attributesOf = ({ attributes }: OtlpSpan): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? Number(value.intValue)]));
const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} };

let console: Console;
beforeEach(async () => {
  console = await consoleWithRun();
});
afterEach(() => console.close());

const post = async ({ url, headers }: Served, body: unknown, more: Record<string, string> = {}): Promise<{ status: number; body: { events: { id: string }[] } }> => {
  const answer = await fetch(`${url}/api/v1/events`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json', ...more }, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as never };
};
const get = async ({ url, headers }: Served, path: string): Promise<string> => await (await fetch(url + path, { headers })).text();

describe('spans of a served log', () => {
  test('D-052 D-101 D-112 reach a collector: the request in the trace of its caller, the append within it, the event linked to both', async () => {
    const collector = await startCollector();
    const served = await serve(console, '', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'recorder' } });
    const { body } = await post(served, note, { traceparent: `00-${traceId}-${spanId}-01` });
    const event = JSON.parse(await get(served, `/api/v1/events/${body.events[0]!.id}`)) as { trace: { traceId: string; spanId: string }; position: number };
    await served.stop();

    const [server] = collector.spans.filter(({ name }) => name === 'POST /api/v1/events');
    const [append] = collector.spans.filter(({ name }) => name === 'refold.append');
    expect([server!.traceId, server!.parentSpanId, server!.kind]).toEqual([traceId, spanId, 2]);
    expect([append!.traceId, append!.parentSpanId]).toEqual([traceId, server!.spanId]);
    expect(event.trace).toMatchObject({ traceId, spanId: append!.spanId });
    expect(attributesOf(append!)).toMatchObject({ 'refold.event.id': body.events[0]!.id, 'refold.place': 'custom/n1@1', 'refold.position.last': event.position });
    expect(attributesOf(server!)).toMatchObject({ 'http.route': '/api/v1/events', 'http.response.status_code': 201 });
    const [query] = collector.spans.filter(({ name }) => name === 'refold.query');
    expect(attributesOf(query!)).toEqual({ 'refold.operation': 'getEvent', 'refold.query.kind': 'id' });
    expect([collector.resources[0]!['service.name'], new Set(collector.paths)]).toEqual([{ stringValue: 'recorder' }, new Set(['/v1/traces'])]);
  });

  test('the configuration names collector and service as well', async () => {
    const collector = await startCollector();
    console.write('config/event-sourcing.yaml', ['event_sourcing:', '  telemetry:', `    otel: { exporter: otlp, endpoint: "${collector.url}", service_name: log-of-prod }`, ''].join('\n'));
    const served = await serve(console);
    await get(served, '/api/v1/runs');
    await served.stop();
    expect(collector.resources[0]!['service.name']).toEqual({ stringValue: 'log-of-prod' });
    expect(collector.spans.map(({ name }) => name)).toContain('GET /api/v1/runs');
  });

  test('A-108 a secret in a request is on no span', async () => {
    const collector = await startCollector();
    const served = await serve(console, '', { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` } });
    const secret = 'ghp_012345678901234567890123456789abcdef';
    const own = 'correct-horse-battery';
    await post(served, { ...note, streamId: secret, correlationId: secret, data: { [own]: own }, serviceName: own, phase: own }, { 'x-correlation-id': secret, 'user-agent': own });
    await post(served, { ...note, type: own, [own]: own }, { tracestate: own });
    await get(served, `/api/v1/events?text=${own}&correlationId=${secret}`);
    await get(served, `/${own}?${own}=${own}`);
    await served.stop();
    expect(collector.spans.length).toBeGreaterThan(4);
    expect([secret, own].filter((word) => JSON.stringify(collector.spans).includes(word))).toEqual([]);
  });

  test('a collector that is away costs nothing but its spans', async () => {
    const served = await serve(console, '', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } });
    expect((await post(served, note)).status).toBe(201);
    expect((await served.stop()).exitCode).toBe(0);
  });

  test('none leave the process where nobody asked', async () => {
    const collector = await startCollector();
    const served = await serve(console, '', { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' } });
    const { body } = await post(served, note);
    expect(JSON.parse(await get(served, `/api/v1/events/${body.events[0]!.id}`))).not.toHaveProperty('trace');
    await served.stop();
    expect(collector.paths).toEqual([]);
  });

  test('the exporter console writes them as lines on stderr', async () => {
    console.write('config/event-sourcing.yaml', 'event_sourcing: { telemetry: { otel: { exporter: console } } }\n');
    const served = await serve(console);
    await post(served, note);
    const { stderr } = await served.stop();
    expect(stderr).toContain('"name":"refold.append"');
  });
});

describe('lines and figures of a served log', () => {
  test('D-123 what wrote is told from level info on, what read from debug on', async () => {
    for (const [level, written, read] of [['warn', false, false], ['info', true, false], ['debug', true, true]] as const) {
      console.write('config/event-sourcing.yaml', `event_sourcing: { telemetry: { log_level: ${level} } }\n`);
      const served = await serve(console);
      const { body } = await post(served, note);
      await get(served, '/api/v1/runs');
      const { stderr } = await served.stop();
      const lines = stderr.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
      expect([level, lines.some(({ eventIds }) => Array.isArray(eventIds) && eventIds.includes(body.events[0]!.id)), lines.some(({ route }) => route === '/api/v1/runs')]).toEqual([level, written, read]);
    }
  });

  test('D-123 refold logs finds the lines of an event by its id, its trace and its conversation', async () => {
    const served = await serve(console, '-v');
    const { body } = await post(served, { ...note, correlationId: 'deploy-7' }, { traceparent: `00-${traceId}-${spanId}-01` });
    await post(served, { ...note, streamId: 'n2' });
    await post(served, { ...note, type: 'no.such_type' }, { 'x-correlation-id': 'deploy-7' });
    console.write('server.log', (await served.stop()).stderr);
    const { stdout, stderr, exitCode } = await console.run(`logs server.log --event ${body.events[0]!.id} --jsonl`);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect([exitCode, lines.map(({ status, stream, code }) => [status, stream, code])]).toEqual([0, [[201, 'custom/n1', undefined], [422, undefined, 'UNKNOWN_TYPE']]]);
    expect(stderr).toContain('2 lines of');
    expect((await console.run(`logs none.log --event ${body.events[0]!.id}`)).exitCode).toBe(4);
  });

  test('B-134 the figures are at the path that the configuration names, or nowhere', async () => {
    console.write('config/event-sourcing.yaml', 'event_sourcing: { telemetry: { metrics: { path: /figures } } }\n');
    const first = await serve(console);
    await post(first, note);
    const figures = await get(first, '/figures');
    expect(figures).toMatch(/^refold_events_published_total\{stream_type="custom",type="(?:other|custom\.noted)",priority="P2",service=""\} 1$/m);
    expect(figures).toMatch(new RegExp(`^refold_publish_duration_ms_count\\{driver="${testStore}",durability="fsync"\\} 1$`, 'm'));
    if (testStore !== 'postgres') expect(Number(/^refold_store_size_bytes (\d+)$/m.exec(figures)?.[1])).toBeGreaterThan(10_000);
    await first.stop();
    console.write('config/event-sourcing.yaml', 'event_sourcing: { telemetry: { metrics: { prometheus: false } } }\n');
    const second = await serve(console);
    expect(JSON.parse(await get(second, '/metrics'))).toMatchObject({ code: 'NOT_FOUND' });
    await second.stop();
  });
});
