/**
 * What a caller is told when something fails: a GraphQL error with the code, the hint and the details of every other door in its
 * `extensions`. What GraphQL itself finds wrong is a BAD_REQUEST of the caller's; whatever nobody threw on purpose is masked.
 */
import { LogError } from '@refold/core';
import { GraphQLError } from 'graphql';
import type { Problem } from '../problem.ts';

/** Says what the caller is told of something that was thrown, and writes the line about it. */
export type ProblemOf = (thrown: unknown) => Problem;

/** What was thrown, out of the error that GraphQL made of it. */
function thrownIn(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error;
  const { originalError: inner, path, message } = error;
  if (inner !== undefined && !(inner instanceof GraphQLError)) return inner;
  // Before there is an answer the request is wrong. In the middle of one, an argument that does not fit points to its place in the
  // document; what has no place there is a value of ours that does not fit.
  if (path === undefined || inner?.nodes !== undefined) return badRequest(message, error);
  return inner ?? error;
}

const badRequest = (message: string, cause: GraphQLError): LogError => new LogError('BAD_REQUEST', message, { details: { reason: 'graphql' }, hint: 'The schema is at /schema.graphql.', cause });

export function faultOf(error: unknown, problemOf: ProblemOf): GraphQLError {
  const { code, detail, details, hint, requestId, retryable } = problemOf(thrownIn(error));
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {};
  return new GraphQLError(detail, { nodes, source, positions, path, extensions: { code, details, requestId, retryable, ...(hint === undefined ? {} : { hint }) } });
}

/** Found by GraphQL's own rules, before anything was executed. */
export const isOfDocument = (error: unknown): boolean => error instanceof GraphQLError && error.originalError === undefined;
