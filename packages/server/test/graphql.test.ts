/** Every query and mutation that is served, asked once over HTTP; and what a caller is told when something is wrong with one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMemoryLog } from '@refold/driver-memory';
import { wrapLog } from '@refold/testing';
import { getNamedType, isObjectType } from 'graphql';
import type { GraphQLOutputType } from 'graphql';
import { resolvers } from '../src/graphql/resolvers.ts';
import { servedSchema } from '../src/graphql/schema.ts';
import { ask, data, verdictOf } from './graphql-client.ts';
import { appendSmallRun, openWorld, startWorld } from './server-world.ts';

const schema = servedSchema(resolvers);

/** Every field that needs no argument, two levels deep: whatever a resolver cannot give shows as an error. */
function everything(type: GraphQLOutputType, levels = 2): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter(({ name }) => !['effects', 'cause', 'alias'].includes(name));
  const parts = fields.flatMap((field) => {
    if (!isObjectType(getNamedType(field.type))) return [field.name];
    return levels === 0 ? [] : [`${field.name} ${everything(field.type, levels - 1)}`];
  });
  return parts.length === 0 ? '{ __typename }' : `{ ${parts.join(' ')} }`;
}

let world: Awaited<ReturnType<typeof openWorld>>;
let eventId: string;
beforeAll(async () => {
  world = await openWorld();
  await appendSmallRun(world);
  [{ id: eventId }] = (await world.call('/api/v1/events?limit=1')).body.items;
  const actor = { type: 'user', id: 'ana' };
  for (const [type, payload] of [['JobCreated', { name: 'deploy', params: { model: 'x' }, steps: [{ name: 'build' }] }], ['JobStarted', {}], ['JobStepCompleted', { step: 'build', duration_ms: 5 }], ['PlannerStarted', { iteration: 1, model: 'm' }]] as const)
    await world.post('/api/v1/events', [{ type, streamType: 'job', streamId: '1', actor, data: payload }]);
  await world.post('/api/v1/jobs/1/logs', { lines: [{ level: 'INFO', message: 'hello' }, { level: 'WARN', message: 'careful' }] });
  await world.post('/api/v1/sprints', { sprintCode: 'S1', name: 'First' });
  await world.post('/api/v1/tasks', { taskCode: 'T1', sprintCode: 'S1', title: 'Do it' });
});
afterAll(() => world.close());

/** What each query is asked; what stands behind a field without a line here nobody looked at. */
const queries: { readonly [field: string]: readonly [args: string, expected: unknown] } = {
  job: ['(id: "1")', { id: '1', status: 'RUNNING', name: 'deploy', progress: 1, steps: [{ name: 'build', status: 'COMPLETED' }], components: [{ name: 'planner', status: 'running', iteration: 1 }, { name: 'coder' }, { name: 'critique' }], jobEvents: [{ eventType: 'JobCreated', sequence: 1 }, {}, {}, { eventType: 'PlannerStarted', sequence: 4 }], logs: [{ sequence: 1 }, { sequence: 2 }], revision: 4 }],
  jobs: ['(filter: { status: [RUNNING, PAUSED], name: "deploy", from: "2026-01-01T00:00:00Z" }, page: { first: 5 })', { nodes: [{ id: '1' }], pageInfo: { hasNextPage: false } }],
  compareJobRuns: ['(jobIds: ["1", "orchestration/PROJ-1"])', { steps: [{ name: 'build' }], totals: [{ streamId: '1' }, { streamId: 'PROJ-1' }], firstDivergence: { atRevision: 1 } }],
  jobLogs: ['(jobId: "1", afterLine: 1)', [{ jobId: '1', sequence: 2, level: 'WARN', message: 'careful' }]],
  orchestratorStatus: ['', { state: 'HEALTHY', runningJobs: 1, pausedJobs: 0, storeReachable: true, firingAlerts: [] }],
  event: ['(id: "EVENT")', { id: 'EVENT', type: 'orchestration.started', position: 1 }],
  events: ['(filter: { streamType: "job" }, page: { first: 2, order: DESC })', { nodes: [{ type: 'planner.started' }, { type: 'job.step_completed' }], pageInfo: { hasNextPage: true }, totalCount: 4 }],
  eventChain: ['(correlationId: "c1")', { nodes: [{ revision: 1 }, { revision: 2 }, {}], totalCount: 3 }],
  causeTree: ['(eventId: "EVENT")', [{ id: 'EVENT' }]],
  stream: ['(type: "job", id: "1")', { type: 'job', id: '1', revision: 4, state: { revision: 4 }, snapshots: [], events: { nodes: [{}, {}, {}, {}] } }],
  state: ['(type: "job", id: "1", revision: 1)', { streamType: 'job', revision: 1, state: { status: 'pending' } }],
  timeTravel: ['(issueKey: "PROJ-1", at: "2026-11-20T09:00:01.000Z")', { state: { revision: 2 }, stateSummary: { currentPhase: 'build' } }],
  stateHistory: ['(type: "job", id: "1", withState: true, from: "2026-11-20T10:00:00.000Z", page: { first: 2 })', [{ revision: 1, event: { type: 'job.created' }, state: { status: 'pending' } }, { revision: 2 }]],
  stateDiff: ['(type: "job", id: "1", fromRevision: 1, toRevision: 2)', expect.arrayContaining([{ op: 'replace', path: '/status', before: 'pending', after: 'running' }])],
  divergence: ['(type: "job", id: "1", againstStreamId: "1")', []],
  fork: ['(input: { streamType: "job", streamId: "1", insert: [{ after: 3, event: { type: "job.paused", data: { reason: "x" } } }] })', { base: { state: { status: 'running' } }, variant: { state: { status: 'paused' } }, rejected: [] }],
  validateChain: ['(correlationId: "c1")', { ok: true, checked: 3, violations: [] }],
  verifyIntegrity: ['(streamType: "job", streamId: "1")', { ok: true, checkedEvents: 4, firstBadPosition: null, violations: [] }],
  timeline: ['(filter: { streamType: "job" })', expect.arrayContaining([expect.objectContaining({ lane: expect.any(String) })])],
  stats: ['(filter: { streamType: "job" })', { total: 4, byType: expect.arrayContaining([{ key: 'job.created', count: 1 }]), byActor: [{ key: 'user/ana', count: 4 }] }],
  agentMetrics: ['', []],
  orchestration: ['(issueKey: "PROJ-1")', { issueKey: 'PROJ-1', summary: { currentPhase: 'build' }, checkpoints: [], agentMetrics: [] }],
  sprint: ['(code: "S1")', { code: 'S1', name: 'First', tasks: [{ code: 'T1' }], history: [{ revision: 1 }] }],
  sprints: ['(page: { first: 1 })', [{ code: 'S1' }]],
  task: ['(code: "T1")', { code: 'T1', title: 'Do it', sprint: { code: 'S1' }, history: [{ event: { type: 'task.created' } }] }],
  tasks: ['(sprintCode: "S1", status: "pending", page: { first: 5 })', [{ code: 'T1' }]],
  checkpoints: ['(issueKey: "PROJ-1")', []],
  snapshots: ['(type: "job", id: "1")', []],
  replayRun: ['(id: "none")', null],
  replayRuns: ['(page: { first: 5 })', []],
  debugSession: ['(id: "none")', null],
  debugSessions: ['', []],
  eventTypes: ['', expect.arrayContaining([expect.objectContaining({ type: 'job.created', aliases: expect.objectContaining({ job: 'JobCreated' }), schemaVersions: ['1.0.0'], replayClass: 'idempotent' })])],
};

describe('Every query', () => {
  test('has a line here', () => expect(Object.keys(queries).toSorted()).toEqual(Object.keys(schema.getQueryType()!.getFields()).toSorted()));

  test.each(Object.entries(queries))('%s answers', async (field, [args, expected]) => {
    const { type } = schema.getQueryType()!.getFields()[field]!;
    const found = await data(world, `{ ${field}${args.replace('EVENT', eventId)} ${everything(type, field === 'eventTypes' || field === 'jobs' ? 1 : 2)} }`);
    const wanted = JSON.stringify(expected)?.includes('EVENT') ? JSON.parse(JSON.stringify(expected).replaceAll('EVENT', eventId)) : expected;
    if (typeof wanted === 'object' && wanted !== null && !('asymmetricMatch' in wanted)) expect(found).toMatchObject({ [field]: wanted });
    else expect(found).toEqual({ [field]: wanted });
  });

  test('an event leads to its cause, its effects and its names', async () => {
    const { event } = await data(world, `{ event(id: "${eventId}") { cause { id } effects(first: 2) { id } alias(dialect: "jira") none: alias(dialect: "none") } }`);
    expect(event).toEqual({ cause: null, effects: [], alias: expect.any(String), none: null });
  });

  test('a page goes on where the one before ended', async () => {
    const page = async (after: string | null): Promise<{ nodes: { position: number }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }> => (await data(world, 'query ($after: String) { events(page: { first: 3, after: $after }) { nodes { position } pageInfo { endCursor hasNextPage } } }', { variables: { after } })).events;
    const positions: number[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await page(after);
      positions.push(...nodes.map(({ position }) => position));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(positions).toEqual(positions.map((_, index) => index + 1));
    expect(positions.length).toBeGreaterThan(6);
  });

  test('a history and a list are narrowed by time', async () => {
    const second = '"2026-11-20T09:00:01.000Z"';
    const found = await data(world, `{ stateHistory(type: "orchestration", id: "PROJ-1", from: ${second}, to: ${second}) { revision event { type } } jobs(filter: { from: "2026-11-20T10:00:00.001Z" }, page: { first: 5 }) { nodes { id } } before: jobs(filter: { to: "2026-11-20T10:00:00.000Z", status: PENDING }, page: { first: 5 }) { nodes { id } } }`);
    expect(found).toEqual({ stateHistory: [{ revision: 2, event: { type: 'phase.started' } }], jobs: { nodes: [] }, before: { nodes: [] } });
  });

  test('by GET, with variables in the address', async () => {
    const { status, body } = await world.call(`/graphql?query=${encodeURIComponent('query ($id: ID!) { job(id: $id) { name } }')}&variables=${encodeURIComponent('{"id":"1"}')}`);
    expect([status, body]).toEqual([200, { data: { job: { name: 'deploy' } } }]);
  });
});

describe('Every mutation', () => {
  const asked = new Set<string>();
  async function change(text: string, extensions?: object): Promise<Record<string, unknown>> {
    for (const [, field] of text.matchAll(/(\w+)[ (]/g)) if (schema.getMutationType()!.getFields()[field!] !== undefined) asked.add(field!);
    return await data(world, `mutation { ${text} }`, extensions === undefined ? {} : { extensions });
  }

  test('D-082 D-056 D-100 of jobs: created, started, paused, resumed, cancelled, run again', async () => {
    expect(await change('createJob(input: { id: "2", name: "a", params: { model: "x" }, steps: [{ name: "s" }] }) { id status revision }')).toEqual({ createJob: { id: '2', status: 'PENDING', revision: 1 } });
    expect(await change('startJob(jobId: "2") { status }')).toEqual({ startJob: { status: 'RUNNING' } });
    expect(await change('pauseJob(jobId: "2", reason: "lunch") { status currentStep }')).toEqual({ pauseJob: { status: 'PAUSED', currentStep: 's' } });
    expect(await change('resumeJob(jobId: "2", fromStep: "s") { status }')).toEqual({ resumeJob: { status: 'RUNNING' } });
    expect(await change('cancelJob(jobId: "2", reason: "enough") { status endedAt }')).toEqual({ cancelJob: { status: 'CANCELLED', endedAt: expect.any(String) } });
    expect(await change('rerunJob(input: { jobId: "2", params: { model: "y" }, reason: "again" }) { id status params rerunOf { id reruns { id } } }')).toEqual({ rerunJob: { id: '3', status: 'PENDING', params: { model: 'y' }, rerunOf: { id: '2', reruns: [{ id: '3' }] } } });
  });

  test('of events, with the revision that was expected', async () => {
    expect(await change('appendEvents(streamType: "custom", streamId: "n", events: [{ type: "custom.noted", actor: { type: "user", id: "ana" }, data: { n: 1 } }, { type: "custom.noted", actor: { type: "user", id: "ana" }, data: { n: 2 } }], expectedRevision: "none") { revision data }')).toEqual({ appendEvents: [{ revision: 1, data: { n: 1 } }, { revision: 2, data: { n: 2 } }] });
    expect(await change('logEvent(type: "phase.started", data: { phase: "test" }, actor: { type: "agent", id: "p" }, issueKey: "PROJ-1", sessionId: "sess-1") { type phase actor { id } }')).toMatchObject({ logEvent: { type: 'phase.started', actor: { id: 'p' } } });
    expect(verdictOf(await ask(world, 'mutation { appendEvents(streamType: "custom", streamId: "n", events: [{ type: "custom.noted", actor: { type: "user", id: "ana" }, data: {} }], expectedRevision: 1) { id } }'))).toEqual([200, 'REVISION_CONFLICT', undefined]);
  });

  test('of snapshots and checkpoints', async () => {
    expect(await change('createSnapshot(type: "job", id: "1") { streamId revision pinned sizeBytes lastEventId reducerVersion }')).toMatchObject({ createSnapshot: { streamId: '1', revision: 4, pinned: true } });
    expect(await change('collectSnapshots')).toEqual({ collectSnapshots: 0 });
    asked.add('collectSnapshots');
    const { createCheckpoint } = await change('createCheckpoint(issueKey: "PROJ-1", label: "before") { id issueKey label sequence }');
    expect(createCheckpoint).toMatchObject({ issueKey: 'PROJ-1', label: 'before' });
    const { restoreCheckpoint } = await change(`restoreCheckpoint(issueKey: "PROJ-1", checkpointId: "${(createCheckpoint as { id: string }).id}", reason: "x") { revision state }`);
    expect((restoreCheckpoint as { revision: number }).revision).toBeGreaterThan((createCheckpoint as { sequence: number }).sequence);
  });

  test('of sprints and tasks', async () => {
    expect(await change('createSprint(code: "S2", name: "Second", goal: "g") { code name status }')).toMatchObject({ createSprint: { code: 'S2', name: 'Second' } });
    expect(await change('updateSprint(code: "S2", status: "active", expectedRevision: 1) { status revision }')).toEqual({ updateSprint: { status: 'active', revision: 2 } });
    expect(await change('createTask(code: "T2", sprintCode: "S2", title: "t", priority: P1) { code priority sprint { code } }')).toEqual({ createTask: { code: 'T2', priority: 'P1', sprint: { code: 'S2' } } });
    expect(await change('updateTask(code: "T2", status: "in_progress", assigneeId: "coder", progress: 50) { status progress assignee { type id } }')).toEqual({ updateTask: { status: 'in_progress', progress: 50, assignee: { type: 'agent', id: 'coder' } } });
    expect(await change('deleteTask(code: "T2") deleteSprint(code: "S2", reason: "x")')).toEqual({ deleteTask: true, deleteSprint: true });
  });

  test('of replays: planned as they are asked, carried out when it is confirmed', async () => {
    const { replayEvents } = await change('replayEvents(input: { streamType: "job", streamId: "1", purpose: DEBUGGING, filter: { types: ["job.*"] } }) { mode purpose status replayed skipped steps(first: 2) { action reason event { type } } finalState }');
    expect(replayEvents).toMatchObject({ mode: 'DRY_RUN', purpose: 'DEBUGGING', status: 'COMPLETED', steps: [{ event: { type: 'job.created' } }, {}] });
    const execute = 'replayEvents(input: { streamType: "job", streamId: "1", mode: EXECUTE }) { id mode status }';
    expect(verdictOf(await ask(world, `mutation { ${execute} }`))).toEqual([200, 'PRECONDITION_FAILED', 'confirm']);
    const carriedOut = (await change(execute, { confirm: 'job/1' }))['replayEvents'] as { id: string };
    expect(carriedOut).toMatchObject({ mode: 'EXECUTE', status: 'COMPLETED' });
    expect(await data(world, `{ replayRun(id: "${carriedOut.id}") { status endedAt steps { action } target { type id } } }`)).toMatchObject({ replayRun: { status: 'COMPLETED', target: { type: 'job', id: '1' } } });
    asked.add('cancelReplay');
    expect(verdictOf(await ask(world, `mutation { cancelReplay(id: "${carriedOut.id}") { id } }`))).toEqual([200, 'ILLEGAL_TRANSITION', undefined]);
  });

  test('of debug sessions', async () => {
    const { id } = (await change('startDebugSession(aggregateId: "1", streamType: "job") { id state total }'))['startDebugSession'] as { id: string };
    expect(await change(`addBreakpoint(id: "${id}", eventType: "job.step_completed") { id hits enabled } addWatch(id: "${id}", expression: "state.status") { id expression value }`)).toMatchObject({ addBreakpoint: { hits: 0, enabled: true }, addWatch: { expression: 'state.status' } });
    expect(await change(`debugControl(id: "${id}", action: "resume") { state revision currentEvent { type } breakpoints { hits } watches { value } timeline { index event { type } } }`)).toMatchObject({ debugControl: { state: 'PAUSED', currentEvent: { type: 'job.step_completed' }, breakpoints: [{ hits: 1 }] } });
    for (const action of ['step', 'pause', 'restart', 'seek', 'stop']) expect(await change(`debugControl(id: "${id}", action: "${action}") { id }`)).toEqual({ debugControl: { id } });
    expect(verdictOf(await ask(world, `mutation { debugControl(id: "${id}", action: "toString") { id } }`))).toEqual([200, 'BAD_REQUEST', 'action']);
    const other = (await change('startDebugSession(aggregateId: "1", streamType: "job") { id }'))['startDebugSession'] as { id: string };
    expect(await change(`addBreakpoint(id: "${other.id}", eventType: "job.*") { id } addWatch(id: "${other.id}", expression: "state.status") { id } removeBreakpoint(id: "${other.id}", breakpointId: "1") removeWatch(id: "${other.id}", watchId: "2")`)).toMatchObject({ removeBreakpoint: true, removeWatch: true });
  });

  test('B-160 of event types', async () => {
    expect(await change('registerEventType(type: "deploy.finished", schemaVersion: "1.0.0", schema: { type: "object", properties: { ok: { type: "boolean" } } }) { type schemaVersions }')).toEqual({ registerEventType: { type: 'deploy.finished', schemaVersions: ['1.0.0'] } });
  });

  test('was asked once', () => expect([...asked].toSorted()).toEqual(Object.keys(schema.getMutationType()!.getFields()).toSorted()));
});

describe('A fault', () => {
  test('carries our code, hint and details, and where in the answer it is missing', async () => {
    const { body } = await ask(world, '{ good: job(id: "1") { id } state(type: "job", id: "none") { revision } }');
    expect(body).toEqual({ data: null, errors: [{ message: expect.any(String), locations: [{ line: 1, column: 29 }], path: ['state'], extensions: { code: 'NOT_FOUND', details: expect.objectContaining({ reason: 'stream' }), hint: expect.any(String), requestId: expect.any(String), retryable: false } }] });
  });

  test('bad-input H12: of ours is masked, and the line about it has the cause', async () => {
    const secret = 'a secret of the engine';
    const broken = await startWorld({
      open: (linker, ports) =>
        wrapLog(openMemoryLog({ linker, clock: ports.clock }), {
          streams() {
            throw new TypeError(secret);
          },
        }),
    });
    const answer = await ask(broken, '{ __typename job(id: "1") { id } }');
    expect([answer.status, answer.body.data, answer.text.includes(secret)]).toEqual([200, { __typename: 'Query', job: null }, false]);
    const [{ extensions, path }] = answer.body.errors;
    expect([extensions.code, path]).toEqual(['INTERNAL', ['job']]);
    expect(broken.lines).toMatchObject([{ requestId: extensions.requestId, code: 'INTERNAL', route: '/graphql', error: new TypeError(secret) }]);
  });
});
