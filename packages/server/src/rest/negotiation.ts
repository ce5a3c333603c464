/** What a client takes, as its Accept headers say (RFC 9110, section 12.5): media types and codings with weights. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpFault } from '../http-fault.ts';

/** @throws HttpFault 406 `accept` when the client takes no answer of this media type; before anything was done. */
export function refuseUnacceptable({ accept }: IncomingHttpHeaders, mediaType: string): void {
  if (accept === undefined || accept.trim() === '') return;
  const ranges = weightsIn(accept);
  const group = mediaType.slice(0, mediaType.indexOf('/'));
  // The most specific range decides, whatever the others weigh.
  const weight = ranges.get(mediaType) ?? ranges.get(`${group}/*`) ?? ranges.get('*/*') ?? 0;
  if (weight === 0) throw new HttpFault('accept', `The answer is ${mediaType}, and Accept leaves it out.`, { status: 406, hint: `Send Accept: ${mediaType}, or none.` });
}

/** The first of the codings, in the server's order of preference, that the client likes as much as any other of them; null: leave it as it is. */
export function codingFor<T extends string>(acceptEncoding: string | undefined, codings: readonly T[]): T | null {
  if (acceptEncoding === undefined) return null;
  const weights = weightsIn(acceptEncoding);
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get('*') ?? 0;
  const best = codings.reduce<T | null>((found, coding) => (weightOf(coding) > (found === null ? 0 : weightOf(found)) ? coding : found), null);
  return best !== null && weightOf(best) >= (weights.get('identity') ?? 0) ? best : null;
}

/** Name to weight, 0 to 1; parameters of media types do not tell ours apart. */
function weightsIn(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
    const value = weight === undefined ? 1 : Number(weight);
    if (name !== '') weights.set(name, Number.isFinite(value) ? Math.max(value, weights.get(name) ?? 0) : 0);
  }
  return weights;
}
