/** What a refused request is answered over HTTP: the errors of GraphQL, whoever found them. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpFault } from '../http-fault.ts';
import type { Problem } from '../problem.ts';
import type { ProblemOf } from './faults.ts';
import { formOfRefusal, mediaTypeOf } from './media.ts';

/** Faults of the document: the status is for clients that know GraphQL's media type, unless a bound of ours was met. */
export async function refuseDocument(request: FastifyRequest, reply: FastifyReply, errors: readonly unknown[], problemOf: ProblemOf): Promise<FastifyReply> {
  const { faultOf, isOfDocument } = await import('./faults.ts');
  const form = formOfRefusal(request.headers.accept);
  const faults = errors.map((error) => faultOf(error, problemOf));
  return reply.code(form === 'json' && errors.every(isOfDocument) ? 200 : 400).type(mediaTypeOf(form)).send(JSON.stringify({ errors: faults }));
}

/** Refused before there was a document: the status is HTTP's own, but what HTTP calls unprocessable is a bad request here. */
export function refuse(request: FastifyRequest, reply: FastifyReply, { status, code, detail, details, hint, requestId, retryable }: Problem, thrown: unknown): FastifyReply {
  if (!request.raw.complete) reply.header('connection', 'close');
  if (typeof details['retryAfterSeconds'] === 'number') reply.header('retry-after', String(details['retryAfterSeconds']));
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  const error = { message: detail, extensions: { code, details, requestId, retryable, ...(hint === undefined ? {} : { hint }) } };
  return reply.code(status === 422 ? 400 : status).headers(thrown instanceof HttpFault ? thrown.headers : {}).type(mediaTypeOf(formOfRefusal(request.headers.accept))).send(JSON.stringify({ errors: [error] }));
}
