/**
 * Executes what was prepared, for one caller, whatever it came over. Beside each answer of a subscription stands the position it
 * was made at (`extensions.position`): sent back with a new request (`extensions.afterPosition`), it goes on there without gap
 * or repeat.
 */
import { createDialects } from '@refold/catalog';
import type { EventEnvelope } from '@refold/core';
import { runOperation, runStreamInBatches } from '@refold/operations';
import type { Operation, OperationContext, StreamOperation } from '@refold/operations';
import { createSourceEventStream, execute, executeSubscriptionEvent, validateSubscriptionArgs } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { answerOf, answersOf, createSharedAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
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
  /** The log that the position is of, as the client knows it. */
  readonly epoch: string | undefined;
  readonly confirm: string | undefined;
  /** Counts against the caller's rates. @throws LogError RATE_LIMITED. */
  readonly count: (operation: Pick<Operation, 'scope'>, input: object) => void;
  readonly problemOf: ProblemOf;
}

export interface Engine {
  run(prepared: Prepared, running: Running): Promise<ExecutionResult | Answers>;
}

export function createEngine({ schema, registry, isOnNetwork }: { readonly schema: GraphQLSchema; readonly registry: OperationContext['log']['registry']; readonly isOnNetwork: boolean }): Engine {
  const { job } = createDialects(registry);
  const shared = createSharedAnswers();
  const questionOf = createQuestions();

  function contextOf({ operations, stop, afterPosition, epoch, confirm, count }: Running): GraphqlContext {
    return {
      afterPosition,
      confirm,
      jobEvent: (event: EventEnvelope) => job.toForeign(event),
      call: async <I, O>(operation: Operation<I, O>, input: object): Promise<O> => {
        count(operation, input);
        return await runOperation(operation, { ...operations, gone: stop.signal }, input);
      },
      follow: <I, T>(operation: StreamOperation<I, T>, input: object): AsyncIterable<readonly T[]> => runStreamInBatches(operation, { ...operations, signal: stop.signal }, epoch === undefined || !takesEpoch(operation) ? input : { ...input, epoch }),
    };
  }

  return {
    async run(prepared, running) {
      const { document, operation, operationName, variables } = prepared;
      const fault = (error: unknown): ReturnType<typeof faultOf> => faultOf(error, running.problemOf);
      const told = (result: ExecutionResult): ExecutionResult => (result.errors === undefined ? result : { ...result, errors: result.errors.map(fault) });
      const args = { schema, document, variableValues: variables, operationName, contextValue: contextOf(running), hideSuggestions: isOnNetwork };
      if (operation.operation !== 'subscription') return told(await execute(args));
      const checked = validateSubscriptionArgs(args);
      if (!('schema' in checked)) return told({ errors: checked });
      const source = await createSourceEventStream(checked);
      if (!(Symbol.asyncIterator in source)) return told(source);
      const question = questionOf(prepared);
      // Where this caller goes on has chosen the items; an answer, which others may be given, does not know it.
      const contextValue = { ...args.contextValue, afterPosition: undefined, confirm: undefined };
      const executed = (item: object): ExecutionResult | Promise<ExecutionResult> => {
        const { position } = item as { readonly position?: unknown };
        const placed = (result: ExecutionResult): ExecutionResult => ({ ...told(result), ...(typeof position === 'number' ? { extensions: { position } } : {}) });
        const result = executeSubscriptionEvent({ ...checked, contextValue, rootValue: item });
        return result instanceof Promise ? result.then(placed) : placed(result);
      };
      return answersOf(source as AsyncIterable<readonly object[]>, { stop: running.stop, answer: (item) => shared.answer(item, question, () => executed(item)), faultOf: (error) => answerOf({ errors: [fault(error)] }) });
    },
  };
}

/** What goes on after a position may be told of which log that is; what only tells how things stand now may not. */
const takesEpoch = ({ input }: Pick<StreamOperation, 'input'>): boolean => 'shape' in input && 'epoch' in (input.shape as object);

/** A name for what is asked; equal texts that are kept are one document (prepare.ts). */
function createQuestions(): (prepared: Prepared) => string {
  const names = new WeakMap<DocumentNode, number>();
  let named = 0;
  return ({ document, operationName, variables }) => {
    const name = names.get(document) ?? ++named;
    names.set(document, name);
    return JSON.stringify([name, operationName, variables]);
  };
}
