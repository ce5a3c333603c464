/**
 * Document 002's integration points, as helpers around what a service has already: an agent runner that takes tasks in and rolls
 * them out, and a specification service. Actor, session and conversation come from `withContext`.
 */
import type { Json, JsonObject } from '@refold/core';
import { around } from './around.ts';
import type { RecordOptions } from './around.ts';
import { withContext } from './context.ts';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';
import { timeOrderedIds } from './node-ports.ts';

interface ServiceOptions extends Pick<RecordOptions, 'durable'> {
  /** Where it is recorded. Default: the default store. */
  readonly store?: Pick<EventStore, 'saveEvent' | 'appendWithRetry'>;
}

export interface AgentRunnerOptions<A extends readonly unknown[], T> extends ServiceOptions {
  /** The task that a call is about. */
  readonly taskId: (...given: A) => string;
  /** Default: a new one for each call. */
  readonly rolloutId?: (...given: A) => string;
  readonly runnerId?: string;
  readonly agentId?: string;
  /** What of the result goes into the payload: `reward`, `result`, `duration_seconds`. */
  readonly outcome?: (value: T) => JsonObject;
}

/**
 * The same function; each call takes its task in (`task.received`, unless somebody has) and is a rollout of it: `rollout.started`, then
 * `rollout.completed` or `rollout.failed` (B-086 to B-089).
 */
export const wrapAgentRunner =
  <A extends readonly unknown[], T>(rollOut: (...given: A) => Promise<T> | T, { taskId, rolloutId = () => timeOrderedIds.uuid(), runnerId, agentId, outcome, store = eventStore, durable }: AgentRunnerOptions<A, T>) =>
  async (...given: A): Promise<T> => {
    const task = taskId(...given);
    const received = await store.appendWithRetry({ streamType: 'task', streamId: task }, ({ status }) => (status === 'absent' || status === 'pending' ? [{ type: 'task.received', data: compact({ runner_id: runnerId }) }] : []));
    const rollout = (): Promise<T> =>
      around<T>(
        { store, stream: { streamType: 'rollout', streamId: rolloutId(...given) }, ...(durable === undefined ? {} : { durable }) },
        {
          began: { type: 'rollout.started', data: compact({ task_id: task, agent_id: agentId }) },
          ended: (value) => ({ type: 'rollout.completed', data: { ...outcome?.(value) } }),
          failed: (error) => ({ type: 'rollout.failed', data: { error } }),
        },
        () => rollOut(...given),
      );
    return await (received === null ? rollout() : withContext({ causationId: received.events[0]!.id }, rollout));
  };

export interface Specification {
  readonly id: string;
  readonly name: string;
  readonly content?: Json;
  readonly format?: string;
  /** What is different, when it was there before. */
  readonly changeSummary?: string;
}

/** Records a specification as it is now: `spec.created` the first time, `spec.updated` from then on (B-090). */
export async function recordSpecification({ id, name, content, format, changeSummary }: Specification, { store = eventStore }: Pick<ServiceOptions, 'store'> = {}): Promise<void> {
  await store.appendWithRetry({ streamType: 'spec', streamId: id }, ({ exists }) => [
    exists ? { type: 'spec.updated', data: compact({ name, content, change_summary: changeSummary }) } : { type: 'spec.created', data: compact({ name, content, format }) },
  ]);
}

export interface ExecutionOptions<T> extends ServiceOptions {
  /** Default: a new one. */
  readonly executionId?: string;
  readonly agentId?: string;
  readonly input?: Json;
  /** What of the result goes into the payload: `result`, `execution_time`. */
  readonly outcome?: (value: T) => JsonObject;
}

/** What is executed of a specification: `execution.started`, then `execution.completed` or `execution.failed` (B-091). */
export const withExecution = <T>(specId: string, work: () => Promise<T> | T, { executionId = timeOrderedIds.uuid(), agentId, input, outcome, store = eventStore, durable }: ExecutionOptions<T> = {}): Promise<T> =>
  around<T>(
    { store, stream: { streamType: 'execution', streamId: executionId }, ...(durable === undefined ? {} : { durable }) },
    {
      began: { type: 'execution.started', data: compact({ spec_id: specId, agent_id: agentId, input }) },
      ended: (value) => ({ type: 'execution.completed', data: { ...outcome?.(value) } }),
      failed: (error) => ({ type: 'execution.failed', data: { error } }),
    },
    work,
  );

/** What is not said is not there. */
const compact = (data: { readonly [key: string]: Json | undefined }): JsonObject => Object.fromEntries(Object.entries(data).filter((member): member is [string, Json] => member[1] !== undefined));
