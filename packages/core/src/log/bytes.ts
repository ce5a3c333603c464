/** Text and bytes: one encoder and one decoder for the whole core, and the two spellings of a digest. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/** @throws TypeError on bytes that are not UTF-8; what the log itself wrote always is. */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexDigits[byte]!;
  return hex;
}

/** A UUID of version 8 (RFC 9562) from the first 128 bits of a digest: the same input has the same id, in any process. */
export function uuidFromDigest(digest: Uint8Array): string {
  const bytes = digest.slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = hexOf(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
