/**
 * What Refold can do, each thing defined once: a name, what goes in, what comes out, who may, and the work. Every door (REST,
 * CLI, MCP, SDK) is derived from this; no door has logic of its own.
 */
import type { Actor, Log, SearchIndex, TraceContext } from '@refold/core';
import type { z } from 'zod';
import type { Access, GrantedScope } from './access.ts';
import type { ReplaySettings } from './replay-settings.ts';

/** Who may call it (TRUST.md 10.2). "none" needs no sign-in (health). */
export type Scope = 'none' | GrantedScope;

/** What an operation works on and for whom; a door makes one per call. */
export interface OperationContext {
  readonly log: Log;
  readonly search: SearchIndex;
  /** Who is signed in; absent on a local log without sign-in. */
  readonly principal?: Actor;
  /** What the caller may do; absent where nobody has to sign in, and then everything may be done. */
  readonly access?: Access;
  /** The trace that the call came in; what is written in it links to it. */
  readonly trace?: TraceContext;
  /** Aborts when whoever asked wants it to end: anything ends then, at a place where it can. */
  readonly signal?: AbortSignal;
  /** Aborts when nobody waits for the answer any more: what only reads ends then, and a write is finished. */
  readonly gone?: AbortSignal;
  /** Told by an endless read when it has refused what it refuses and waits for the log: a door may say then that it has begun. */
  readonly onListening?: () => void;
  /** Facts about this installation that no log knows. */
  readonly installation: Installation;
  /** What a replay may do here. Absent: everything may be planned, and nothing is done again because nobody is there to do it. */
  readonly replay?: ReplaySettings;
}

export interface Installation {
  readonly version: string;
  /** The store's address without secrets, for example `sqlite:.refold/log.db`. */
  readonly store: string;
  /** Engine facts for people: name, version, settings that decide durability. */
  readonly engine: { readonly [fact: string]: string | number | boolean };
  readonly startedAt: string;
  /** Size of the store's files, where it has some. */
  readonly storeBytes?: () => Promise<number>;
}

/**
 * How a call ends. question: with its answer, or when its time is over, or when nobody waits for it. long: the same without a
 * limit on its time, since it takes as long as the log is long or looks at the clock itself. write: when it is written; it has
 * no limit and is not called off halfway, since its outcome is found by its commit id (bad-input G13) or under the replay's id.
 */
export type CallKind = 'question' | 'long' | 'write';

/** What is said of a call apart from its input: what it needs, and how it ends. */
export interface CallTerms {
  readonly scope: Scope;
  /** Default question. */
  readonly kind?: CallKind;
}

/** The REST door: path parameters in braces are input fields, what is left goes to the query (GET, DELETE) or the body. */
export interface HttpBinding {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the base path, for example `/streams/{streamType}/{streamId}/state`. */
  readonly path: string;
  /** Paths of the four documents, from the root, that answer the same. */
  readonly aliases?: readonly string[];
  /** Success status; default 200. */
  readonly status?: number;
  /** The answer at a fixed place never changes: it may carry an ETag and be cached. */
  readonly immutable?: boolean;
  /** File name under which a browser keeps the answer instead of showing it. */
  readonly attachment?: string;
  /** The items of a stream that comes to its end are lines of a file (JSON lines), instead of Server-Sent Events. */
  readonly isFile?: true;
}

export interface Operation<I = unknown, O = unknown> extends CallTerms {
  /** camelCase verb first, for example `queryEvents`. */
  readonly name: string;
  /** One sentence, constant, never built from data. */
  readonly doc: string;
  /** Instead of its own terms, for a call that only shows what another would do. */
  readonly dryRun?: CallTerms & { readonly isAsked: (input: I, context: Pick<OperationContext, 'replay'>) => boolean };
  /** Needed beside the scope, whatever is asked. */
  readonly alsoNeeds?: GrantedScope;
  /** Addresses of the streams that a call is about. Absent: of any, so a caller who is held to his own streams may not make it. */
  readonly streamsOf?: (input: I) => readonly string[];
  readonly input: z.ZodType<I>;
  /** Shape of the answer, for people, OpenAPI and tests; what `run` gives is what the types say. */
  readonly output: z.ZodType;
  readonly http?: HttpBinding;
  run(context: OperationContext, input: I): Promise<O>;
}

/** An operation whose answer is a stream of items without an end of its own (tail). */
export interface StreamOperation<I = unknown, T = unknown> extends Omit<Operation<I, T>, 'run'> {
  readonly streams: true;
  run(context: OperationContext, input: I): AsyncIterable<T>;
  /**
   * The same items, those together that come together. Calls with the same input may be given the same array, so that a door
   * with many listeners writes it out once. Absent: each item alone.
   */
  batches?(context: OperationContext, input: I): AsyncIterable<readonly T[]>;
}

// oxlint-disable no-explicit-any -- a table of operations holds many shapes; each is checked where it is defined.
export type AnyOperation = Operation<any, any> | StreamOperation<any, any>;
// oxlint-enable no-explicit-any

export const defineOperation = <I, O>(operation: Operation<I, O>): Operation<I, O> => Object.freeze(operation);
export const defineStreamOperation = <I, T>(operation: Omit<StreamOperation<I, T>, 'streams'>): StreamOperation<I, T> => Object.freeze({ ...operation, streams: true as const });

/** A stream operation that is defined by its batches. */
export function defineBatchedStream<I, T>(operation: Omit<StreamOperation<I, T>, 'streams' | 'run'> & Required<Pick<StreamOperation<I, T>, 'batches'>>): StreamOperation<I, T> {
  return defineStreamOperation({
    ...operation,
    async *run(context, input) {
      for await (const batch of operation.batches(context, input)) yield* batch;
    },
  });
}
