/** What an operation gave, as an HTTP answer: bytes, status, how long a client may trust it, and how it is coded. */
import { hash } from 'node:crypto';
import type { HttpBinding } from '@refold/operations';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpLimits } from '../http-limits.ts';
import { compressed } from './compress.ts';

export const jsonMediaType = 'application/json; charset=utf-8';

export interface Sending {
  /** False for a browser that is known by its cookie. */
  readonly mayCompress: boolean;
  readonly http: HttpLimits;
}

/** Sends an answer. What cannot change carries its digest, and is not sent again to a client that has it. */
export async function sendAnswer(request: FastifyRequest, reply: FastifyReply, binding: HttpBinding, answer: unknown, sending: Sending): Promise<FastifyReply> {
  const body = JSON.stringify(answer ?? null);
  reply.code(statusOf(binding, answer));
  if (binding.attachment !== undefined) reply.header('content-disposition', `attachment; filename="${binding.attachment}"`);
  if (binding.immutable === true) {
    // Weak: it is the answer's, whatever it is coded in. Checked each time: an erasure may empty even what never changes.
    const etag = `W/"${hash('sha256', body, 'base64url')}"`;
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  }
  return await sendJson(request, reply, body, sending);
}

/** Sends JSON, coded as the client likes it. */
export async function sendJson(request: FastifyRequest, reply: FastifyReply, json: string, { mayCompress, http }: Sending): Promise<FastifyReply> {
  reply.type(jsonMediaType);
  if (!mayCompress) return reply.send(json);
  const bytes = Buffer.from(json);
  addVary(reply, 'Accept-Encoding');
  const encoded = await compressed(bytes, request.headers['accept-encoding'], http.compressFromBytes);
  return encoded === null ? reply.send(bytes) : reply.header('content-encoding', encoded.coding).send(encoded.bytes);
}

/** The front door may have named a header before. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.raw.getHeader('vary');
  reply.header('vary', before === undefined ? name : `${String(before)}, ${name}`);
}

/** A commit that was there before created nothing now (bad-input A32). */
const statusOf = ({ status = 200 }: HttpBinding, answer: unknown): number => (status === 201 && (answer as { readonly duplicate?: unknown } | null)?.duplicate === true ? 200 : status);

/** RFC 9110, 13.1.2: weak comparison, a list, or any. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || opaque(part) === opaque(etag));
}
