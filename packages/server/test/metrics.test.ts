/** What a scraper reads, over a real socket, after real work. */
import { readFileSync } from 'node:fs';
import { metrics } from '@refold/core';
import { describe, expect, test, vi } from 'vitest';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { own, bearer, newKey, startGuarded } from './guarded-world.ts';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const job = (id: string, type: string, data: object = {}, minute = 0) => ({ type, streamType: 'job', streamId: id, actor: { type: 'agent', id: 'w' }, occurredAt: `2026-11-20T09:0${minute}:00.000Z`, data });

async function startMeasured(): Promise<World & { scrape(): Promise<string> }> {
  const shown = createMetrics();
  const world = await startWorld({ meter: shown.meter, metrics: { shown, path: '/metrics' } });
  return { ...world, scrape: async () => (await world.call('/metrics')).text };
}

const valueOf = (text: string, series: string): number => Number(text.split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1]);

describe('/metrics', () => {
  test('D-122 has every metric of the table with its kind and help, and no other of ours', async () => {
    const world = await startMeasured();
    const { text, headers } = await world.call('/metrics');
    const types = new Map([...text.matchAll(/^# TYPE refold_(\S+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]));
    const expected = Object.entries(metrics).map(([name, { kind }]) => [name, kind === 'milliseconds' || kind === 'bytes' ? 'histogram' : kind]);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(Object.fromEntries(types)).toEqual(Object.fromEntries(expected));
  });

  test('B-134 B-135 B-136 counts what was written by kind, and what could not be', async () => {
    const world = await startMeasured();
    await appendSmallRun(world);
    await world.post('/api/v1/events', [{ type: 'phase.started', streamType: 'orchestration', streamId: 'PROJ-1', actor: { type: 'user', id: 'a' }, issueKey: 'PROJ-1', sessionId: 's', serviceName: 'runner', data: { phase: 'test' } }]);
    await world.post('/api/v1/events', { type: 'no.such_type', streamType: 'job', streamId: '1', actor: { type: 'user', id: 'a' }, data: {} });
    await world.post('/api/v1/events', { ...job('1', 'job.completed') });
    const text = await world.scrape();
    expect(valueOf(text, 'refold_events_published_total{stream_type="orchestration",type="phase.started",priority="P1",service="runner"}')).toBe(1);
    expect(valueOf(text, 'refold_events_published_total{stream_type="orchestration",type="phase.started",priority="P1",service=""}')).toBe(1);
    expect(valueOf(text, 'refold_events_publish_failures_total{reason="UNKNOWN_TYPE"}')).toBe(1);
    expect(valueOf(text, 'refold_validation_failures_total{code="UNKNOWN_TYPE",type="other"}')).toBe(1);
    expect(valueOf(text, 'refold_illegal_transitions_total{stream_type="job",type="job.completed"}')).toBe(1);
    expect(valueOf(text, `refold_publish_duration_ms_count{driver="unnamed",durability="${world.log.capabilities.durability}"}`)).toBe(2);
  });

  test('what was meant to be written and what was written are the same', async () => {
    const world = await startMeasured();
    await appendSmallRun(world);
    const text = await world.scrape();
    expect([valueOf(text, 'refold_expected_actions_total'), valueOf(text, 'refold_store_events')]).toEqual([3, 3]);
  });

  test('D-117 a conflict is counted by the kind of stream', async () => {
    const world = await startMeasured();
    await world.post('/api/v1/events', { events: [job('1', 'job.created')], expectedRevision: 4 });
    expect(valueOf(await world.scrape(), 'refold_revision_conflicts_total{stream_type="job"}')).toBe(1);
  });

  test('B-137 D-073 questions are timed by kind, folds, caches and subscriptions counted', async () => {
    const world = await startMeasured();
    await appendSmallRun(world);
    for (const query of ['issueKey=PROJ-1', 'type=phase.started', 'text=note', 'correlationId=c1', 'from=2026-11-20T09:00:00Z', '']) await world.call(`/api/v1/events?${query}`);
    await world.call('/api/v1/streams/orchestration/PROJ-1/state');
    await appendSmallRun(world).catch(() => undefined);
    const stop = new AbortController();
    const tail = await fetch(`${world.server.url}/api/v1/events/stream`, { signal: stop.signal });
    await world.post('/api/v1/events', job('1', 'job.created'));
    const reader = tail.body!.getReader();
    for (let text = ''; !text.includes('job.created');) text += new TextDecoder().decode((await reader.read()).value);
    const text = await world.scrape();
    for (const kind of ['issue', 'type', 'text', 'correlation', 'time', 'all']) expect([kind, valueOf(text, `refold_query_duration_ms_count{kind="${kind}"}`)]).toEqual([kind, 1]);
    expect(valueOf(text, 'refold_reconstruct_duration_ms_count')).toBeGreaterThan(0);
    expect(valueOf(text, 'refold_events_folded_total{stream_type="orchestration"}')).toBeGreaterThan(0);
    expect(valueOf(text, 'refold_state_cache_hits_total')).toBeGreaterThan(0);
    expect(valueOf(text, 'refold_subscription_latency_ms_count')).toBe(1);
    expect(valueOf(text, 'refold_subscriptions_active')).toBe(1);
    stop.abort();
    await vi.waitFor(async () => expect(valueOf(await world.scrape(), 'refold_subscriptions_active')).toBe(0));
  });

  test('jobs and their steps are timed as their log tells, by whoever writes it', async () => {
    const world = await startMeasured();
    await world.post('/api/v1/events', [job('1', 'job.created'), job('1', 'job.started', {}, 1), job('1', 'job.step_completed', { step: 'build', duration_ms: 1_500 }, 2)]);
    expect(valueOf(await world.scrape(), 'refold_jobs_running')).toBe(1);
    await world.post('/api/v1/events', [job('1', 'job.completed', {}, 3)]);
    await vi.waitFor(async () => {
      const text = await world.scrape();
      expect(valueOf(text, 'refold_job_duration_ms_sum{status="completed"}')).toBe(120_000);
      expect(valueOf(text, 'refold_job_step_duration_ms_sum{step="build"}')).toBe(1_500);
    });
  });

  test('A-108 masked secrets are counted by their rule', async () => {
    const world = await startMeasured();
    await world.post('/api/v1/events', { type: 'custom.noted', streamType: 'custom', streamId: '1', actor: { type: 'user', id: 'a' }, data: { text: 'ghp_012345678901234567890123456789abcdef' } });
    expect(valueOf(await world.scrape(), 'refold_secrets_redacted_total{pattern="github-token"}')).toBe(1);
  });

  test('TRUST 11: each limit that a caller comes up against is counted by its name, and nothing else is', async () => {
    const world = await startMeasured();
    const event = job('1', 'job.created');
    await world.post('/api/v1/events', Array.from({ length: 501 }, () => event));
    await world.post('/api/v1/events', `{"type":"custom.noted","data":${'['.repeat(70)}${']'.repeat(70)}}`);
    await world.post('/api/v1/events', { ...event, data: { ['k'.repeat(513)]: 1 } });
    await world.call('/api/v1/events?limit=1001');
    await world.call(`/api/v1/events?text=${'x'.repeat(1_025)}`);
    await world.call('/api/v1/events/absent');
    await world.post('/api/v1/events', { ...event, type: 'no.such_type' });
    const text = await world.scrape();
    const counted = Object.fromEntries([...text.matchAll(/^refold_limits_reached_total\{limit="(\w+)"\} (\d+)$/gm)].map(([, name, count]) => [name, Number(count)]));
    expect(counted).toEqual({ batch: 1, depth: 1, key: 1, limit: 1, text: 1 });
  });

  test('is for whoever may read the whole log', async () => {
    const shown = createMetrics();
    const world = await startGuarded({ meter: shown.meter, metrics: { shown, path: '/figures' } });
    const held = await newKey(world, { role: 'agent', streamPrefix: 'session/' });
    const viewer = await newKey(world, { role: 'viewer' });
    const status = async (headers: Record<string, string>): Promise<number> => (await world.call('/figures', { headers })).status;
    expect([await status({}), await status(bearer(held.key)), await status(bearer(viewer.key)), await status(own)]).toEqual([401, 403, 200, 200]);
  });

  test('is not there where nobody asked for it', async () => {
    expect((await (await startWorld()).call('/metrics')).status).toBe(404);
  });
});

test('D-122 the reference of metrics has every series with its labels, and no other', () => {
  const rows = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const cells = /^\| `refold_(\w+)` \| (\w+) \| (.*?) \| (.+) \|$/.exec(line);
      return cells === null ? [] : [[cells[1]!, { kind: cells[2]!, labels: [...cells[3]!.matchAll(/`(\w+)`/g)].map(([, label]) => label!), doc: cells[4]! }] as const];
    });
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(metrics).map(([name, { kind, labels, doc }]) => [name, { kind, labels: [...labels], doc }])));
});
