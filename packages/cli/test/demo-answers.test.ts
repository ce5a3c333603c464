/**
 * Every operation on the demo log, a real session and a failed orchestration, asked from the terminal through a server: the JSON that
 * is printed is what the operation's schema says, all of it and nothing else. A new operation needs a line here.
 */
import { isStream, operations } from '@refold/operations';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';
import type { Served } from './serve.ts';

type Input = Readonly<Record<string, unknown>>;

interface Run {
  readonly streamType: string;
  readonly streamId: string;
  /** In the middle of it. */
  readonly at: string;
  /** A value that changed. */
  readonly path: string;
  readonly expression: string;
}

const orchestration: Run = { streamType: 'orchestration', streamId: 'PROJ-123', at: '2025-12-22T12:00:00Z', path: '/lastError', expression: "state.status == 'paused'" };
const session: Run = { streamType: 'session', streamId: '258c7280-ae70-4798-800f-63464d01a85d', at: '2026-02-11T21:24:30Z', path: '/tokens', expression: "event.type == 'tool_call.failed'" };
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'x' } };
const job = [
  ['job.created', { name: 'nightly', params: { model: 'small' } }],
  ['job.started', {}],
  ['job.failed', { error: { message: 'out of memory' } }],
].map(([type, data]) => ({ ...note, type, streamType: 'job', streamId: '42', data }));
const replayUnderWay = { ...note, type: 'replay.started', streamType: 'replay', streamId: 'r1', data: { mode: 'execute', purpose: 'recovery', target: { type: 'orchestration', id: 'PROJ-123' } } };
const newKey = { name: 'a viewer', actor: { type: 'user', id: 'ada' }, role: 'viewer' };
const line = '{"event_id":"5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c01","event_type":"ErrorOccurred","timestamp":"2025-12-22T09:00:00Z","issue_key":"PROJ-7","session_id":"s-7","actor":{"type":"agent","id":"planner"},"metadata":{"error_type":"timeout","message":"late"}}';

let console: Console;
let served: Served;
const known: Record<string, unknown> = {};

async function ask(name: string, input: Input): Promise<unknown> {
  const { stdout, stderr, exitCode } = await console.run(`call ${name} --server ${served.url} --json --input -`, { stdin: JSON.stringify(input) });
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  console = openConsole();
  await console.run('init');
  served = await serve(console, '--demo');
  const { items } = (await ask('queryEvents', { issueKey: 'PROJ-123', limit: 20 })) as { items: { id: string; correlationId: string; sessionId: string }[] };
  Object.assign(known, { EVENT: items[19]!.id, CORRELATION: items[0]!.correlationId, SESSION_KEY: items[0]!.sessionId });
  known['COMMIT'] = ((await ask('appendEvents', { events: [note] })) as { commitId: string }).commitId;
  known['DEBUG'] = ((await ask('startDebugSession', { aggregateId: 'PROJ-123' })) as { sessionId: string }).sessionId;
  await ask('addBreakpoint', { id: known['DEBUG'], eventType: 'agent_run.failed' });
  await ask('addWatch', { id: known['DEBUG'], expression: 'state.status' });
  known['BLOB'] = ((await ask('putBlob', { base64: 'aGVsbG8=' })) as { $blob: { sha256: string } }).$blob.sha256;
  await ask('appendEvents', { events: [...job, replayUnderWay] });
  known['REPLAY'] = ((await ask('replayEvents', { issueKey: 'PROJ-123' })) as { replayId: string }).replayId;
  known['KEY'] = ((await ask('createApiKey', newKey)) as { info: { id: string } }).info.id;
  known['EXPORT'] = await ask('exportDebugSession', { id: known['DEBUG'] });
}, 120_000);
afterAll(async () => {
  await served.stop();
  console.close();
});

/** What stands in capitals is known once the demo is loaded. */
const filled = (input: Input): Input => (input['format'] === 'EXPORT' ? (known['EXPORT'] as Input) : Object.fromEntries(Object.entries(input).map(([name, value]) => [name, typeof value === 'string' ? (known[value] ?? value) : value])));

const ofLog: readonly (readonly [operation: string, input: Input])[] = [
  ['appendEvents', { events: [note] }],
  ['queryEvents', { limit: 1_000, total: true }],
  ['queryEvents', { text: 'users', types: 'tool_call.*' }],
  ['validateEvents', { events: [note, { type: 'no.such_type', data: {} }] }],
  ['timeline', { limit: 1_000 }],
  ['stats', { bucket: 'hour' }],
  ['correlationEvents', { id: 'CORRELATION' }],
  ['validateCorrelation', { id: 'CORRELATION' }],
  ['sessionEvents', { key: 'SESSION_KEY' }],
  ['entityEvents', { type: 'agent', id: 'api-contract-explorer' }],
  ['getEvent', { id: 'EVENT' }],
  ['traceEvent', { id: 'EVENT' }],
  ['getCommit', { id: 'COMMIT' }],
  ['putBlob', { base64: 'aGVsbG8=' }],
  ['getBlob', { sha256: 'BLOB' }],
  ['listStreams', {}],
  ['startDebugSession', { aggregateId: 'PROJ-123', fromRevision: 1 }],
  ['listDebugSessions', {}],
  ['importDebugSession', { format: 'EXPORT' }],
  ['addBreakpoint', { id: 'DEBUG', eventType: 'agent_run.failed' }],
  ['addWatch', { id: 'DEBUG', expression: 'state.status' }],
  ['listBreakpoints', { id: 'DEBUG' }],
  ['listWatches', { id: 'DEBUG' }],
  ['getDebugSession', { id: 'DEBUG' }],
  ['resumeDebugSession', { id: 'DEBUG' }],
  ['stepDebugSession', { id: 'DEBUG', count: 3 }],
  ['pauseDebugSession', { id: 'DEBUG' }],
  ['seekDebugSession', { id: 'DEBUG', revision: 70 }],
  ['debugTimeline', { id: 'DEBUG' }],
  ['exportDebugSession', { id: 'DEBUG' }],
  ['forkDebugSession', { id: 'DEBUG', edits: [{ op: 'omit', at: 71 }] }],
  ['removeBreakpoint', { id: 'DEBUG', breakpointId: '1' }],
  ['removeWatch', { id: 'DEBUG', watchId: '2' }],
  ['addDebugNote', { id: 'DEBUG', revision: 6, text: 'here it began' }],
  ['removeDebugNote', { id: 'DEBUG', noteId: 'n1' }],
  ['restartDebugSession', { id: 'DEBUG' }],
  ['stopDebugSession', { id: 'DEBUG' }],
  ['systemState', { at: '2025-12-22T12:00:00Z' }],
  ['replayEvents', { issueKey: 'PROJ-123', fromSequence: 10 }],
  ['listReplays', {}],
  ['getReplay', { id: 'REPLAY' }],
  ['replaySteps', { id: 'REPLAY' }],
  ['cancelReplay', { id: 'r1', reason: 'a test' }],
  ['rerunJob', { id: '42', set: { '/model': 'large' }, newId: '43' }],
  ['compareRuns', { ids: '42,43' }],
  ['createTask', { taskCode: 'TASK-1', title: 'try', status: 'pending' }],
  ['listTasks', {}],
  ['getTask', { code: 'TASK-1' }],
  ['updateTask', { code: 'TASK-1', status: 'in_progress' }],
  ['deleteTask', { code: 'TASK-1', reason: 'done elsewhere' }],
  ['createSprint', { sprintCode: 'S-1', name: 'first' }],
  ['listSprints', {}],
  ['getSprint', { code: 'S-1' }],
  ['updateSprint', { code: 'S-1', status: 'active' }],
  ['deleteSprint', { code: 'S-1' }],
  ['startSession', { sessionKey: 'sess-9', agentId: 'planner' }],
  ['getSession', { key: 'sess-9' }],
  ['assembleContext', { key: 'sess-9', sources: [{ path: 'README.md' }], tokenCount: 12 }],
  ['resumeSession', { key: 'sess-9' }],
  ['endSession', { key: 'sess-9', outcome: 'done' }],
  ['createJob', { id: '7', name: 'deploy', steps: ['build', { name: 'test' }], start: true }],
  ['createJob', { id: '8' }],
  ['startJob', { id: '8', workerId: 'w-1' }],
  ['failJob', { id: '8', error: 'no space' }],
  ['listJobs', {}],
  ['getJob', { id: '7' }],
  ['endJobStep', { id: '7', step: 'build', status: 'completed', output: 1, durationMs: 5 }],
  ['progressJob', { id: '7', progress: 0.5 }],
  ['moveJobComponent', { id: '7', component: 'planner', status: 'started', data: { iteration: 1 } }],
  ['appendJobLogs', { id: '7', lines: [{ level: 'INFO', message: 'begun' }] }],
  ['jobLogs', { id: '7' }],
  ['pauseJob', { id: '7', reason: 'night' }],
  ['resumeJob', { id: '7' }],
  ['completeJob', { id: '7', result: 'ok' }],
  ['cancelJob', { id: '43' }],
  ['collectSnapshots', {}],
  ['verifySnapshots', {}],
  ['agentMetrics', {}],
  ['listRuns', {}],
  ['listEventTypes', { counts: true }],
  ['getEventType', { type: 'AgentFailed' }],
  ['getSchema', { type: 'phase.started', version: '1.0.0' }],
  ['checkSchema', { type: 'deploy.finished', schema: { type: 'object' } }],
  ['registerEventType', { type: 'deploy.finished', schema: { type: 'object', properties: { ok: { type: 'boolean' } } } }],
  ['schemaHistory', {}],
  ['verifyLog', { state: true }],
  ['importRecords', { producer: 'auto', text: `${line}\n` }],
  ['createApiKey', newKey],
  ['listApiKeys', {}],
  ['rotateApiKey', { keyId: 'KEY' }],
  ['revokeApiKey', { keyId: 'KEY' }],
  ['queryAudit', {}],
  ['verifyAudit', {}],
  ['orchestratorHealth', {}],
  ['health', {}],
  ['whoAmI', {}],
  ['live', {}],
  ['ready', {}],
  ['systemInfo', {}],
  ['doctor', { issue: 'PROJ-123', expect: 3 }],
];

const ofRun: readonly (readonly [operation: string, input: (run: Run) => Input])[] = [
  ['getStream', () => ({})],
  ['streamRows', () => ({ fromRevision: 2, limit: 20 })],
  ['streamIndex', () => ({ minSeverity: 'ERROR' })],
  ['streamEvents', () => ({ limit: 1_000 })],
  ['resolveStream', ({ streamId }) => ({ id: streamId })],
  ['getAggregate', ({ streamId }) => ({ id: streamId })],
  ['aggregateEvents', ({ streamId }) => ({ id: streamId, fromRevision: 2 })],
  ['aggregateState', ({ streamId, at }) => ({ id: streamId, at })],
  ['stateAt', ({ at }) => ({ at })],
  ['openAt', ({ at }) => ({ at })],
  ['stateHistory', () => ({ withState: true, limit: 50 })],
  ['diffStates', () => ({ fromRevision: 10, toRevision: 60 })],
  ['timeTravel', ({ at }) => ({ at, window: 5 })],
  ['provenance', ({ path }) => ({ path })],
  ['flips', ({ expression }) => ({ expression })],
  ['fork', () => ({ edits: [{ op: 'omit', at: 2 }], lenient: true })],
  ['divergence', ({ streamType, streamId }) => ({ against: `${streamType}/${streamId}` })],
  ['compareState', () => ({ expected: { status: 'asleep' } })],
  ['blame', () => ({})],
  ['coverage', () => ({})],
  ['lod', () => ({ px: 20 })],
  ['marks', () => ({ firstBad: true })],
  ['listSnapshots', () => ({})],
  ['createSnapshot', () => ({ revision: 50 })],
  ['listCheckpoints', () => ({})],
  ['createCheckpoint', () => ({ label: 'here' })],
];

/** An answer has every field of its schema in its form, and no field that the schema does not know. */
async function expectAnswer(name: string, input: Input): Promise<void> {
  const operation = operations.find((candidate) => candidate.name === name)!;
  const answer = await ask(name, input);
  const read = operation.output.safeParse(answer);
  expect(read.error?.issues ?? []).toEqual([]);
  expect(read.data).toEqual(answer);
}

test('every operation with one answer is asked here', () => {
  const asked = new Set(['restoreCheckpoint', ...[...ofLog, ...ofRun].map(([name]) => name)]);
  expect(operations.filter((operation) => !isStream(operation) && !asked.has(operation.name)).map(({ name }) => name)).toEqual([]);
});

test.each(ofLog)('%s %o: what is printed is what the schema says', async (name, input) => expectAnswer(name, filled(input)));

describe.each([orchestration, session])('$streamType/$streamId', (run) => {
  const { streamType, streamId } = run;
  test.each(ofRun)('%s: what is printed is what the schema says', async (name, inputOf) => {
    const input = inputOf(run);
    await expectAnswer(name, 'id' in input ? input : { streamType, streamId, ...input });
  });
});

/** Last, because it changes what the others look at. */
test('restoreCheckpoint: what is printed is what the schema says', async () => {
  await expectAnswer('restoreCheckpoint', { streamType: 'orchestration', streamId: 'PROJ-123', checkpointId: 'cp-after-explore', reason: 'a test' });
});
