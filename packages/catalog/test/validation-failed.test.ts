/** Refusals on record: written behind the refusal, once each, never in its way (C-005, 3.3.2). */
import { createCatalogRegistry, validationFailed } from '@refold/catalog';
import { LogError, openLog } from '@refold/core';
import type { EventEnvelope, EventInput, Log, LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';

const actor = { type: 'agent', id: 'planner' } as const;
const jobEvent = (type: string, more: Partial<EventInput> = {}): EventInput => ({ type, streamType: 'job', streamId: '42', actor, data: {}, ...more });

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
    expect(failed).toMatchObject({
      type: 'validation.failed',
      streamType: 'store',
      correlationId: 'c-1',
      severity: 'WARN',
      data: { rejected_type: 'job.completed', rejected_stream: { type: 'job', id: '42' }, errors: [{ code: 'ILLEGAL_TRANSITION' }] },
    });
    expect(JSON.stringify(failed)).not.toContain('the payload');
    expect(failed!.metadata).toEqual({});
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
    expect(failed[0]!.data['errors']).toEqual([{ code: 'UNKNOWN_TYPE', message: expect.stringContaining('job.completd'), pointer: '/type' }]);
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
