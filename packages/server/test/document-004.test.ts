/** Document 004 over REST: no change of a job without its event, and what a job's events look like to its clients. */
import { describe, expect, test } from 'vitest';
import { data, wsClient } from './graphql-client.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const actor = { type: 'agent', id: 'runner' };

// oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
async function act(world: World, path: string, body: object = {}): Promise<any> {
  const { status, text, body: answer } = await world.post(`/api/v1/jobs${path}`, { actor, ...body });
  if (status >= 300) throw new Error(text);
  return answer;
}

interface Entry {
  readonly type: string;
  readonly revision: number;
  readonly state: { readonly status: string };
}
const historyOf = async (world: World): Promise<readonly Entry[]> => (await world.call('/api/v1/jobs/42/history?withState=true')).body.entries;

describe('every change of the state of a job is an event', () => {
  const paths = [
    ['from start to end', ['/42/start', '/42/pause', '/42/resume', '/42/complete'], ['pending', 'running', 'paused', 'running', 'completed']],
    ['a failure that is resumed', ['/42/start', '/42/fail', '/42/resume', '/42/complete'], ['pending', 'running', 'failed', 'running', 'completed']],
    ['cancelled before it began', ['/42/cancel'], ['pending', 'cancelled']],
    ['cancelled while it ran', ['/42/start', '/42/cancel'], ['pending', 'running', 'cancelled']],
    ['cancelled while it stood still', ['/42/start', '/42/pause', '/42/cancel'], ['pending', 'running', 'paused', 'cancelled']],
  ] as const;

  test.each(paths)('D-003 D-051 D-076: %s', async (_name, commands, statuses) => {
    const world = await startWorld();
    await act(world, '', { id: '42' });
    for (const command of commands) expect((await act(world, command, command.endsWith('fail') ? { error: 'no space' } : {})).events).toHaveLength(1);
    const entries = await historyOf(world);
    expect(entries.map(({ revision, state }) => [revision, state.status])).toEqual(statuses.map((status, index) => [index + 1, status]));
    // What was shown is what is recorded: the same events, and nothing beside them.
    expect((await world.call('/api/v1/jobs/42/events')).body.items.map(({ type }: { type: string }) => type)).toEqual(entries.map(({ type }) => type));
  });

  test('D-003: a command that may not follow changes nothing and tells nothing', async () => {
    const world = await startWorld();
    await act(world, '', { id: '42', start: true });
    await act(world, '/42/complete');
    for (const command of ['start', 'pause', 'resume', 'cancel', 'complete', 'fail']) {
      const { status, body } = await world.post(`/api/v1/jobs/42/${command}`, { actor, ...(command === 'fail' ? { error: 'late' } : {}) });
      expect([command, status, body.code]).toEqual([command, 422, 'ILLEGAL_TRANSITION']);
    }
    expect((await historyOf(world)).at(-1)).toMatchObject({ revision: 3, state: { status: 'completed' } });
  });
});

describe('a job over GraphQL', () => {
  const actions = ['startJob', 'pauseJob', 'resumeJob', 'cancelJob'];

  test('D-002 D-075 D-113: a subscriber hears each action once; the trail holds each action once; and from the trail comes every state that he was shown', async () => {
    const world = await startWorld();
    await data(world, 'mutation { createJob(input: { id: "42", name: "deploy" }) { id } }');
    const updates = wsClient(world.server.url).iterate<{ jobStatusUpdated: { status: string; events: readonly { id: string; eventType: string; sequence: number }[] } }>({ query: 'subscription { jobStatusUpdated(jobId: "42") { status events { id eventType sequence } } }', extensions: { afterPosition: 0 } });
    for (const action of actions) await data(world, `mutation { ${action}(jobId: "42") { id } }`);
    const heard: { readonly id: string; readonly status: string }[] = [];
    for await (const update of updates) {
      const { status, events } = update.data!.jobStatusUpdated;
      expect(events).toMatchObject([{ sequence: heard.length + 1 }]);
      heard.push({ id: events[0]!.id, status: status.toLowerCase() });
      if (heard.length === 1 + actions.length) break;
    }
    expect(heard.map(({ status }) => status)).toEqual(['pending', 'running', 'paused', 'running', 'cancelled']);
    expect((await world.call('/api/v1/events')).body.items.map(({ id, type }: { id: string; type: string }) => [id, type])).toEqual(['created', 'started', 'paused', 'resumed', 'cancelled'].map((verb, index) => [heard[index]!.id, `job.${verb}`]));
    for (const [index, { status }] of heard.entries()) expect((await data(world, `{ state(type: "job", id: "42", revision: ${index + 1}) { state } }`)).state.state).toMatchObject({ revision: index + 1, status });
    expect((await data(world, '{ verifyIntegrity(streamType: "job", streamId: "42") { ok checkedEvents } }')).verifyIntegrity).toEqual({ ok: true, checkedEvents: 5 });
  });
});

describe('a job that is run again', () => {
  test('D-056: is one new job for one Idempotency-Key, however often it is asked for', async () => {
    const world = await startWorld();
    await act(world, '', { id: '42', start: true });
    const again = (): ReturnType<World['post']> => world.post('/api/v1/jobs/42/rerun', { actor }, { 'idempotency-key': 'k1' });
    const [first, second] = [await again(), await again()];
    expect([first.body.jobId, second.body]).toEqual(['43', { ...first.body, duplicate: true }]);
    expect((await world.call('/api/v1/jobs')).body.items).toHaveLength(2);
  });
});

describe('one event in the forms of the documents', () => {
  test('K-006: the version of its shape and its place in the stream keep the name that each document has for them', async () => {
    const world = await startWorld();
    await act(world, '', { id: '42' });
    await act(world, '/42/start');
    const newest = async (dialect: string): Promise<Record<string, unknown> & { metadata: Record<string, unknown> }> => (await world.call(`/api/v1/jobs/42/events?order=desc&limit=1&dialect=${dialect}`)).body.items[0];
    const { schemaVersion, revision } = await newest('canonical');
    expect([schemaVersion, revision]).toEqual(['1.0.0', 2]);
    expect(await newest('jira')).toMatchObject({ event_version: schemaVersion, event_sequence: revision });
    expect(await newest('agentLightning')).toMatchObject({ version: revision });
    expect(await newest('job')).toMatchObject({ sequence: revision, metadata: { version: schemaVersion } });
  });

  test('K-017: its time is when it happened, wherever the document puts it; when it was taken is said by the log', async () => {
    const world = await startWorld();
    const happened = '2026-11-20T09:00:00.000Z';
    await world.post('/api/v1/events', { type: 'job.created', streamType: 'job', streamId: '42', occurredAt: happened, actor, data: {} });
    const { items: [event] } = (await world.call('/api/v1/jobs/42/events')).body;
    expect([event.occurredAt, event.recordedAt]).toEqual([happened, '2026-11-20T10:00:00.000Z']);
    for (const [dialect, where] of [['jira', 'timestamp'], ['agentLightning', 'timestamp'], ['job', 'timestamp'], ['cloudevents', 'time']] as const) {
      const { items: [seen] } = (await world.call(`/api/v1/jobs/42/events?dialect=${dialect}`)).body;
      expect([dialect, seen[where]]).toEqual([dialect, happened]);
    }
    const { items: [seen] } = (await world.call('/api/v1/jobs/42/events?dialect=orchestration')).body;
    expect([seen.metadata.timestamp, seen.emitted_at]).toEqual([happened, event.recordedAt]);
    const ahead = (ms: number): string => new Date(world.clock.now() + ms).toISOString();
    const send = async (occurredAt: string): Promise<number> => (await world.post('/api/v1/events', { type: 'job.started', streamType: 'job', streamId: '42', occurredAt, actor, data: {} })).status;
    expect([await send(ahead(301_000)), await send(ahead(299_000))]).toEqual([422, 201]);
  });
});

describe('an agent, and what it does in a run', () => {
  test('K-022: are two things, linked by the name of the agent', async () => {
    const world = await startWorld();
    const send = async (event: object): Promise<void> => expect((await world.post('/api/v1/events', { actor, ...event })).status).toBe(201);
    await send({ type: 'agent.created', streamType: 'agent', streamId: 'planner', data: { name: 'planner', model: 'm' } });
    await send({ type: 'orchestration.started', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 's-1', data: {} });
    await send({ type: 'AgentSpawned', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 's-1', data: { agent_name: 'planner', agent_model: 'm', assigned_task: 'plan' } });
    const { items } = (await world.call('/api/v1/events/entity/agent/planner')).body;
    const kinds: readonly string[][] = items.map(({ type, streamType, entityType }: { type: string; streamType: string; entityType: string }) => [type, streamType, entityType]);
    expect(kinds.filter(([type]) => type !== 'orchestration.started')).toEqual([['agent.created', 'agent', 'agent'], ['agent_run.spawned', 'orchestration', 'agent_run']]);
  });
});

describe('several writers', () => {
  const write = (world: World, expected: object): Promise<{ status: number; body: { code?: string; details?: object } }> => world.post('/api/v1/events', { events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor, data: {} }], ...expected });

  test('K-013: who expects nothing never meets a conflict; of those who expect one revision the first wins and the others are told', async () => {
    const world = await startWorld();
    const free = await Promise.all(Array.from({ length: 16 }, (_, index) => write(world, index % 2 === 0 ? {} : { expectedRevision: 'any' })));
    expect(new Set(free.map(({ status }) => status))).toEqual(new Set([201]));
    const held = await Promise.all(Array.from({ length: 8 }, () => write(world, { expectedRevision: 16 })));
    expect(held.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { body } of held.filter(({ status }) => status !== 201)) expect(body).toMatchObject({ code: 'REVISION_CONFLICT', details: { expected: 16, actual: 17 } });
    expect([(await write(world, { expectedRevision: 'none' })).status, (await write(world, { expectedRevision: 'exists' })).status]).toEqual([409, 201]);
  });
});
