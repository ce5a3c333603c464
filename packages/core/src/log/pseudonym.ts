/**
 * Names of people where they outlive erasure. Leaf and tags stay when an event's payload and metadata are erased, so an actor id
 * that is a name or an e-mail address stands there as a pseudonym: the same for the same id in this log, meaningless outside
 * it. The clear form is in the metadata document, which can be erased. Source: TRUST.md section 3.
 */
import type { Hasher } from '../ports.ts';
import { encodeUtf8 } from './bytes.ts';

/** The id as leaf and tags show it: itself, or `h.` and 26 characters. */
export type Pseudonym = (id: string) => string;

/** Ids of programs hold neither; names and addresses do. */
const isPersonal = (id: string): boolean => /[@\s]/.test(id);

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const characters = 26;

/** @param key  The log's own, 32 bytes. */
export function createPseudonym(hasher: Pick<Hasher, 'hmacSha256'>, key: Uint8Array): Pseudonym {
  return (id) => (isPersonal(id) ? `h.${base32Of(hasher.hmacSha256(key, encodeUtf8(id)))}` : id);
}

/** The first 130 bits, five to a character (RFC 4648, lower case). */
function base32Of(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (let index = 0; text.length < characters; index++) {
    buffer = (buffer << 8) | bytes[index]!;
    for (bits += 8; bits >= 5 && text.length < characters; bits -= 5) text += alphabet[(buffer >>> (bits - 5)) & 31]!;
    buffer &= (1 << bits) - 1;
  }
  return text;
}
