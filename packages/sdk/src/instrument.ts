/**
 * Work that tells its own story: each helper runs a function between the events that it began and how it ended, with the
 * payloads of documents 000, 001 and 004. A failure is recorded and thrown on. Issue, session, actor come from `withContext`.
 */
import type { Json, JsonObject } from '@refold/core';
import { around, errorInfoOf, record, recordFailure } from './around.ts';
import type { RecordOptions, Told } from './around.ts';
import { withContext } from './context.ts';

type Work<T> = () => Promise<T> | T;

export interface PhaseOptions<T> extends RecordOptions {
  /** What of the result goes into the payload: `quality_score`, `outputs`. */
  readonly outcome?: (value: T) => JsonObject;
}

/** A phase of a run: `phase.started`, then `phase.completed` or `phase.failed`. */
export const withPhase = <T>(phase: string, work: Work<T>, options: PhaseOptions<T> = {}): Promise<T> =>
  around(
    options,
    {
      began: { type: 'phase.started', data: { phase } },
      ended: (value) => ({ type: 'phase.completed', data: { ...options.outcome?.(value), phase } }),
      failed: (error) => ({ type: 'phase.failed', data: { phase, error } }),
    },
    work,
  );

export interface AgentOptions<T> extends RecordOptions {
  readonly model?: string;
  /** What the model is asked with: `metadata.model_params` of the run and of what happens in it. */
  readonly modelParams?: JsonObject;
  readonly task?: string;
  readonly phase?: string;
  /** What of the result goes into the payload: `quality_score`, `result`, `artifacts`, `tokens_input`, `tokens_output`. */
  readonly outcome?: (value: T) => JsonObject;
}

/** A run of an agent, who acts inside: `agent_run.spawned`, then `agent_run.completed` or `agent_run.failed`. */
export const withAgent = <T>(agent: string, work: Work<T>, options: AgentOptions<T> = {}): Promise<T> => {
  const { model, modelParams, task, phase } = options;
  const run = (): Promise<T> => around(
    options,
    {
      began: { type: 'agent_run.spawned', data: { agent_name: agent, ...(model === undefined ? {} : { agent_model: model }), ...(task === undefined ? {} : { assigned_task: task }), ...(phase === undefined ? {} : { phase }) } },
      ended: (value, id) => ({ type: 'agent_run.completed', data: { ...options.outcome?.(value), agent_name: agent, agent_run_id: id } }),
      failed: (error, id) => ({ type: 'agent_run.failed', data: { agent_name: agent, agent_run_id: id, error } }),
      inside: { actor: { type: 'agent', id: agent, ...(model === undefined ? {} : { model }) } },
    },
    work,
  );
  return modelParams === undefined ? run() : withContext({ modelParams }, run);
};

export interface QualityResult {
  readonly passed: boolean;
  readonly score?: number;
  readonly findings?: readonly JsonObject[];
  /** Why it did not pass. */
  readonly reason?: string;
}

/** A quality check: `quality_check.started`, then `quality_check.completed`, or `quality_check.failed` when it does not pass or throws. */
export const withQualityCheck = <T extends QualityResult>(name: string, work: Work<T>, options: RecordOptions & { readonly tool?: string; readonly target?: string } = {}): Promise<T> => {
  const { tool, target } = options;
  const failed = (id: string, reason: string, more: JsonObject = {}): Told => ({ type: 'quality_check.failed', data: { ...more, check_id: id, reason } });
  return around(
    options,
    {
      began: { type: 'quality_check.started', data: { check_name: name, ...(tool === undefined ? {} : { tool }), ...(target === undefined ? {} : { target }) } },
      ended: ({ passed, score, findings, reason = 'The check did not pass.' }, id) => {
        const found = { ...(score === undefined ? {} : { score }), ...(findings === undefined ? {} : { findings }) };
        return passed ? { type: 'quality_check.completed', data: { ...found, check_id: id, passed } } : failed(id, reason, found);
      },
      failed: ({ message }, id) => failed(id, message),
    },
    work,
  );
};

export interface TestResult {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
  readonly coverage?: number;
  readonly failures?: readonly JsonObject[];
}

/** A run of a test suite: `test_run.started`, then `test_run.completed`, or `test_run.failed` when a test fails or the run throws. */
export const withTestRun = <T extends TestResult>(suite: string, work: Work<T>, options: RecordOptions & { readonly command?: string } = {}): Promise<T> =>
  around(
    options,
    {
      began: { type: 'test_run.started', data: { suite, ...(options.command === undefined ? {} : { command: options.command }) } },
      ended: ({ total, passed, failed, skipped, coverage, failures }, id) => {
        const counts = { test_run_id: id, total, passed, failed };
        if (failed > 0) return { type: 'test_run.failed', data: { ...counts, ...(failures === undefined ? {} : { failures }) } };
        return { type: 'test_run.completed', data: { ...counts, ...(skipped === undefined ? {} : { skipped }), ...(coverage === undefined ? {} : { coverage }) } };
      },
      failed: (error, id) => ({ type: 'test_run.failed', data: { test_run_id: id, error } }),
    },
    work,
  );

/** Ways to recover, by name, tried in order. */
export interface Strategies<T> {
  readonly [strategy: string]: (error: unknown) => Promise<T> | T;
}

/**
 * Work that may be recovered: a failure is `error.occurred`, each strategy `recovery.attempted` and then `recovery.succeeded`
 * or `recovery.failed`, all caused by the error.
 *
 * @throws what the last strategy throws.
 */
export async function withRecovery<T>(work: Work<T>, strategies: Strategies<T>, options: RecordOptions = {}): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const errorId = await recordFailure(options, { type: 'error.occurred', data: errorInfoOf(error) }, error);
    return await withContext({ causationId: errorId }, () => recover(error, errorId, strategies, options));
  }
}

async function recover<T>(first: unknown, errorId: string, strategies: Strategies<T>, options: RecordOptions): Promise<T> {
  let last = first;
  for (const [index, [strategy, attempt]] of Object.entries(strategies).entries()) {
    const about = { error_id: errorId, strategy, attempt: index + 1 };
    await recordFailure(options, { type: 'recovery.attempted', data: about }, last);
    let value: T;
    try {
      value = await attempt(last);
    } catch (error) {
      last = error;
      await recordFailure(options, { type: 'recovery.failed', data: { ...about, error: errorInfoOf(error) } }, error);
      continue;
    }
    await record(options, { type: 'recovery.succeeded', data: about });
    return value;
  }
  throw last;
}

export interface ComponentOptions<T> extends Pick<RecordOptions, 'store' | 'durable'> {
  readonly jobId: string;
  readonly model?: string;
  readonly modelParams?: { readonly [name: string]: Json };
  /** What of the result goes into the payload: `plan`, `files`, `verdict`, `score`, `tokens_input`, `tokens_output`. */
  readonly outcome?: (value: T) => JsonObject;
}

/** The same function; each call is an iteration of that component of the job: started, then completed or failed (D-061). */
const wrapComponent =
  (component: 'planner' | 'coder' | 'critique') =>
  <A extends readonly unknown[], T>(work: (...given: A) => Promise<T> | T, options: ComponentOptions<T>) =>
  (...given: A): Promise<T> => {
    const { jobId, model, modelParams, outcome, store, durable } = options;
    return around<T>(
      { stream: { streamType: 'job', streamId: jobId }, ...(store === undefined ? {} : { store }), ...(durable === undefined ? {} : { durable }) },
      {
        began: { type: `${component}.started`, data: { ...(model === undefined ? {} : { model }), ...(modelParams === undefined ? {} : { model_params: modelParams }) } },
        ended: (value) => ({ type: `${component}.completed`, data: { ...outcome?.(value) } }),
        failed: (error) => ({ type: `${component}.failed`, data: { error } }),
        ...(modelParams === undefined ? {} : { inside: { modelParams } }),
      },
      () => work(...given),
    );
  };

export const wrapPlanner = wrapComponent('planner');
export const wrapCoder = wrapComponent('coder');
export const wrapCritique = wrapComponent('critique');
