/**
 * Where an answer comes from: a log that this process opens, or a server. Both answer the same operations with the same
 * values, so a command does not know which it talks to.
 */
import type { Registry } from '@refold/core';
import type { Operation, OperationContext, StreamOperation } from '@refold/operations';

export interface Connection {
  /** Address for people: the store's or the server's URL. */
  readonly where: string;
  /** Names, aliases and summaries of event types. */
  readonly registry: Registry;
  /** What runs here, when the log is opened by this process; null over HTTP. */
  readonly local: OperationContext | null;
  call<I, O>(operation: Operation<I, O>, input: unknown): Promise<O>;
  stream<I, T>(operation: StreamOperation<I, T>, input: unknown): AsyncIterable<T>;
  close(): Promise<void>;
}
