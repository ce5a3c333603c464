/** Health of the orchestration (document 004), asked and followed, over a log that runs, stands still, fails and comes back. */
import { createCatalogRegistry } from '@refold/catalog';
import { LogError } from '@refold/core';
import type { LogDriver } from '@refold/core';
import { createJob, followOrchestratorHealth, health, orchestratorHealth, pauseJob, ready, runStream, startJob, verifyLog } from '@refold/operations';
import type { OrchestratorStatus } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openWorld as openPlainWorld } from './world.ts';
import type { World } from './world.ts';

/** A log whose engine can be cut off. */
async function openWorld(): Promise<World & { cutOff: (isOff: boolean) => void }> {
  let isOff = false;
  const refuse = (): never => {
    throw new LogError('LOG_UNAVAILABLE', 'The disk is away.');
  };
  const cut = (driver: LogDriver): LogDriver =>
    wrapLog(driver, {
      head: async () => (isOff ? refuse() : await driver.head()),
      append: async (commits) => (isOff ? refuse() : await driver.append(commits)),
    });
  const world = await openPlainWorld({ kinds: createCatalogRegistry(), wrap: cut, limits: { appendRetriesMax: 0 } });
  return { ...world, cutOff: (value) => void (isOff = value) };
}

const alert = (id: string, severity = 'warning') => ({ type: 'alert.raised', streamType: 'alert', streamId: id, actor: { type: 'system' as const, id: 'rules' }, data: { alert_id: id, name: 'store_size', severity, summary: 'large' } });

describe('orchestratorHealth', () => {
  test('D-114 tells what the log holds, what runs, what stands still and what fires', async () => {
    const world = await openWorld();
    for (const id of ['1', '2', '3']) await world.call(createJob, { id, start: id !== '3' });
    await world.call(pauseJob, { id: '2' });
    await world.append(alert('a-1'));
    world.clock.advance(61_000);
    await world.call(startJob, { id: '3' });
    expect(await world.call(orchestratorHealth, {})).toMatchObject({
      state: 'HEALTHY', causes: [], storeReachable: true, eventsTotal: 8, eventsPerMinute: 1, runningJobs: 2, pausedJobs: 1, publishFailures: 0,
      firingAlerts: [{ id: 'a-1', name: 'store_size', severity: 'warning', status: 'firing' }], uptimeSeconds: 61, version: '0', storeDriver: 'memory',
      integrity: { verified: null, lastVerifiedAt: null },
    });
    await world.append({ type: 'alert.resolved', streamType: 'alert', streamId: 'a-1', actor: { type: 'system', id: 'rules' }, data: {} });
    expect((await world.call(orchestratorHealth, {})).firingAlerts).toEqual([]);
  });

  test('a firing critical alert, or a log that was just not able to take an event, degrades it', async () => {
    const world = await openWorld();
    await world.append(alert('a-2', 'critical'));
    expect(await world.call(orchestratorHealth, {})).toMatchObject({ state: 'DEGRADED', causes: ['alert'] });
    world.cutOff(true);
    await expect(world.append(alert('a-3'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    world.cutOff(false);
    expect(await world.call(orchestratorHealth, {})).toMatchObject({ causes: ['appends', 'alert'], publishFailures: 1 });
    world.clock.advance(60_000);
    expect(await world.call(orchestratorHealth, {})).toMatchObject({ causes: ['alert'], publishFailures: 1 });
  });

  test('says when the whole log was last verified', async () => {
    const world = await openWorld();
    await world.append(alert('a-4'));
    await world.call(verifyLog, {});
    expect((await world.call(orchestratorHealth, {})).integrity).toEqual({ treeHead: null, lastVerifiedAt: '2026-01-01T00:00:00.000Z', verified: true });
  });

  test('an answer fits its schema', async () => {
    const world = await openWorld();
    await world.append(alert('a-5'));
    expect(orchestratorHealth.output.safeParse(await world.call(orchestratorHealth, {})).error?.issues).toBeUndefined();
  });
});

describe('followOrchestratorHealth', () => {
  async function follow(world: World): Promise<OrchestratorStatus[]> {
    const stop = new AbortController();
    const told: OrchestratorStatus[] = [];
    const done = (async () => {
      for await (const status of runStream(followOrchestratorHealth, { ...world.context, signal: stop.signal }, {})) told.push(status);
    })();
    onTestFinished(async () => {
      stop.abort();
      await done;
    });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    return told;
  }
  const tick = async (world: World): Promise<void> => {
    await vi.waitFor(() => expect(world.clock.sleeping).toBeGreaterThan(0));
    world.clock.advance(1_000);
  };

  test('D-043 emits at once, on change, and as a heartbeat', async () => {
    const world = await openWorld();
    const told = await follow(world);
    expect(told[0]).toMatchObject({ state: 'HEALTHY', activeSubscriptions: 1, runningJobs: 0 });
    await world.call(createJob, { id: '1', start: true });
    await tick(world);
    await vi.waitFor(() => expect(told).toHaveLength(2));
    expect(told[1]).toMatchObject({ runningJobs: 1, eventsTotal: 2 });
    for (let seconds = 0; seconds < 5; seconds++) await tick(world);
    await vi.waitFor(() => expect(told).toHaveLength(3));
  });

  test('D-094 tells that the store is lost, and goes on when it is back', async () => {
    const world = await openWorld();
    await world.append(alert('a-1'));
    const told = await follow(world);
    world.cutOff(true);
    await tick(world);
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ state: 'DEGRADED', causes: ['store'], storeReachable: false, eventsTotal: 1 }));
    world.cutOff(false);
    await tick(world);
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ state: 'HEALTHY', storeReachable: true }));
  });
});

describe('health', () => {
  test('A-109 D-114 is degraded where events that break their rules are taken', async () => {
    const world = await openWorld();
    expect(await world.call(health, {})).toMatchObject({ status: 'ok', causes: [], lastAppendAt: null, lag: 0 });
    expect(await world.call(health, {}, { log: { ...world.log, settings: { ...world.log.settings, validation: 'flag' } } })).toMatchObject({ status: 'degraded', causes: ['validation'] });
  });

  test('B-139 is unavailable when the log does not answer, and ready says so by refusing', async () => {
    const world = await openWorld();
    world.cutOff(true);
    expect(await world.call(health, {})).toMatchObject({ status: 'unavailable', causes: ['store'], log: { ok: false, detail: 'LOG_UNAVAILABLE' } });
    await expect(world.call(ready, {})).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'LOG_UNAVAILABLE' } });
  });
});
