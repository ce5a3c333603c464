/** Subscriptions, with the clients that people use, over graphql-ws and over SSE: everything once, in order, from any position. */
import { ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createSseClient } from 'graphql-sse';
import type { Client, ExecutionResult } from 'graphql-ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, wsClient } from './graphql-client.ts';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const actor = { type: 'user', id: 'ana' };

async function append(world: World, type: string, payload: object = {}, streamId = '42', streamType = 'job'): Promise<void> {
  const { status, text } = await world.post('/api/v1/events', [{ type, streamType, streamId, actor, data: payload }]);
  if (status !== 201) throw new Error(text);
}

const statusQuery = 'subscription ($jobId: ID!) { jobStatusUpdated(jobId: $jobId) { jobId status currentStep progress timestamp events { id jobId eventType eventData timestamp sequence metadata { traceId userId version } } } }';

interface Answers {
  // oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
  next(): Promise<any>;
  close(): void;
}

/** The answers of one subscription, one by one; 'complete' at its end. */
function subscribe(client: Client, query: string, variables: Record<string, unknown> = {}, extensions: Record<string, unknown> = {}): Answers {
  const answers = client.iterate({ query, variables, extensions }) as AsyncIterableIterator<ExecutionResult>;
  return {
    next: () => answers.next().then(({ done, value }) => (done === true ? 'complete' : value)),
    close: () => void answers.return!(),
  };
}

describe('Over graphql-ws', () => {
  test('D-005 D-041 D-044 D-045 D-046 D-047 D-048 D-049 D-079 D-089 D-103 a job is told as it goes, each change with the event that made it', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated', { steps: [{ name: 'build' }, { name: 'test' }] });
    const updates = subscribe(wsClient(world.server.url), statusQuery, { jobId: '42' });
    expect(await updates.next()).toEqual({
      data: {
        jobStatusUpdated: {
          jobId: '42', status: 'PENDING', currentStep: null, progress: 0, timestamp: '2026-11-20T10:00:00.000Z',
          events: [{ id: expect.any(String), jobId: '42', eventType: 'JobCreated', eventData: { steps: [{ name: 'build' }, { name: 'test' }] }, timestamp: '2026-11-20T10:00:00.000Z', sequence: 1, metadata: { traceId: null, userId: 'ana', version: '1.0.0' } }],
        },
      },
      extensions: { position: 1 },
    });
    await append(world, 'JobStarted');
    await append(world, 'JobStepCompleted', { step: 'build' });
    expect((await updates.next()).data.jobStatusUpdated).toMatchObject({ status: 'RUNNING', currentStep: 'build', events: [{ eventType: 'JobStarted', sequence: 2 }] });
    expect((await updates.next()).data.jobStatusUpdated).toMatchObject({ status: 'RUNNING', currentStep: 'test', progress: 0.5 });
  });

  test('D-038 D-052 an event says which trace it belongs to', async () => {
    const world = await startWorld();
    const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    await world.post('/api/v1/events', [{ type: 'JobCreated', streamType: 'job', streamId: '42', actor, trace, data: {} }]);
    const { data } = await subscribe(wsClient(world.server.url), statusQuery, { jobId: '42' }).next();
    expect(data.jobStatusUpdated.events[0].metadata).toEqual({ traceId: trace.traceId, userId: 'ana', version: '1.0.0' });
  });

  test('a job is told from any position, without gap or repeat, and the subscription is complete some seconds after it', async () => {
    const world = await startWorld();
    for (const type of ['JobCreated', 'JobStarted', 'JobPaused', 'JobResumed', 'JobCompleted']) await append(world, type);
    const client = wsClient(world.server.url);
    for (let after = 0; after <= 5; after++) {
      const updates = subscribe(client, statusQuery, { jobId: '42' }, { afterPosition: after });
      for (let position = after + 1; position <= 5; position++) expect(await updates.next()).toMatchObject({ extensions: { position }, data: { jobStatusUpdated: { events: [{ sequence: position }] } } });
      const end = updates.next();
      await expect.poll(() => world.clock.sleeping).toBeGreaterThan(0);
      world.clock.advance(5_000);
      expect(await end).toBe('complete');
    }
  });

  test('an unknown job is told so, and the subscription is complete', async () => {
    const world = await startWorld();
    const updates = subscribe(wsClient(world.server.url), statusQuery, { jobId: 'none' });
    expect(await updates.next()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND', hint: expect.any(String), requestId: expect.any(String) } }] });
    expect(await updates.next()).toBe('complete');
  });

  test('D-042 D-089 the lines of a job come in order', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    const write = (...messages: readonly string[]): Promise<unknown> => world.post('/api/v1/jobs/42/logs', { lines: messages.map((message) => ({ level: 'INFO', message, step: 'build', source: 'npm' })), actor });
    await write('a', 'b');
    const client = wsClient(world.server.url);
    const query = 'subscription { jobLogsStream(jobId: "42") { jobId sequence level message step source timestamp traceId } }';
    const lines = subscribe(client, query);
    expect(await lines.next()).toEqual({ data: { jobLogsStream: { jobId: '42', sequence: 1, level: 'INFO', message: 'a', step: 'build', source: 'npm', timestamp: '2026-11-20T10:00:00.000Z', traceId: null } }, extensions: { position: 2 } });
    await write('c');
    expect([await lines.next(), await lines.next()]).toMatchObject([{ data: { jobLogsStream: { sequence: 2, message: 'b' } } }, { data: { jobLogsStream: { sequence: 3, message: 'c' } } }]);
    expect(await subscribe(client, query, {}, { afterPosition: 3 }).next()).toMatchObject({ data: { jobLogsStream: { sequence: 3 } } });
  });

  test('D-043 D-089 D-114 health comes at once, when it changes, and every few seconds', async () => {
    const world = await startWorld();
    const health = subscribe(wsClient(world.server.url), 'subscription { orchestratorHealth { state storeReachable runningJobs eventsTotal activeSubscriptions version publishP95Ms instances integrity { verified } firingAlerts { name } } }');
    expect((await health.next()).data.orchestratorHealth).toMatchObject({ state: 'HEALTHY', storeReachable: true, runningJobs: 0, eventsTotal: 0, version: '0.1.0', firingAlerts: [] });
    await append(world, 'JobCreated');
    await append(world, 'JobStarted');
    const changed = health.next();
    await expect.poll(() => world.clock.sleeping).toBeGreaterThan(0);
    world.clock.advance(60_000);
    expect((await changed).data.orchestratorHealth).toMatchObject({ runningJobs: 1, eventsTotal: 2 });
  });

  test('what else can be followed: events, a state, counts, a replay', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    await append(world, 'JobStarted');
    const client = wsClient(world.server.url);
    const events = subscribe(client, 'subscription { eventAppended(filter: { types: ["job.*"] }, afterPosition: 1) { id type position } }');
    expect(await events.next()).toMatchObject({ data: { eventAppended: { type: 'job.started', position: 2 } }, extensions: { position: 2 } });
    expect(await subscribe(client, 'subscription { eventAppended(afterPosition: 1) { position } }', {}, { afterPosition: 0 }).next()).toMatchObject({ data: { eventAppended: { position: 1 } } });
    const state = subscribe(client, 'subscription { stateUpdated(type: "job", id: "42") { revision state } }');
    expect(await state.next()).toMatchObject({ data: { stateUpdated: { revision: 2, state: { status: 'running' } } }, extensions: { position: 2 } });
    const counts = subscribe(client, 'subscription { statsUpdated(filter: { streamType: "job" }) { total byType { key count } } }');
    expect(await counts.next()).toMatchObject({ data: { statsUpdated: { total: 2 } } });
    await append(world, 'JobPaused');
    expect(await events.next()).toMatchObject({ extensions: { position: 3 } });
    expect(await state.next()).toMatchObject({ data: { stateUpdated: { revision: 3 } } });

    const { body } = await ask(world, 'mutation { replayEvents(input: { streamType: "job", streamId: "42", mode: EXECUTE }) { id } }', { extensions: { confirm: 'job/42' } });
    const replay = subscribe(client, 'subscription ($id: ID!) { replayProgress(id: $id) { id status target { type id } } }', { id: body.data.replayEvents.id });
    expect(await replay.next()).toMatchObject({ data: { replayProgress: { status: 'COMPLETED', target: { type: 'job', id: '42' } } } });
    expect(await replay.next()).toBe('complete');
  });

  test('B-162 a debug session is told as it stands, after every change, and ends when it is stopped', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    await append(world, 'JobStarted');
    const client = wsClient(world.server.url);
    const changed = async (field: string) => (await ask(world, `mutation { ${field} }`)).body.data;
    const { id } = (await changed('startDebugSession(aggregateId: "42", streamType: "job") { id }')).startDebugSession;
    const session = subscribe(client, 'subscription ($id: ID!) { debugSessionUpdated(id: $id) { id state revision breakpoints { eventType } } }', { id });
    expect(await session.next()).toMatchObject({ data: { debugSessionUpdated: { id, state: 'PAUSED', revision: 1, breakpoints: [] } } });
    for (const [field, seen] of [
      [`addBreakpoint(id: "${id}", eventType: "job.*") { id }`, { revision: 1, breakpoints: [{ eventType: 'job.*' }] }],
      [`debugControl(id: "${id}", action: "step") { id }`, { revision: 2 }],
      [`debugControl(id: "${id}", action: "stop") { id }`, { state: 'STOPPED' }],
    ] as const) {
      const next = session.next();
      await expect.poll(() => world.clock.sleeping).toBeGreaterThan(0);
      await changed(field);
      world.clock.advance(100);
      expect(await next).toMatchObject({ data: { debugSessionUpdated: seen } });
    }
    expect(await session.next()).toBe('complete');
    const unknown = subscribe(client, 'subscription { debugSessionUpdated(id: "ds_none") { id } }');
    expect(await unknown.next()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  test('questions and changes are answered on the same connection', async () => {
    const world = await startWorld();
    const client = wsClient(world.server.url);
    expect(await subscribe(client, 'mutation { createJob(input: { id: "1" }) { id } }').next()).toEqual({ data: { createJob: { id: '1' } } });
    expect(await subscribe(client, '{ job(id: "1") { status } }').next()).toEqual({ data: { job: { status: 'PENDING' } } });
    await expect(subscribe(client, '{ jobb }').next()).rejects.toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  test('a hundred subscribers each get everything once, in order', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    const clients = Array.from({ length: 10 }, () => wsClient(world.server.url));
    const followers = Array.from({ length: 100 }, (_, index) => subscribe(clients[index % 10]!, 'subscription { eventAppended(afterPosition: 0) { position } }'));
    for (let count = 0; count < 20; count++) await append(world, 'custom.noted', { count }, 'n', 'custom');
    const expected = Array.from({ length: 21 }, (_, index) => index + 1);
    for (const follower of followers) {
      const positions: number[] = [];
      while (positions.length < 21) positions.push((await follower.next()).extensions.position);
      expect(positions).toEqual(expected);
    }
  }, 30_000);
});

describe('With Apollo Client', () => {
  test('D-041 D-068 the subscription of document 004 is told each status', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    const link: ApolloLink = new GraphQLWsLink(wsClient(world.server.url));
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    onTestFinished(() => client.stop());
    const statuses: string[] = [];
    const subscription = client
      .subscribe<{ jobStatusUpdated: { status: string } }>({ query: gql`subscription JobStatus($jobId: ID!) { jobStatusUpdated(jobId: $jobId) { jobId status currentStep progress timestamp events { id eventType sequence } } }`, variables: { jobId: '42' } })
      .subscribe(({ data }) => void statuses.push(data!.jobStatusUpdated.status));
    onTestFinished(() => subscription.unsubscribe());
    await expect.poll(() => statuses).toEqual(['PENDING']);
    await append(world, 'JobStarted');
    await append(world, 'JobPaused');
    await append(world, 'JobResumed');
    await append(world, 'JobCompleted');
    await expect.poll(() => statuses).toEqual(['PENDING', 'RUNNING', 'PAUSED', 'RUNNING', 'COMPLETED']);
  });

  test('D-042 D-043 D-068 the other two of document 004 are told as well: the lines of a job, and how the orchestrator is', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    const client = new ApolloClient({ link: new GraphQLWsLink(wsClient(world.server.url)), cache: new InMemoryCache() });
    onTestFinished(() => client.stop());
    const lines: string[] = [];
    const states: string[] = [];
    const subscriptions = [
      client.subscribe<{ jobLogsStream: { message: string } }>({ query: gql`subscription JobLogs($jobId: ID!) { jobLogsStream(jobId: $jobId) { jobId sequence level message } }`, variables: { jobId: '42' } }).subscribe(({ data }) => void lines.push(data!.jobLogsStream.message)),
      client.subscribe<{ orchestratorHealth: { state: string } }>({ query: gql`subscription Health { orchestratorHealth { state runningJobs } }` }).subscribe(({ data }) => void states.push(data!.orchestratorHealth.state)),
    ];
    onTestFinished(() => { for (const subscription of subscriptions) subscription.unsubscribe(); });
    for (const message of ['a', 'b']) await world.post('/api/v1/jobs/42/logs', { lines: [{ level: 'INFO', message }], actor });
    await expect.poll(() => lines).toEqual(['a', 'b']);
    await expect.poll(() => states[0]).toBe('HEALTHY');
  });
});

describe('Over SSE', () => {
  const query = 'subscription { eventAppended(afterPosition: 0) { position } }';

  async function raw(world: World, headers: Record<string, string> = {}): Promise<{ text(until: string): Promise<string>; response: Response; close(): void }> {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const response = await fetch(`${world.server.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { accept: 'text/event-stream', ...headers }, signal: stop.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    return {
      response,
      async text(until) {
        while (!seen.includes(until)) {
          const { done, value } = await reader.read();
          if (done) break;
          seen += value;
        }
        return seen;
      },
      close: () => stop.abort(),
    };
  }

  test('a client of the protocol gets each answer, and the end', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    await append(world, 'JobStarted');
    const client = createSseClient({ url: `${world.server.url}/graphql`, retryAttempts: 0 });
    onTestFinished(() => client.dispose());
    const answers = client.iterate({ query: statusQuery, variables: { jobId: '42' } });
    expect((await answers.next()).value).toMatchObject({ data: { jobStatusUpdated: { status: 'RUNNING' } } });
    await append(world, 'JobCompleted');
    expect((await answers.next()).value).toMatchObject({ data: { jobStatusUpdated: { status: 'COMPLETED' } } });
    const end = answers.next();
    await expect.poll(() => world.clock.sleeping).toBeGreaterThan(0);
    world.clock.advance(5_000);
    expect((await end).done).toBe(true);
  });

  test('a browser that lost the connection goes on after the id of the last answer', async () => {
    const world = await startWorld();
    for (const count of [1, 2, 3]) await append(world, 'custom.noted', { count }, 'n', 'custom');
    const first = await raw(world);
    expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await first.text('"position":2}}')).toContain('event: next\nid: 2\ndata: {"data":{"eventAppended":{"position":2}},"extensions":{"position":2}}\n\n');
    first.close();
    const again = await raw(world, { 'last-event-id': '2' });
    const text = await again.text('"position":3}}');
    expect([text.includes('id: 3\n'), text.includes('id: 2\n'), text.includes('id: 1\n')]).toEqual([true, false, false]);
    expect((await fetch(`${world.server.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { accept: 'text/event-stream', 'last-event-id': 'x' } })).status).toBe(400);
  });

  test('the server closing breaks a stream off, without saying that it is complete', async () => {
    const world = await startWorld();
    await append(world, 'JobCreated');
    const stream = await raw(world);
    await stream.text('id: 1\n');
    await world.server.close();
    expect(await stream.text('event: complete').catch(() => '')).not.toContain('event: complete');
  });

  test('a silent stream gives a sign of life', async () => {
    const world = await startWorld({ limits: { heartbeatMs: 10 } });
    expect(await (await raw(world)).text(': heartbeat\n\n')).toContain(': heartbeat\n\n');
  });
});
