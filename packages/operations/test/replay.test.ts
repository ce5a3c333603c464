/** Replay as every door calls it: a plan by default, an execution only confirmed and only by handlers of this installation. */
import { createCatalogRegistry } from '@refold/catalog';
import { replayHandlers } from '@refold/core';
import type { EventEnvelope, EventInput, ReplayHandler } from '@refold/core';
import { cancelReplay, defaultReplaySettings, getReplay, listReplays, parseInput, queryEvents, replayEvents, replaySteps, runReplay, termsOf } from '@refold/operations';
import type { OperationContext, ReplayAnswer, ReplaySettings } from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const kinds = createCatalogRegistry();
const stream = 'orchestration/PROJ-1';
const target = { streamType: 'orchestration', streamId: 'PROJ-1' };
const event = (type: string, data: EventInput['data'], more: Partial<EventInput> = {}): EventInput => ({ type, ...target, issueKey: 'PROJ-1', sessionId: 's1', actor: { type: 'agent', id: 'coder' }, correlationId: 'chain-1', data, ...more });

/** A run that died after it had posted a comment: every class of effect, and an event that steers the log. */
const diedRun: readonly EventInput[] = [
  event('OrchestrationStarted', { goal: 'fix the bug' }),
  event('PhaseStarted', { phase: 'CODE' }),
  event('AgentSpawned', { agent_name: 'coder', agent_run_id: 'run-1' }),
  event('CheckpointCreated', { checkpoint_id: 'cp-1' }),
  event('CommentPosted', { comment_id: 'c-1', body: 'started' }),
  event('QualityCheckStarted', { check_id: 'lint', check_name: 'lint' }),
  event('QualityCheckCompleted', { check_id: 'lint', passed: true, score: 0.9 }),
  event('CheckpointRestored', { checkpoint_id: 'cp-1', restored_sequence: 4 }),
];

let world: World;
let calls: string[];
beforeEach(async () => {
  world = await openWorld({ kinds });
  await world.log.append({ events: diedRun, validation: 'flag', transitions: 'flag' });
  calls = [];
});

const settings = (more: Partial<ReplaySettings> = {}, onCall: (type: string) => Promise<void> | void = () => {}): ReplaySettings => {
  const handler: ReplayHandler = async ({ type }) => {
    calls.push(type);
    await onCall(type);
    return { result: 'done' };
  };
  return { ...defaultReplaySettings, handlers: replayHandlers({ OrchestrationStarted: handler, PhaseStarted: handler, AgentSpawned: handler, CommentPosted: handler, QualityCheckStarted: handler }, kinds), ...more };
};
const replay = (input: object, context: Partial<OperationContext> = { replay: settings() }): Promise<ReplayAnswer> => world.call(replayEvents, { ...target, ...input }, context);
const recorded = async (id: string): Promise<readonly EventEnvelope[]> => (await world.call(queryEvents, { streamType: 'replay', streamId: id })).items;
const head = async (): Promise<number> => (await world.log.head()).position;
const executed = { dryRun: false, confirm: stream };

describe('A dry run', () => {
  test('A-024 C-051 is the default, calls nobody, and counts what would be done and why not', async () => {
    const answer = await replay({});
    expect(answer).toMatchObject({ mode: 'dry_run', status: 'completed', target: { type: 'orchestration', id: 'PROJ-1' }, fromSequence: 1, toSequence: 8, stepsTotal: 8, failed: 0 });
    expect(answer.summary).toEqual([
      { action: 'would_execute', reason: null, effect: 'idempotent', type: 'orchestration.started', count: 1 },
      { action: 'would_execute', reason: null, effect: 'idempotent', type: 'phase.started', count: 1 },
      { action: 'would_skip', reason: 'needs_allow', effect: 'costly', type: 'agent_run.spawned', count: 1 },
      { action: 'would_apply', reason: null, effect: 'state-only', type: 'checkpoint.created', count: 1 },
      { action: 'would_skip', reason: 'non_repeatable', effect: 'non-repeatable', type: 'jira.comment_posted', count: 1 },
      { action: 'would_execute', reason: null, effect: 'idempotent', type: 'quality_check.started', count: 1 },
      { action: 'would_compare', reason: null, effect: 'outcome', type: 'quality_check.completed', count: 1 },
      { action: 'would_skip', reason: 'control_event', effect: 'non-repeatable', type: 'checkpoint.restored', count: 1 },
    ]);
    expect(calls).toEqual([]);
    expect(replayEvents.output.safeParse(answer).error?.issues).toBeUndefined();
  });

  test('K-051 asks the three conditions of the installation, and tells how each answered', async () => {
    expect((await replay({})).preconditions.map(({ name, ok }) => [name, ok])).toEqual([['stream_unchanged', true], ['chain_valid', true], ['state_matches', true]]);
    expect((await replay({ preconditions: ['handler_available', 'checkpoint_exists', 'state.status == "paused"'], fromSequence: 5 })).preconditions).toEqual([
      { name: 'handler_available', ok: true, detail: null },
      { name: 'checkpoint_exists', ok: true, detail: null },
      { name: 'state.status == "paused"', ok: false, detail: 'state.status == "paused" is false.' },
    ]);
    expect((await replay({ preconditions: ['checkpoint_exists'], fromSequence: 4 })).preconditions).toMatchObject([{ ok: false }]);
  });

  test('K-051 stream_unchanged is about what comes after the question, not about what the set leaves out', async () => {
    expect((await replay({ toSequence: 3 })).preconditions).toMatchObject([{ name: 'stream_unchanged', ok: true }, {}, {}]);
    const stop = new AbortController();
    const run = { ...executed, toSequence: 6, replayId: 'r-1', preconditions: ['stream_unchanged'] };
    await expect(replay(run, { replay: settings({}, () => stop.abort('left off')), signal: stop.signal })).rejects.toBe('left off');
    await world.log.append({ events: [event('PhaseCompleted', { phase: 'CODE' })], transitions: 'flag' });
    await expect(replay(run)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'stream_unchanged', detail: 'phase.completed was appended at revision 9.' } });
    expect(calls).toEqual(['orchestration.started']);
  });

  test('K-051 git_sha_matches compares the working copy with what is recorded', async () => {
    await world.log.append({ events: [event('DecisionRecorded', { decision: 'go' }, { git: { sha: 'abc' } })], validation: 'flag', transitions: 'flag' });
    const asked = { preconditions: ['git_sha_matches'] };
    expect((await replay(asked, { replay: settings({ gitSha: async () => 'abc' }) })).preconditions).toMatchObject([{ ok: true, detail: null }]);
    expect((await replay(asked, { replay: settings({ gitSha: async () => 'def' }) })).preconditions).toMatchObject([{ ok: false, detail: 'The working copy is at def, recorded was abc.' }]);
    expect((await replay({ ...asked, toSequence: 8 })).preconditions).toMatchObject([{ ok: true, detail: 'No commit is recorded there.' }]);
  });

  test('A-149 D-080 is on record with its purpose, unless the installation does not want that', async () => {
    const { replayId } = await replay({ purpose: 'debugging', params: { ticket: 7 } });
    expect((await recorded(replayId)).map(({ type, data }) => [type, data['mode'] ?? null, data['purpose'] ?? null, data['params'] ?? null])).toEqual([['replay.started', 'dry_run', 'debugging', { ticket: 7 }], ['replay.completed', null, null, null]]);
    const before = await head();
    await replay({}, { replay: settings({ recordDryRuns: false }) });
    expect(await head()).toBe(before);
  });

  test('A-204 a filter is an expression or a filter, and the rest is left out', async () => {
    for (const filter of ['event.type.startsWith("quality_check.")', { type: 'quality_check.*' }]) {
      const { summary } = await replay({ filter });
      expect(summary.filter(({ reason }) => reason === 'filtered')).toHaveLength(5);
      expect(summary.filter(({ type }) => type.startsWith('quality_check.')).map(({ action }) => action)).toEqual(['would_execute', 'would_compare']);
    }
    await expect(replay({ filter: 'event.type ==' })).rejects.toMatchObject({ code: 'BAD_EXPRESSION' });
    await expect(replay({ filter: { nothing: 1 } })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'unknown_parameter' } });
  });

  test('C-048 a chain goes over every stream of it, by position', async () => {
    await world.log.append({ events: [{ ...event('JobCreated', { name: 'build' }), streamType: 'job', streamId: '1' }], validation: 'flag', transitions: 'flag' });
    const answer = await world.call(replayEvents, { correlationId: 'chain-1' });
    expect(answer).toMatchObject({ target: { type: 'correlation', id: 'chain-1' }, fromSequence: 1, toSequence: 9, stepsTotal: 9, finalState: null });
    expect(answer.steps.map(({ event: { position } }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('K-049 the set ends where the stream stands, whatever is asked for, also when it goes on later', async () => {
    expect(await replay({ toSequence: 1_000 })).toMatchObject({ toSequence: 8, stepsTotal: 8 });
    const stop = new AbortController();
    const producing = replayHandlers({
      OrchestrationStarted: () => ({ events: [{ type: 'custom.noted', data: { text: 'again' } }] }),
      PhaseStarted: () => stop.abort('left off'),
      QualityCheckStarted: () => {},
    }, kinds);
    const run = { ...executed, toSequence: 1_000, replayId: 'r-1' };
    await expect(replay(run, { replay: settings({ handlers: producing }), signal: stop.signal })).rejects.toBe('left off');
    expect(await replay(run, { replay: settings({ handlers: producing }) })).toMatchObject({ status: 'completed', toSequence: 8, stepsTotal: 8 });
  });

  test('an answer shows as many steps as are asked for, and counts all', async () => {
    expect(await replay({ stepLimit: 2 })).toMatchObject({ steps: [{}, {}], stepsTotal: 8, replayed: 5, skipped: 3 });
  });
});

describe('An execution', () => {
  test('A-025 A-111 A-206 calls each handler once, never what must not be repeated, and is on record', async () => {
    const answer = await replay({ ...executed, replayId: 'r-1' });
    expect(answer).toMatchObject({ mode: 'execute', status: 'completed', replayId: 'r-1', failed: 0 });
    expect(calls).toEqual(['orchestration.started', 'phase.started', 'quality_check.started']);
    expect(replayEvents.output.safeParse(answer).error?.issues).toBeUndefined();
    expect((await recorded('r-1')).map(({ type }) => type)).toEqual(['replay.started', 'replay.step_completed', 'replay.step_completed', 'replay.step_completed', 'replay.completed']);
  });

  test('has to be confirmed with the address of what is replayed; nothing happens before', async () => {
    const before = await head();
    await expect(replay({ dryRun: false })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'confirm', target: stream } });
    await expect(replay({ dryRun: false, confirm: 'orchestration/PROJ-2' })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'confirm' } });
    expect([calls, await head()]).toEqual([[], before]);
  });

  test('bad-input N7: a condition that does not hold stops it before any effect and any record', async () => {
    const before = await head();
    await expect(replay({ ...executed, preconditions: ['handler_available'] }, { replay: settings({ handlers: new Map() }) })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'handler_available' } });
    await expect(replay({ ...executed, preconditions: ['1 > 2'] })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: '1 > 2' } });
    expect([calls, await head()]).toEqual([[], before]);
  });

  test('handlers are those of the installation; a request cannot bring one along', async () => {
    const answer = await replay({ ...executed, handlers: { 'phase.started': 'rm' } }, {});
    expect(answer.summary.filter(({ reason }) => reason === 'no_handler').map(({ type }) => type)).toEqual(['orchestration.started', 'phase.started', 'quality_check.started']);
  });

  test('D-119 goes as far as one lets it: state only, a plan, handlers', async () => {
    const actions = async (input: object, context: Partial<OperationContext>): Promise<unknown> => [...new Set((await replay(input, context)).summary.map(({ action }) => action))].toSorted();
    expect(await actions(executed, {})).toEqual(['applied', 'skipped']);
    expect(await actions({}, { replay: settings() })).toEqual(['would_apply', 'would_compare', 'would_execute', 'would_skip']);
    expect(calls).toEqual([]);
    expect(await actions(executed, { replay: settings() })).toEqual(['applied', 'compared', 'executed', 'skipped']);
    expect(calls).toHaveLength(3);
  });

  test('K-050 A-111 the installation adds to what must not be repeated, and production guards what is costly', async () => {
    await replay({ ...executed, allowTypes: ['AgentSpawned'] }, { replay: settings({ environment: 'production', nonRepeatable: ['PhaseStarted'] }) });
    expect(calls).toEqual(['orchestration.started', 'quality_check.started']);
    await replay({ ...executed, allowTypes: 'AgentSpawned' });
    expect(calls).toContain('agent_run.spawned');
  });

  test('A-203 left off in the middle, it goes on under its id with the set that it began with', async () => {
    const stop = new AbortController();
    await expect(replay({ ...executed, replayId: 'r-1' }, { replay: settings({}, () => stop.abort('left off')), signal: stop.signal })).rejects.toBe('left off');
    expect(calls).toEqual(['orchestration.started']);
    expect(await world.call(getReplay, { id: 'r-1' })).toMatchObject({ status: 'running', stepsDone: 1, sequence: 1 });
    const answer = await replay({ ...executed, replayId: 'r-1' });
    expect(answer).toMatchObject({ status: 'completed', toSequence: 8 });
    expect(calls).toEqual(['orchestration.started', 'phase.started', 'quality_check.started']);
    await expect(replay({ ...executed, replayId: 'r-1' })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'not_ended' } });
    await expect(replay({ replayId: 'r-1' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'replay_id' } });
  });

  test('A-203 what a handler says has happened goes to the run of the original, also when that has ended', async () => {
    await world.log.append({ events: [event('OrchestrationFailed', { reason: 'disk full' })] });
    const handlers = replayHandlers({ QualityCheckStarted: () => ({ events: [{ type: 'custom.noted', data: { text: 'again' } }] }) }, kinds);
    expect(await replay({ ...executed, replayId: 'r-1' }, { replay: settings({ handlers }) })).toMatchObject({ status: 'completed', failed: 0 });
    const produced = (await world.call(queryEvents, { ...target, type: 'custom.noted' })).items;
    expect(produced).toMatchObject([{ issueKey: 'PROJ-1', sessionId: 's1', metadata: { replayId: 'r-1' } }]);
  });

  test('A-203 called off from elsewhere, it does nothing after the effect under way', async () => {
    const answer = await replay({ ...executed, replayId: 'r-1' }, { replay: settings({}, async () => void (await world.call(cancelReplay, { id: 'r-1', reason: 'wrong run', actor: { type: 'user', id: 'ana' } }))) });
    expect(answer.status).toBe('cancelled');
    expect(calls).toEqual(['orchestration.started']);
    expect(await world.call(getReplay, { id: 'r-1' })).toMatchObject({ status: 'cancelled', stepsDone: 1 });
    await expect(world.call(cancelReplay, { id: 'r-1' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { from: 'cancelled' } });
  });

  test('A-205 what a handler that fails says is in the steps, and ends it or not, as asked', async () => {
    const failing = { replay: settings({}, (type) => { if (type === 'phase.started') throw new Error('no worker'); }) };
    expect(await replay({ ...executed, replayId: 'r-1' }, failing)).toMatchObject({ status: 'failed', failed: 1 });
    expect((await world.call(replaySteps, { id: 'r-1' })).items.map(({ action, error, sequence }) => [action, error, sequence])).toEqual([['executed', null, 1], ['failed', 'no worker', 2]]);
    expect(await replay({ ...executed, stopOnError: false }, failing)).toMatchObject({ status: 'completed', failed: 1 });
  });

  test('so many at once and no more; one that ends makes room', async () => {
    const few = await openWorld({ kinds, limits: { replayRunsMax: 1 } });
    await few.log.append({ events: diedRun, validation: 'flag', transitions: 'flag' });
    const begin = (context: Partial<OperationContext>): Promise<ReplayAnswer> => few.call(replayEvents, { ...target, ...executed }, context);
    let refusal: unknown;
    const first = await begin({ replay: settings({}, async () => { refusal ??= await begin({}).catch((error: unknown) => error); }) });
    expect(first.status).toBe('completed');
    expect(refusal).toMatchObject({ code: 'RATE_LIMITED', details: { reason: 'replays', limit: 1 } });
    expect(await begin({})).toMatchObject({ status: 'completed' });
  });

  test('tells of every step as it goes', async () => {
    const told: string[] = [];
    await runReplay({ ...world.context, replay: settings() }, parseInput(replayEvents, { ...target, ...executed }), ({ event: { type }, action }) => void told.push(`${type} ${action}`));
    expect(told).toHaveLength(8);
    expect(told[0]).toBe('orchestration.started executed');
  });
});

describe('What a replay is of', () => {
  test.each([
    [{}, 'target'],
    [{ issueKey: 'PROJ-1', correlationId: 'chain-1' }, 'target'],
    [{ streamType: 'orchestration' }, 'target'],
    [{ issueKey: 'PROJ-1', fromSequence: 9 }, 'range'],
    [{ issueKey: 'PROJ-1', preconditions: ['stream_unchangd'] }, 'precondition'],
  ])('%j is refused as %s', async (input, reason) => {
    await expect(world.call(replayEvents, input)).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason } });
  });

  test('a stream that is not there is not found', async () => {
    await expect(world.call(replayEvents, { issueKey: 'PROJ-2' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'stream' } });
    await expect(world.call(getReplay, { id: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'replay' } });
  });

  test('a dry run needs less than an execution: one route, two scopes', () => {
    expect(termsOf(replayEvents, parseInput(replayEvents, {}), {})).toEqual({ scope: 'replay:dry', kind: 'write' });
    expect(termsOf(replayEvents, parseInput(replayEvents, {}), { replay: { ...defaultReplaySettings, defaultDryRun: false } }).scope).toBe('replay:execute');
    expect(termsOf(replayEvents, parseInput(replayEvents, { dryRun: 'false' }), {}).scope).toBe('replay:execute');
    expect(termsOf(queryEvents, {}, {})).toEqual({ scope: 'read', kind: 'question' });
  });
});

describe('Replays on record', () => {
  test('A-149 are listed newest first, by status, mode and target', async () => {
    await replay({ ...executed, replayId: 'r-1' });
    await replay({ purpose: 'testing' });
    const ids = async (input: object): Promise<unknown> => (await world.call(listReplays, input)).items.map(({ mode, purpose, status }) => [mode, purpose, status]);
    expect(await ids({})).toEqual([['dry_run', 'testing', 'completed'], ['execute', 'recovery', 'completed']]);
    expect(await ids({ mode: 'execute', status: 'completed', target: stream })).toEqual([['execute', 'recovery', 'completed']]);
    expect(await ids({ target: 'job/1' })).toEqual([]);
    expect((await world.call(listReplays, { limit: 1 })).scanned).toBe(1);
  });

  test('steps come in pages', async () => {
    await replay({ ...executed, replayId: 'r-1', allowTypes: ['agent_run.spawned'] });
    const seen: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await world.call(replaySteps, { id: 'r-1', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ sequence, action, result }) => [sequence, action, result]));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([[1, 'executed', 'done'], [2, 'executed', 'done'], [3, 'begun', null], [3, 'executed', 'done'], [6, 'executed', 'done']]);
  });
});
