/** What an operation gave, as an HTTP answer: bytes, status, and how long a client may trust it. */
import { hash } from 'node:crypto';
import type { HttpBinding } from '@refold/operations';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const jsonMediaType = 'application/json; charset=utf-8';

/** Sends an answer. What cannot change carries its digest, and is not sent again to a client that has it. */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, binding: HttpBinding, answer: unknown): FastifyReply {
  const body = JSON.stringify(answer ?? null);
  reply.code(statusOf(binding, answer)).type(jsonMediaType);
  if (binding.attachment !== undefined) reply.header('content-disposition', `attachment; filename="${binding.attachment}"`);
  if (binding.immutable !== true) return reply.send(body);

  const etag = `"${hash('sha256', body, 'base64url')}"`;
  // Checked each time: an erasure may empty even what never changes.
  reply.header('etag', etag).header('cache-control', 'private, no-cache');
  return matches(request.headers['if-none-match'], etag) ? reply.code(304).removeHeader('content-type').send() : reply.send(body);
}

/** A commit that was there before created nothing now (bad-input A32). */
const statusOf = ({ status = 200 }: HttpBinding, answer: unknown): number => (status === 201 && (answer as { readonly duplicate?: unknown } | null)?.duplicate === true ? 200 : status);

/** RFC 9110, 13.1.2: weak comparison, a list, or any. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === etag);
}
