/** Document 003's OrchestrationReplayService, method by method. */
import { ReplayService } from '@refold/sdk';
import type { EventInput } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { engines, everything, openRecipeStore } from './recipe-store.ts';

const flow = '018f0000-0000-7000-8000-00000000000a';
const on = (streamType: string, streamId: string, type: string, data: EventInput['data'], more: Partial<EventInput> = {}): EventInput => ({ streamType, streamId, type, data, actor: { type: 'user', id: 'ana' }, correlationId: flow, ...more });

/** A task that a sprint brought about, begun an hour after. */
async function openService(engine: (typeof engines)[number]) {
  const { store, clock } = openRecipeStore(engine, { replay: { recordDryRuns: false } });
  const sprint = await store.saveEvent(on('sprint', 'TEST-001', 'sprint.created', { sprint_code: 'TEST-001' }));
  const task = await store.saveEvent(on('task', 'TASK-001', 'task.created', { task_code: 'TASK-001', sprint_code: 'TEST-001' }, { causationId: sprint }));
  clock.advance(3_600_000);
  await store.saveEvent(on('task', 'TASK-001', 'task.status_changed', { before: 'pending', after: 'in_progress' }, { causationId: task }));
  return { store, clock, service: new ReplayService(store) };
}

describe.each(engines)('OrchestrationReplayService on %s', (engine) => {
  test('C-048 replayEvents walks the events of one conversation in the order of the log, and a dry run leaves the log as it is', async () => {
    const { store, service } = await openService(engine);
    await store.saveEvent(on('task', 'OTHER', 'task.created', { task_code: 'OTHER' }, { correlationId: '018f0000-0000-7000-8000-00000000000b' }));
    const before = await everything(store);
    const report = await service.replayEvents(flow, { dryRun: true });
    expect([report.mode, report.steps.map(({ event }) => event.id)]).toEqual(['dry_run', before.slice(0, 3).map(({ id }) => id)]);
    expect(await everything(store)).toEqual(before);
  });

  test('C-049 reconstructState gives the state of an entity at an instant, and none before it began', async () => {
    const { service, clock } = await openService(engine);
    const [now, before, ago] = [0, 1, 7_200_000].map((ms) => new Date(clock.now() - ms));
    expect((await service.reconstructState('task', 'TASK-001', now!)).state).toMatchObject({ exists: true, status: 'in_progress' });
    expect((await service.reconstructState('task', 'TASK-001', before!)).state).toMatchObject({ exists: true, status: 'pending' });
    expect((await service.reconstructState('task', 'TASK-001', ago!)).state).toMatchObject({ exists: false });
  });

  test('A-170 C-050 validateEventChain says whether every cause is there', async () => {
    const { store, service } = await openService(engine);
    expect(await service.validateEventChain(flow)).toMatchObject({ ok: true, checked: 3, violations: [] });
    const lost = await store.saveEvent(on('task', 'TASK-001', 'task.status_changed', { before: 'in_progress', after: 'completed' }, { causationId: '018f0000-0000-7000-8000-0000000000ff' }));
    expect(await service.validateEventChain(flow)).toMatchObject({ ok: false, checked: 4, violations: [{ code: 'MISSING_CAUSE', eventId: lost }] });
  });
});
