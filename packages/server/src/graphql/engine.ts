/**
 * Executes what was prepared, for one caller, whatever it came over. A subscription is pulled: the next answer is made when the
 * one before is out, so nothing is read that a client has no room for. Beside each answer stands the position it was made at
 * (`extensions.position`): sent back with a new request (`extensions.afterPosition`), it goes on there without gap or repeat.
 */
import { createDialects } from '@refold/catalog';
import type { EventEnvelope } from '@refold/core';
import { runOperation, runStream } from '@refold/operations';
import type { Operation, OperationContext, Scope, StreamOperation } from '@refold/operations';
import { createSourceEventStream, execute, executeSubscriptionEvent, validateSubscriptionArgs } from 'graphql';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import type { GraphqlContext } from './context.ts';
import { faultOf } from './faults.ts';
import type { ProblemOf } from './faults.ts';
import type { Prepared } from './prepare.ts';

export interface Running {
  /** What operations work on, and for whom. */
  readonly operations: OperationContext;
  /** Aborts when nobody waits for answers any more; a write goes on all the same. */
  readonly stop: AbortController;
  readonly afterPosition: number | undefined;
  readonly confirm: string | undefined;
  /** Counts against the caller's rates. @throws LogError RATE_LIMITED. */
  readonly count: (operation: Pick<Operation, 'scope'>, input: object) => void;
  readonly problemOf: ProblemOf;
}

export type Answers = AsyncGenerator<ExecutionResult, undefined, undefined>;

export interface Engine {
  run(prepared: Prepared, running: Running): Promise<ExecutionResult | Answers>;
}

export function createEngine({ schema, registry, isOnNetwork }: { readonly schema: GraphQLSchema; readonly registry: OperationContext['log']['registry']; readonly isOnNetwork: boolean }): Engine {
  const { job } = createDialects(registry);

  function contextOf({ operations, stop, afterPosition, confirm, count }: Running): GraphqlContext {
    return {
      afterPosition,
      confirm,
      jobEvent: (event: EventEnvelope) => job.toForeign(event),
      call: async <I, O>(operation: Operation<I, O>, input: object): Promise<O> => {
        count(operation, input);
        return await runOperation(operation, writes.has(operation.scope) ? operations : { ...operations, signal: stop.signal }, input);
      },
      follow: <I, T>(operation: StreamOperation<I, T>, input: object): AsyncIterable<T> => runStream(operation, { ...operations, signal: stop.signal }, input),
    };
  }

  return {
    async run({ document, operation, operationName, variables }, running) {
      const fault = (error: unknown): ReturnType<typeof faultOf> => faultOf(error, running.problemOf);
      const told = (result: ExecutionResult): ExecutionResult => (result.errors === undefined ? result : { ...result, errors: result.errors.map(fault) });
      const args = { schema, document, variableValues: variables, operationName, contextValue: contextOf(running), hideSuggestions: isOnNetwork };
      if (operation.operation !== 'subscription') return told(await execute(args));
      const checked = validateSubscriptionArgs(args);
      if (!('schema' in checked)) return told({ errors: checked });
      const source = await createSourceEventStream(checked);
      if (!(Symbol.asyncIterator in source)) return told(source);
      return answersOf(source, running.stop, fault, async (item) => {
        const { position } = item as { readonly position?: unknown };
        return { ...told(await executeSubscriptionEvent({ ...checked, rootValue: item })), ...(typeof position === 'number' ? { extensions: { position } } : {}) };
      });
    },
  };
}

/** A write is never called off halfway: its outcome is found by its commit id (bad-input G13). */
const writes: ReadonlySet<Scope> = new Set(['append', 'replay:dry', 'replay:execute', 'config']);

/** One answer per item; a failure is the last of them. Whoever stops listening stops the reading where it waits. */
function answersOf(source: AsyncIterable<unknown>, stop: AbortController, fault: (error: unknown) => ReturnType<typeof faultOf>, answer: (item: unknown) => Promise<ExecutionResult>): Answers {
  const items = source[Symbol.asyncIterator]();
  let isOver = false;
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    isOver = true;
    stop.abort();
    await items.return?.();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        const { done, value } = await items.next();
        return done === true || stop.signal.aborted ? await end() : { done: false, value: await answer(value) };
      } catch (error) {
        const isWanted = !stop.signal.aborted;
        await end();
        return isWanted ? { done: false, value: { errors: [fault(error)] } } : { done: true, value: undefined };
      }
    },
    return: end,
    async throw(error: unknown) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}
