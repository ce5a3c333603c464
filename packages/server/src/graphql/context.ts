/** What a resolver works with: the operations, run for whoever asks. It knows no log, no driver and no transport. */
import type { JobEvent } from '@refold/catalog';
import type { EventEnvelope, Position } from '@refold/core';
import type { Operation, Scope, StreamOperation } from '@refold/operations';
import type { GraphQLResolveInfo } from 'graphql';

export interface GraphqlContext {
  /** Runs an operation: who may, with which input, within which time is judged there. */
  call<I, O>(operation: Operation<I, O>, input: object): Promise<O>;
  /** Opens a stream of items, those together that come together; it ends with the subscription. */
  follow<I, T>(operation: StreamOperation<I, T>, input: object): AsyncIterable<readonly T[]>;
  /** Where a subscription goes on, as the client said beside the document; undefined: from its beginning. */
  readonly afterPosition: Position | undefined;
  /** What the client confirms beside the document, so that no document alone does things again. */
  readonly confirm: string | undefined;
  /** An event as document 004 writes it. */
  jobEvent(event: EventEnvelope): JobEvent;
}

// oxlint-disable no-explicit-any -- sources and arguments are what the schema says, and GraphQL has checked them against it.
export type Resolver = (source: any, args: any, context: GraphqlContext, info: GraphQLResolveInfo) => unknown;
export type Subscriber = { readonly subscribe: (source: any, args: any, context: GraphqlContext) => AsyncIterable<readonly unknown[]>; readonly resolve: Resolver; readonly extensions: { readonly scope: Scope } };
// oxlint-enable no-explicit-any

/** By type, then by field. A field without a resolver is the member of its source with the same name. */
export type Resolvers = { readonly [type: string]: { readonly [field: string]: Resolver | Subscriber } };
