/**
 * A run that died, and the world outside of it. The world is a file, one line per call of a handler, so that what a killed
 * process did is still known; whoever receives a call under a key that he knows does nothing.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { replayControlTypes } from '@refold/catalog';
import { dryRun, executeReplay, planReplay, replayHandlers, streamUnchanged } from '@refold/core';
import type { Actor, EventEnvelope, EventInput, ExecuteOptions, Log, PlanOptions, ReplayHandler, ReplayPlan, ReplayReport, StreamReader } from '@refold/core';

export const actor: Actor = { type: 'user', id: 'operator' };
export const issue = 'PROJ-1';
export const stream = `orchestration/${issue}`;

const agent: Actor = { type: 'agent', id: 'coder' };
const event = (type: string, data: EventInput['data']): EventInput => ({ type, streamType: 'orchestration', streamId: issue, issueKey: issue, sessionId: 'session-1', actor: agent, data });

/** Every class of effect: state-only, idempotent, costly, non-repeatable, outcome; and events that steer the log. */
export const diedRun: readonly EventInput[] = [
  event('OrchestrationStarted', { goal: 'fix the bug' }),
  event('PhaseStarted', { phase: 'CODE' }),
  event('AgentSpawned', { agent_name: 'coder', agent_run_id: 'run-1' }),
  event('CheckpointCreated', { checkpoint_id: 'cp-1' }),
  event('CommentPosted', { comment_id: 'c-1', body: 'started' }),
  event('AgentCompleted', { agent_name: 'coder', agent_run_id: 'run-1', duration_seconds: 3 }),
  event('QualityCheckStarted', { check_id: 'lint', check_name: 'lint' }),
  event('QualityCheckCompleted', { check_id: 'lint', passed: true, score: 0.9 }),
  event('CommitCreated', { sha: 'abc', message: 'fix' }),
  event('CheckpointRestored', { checkpoint_id: 'cp-1' }),
];

export async function recordDiedRun(log: Log): Promise<readonly EventEnvelope[]> {
  await log.append({ events: diedRun, validation: 'flag', transitions: 'flag' });
  return await eventsOf(log, stream);
}

export async function eventsOf(log: Log, address?: string): Promise<readonly EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const page of log.events(address === undefined ? {} : { stream: address })) events.push(...page.events);
  return events;
}

/** A log as time travel reads it. */
export const readerOf = (log: Log): StreamReader => ({
  async *pages(address, range = {}) {
    for await (const page of log.events({ stream: address, ...range })) yield page.events;
  },
  head: async (address) => (await log.stream(address))?.revision ?? 0,
});

export interface Call {
  readonly key: string;
  readonly type: string;
}

export interface World {
  /** Every call, repeated ones too. */
  calls(): readonly Call[];
  /** What really happened: one effect per key. */
  effects(): readonly Call[];
  receive(call: Call): void;
}

export const createWorld = (file: string): World => {
  const calls = (): readonly Call[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as Call) : []);
  return {
    calls,
    effects: () => [...new Map(calls().map((call) => [call.key, call])).values()],
    receive: (call) => appendFileSync(file, `${JSON.stringify(call)}\n`),
  };
};

/** Handlers that call the world; the check's leads to an outcome. `meet` is told before and after each call. */
export function handlersFor(log: Log, world: World, meet: (moment: 'before' | 'after', call: Call) => void = () => {}): ExecuteOptions['handlers'] {
  const call =
    (produce: readonly EventInput[] = []): ReplayHandler =>
    async (original, { idempotencyKey }) => {
      const made = { key: idempotencyKey, type: original.type };
      meet('before', made);
      world.receive(made);
      meet('after', made);
      return { result: 'done', events: produce };
    };
  return replayHandlers(
    {
      OrchestrationStarted: call(),
      'phase.started': call(),
      'agent_run.spawned': call(),
      // The check comes to another score this time.
      'quality_check.started': call([
        { type: 'quality_check.started', data: { check_id: 'lint', check_name: 'lint' } },
        { type: 'quality_check.completed', data: { check_id: 'lint', passed: true, score: 0.8 } },
      ]),
      // Tripwires: whoever calls these has broken the one promise that counts.
      'jira.comment_posted': call(),
      'git.commit_created': call(),
    },
    log.registry,
  );
}

export async function planFor(log: Log, options: Partial<PlanOptions> = {}): Promise<ReplayPlan> {
  const handlers = handlersFor(log, createWorld(''));
  return await planReplay([(await eventsOf(log, stream)).slice(0, diedRun.length)], {
    registry: log.registry,
    target: { type: 'orchestration', id: issue },
    hasHandler: (type) => handlers.has(type),
    control: replayControlTypes,
    ...options,
  });
}

const afterOf = (log: Log) => async function* (address: string, after: number) {
  for await (const page of log.events({ stream: address, after })) yield page.events;
};

export const unchanged = (log: Log) => streamUnchanged(afterOf(log));

export const execute = (log: Log, plan: ReplayPlan, more: Partial<ExecuteOptions> & Pick<ExecuteOptions, 'handlers' | 'replayId'>): Promise<ReplayReport> =>
  executeReplay({ plan, log, fold: log.fold, hasher: log.ports.hasher, clock: log.ports.clock, actor, start: log.fold.initial('orchestration', issue), ...more });

export const dry = (log: Log, plan: ReplayPlan, replayId: string, isRecorded: boolean): Promise<ReplayReport> =>
  dryRun({ plan, fold: log.fold, hasher: log.ports.hasher, clock: log.ports.clock, replayId, start: log.fold.initial('orchestration', issue), preconditions: [unchanged(log)], ...(isRecorded ? { record: { log, actor } } : {}) });
