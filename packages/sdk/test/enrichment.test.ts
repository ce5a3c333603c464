/** What surrounds an event, added to its metadata: what the model was asked with, where it runs; by an allow list, and redacted like everything else. */
import { hostname } from 'node:os';
import { EventStore, withAgent, withContext, wrapCoder } from '@refold/sdk';
import type { EventStoreOptions } from '@refold/sdk';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

const surroundings = { issueKey: 'PROJ-1', sessionId: 's-1', actor: { type: 'system', id: 'orchestrator' } } as const;
const secret = 'sk-ant-REDACTED';

function open(options: EventStoreOptions = {}): EventStore {
  const store = new EventStore({ url: 'memory:', ...options });
  onTestFinished(() => store.close());
  return store;
}

const metadataIn = async (store: EventStore): Promise<readonly unknown[]> => (await store.queryEvents({}, { order: 'asc' })).items.map(({ type, metadata }) => [type, metadata]);

describe('Model parameters', () => {
  test('D-054: stand in the metadata of an agent run and of everything that happens in it', async () => {
    const store = open();
    const modelParams = { temperature: 0.2, max_tokens: 4_096 };
    await withContext(surroundings, async () => {
      await store.logEvent({ type: 'orchestration.started', data: {} });
      await withAgent('coder', () => store.logEvent({ type: 'gap.identified', data: { gap_id: 'g-1', description: 'x' } }), { store, model: 'm', modelParams });
      await store.logEvent({ type: 'gap.identified', data: { gap_id: 'g-2', description: 'x' }, metadata: { note: 'mine' } });
    });
    const params = { model_params: modelParams };
    expect(await metadataIn(store)).toEqual([['orchestration.started', {}], ['agent_run.spawned', params], ['gap.identified', params], ['agent_run.completed', params], ['gap.identified', { note: 'mine' }]]);
  });

  test('D-054: of a component of a job stand in its payload, and in the metadata of what it does', async () => {
    const store = open();
    await withContext(surroundings, async () => {
      await store.saveEvents([{ type: 'job.created', streamType: 'job', streamId: 'j1', data: {} }, { type: 'job.started', streamType: 'job', streamId: 'j1', data: {} }]);
      await wrapCoder(() => store.logEvent({ type: 'custom.noted', streamType: 'custom', streamId: 'c', data: {} }), { store, jobId: 'j1', modelParams: { top_p: 0.9 } })();
    });
    const events = (await store.queryEvents({}, { order: 'asc' })).items;
    expect(events.find(({ type }) => type === 'coder.started')!.data).toEqual({ model_params: { top_p: 0.9 } });
    expect(events.find(({ type }) => type === 'custom.noted')!.metadata).toEqual({ model_params: { top_p: 0.9 } });
  });

  test('K-044: what is secret in them never reaches the log, and the event says what was taken out', async () => {
    const store = open();
    await withContext({ ...surroundings, modelParams: { temperature: 0, api_key: secret } }, () => store.logEvent({ type: 'orchestration.started', data: {} }));
    const [event] = (await store.queryEvents({})).items;
    expect(JSON.stringify(event)).not.toContain(secret);
    expect(event!.metadata).toMatchObject({ model_params: { temperature: 0 }, redactions: [expect.objectContaining({ pointer: '/metadata/model_params/api_key' })] });
  });
});

describe('The environment', () => {
  test('D-054: is recorded fact by fact, those that were asked for; what an event says itself stays', async () => {
    vi.stubEnv('CI', 'true');
    onTestFinished(() => void vi.unstubAllEnvs());
    const store = open({ enrich: { environment: ['node_version', 'os', 'hostname', 'pid', 'ci'] } });
    const noted = { type: 'custom.noted', streamType: 'custom', streamId: 'c', data: {}, actor: surroundings.actor } as const;
    await store.saveEvents([noted, { ...noted, metadata: { environment: 'staging', note: 'x' } }]);
    expect(await metadataIn(store)).toEqual([
      ['custom.noted', { environment: { node_version: process.version, os: expect.stringContaining(process.platform), hostname: hostname(), pid: process.pid, ci: true } }],
      ['custom.noted', { environment: 'staging', note: 'x' }],
    ]);
  });

  test('D-054 K-044: is not recorded when nobody asks, and no variable of it can be asked for', async () => {
    vi.stubEnv('DEPLOY_TOKEN', secret);
    onTestFinished(() => void vi.unstubAllEnvs());
    const noted = { type: 'custom.noted', streamType: 'custom', streamId: 'c', data: {}, actor: surroundings.actor } as const;
    const store = open();
    await store.saveEvent(noted);
    expect(await metadataIn(store)).toEqual([['custom.noted', {}]]);
    for (const name of ['DEPLOY_TOKEN', 'constructor'])
      await expect(open({ enrich: { environment: [name as 'os'] } }).saveEvent(noted)).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'environment', name } });
  });
});
