/** Text and bytes: one encoder and one decoder for the whole core, and the two spellings of a digest. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hexDigits = encoder.encode('0123456789abcdef');

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/** Room that texts share; a longer one gets memory of its own. */
const sharedBytes = 64 * 1024;
const passing = new Uint8Array(sharedBytes);
let shared = new Uint8Array(sharedBytes);
let sharedUsed = 0;

/** For bytes that are looked at once, such as those of a hash: behind `head`, and written over by the next call. */
export function passingUtf8(text: string, head: readonly Uint8Array[] = []): Uint8Array {
  const headLength = head.reduce((sum, part) => sum + part.length, 0);
  const bytes = headLength + text.length * 3 <= sharedBytes ? passing : new Uint8Array(headLength + text.length * 3);
  let place = 0;
  for (const part of head) {
    bytes.set(part, place);
    place += part.length;
  }
  return bytes.subarray(0, place + encoder.encodeInto(text, place === 0 ? bytes : bytes.subarray(place)).written);
}

/** For bytes that stay: side by side with others in one buffer, because memory of their own costs more than the encoding. */
export function sharedUtf8(text: string): Uint8Array {
  // An event of 5 KB is not worth it, and would leave much of the room unused.
  if (text.length * 12 > sharedBytes) return encoder.encode(text);
  if (text.length * 3 > sharedBytes - sharedUsed) {
    shared = new Uint8Array(sharedBytes);
    sharedUsed = 0;
  }
  const start = sharedUsed;
  sharedUsed += encoder.encodeInto(text, shared.subarray(start)).written;
  return shared.subarray(start, sharedUsed);
}

/** @throws TypeError on bytes that are not UTF-8; what the log itself wrote always is. */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Every event that is read has two digests, so there is a way for their length alone: a decoder's call takes longer than all else. */
export function hexOf(bytes: Uint8Array): string {
  const digits = bytes.length === digestBytes ? digestDigits : new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    digits[2 * index] = hexDigits[byte >> 4]!;
    digits[2 * index + 1] = hexDigits[byte & 15]!;
  }
  // Spread, the bytes would be walked one by one. Safe: `apply` takes whatever has a length and elements.
  return digits === digestDigits ? Reflect.apply(String.fromCharCode, undefined, digestDigits as unknown as number[]) : decoder.decode(digits);
}

const digestBytes = 32;
const digestDigits = new Uint8Array(2 * digestBytes);

/** A UUID of version 8 (RFC 9562) from the first 128 bits of a digest: the same input has the same id, in any process. */
export function uuidFromDigest(digest: Uint8Array): string {
  const bytes = digest.slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = hexOf(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
