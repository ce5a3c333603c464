/** Refusals on record: written behind the refusal, once each, never in its way (C-005, 3.3.2). */
import { createCatalogRegistry, validationFailed } from '@refold/catalog';
import { LogError, openLog } from '@refold/core';
import type { EventEnvelope, EventInput, JsonObject, Log, LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';

const actor = { type: 'agent', id: 'planner' } as const;
const jobEvent = (type: string, more: Partial<EventInput> = {}): EventInput => ({ type, streamType: 'job', streamId: '42', actor, data: {}, ...more });

const taskEvent = (type: string, data: JsonObject): EventInput => ({ type, streamType: 'task', streamId: 't-1', actor, data });

async function openRecording(wrap: (driver: LogDriver) => LogDriver = (driver) => driver): Promise<{ log: Log; driver: LogDriver }> {
  const ports = createTestPorts(1, { isSleepInstant: true });
  let driver: LogDriver | null = null;
  const log = await openLog({ open: (linker) => wrap((driver = wrapLog(openMemoryLog({ linker, clock: ports.clock }), { close: async () => undefined }))), registry: createCatalogRegistry(), ports, emitValidationFailed: validationFailed });
  return { log, driver: driver! };
}

/** What is in the log once everything was written: closing waits for records. */
async function recordsOf({ log, driver }: { log: Log; driver: LogDriver }): Promise<EventEnvelope[]> {
  await log.close();
  const reopened = await openLog({ open: () => driver, registry: log.registry, ports: log.ports });
  const events: EventEnvelope[] = [];
  for await (const page of reopened.events({})) events.push(...page.events);
  return events;
}

describe('a refused append', () => {
  test('leaves validation.failed in the stream store: the type, the stream and the reason, not the payload', async () => {
    const world = await openRecording();
    await expect(world.log.append({ events: [jobEvent('job.completed', { correlationId: 'c-1', data: { result: 'the payload' } })] })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    const [failed, ...others] = await recordsOf(world);
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ type: 'validation.failed', streamType: 'store', correlationId: 'c-1', severity: 'WARN' });
    expect(failed!.data).toEqual({ rejected_type: 'job.completed', rejected_stream: { type: 'job', id: '42' }, errors: [{ code: 'ILLEGAL_TRANSITION', machine: 'job', from: 'absent' }] });
    expect(JSON.stringify(failed)).not.toContain('the payload');
    expect(failed!.metadata).toEqual({});
  });

  test.each<[sent: string, kept: object, event: EventInput]>([
    ['73.25', { code: 'BEFORE_MISMATCH' }, taskEvent('task.progress_updated', { before: 73.25, after: 80 })],
    ['the payload', { code: 'ILLEGAL_TRANSITION', machine: 'task', from: 'pending' }, taskEvent('task.status_changed', { before: 'the payload', after: 'done' })],
    ['the payload', { code: 'SCHEMA_VIOLATION', reason: 'invalid_value', pointer: '/data/before' }, taskEvent('task.priority_changed', { before: 'the payload', after: 'low' })],
    ['the payload', { code: 'BAD_ISSUE_KEY', pointer: '/issueKey' }, { ...taskEvent('task.started', {}), issueKey: 'the payload' }],
  ])('keeps nothing of what was sent, %s, though the refusal may quote it: %o', async (sent, kept, event) => {
    const world = await openRecording();
    await world.log.append({ events: [taskEvent('task.created', { title: 'a', priority: 'low' })], validation: 'flag' });
    await expect(world.log.append({ events: [event] })).rejects.toMatchObject({ code: (kept as { code: string }).code });
    const [, failed, ...others] = await recordsOf(world);
    expect(others).toEqual([]);
    expect(failed!.data['errors']).toEqual([kept]);
    expect(JSON.stringify(failed!.data)).not.toContain(sent);
  });

  test('of a validation.failed is recorded like any other, once', async () => {
    const world = await openRecording();
    await expect(world.log.append({ events: [{ type: 'validation.failed', streamType: 'store', streamId: 'log', actor, data: {} }] })).rejects.toMatchObject({ code: 'MISSING_FIELD' });
    expect((await recordsOf(world)).map(({ type, data }) => [type, data['rejected_type']])).toEqual([['validation.failed', 'validation.failed']]);
  });

  test('that comes with others is recorded with them; what is no failed validation is not recorded', async () => {
    const world = await openRecording();
    await world.log.append({ events: [jobEvent('job.created', { data: { job_name: 'build', name: 'build' } })], validation: 'flag' });
    await Promise.allSettled([
      ...Array.from({ length: 20 }, () => world.log.append({ events: [jobEvent('job.completd')] })),
      world.log.append({ events: [jobEvent('job.started')], expectedRevision: 9 }),
      world.log.append({ events: [] }),
    ]);
    const failed = (await recordsOf(world)).filter(({ type }) => type === 'validation.failed');
    expect(failed).toHaveLength(20);
    expect(failed[0]!.data).toMatchObject({ rejected_type: 'job.completd', errors: [{ code: 'UNKNOWN_TYPE', pointer: '/type' }] });
  });

  test('is refused all the same when its record cannot be written, and the record of it is not recorded', async () => {
    let appends = 0;
    const world = await openRecording((driver) =>
      wrapLog(driver, {
        append: async () => {
          appends++;
          throw new LogError('LOG_UNAVAILABLE', 'the disk is full', { details: { reason: 'read_only' } });
        },
      }),
    );
    await expect(world.log.append({ events: [jobEvent('job.completed')] })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(await recordsOf(world)).toEqual([]);
    expect(appends).toBe(1);
  });
});
