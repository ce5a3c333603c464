/** The one way an operation is called, from every door: check who calls and what came in, run within the time limit, say what went wrong. */
import { LogError, pointerOf, traced } from '@refold/core';
import { isOnRecord, onAuditRecord } from './audit/watched.ts';
import { refuseOtherLog } from './same-log.ts';
import { authorizeAny, authorizeCall } from './authorize.ts';
import type { AnyOperation, CallTerms, OperationContext, Operation, StreamOperation } from './define.ts';
import { followed } from './open-streams.ts';
import { questionKind, spanNameOf } from './question-kind.ts';

/**
 * Checks an input against the operation's schema.
 *
 * @throws LogError BAD_REQUEST with the pointer of the first fault; MISSING_FIELD for what is left out inside a parameter,
 *         such as the type of an event.
 */
export function parseInput<I>(operation: { readonly name: string; readonly input: { safeParse(value: unknown): { success: true; data: I } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string; code: string }[] } } } }, raw: unknown): I {
  const result = operation.input.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const pointer = pointerOf(issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment))));
  const name = String(issue.path[0] ?? '');
  if (issue.path.length > 1 && valueAt(raw, issue.path) === undefined) throw new LogError('MISSING_FIELD', `${operation.name}: ${pointer} is missing.`, { details: { pointer }, hint: 'Add the field.' });
  throw new LogError('BAD_REQUEST', `${operation.name}: ${name === '' ? '' : `"${name}": `}${issue.message}`, {
    details: { reason: name === '' ? 'shape' : name, pointer },
    hint: 'Correct the parameter; the operation is described by `refold call --list` and /openapi.json.',
  });
}

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown => path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as { readonly [name: PropertyKey]: unknown })[key] : value), root);

/** What this very call needs, and how it ends. @param input  As `parseInput` gives it. */
export const termsOf = <I>({ scope, kind, dryRun }: Pick<Operation<I>, 'scope' | 'kind' | 'dryRun'>, input: I, context: Pick<OperationContext, 'replay'>): Required<CallTerms> => {
  const terms = dryRun?.isAsked(input, context) === true ? dryRun : { scope, kind };
  return { scope: terms.scope, kind: terms.kind ?? 'question' };
};

/** Who may not call an operation at all is told so before his input is looked at. */
function permitted<I>(operation: Pick<Operation<I>, 'name' | 'scope' | 'kind' | 'dryRun' | 'alsoNeeds' | 'streamsOf' | 'input'>, context: OperationContext, raw: unknown): { readonly input: I; readonly terms: Required<CallTerms> } {
  authorizeAny(operation, context);
  const input = parseInput(operation, raw);
  const terms = termsOf(operation, input, context);
  authorizeCall(operation, context, input, terms);
  return { input, terms };
}

/** Parses and runs, within the time that this kind of call has (QUERY_TIMEOUT). */
export async function runOperation<I, O>(operation: Operation<I, O>, context: OperationContext, raw: unknown): Promise<O> {
  const { input, terms } = permitted(operation, context, raw);
  return await inSpan(operation.name, context, input, async () => await onAuditRecord(context, { name: operation.name, scope: terms.scope, input }, async () => {
    if (terms.kind === 'write') return await operation.run(context, input);
    const awaited = whileAwaited(context);
    return terms.kind === 'long' ? await operation.run(awaited, input) : await withinTime(operation.name, awaited, (bounded) => operation.run(bounded, input));
  }));
}

/** Nobody works for a caller who has gone. */
function whileAwaited({ gone, ...context }: OperationContext): OperationContext {
  if (gone === undefined) return context;
  return { ...context, signal: context.signal === undefined ? gone : AbortSignal.any([context.signal, gone]) };
}

/** What is asked of the log is timed and traced; the input is not told, for it is data. */
async function inSpan<O>(name: string, { log: { ports }, trace }: OperationContext, input: unknown, run: () => Promise<O>): Promise<O> {
  const kind = questionKind(name, input);
  const span = spanNameOf(name, input);
  const began = ports.meter?.now() ?? 0;
  try {
    return span === null ? await run() : await traced(ports.tracer, span, { parent: trace, attributes: { 'refold.operation': name, ...(kind === null ? {} : { 'refold.query.kind': kind }) } }, run);
  } finally {
    if (kind !== null) ports.meter?.observe('query_duration_ms', { kind }, ports.meter.now() - began);
  }
}

/** Gives an answer or a refusal in time; work that goes on all the same is told to stop, and nobody waits for it. */
async function withinTime<O>(name: string, context: OperationContext, ask: (context: OperationContext) => Promise<O>): Promise<O> {
  const { clock } = context.log.ports;
  const limitMs = context.log.limits.queryTimeoutMs;
  const [timeout, done] = [new AbortController(), new AbortController()];
  const tooLate = new Promise<never>((_resolve, reject) => {
    void clock.sleep(limitMs, done.signal).then(() => {
      if (done.signal.aborted) return;
      const error = new LogError('QUERY_TIMEOUT', `${name} took longer than ${limitMs} ms.`, { details: { limit: limitMs }, hint: 'Narrow the filter or the range, or ask for a smaller page.' });
      reject(error);
      timeout.abort(error);
    });
  });
  const signal = context.signal === undefined ? timeout.signal : AbortSignal.any([context.signal, timeout.signal]);
  try {
    return await Promise.race([ask({ ...context, signal }), tooLate]);
  } finally {
    done.abort();
  }
}

/** A stream has no end and so no time limit; it ends when the context's signal aborts. */
export const runStream = <I, T>(operation: StreamOperation<I, T>, context: OperationContext, raw: unknown): AsyncIterable<T> => oneAtATime(runStreamInBatches(operation, context, raw));

async function* oneAtATime<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/** The same for a door with many listeners: items that come together, together (`StreamOperation.batches`). */
export function runStreamInBatches<I, T>(operation: StreamOperation<I, T>, context: OperationContext, raw: unknown): AsyncIterable<readonly T[]> {
  const { input, terms } = permitted(operation, context, raw);
  const awaited = whileAwaited(context);
  const batches = followed(context, ofSameLog(context, input, operation.batches?.(awaited, input) ?? oneByOne(operation.run(awaited, input))));
  return isOnRecord(operation.name, terms.scope) ? afterRecord(context, { name: operation.name, scope: terms.scope, input }, batches) : batches;
}

async function* ofSameLog<T>({ log }: OperationContext, input: unknown, batches: AsyncIterable<T>): AsyncGenerator<T> {
  await refuseOtherLog(log, input);
  yield* batches;
}

/** On record before the first item is given. */
async function* afterRecord<T>(context: OperationContext, asked: Parameters<typeof onAuditRecord>[1], batches: AsyncIterable<T>): AsyncGenerator<T> {
  await onAuditRecord(context, asked, async () => undefined);
  yield* batches;
}

async function* oneByOne<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  for await (const item of items) yield [item];
}

// oxlint-disable-next-line no-explicit-any -- as AnyOperation: a table holds many shapes.
export const isStream = (operation: AnyOperation): operation is StreamOperation<any, any> => 'streams' in operation;
