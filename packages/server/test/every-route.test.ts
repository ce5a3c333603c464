/**
 * One call of every route of the table, canonical and alias: it answers what its schema says, to who may ask and nobody else. A new
 * operation needs a line here.
 */
import { grantedScopes, isStream, operations } from '@refold/operations';
import type { AnyOperation } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { parseRoutePath, fillPath } from '../src/rest/route-path.ts';
import type { RoutePath } from '../src/rest/route-path.ts';
import { bearer, newKey as keyWith, own, startGuarded } from './guarded-world.ts';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

type Input = { readonly [name: string]: unknown };

const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'x' } };
const stream = { streamType: 'orchestration', streamId: 'PROJ-1' };

const debugSession = { id: 'SESSION' };
const newKey = { name: 'a viewer', actor: { type: 'user', id: 'ada' }, role: 'viewer' };

/**
 * What each operation is asked, once the small run is in the log. `EVENT` and `COMMIT` stand for the ids of its first,
 * `SESSION` for a debug session over it with a breakpoint (1) and a watch (2), `REPLAY` for a replay that was left off, `KEY` for an
 * API key.
 */
const questions: { readonly [operation: string]: Input } = {
  appendEvents: { events: [note] },
  queryEvents: { limit: 2 },
  tailEvents: { fromStart: true },
  validateEvents: { events: [note, { type: 'no.such_type', data: {} }] },
  timeline: {},
  stats: { bucket: 'hour' },
  correlationEvents: { id: 'c1' },
  validateCorrelation: { id: 'c1' },
  sessionEvents: { key: 'sess-1' },
  entityEvents: { type: 'orchestration', id: 'PROJ-1' },
  getEvent: { id: 'EVENT' },
  traceEvent: { id: 'EVENT' },
  getCommit: { id: 'COMMIT' },
  putBlob: { base64: 'aGVsbG8=' },
  getBlob: { sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
  listStreams: {},
  getStream: stream,
  streamEvents: { ...stream, fromRevision: 2 },
  streamRows: { ...stream, fromRevision: 2, limit: 2 },
  streamIndex: { ...stream, type: 'agent_run.*' },
  resolveStream: { id: 'PROJ-1' },
  getAggregate: { id: 'PROJ-1' },
  aggregateEvents: { id: 'PROJ-1', fromRevision: 2 },
  aggregateState: { id: 'PROJ-1', revision: 2 },
  stateAt: { ...stream, revision: 2 },
  openAt: { ...stream, revision: 2 },
  stateHistory: { ...stream, withState: true },
  diffStates: { ...stream, fromRevision: 1, toRevision: 3 },
  timeTravel: { ...stream, at: '2026-11-20T09:00:01.000Z', window: 5 },
  provenance: { ...stream, path: '/status' },
  lod: { ...stream, axis: 'time', px: 8 },
  marks: { ...stream, firstBad: true },
  systemState: { at: '2026-11-20T09:00:01.000Z', all: true },
  flips: { ...stream, expression: "state.status == 'running'" },
  fork: { ...stream, edits: [{ op: 'omit', at: 2 }] },
  divergence: { ...stream, against: 'orchestration/PROJ-1' },
  compareState: { ...stream, expected: { status: 'running' } },
  blame: stream,
  coverage: stream,
  startDebugSession: { aggregateId: 'PROJ-1', fromRevision: 1 },
  listDebugSessions: {},
  importDebugSession: { format: 'EXPORT' },
  getDebugSession: debugSession,
  followDebugSession: debugSession,
  stepDebugSession: { ...debugSession, count: 1 },
  resumeDebugSession: debugSession,
  pauseDebugSession: debugSession,
  seekDebugSession: { ...debugSession, revision: 3 },
  restartDebugSession: debugSession,
  stopDebugSession: debugSession,
  addBreakpoint: { ...debugSession, eventType: 'custom.*', condition: "event_data.get('text', '') != ''" },
  listBreakpoints: debugSession,
  removeBreakpoint: { ...debugSession, breakpointId: '1' },
  addWatch: { ...debugSession, expression: 'state.status' },
  listWatches: debugSession,
  removeWatch: { ...debugSession, watchId: '2' },
  addDebugNote: { ...debugSession, revision: 1, text: 'here it began' },
  removeDebugNote: { ...debugSession, noteId: 'n1' },
  debugTimeline: debugSession,
  exportDebugSession: debugSession,
  forkDebugSession: { ...debugSession, edits: [{ op: 'omit', at: 1 }] },
  replayEvents: stream,
  listReplays: {},
  getReplay: { id: 'REPLAY' },
  replaySteps: { id: 'REPLAY' },
  cancelReplay: { id: 'REPLAY' },
  listCheckpoints: stream,
  createCheckpoint: { ...stream, label: 'here' },
  restoreCheckpoint: { ...stream, checkpointId: 'cp-1' },
  createTask: { taskCode: 'TASK-1', title: 'try', status: 'pending' },
  listTasks: { status: 'pending' },
  getTask: { code: 'TASK-1' },
  updateTask: { code: 'TASK-1', status: 'in_progress' },
  deleteTask: { code: 'TASK-1', reason: 'done elsewhere', actor: 'user:ada' },
  createSprint: { sprintCode: 'S-1', name: 'first', metadata: { team: 'a' } },
  listSprints: {},
  getSprint: { code: 'S-1' },
  updateSprint: { code: 'S-1', status: 'active' },
  deleteSprint: { code: 'S-1' },
  startSession: { sessionKey: 'sess-9', agentId: 'planner' },
  getSession: { key: 'sess-9' },
  resumeSession: { key: 'sess-9' },
  endSession: { key: 'sess-9', outcome: 'done' },
  assembleContext: { key: 'sess-9', sources: [{ path: 'README.md' }], tokenCount: 12 },
  createJob: { id: '7', name: 'deploy', steps: ['build', { name: 'test' }], start: true },
  listJobs: { status: 'running' },
  getJob: { id: '7' },
  startJob: { id: '8', workerId: 'w-1' },
  pauseJob: { id: '7', reason: 'night' },
  resumeJob: { id: '9' },
  cancelJob: { id: '7' },
  endJobStep: { id: '7', step: 'build', status: 'completed', output: 1, durationMs: 5 },
  progressJob: { id: '7', progress: 0.5 },
  moveJobComponent: { id: '7', component: 'planner', status: 'started', data: { iteration: 1 } },
  completeJob: { id: '7', result: 'ok' },
  failJob: { id: '7', error: 'no space' },
  appendJobLogs: { id: '7', lines: [{ level: 'INFO', message: 'begun' }] },
  jobLogs: { id: '7' },
  followJob: { id: '7' },
  followJobLogs: { id: '7', level: 'INFO' },
  followState: stream,
  followReplay: { id: 'REPLAY' },
  followStats: {},
  rerunJob: { id: '42', set: { '/model': 'claude-x' } },
  compareRuns: { ids: '42,43' },
  listSnapshots: stream,
  createSnapshot: { ...stream, revision: 2 },
  collectSnapshots: {},
  verifySnapshots: {},
  agentMetrics: { issueKey: 'PROJ-1' },
  listRuns: { limit: 5 },
  listEventTypes: {},
  getEventType: { type: 'phase.started' },
  getSchema: { type: 'phase.started', version: '1.0.0' },
  registerEventType: { type: 'deploy.finished', schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } },
  checkSchema: { type: 'deploy.finished', schema: { type: 'object' } },
  schemaHistory: {},
  verifyLog: { state: true },
  exportEvents: { afterPosition: 1 },
  importRecords: { producer: 'auto', text: '{"event_id":"5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c01","event_type":"ErrorOccurred","timestamp":"2026-11-20T09:00:00Z","issue_key":"PROJ-7","session_id":"sess-7","actor":{"type":"agent","id":"planner"},"metadata":{"error_type":"timeout","message":"late"}}\n' },
  createApiKey: newKey,
  listApiKeys: {},
  revokeApiKey: { keyId: 'KEY' },
  rotateApiKey: { keyId: 'KEY', overlapHours: 1 },
  queryAudit: {},
  verifyAudit: {},
  orchestratorHealth: {},
  followOrchestratorHealth: {},
  health: {},
  live: {},
  ready: {},
  systemInfo: {},
  whoAmI: {},
  doctor: { issue: 'PROJ-1', expect: 3 },
};

const routed = operations.filter((operation) => operation.http !== undefined);

test('every operation with a path has a question here, and every question an operation', () => {
  expect(Object.keys(questions).toSorted()).toEqual(routed.map(({ name }) => name).toSorted());
});

for (const operation of routed) {
  const { method, path, status = 200, aliases = [] } = operation.http!;
  describe(`${method} ${path}`, () => {
    test(`${operation.name} answers ${status} with what its schema says`, async () => {
      const world = await startWorld();
      const answer = await ask(world, operation, `/api/v1${path}`);
      if (isStream(operation)) return expect(answer.headers.get('content-type')).toBe(`${operation.http!.isFile === true ? 'application/x-ndjson' : 'text/event-stream'}; charset=utf-8`);
      expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
      expect(operation.output.safeParse(answer.body).error?.issues).toBeUndefined();
      expect(world.lines).toEqual([]);
    });

    for (const alias of aliases)
      test(`D-121, K-064: ${alias} is another path of it`, async () => {
        const world = await startWorld();
        const answer = await ask(world, operation, alias);
        expect([answer.status, answer.headers.get('link')]).toEqual([status, expect.stringMatching(/^<\/api\/v1\/.*>; rel="canonical"$/)]);
      });
  });
}

/** Names of things that there are not. */
const absentNames: { readonly [parameter: string]: string } = { id: 'absent', key: 'absent', code: 'absent', streamId: 'absent', keyId: 'absent', checkpointId: 'absent', type: 'absent', sha256: '0'.repeat(64) };

/** What these would list is empty then. */
const answeredWhenAbsent: ReadonlySet<string> = new Set(['correlationEvents', 'validateCorrelation', 'sessionEvents', 'entityEvents']);

/** What the question needs besides: records name actors of their own, and a key is given no more than its giver has. */
const alsoNeeded: { readonly [operation: string]: string } = { importRecords: 'actor:override', createApiKey: 'read', rotateApiKey: 'read' };

describe('two principals, of whom one has the scope of an operation alone and the other every other', () => {
  for (const operation of routed.filter(({ scope }) => scope !== 'none')) {
    const { name, http, scope, dryRun } = operation;
    const path = parseRoutePath(`/api/v1${http!.path}`);
    const isFindable = path.parameters.length > 0 && !answeredWhenAbsent.has(name);

    test(`${name}: allowed, forbidden${isFindable ? ', not found' : ''}`, async () => {
      const world = await startGuarded();
      const [one, other] = await Promise.all([grantedScopes.filter((granted) => granted === scope || alsoNeeded[name] === granted), grantedScopes.filter((granted) => granted !== scope && granted !== dryRun?.scope)].map(async (scopes) => bearer((await keyWith(world, { scopes })).key)));
      const question = await prepared(asOwner(world), operation, path);
      const absent = { ...question, ...Object.fromEntries(path.parameters.filter((parameter) => parameter in absentNames).map((parameter) => [parameter, absentNames[parameter]])) };

      const refusal = await send(world, operation, path, question, other);
      expect(refusal).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', details: { reason: 'scope', scope } } });
      // Whether there is such a thing is not told to who may not ask.
      expect((await send(world, operation, path, absent, other)).body).toEqual({ ...refusal.body, requestId: expect.any(String) as string });
      if (isFindable) expect(await send(world, operation, path, absent, one)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      expect((await send(world, operation, path, question, one)).status).toBe(isStream(operation) ? 200 : (http!.status ?? 200));
    });
  }
});

/** The same world, asked by the owner of its machine. */
const asOwner = (world: World): World => ({ ...world, call: (path, init = {}) => world.call(path, { ...init, headers: { ...own, ...(init.headers as Record<string, string>) } }), post: (path, body, headers) => world.post(path, body, { ...own, ...headers }) });

async function ask(world: World, operation: AnyOperation, written: string): Promise<Answer> {
  const path = parseRoutePath(written);
  return await send(world, operation, path, await prepared(world, operation, path));
}

/** Puts into the log what the question is about. */
async function prepared(world: World, operation: AnyOperation, path: RoutePath): Promise<Input> {
  await appendSmallRun(world);
  const [first] = (await world.call('/api/v1/events?limit=1')).body.items;
  const commit = await commitOf(world, first.position as number);
  if (operation.name === 'getBlob') await world.post('/api/v1/blobs', questions['putBlob']);
  // A path that fixes the kind of stream is about another stream of the same id.
  const { streamType } = path.fixed;
  if (streamType !== undefined) await world.post('/api/v1/events', [`${streamType}.created`, note.type].map((type) => ({ ...stream, streamType, type, actor: note.actor, data: { [`${streamType}_code`]: stream.streamId } })));
  const asked = questions[operation.name] ?? {};
  await prepare[operation.name]?.(world);
  const stands: Input = {
    EVENT: first.id,
    COMMIT: commit,
    REPLAY: 'r-1',
    ...(asked['id'] === 'SESSION' ? { SESSION: await openDebugSession(world) } : {}),
    ...(asked['keyId'] === 'KEY' ? { KEY: (await world.post('/api/v1/keys', newKey)).body.info.id } : {}),
  };
  const question = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, typeof value === 'string' ? (stands[value] ?? value) : value]));
  if (question['format'] === 'EXPORT') Object.assign(question, (await world.call(`/api/v1/debug/sessions/${await openDebugSession(world)}/export`)).body);
  return question;
}

async function send(world: World, operation: AnyOperation, path: RoutePath, question: Input, headers: Record<string, string> = {}): Promise<Answer> {
  const rest = Object.entries(question).filter(([name]) => !path.parameters.includes(name) && !(name in path.fixed));
  const { method } = operation.http!;
  if (isStream(operation)) return await head(world, fillPath(path, question), rest, headers);
  if (method !== 'GET' && method !== 'DELETE') return await world.call(fillPath(path, question), { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(Object.fromEntries(rest)) });
  return await world.call(`${fillPath(path, question)}?${queryOf(rest)}`, { method, headers });
}

/** What some questions need beside the small run. */
const prepare: { readonly [operation: string]: (world: World) => Promise<unknown> } = {
  getReplay: leaveReplayOff,
  replaySteps: leaveReplayOff,
  followReplay: leaveReplayOff,
  cancelReplay: leaveReplayOff,
  restoreCheckpoint: (world) => world.post('/api/v1/streams/orchestration/PROJ-1/checkpoints', { checkpointId: 'cp-1' }),
  ...Object.fromEntries(
    ['listTasks', 'getTask', 'updateTask', 'deleteTask', 'listSprints', 'getSprint', 'updateSprint', 'deleteSprint', 'getSession', 'resumeSession', 'endSession', 'assembleContext',
      'listJobs', 'getJob', 'startJob', 'pauseJob', 'resumeJob', 'cancelJob', 'endJobStep', 'progressJob', 'moveJobComponent', 'completeJob', 'failJob', 'appendJobLogs', 'jobLogs', 'followJob', 'followJobLogs'].map((name) => [name, createWorkObjects]),
  ),
  rerunJob: (world) => runJobs(world, '42'),
  compareRuns: (world) => runJobs(world, '42', '43'),
};

function leaveReplayOff(world: World): Promise<Answer> {
  const replay = { streamType: 'replay', streamId: 'r-1', actor: note.actor };
  return world.post('/api/v1/events', [
    { ...replay, type: 'replay.started', data: { mode: 'execute', purpose: 'recovery', target: { type: 'orchestration', id: 'PROJ-1' } } },
    { ...replay, type: 'replay.step_completed', data: { replay_of: 'e1', sequence: 1, result: null, produced_event_ids: [] } },
  ]);
}

/** A task, a sprint, a session, and a job that runs (7), one that waits (8), one that stands still (9). */
async function createWorkObjects(world: World): Promise<void> {
  const job = { steps: ['build'], start: true };
  for (const [path, body] of [['tasks', { taskCode: 'TASK-1' }], ['sprints', { sprintCode: 'S-1' }], ['sessions', { sessionKey: 'sess-9', agentId: 'coder' }], ['jobs', { id: '7', ...job }], ['jobs', { id: '8' }], ['jobs', { id: '9', ...job }], ['jobs/9/pause', {}]] as const)
    await world.post(`/api/v1/${path}`, { ...body, actor: note.actor });
}

const runJobs = (world: World, ...ids: readonly string[]): Promise<Answer> =>
  world.post('/api/v1/events', ['job.created', 'job.started', 'job.completed'].flatMap((type) => ids.map((streamId) => ({ streamType: 'job', streamId, type, actor: note.actor, data: {} }))));

async function openDebugSession(world: World): Promise<string> {
  const { sessionId } = (await world.post('/api/v1/debug/sessions/start', { aggregateId: 'PROJ-1' })).body as { sessionId: string };
  await world.post(`/api/v1/debug/sessions/${sessionId}/breakpoints`, { eventType: 'phase.*' });
  await world.post(`/api/v1/debug/sessions/${sessionId}/watches`, { expression: 'type' });
  await world.post(`/api/v1/debug/sessions/${sessionId}/notes`, { revision: 1 });
  return sessionId;
}

/** A stream has no end: its headers are enough here. */
async function head(world: World, path: string, query: readonly (readonly [string, unknown])[], asked: Record<string, string>): Promise<Answer> {
  const stop = new AbortController();
  const response = await fetch(`${world.server.url}${path}?${queryOf(query)}`, { signal: stop.signal, headers: asked });
  const text = response.ok ? '' : await response.text();
  stop.abort();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

const queryOf = (parameters: readonly (readonly [string, unknown])[]): URLSearchParams => new URLSearchParams(Object.fromEntries(parameters.map(([name, value]) => [name, String(value)])));

async function commitOf(world: World, position: number): Promise<string> {
  for await (const page of world.log.driver.read({ after: position - 1, upTo: position })) for (const event of page.events) return event.commit;
  throw new Error(`nothing at ${position}`);
}
