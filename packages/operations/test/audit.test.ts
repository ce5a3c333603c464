/** The audit log: what is on record there, what may not be done without it, and how much a stranger can write into it. */
import { createCatalogRegistry } from '@refold/catalog';
import { LogError, openLog } from '@refold/core';
import type { LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { auditRegistry, collectSnapshots, createApiKey, createAuditTrail, keepAudit, listApiKeys, operations, orchestratorHealth, queryAudit, queryEvents, replayEvents, roles, startDebugSession, verifyAudit } from '@refold/operations';
import type { AuditTrail, GrantedScope, OperationContext } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, test, vi } from 'vitest';
import { eventOf, openWorld as openPlainWorld } from './world.ts';
import type { World } from './world.ts';

const ana = { type: 'user', id: 'ana' } as const;

interface AuditedWorld extends World {
  readonly trail: AuditTrail;
  readonly as: (role: keyof typeof roles) => Partial<OperationContext>;
  cutOff(isOff: boolean): void;
  recorded(): Promise<readonly (readonly unknown[])[]>;
}

async function openWorld(): Promise<AuditedWorld> {
  const world = await openPlainWorld({ kinds: createCatalogRegistry() });
  let isOff = false;
  const cut = (driver: LogDriver): LogDriver => wrapLog(driver, { append: async (commits) => (isOff ? Promise.reject(new LogError('LOG_UNAVAILABLE', 'The disk is full.')) : await driver.append(commits)) });
  const trail = createAuditTrail(() => openLog({ open: (linker) => cut(openMemoryLog({ linker, clock: world.clock })), registry: auditRegistry(), ports: world.log.ports, limits: { appendRetriesMax: 0 } }), world.clock.now);
  keepAudit(world.log, trail);
  await world.append(eventOf('job.created', 'job/f-1'));
  return {
    ...world,
    trail,
    as: (role) => ({ principal: ana, access: { scopes: new Set<GrantedScope>(roles[role]) } }),
    cutOff: (value) => void (isOff = value),
    async recorded() {
      const events: unknown[][] = [];
      for await (const page of (await trail.opened()).log.events({})) for (const { type, actor, data } of page.events) events.push([type, `${actor.type}:${actor.id}`, data['operation'] ?? data['asked'] ?? null]);
      return events;
    },
  };
}

const newKey = { name: 'a', actor: { type: 'user', id: 'ben' }, role: 'viewer' };

describe('the audit log', () => {
  test('has who used which watched right, before it was used, and neither question nor answer', async () => {
    const world = await openWorld();
    const { key } = await world.call(createApiKey, newKey, world.as('admin'));
    await world.call(listApiKeys, {}, world.as('admin'));
    await world.call(queryEvents, {}, world.as('viewer'));
    await world.call(replayEvents, { streamType: 'job', streamId: 'f-1' }, world.as('operator'));
    await world.call(startDebugSession, { aggregateId: 'f-1', streamType: 'job', fromRevision: 1 }, world.as('operator'));
    await world.call(collectSnapshots, {}, {});
    await vi.waitFor(async () => expect(await world.recorded()).toHaveLength(5));
    expect(new Set(await world.recorded())).toEqual(new Set([['createApiKey', ana], ['listApiKeys', ana], ['replayEvents', ana], ['startDebugSession', ana], ['collectSnapshots', { type: 'user', id: 'local' }]].map(([name, actor]) => ['access.used', `${(actor as typeof ana).type}:${(actor as typeof ana).id}`, name])));
    const stored = JSON.stringify((await world.call(queryAudit, {}, world.as('auditor'))).items);
    expect([stored.includes(key), stored.includes('ben')]).toEqual([false, false]);
  });

  test('is read by auditors and administrators, and reading it is one record', async () => {
    const world = await openWorld();
    await expect(world.call(queryAudit, {}, world.as('operator'))).rejects.toMatchObject({ code: 'FORBIDDEN', details: { scope: 'audit' } });
    const { items } = await world.call(queryAudit, { type: 'access.used' }, world.as('auditor'));
    expect(items.map(({ data, streamType, streamId }) => [streamType, streamId, data['operation'], data['scope']])).toEqual([['access', '2026-01-01', 'queryAudit', 'audit']]);
    expect(await world.recorded()).toHaveLength(1);
  });

  test('has leaves and a tree of its own, which can be verified', async () => {
    const world = await openWorld();
    await world.call(listApiKeys, {}, world.as('admin'));
    expect(await world.call(verifyAudit, {}, world.as('auditor'))).toMatchObject({ ok: true, checked: 2, tree: { size: 2 } });
  });

  test('takes administration along when it cannot be written, and nothing else; health tells', async () => {
    const world = await openWorld();
    await world.call(listApiKeys, {}, world.as('admin'));
    world.cutOff(true);
    await expect(world.call(createApiKey, newKey, world.as('admin'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'audit' } });
    await expect(world.call(queryAudit, {}, world.as('auditor'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'audit' } });
    await world.call(replayEvents, { streamType: 'job', streamId: 'f-1' }, world.as('operator'));
    expect((await world.call(queryEvents, { streamType: 'job' }, world.as('viewer'))).items).toHaveLength(1);
    expect(await world.call(orchestratorHealth, {})).toMatchObject({ state: 'DEGRADED', causes: ['audit'] });
    world.cutOff(false);
    expect((await world.call(listApiKeys, {}, world.as('admin'))).items).toEqual([]);
  });

  test('says what did not come about', async () => {
    const world = await openWorld();
    await expect(world.call(replayEvents, { streamType: 'job', streamId: 'none' }, world.as('operator'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await vi.waitFor(async () => expect((await world.recorded()).map(([type]) => type).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(['access.use_failed', 'access.used']));
  });

  test('takes ten records of one kind and source in a minute; the others are a number on the next', async () => {
    const world = await openWorld();
    for (let count = 0; count < 25; count++) world.trail.recordSome('access.sign_in_failed', { type: 'unknown', id: 'stranger' }, '10.0.0.1', { from: '10.0.0.1' });
    world.trail.recordSome('access.sign_in_failed', { type: 'unknown', id: 'stranger' }, '10.0.0.2', { from: '10.0.0.2' });
    await vi.waitFor(async () => expect(await world.recorded()).toHaveLength(11));
    world.clock.advance(60_000);
    world.trail.recordSome('access.sign_in_failed', { type: 'unknown', id: 'stranger' }, '10.0.0.1', { from: '10.0.0.1' });
    await vi.waitFor(async () => expect(await world.recorded()).toHaveLength(12));
    const { items } = await world.call(queryAudit, { order: 'desc', type: 'access.sign_in_failed', limit: 1 }, world.as('auditor'));
    expect(items[0]!.data).toEqual({ from: '10.0.0.1', left_out: 15 });
  });

  test('watches every operation whose scope is administration, keys or audit', () => {
    const watched = operations.filter(({ scope }) => ['audit', 'hold', 'erase', 'retention', 'keys', 'users', 'config', 'actor:override'].includes(scope)).map(({ name }) => name);
    expect(watched).toEqual(expect.arrayContaining(['createApiKey', 'revokeApiKey', 'rotateApiKey', 'listApiKeys', 'collectSnapshots', 'queryAudit', 'verifyAudit']));
  });
});
