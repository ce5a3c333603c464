/**
 * Names that stay. A record's key holds the producer, its scope and its native id; commit id and event ids are UUIDs made
 * from the key, so importing again finds what is there. Facts that several producers report have a key of their own, and
 * whoever comes first writes them. Source: INTAKE.md, sections 1 and 19; RFC 9562, section 5.8.
 */
import type { Hasher } from '@refold/core';

const encoder = new TextEncoder();

export interface Identity {
  /** UUID of a key, from the first 128 bits of SHA-256 over its UTF-8 bytes. */
  idOf(key: string): string;
  /** Lower-case hex SHA-256 of a record's bytes. */
  digestOf(bytes: Uint8Array): string;
}

export function createIdentity(hasher: Hasher, version: 8 | 4 = 8): Identity {
  return {
    idOf: (key) => uuidOf(hasher.sha256(encoder.encode(key)), version),
    digestOf: (bytes) => hexOf(hasher.sha256(bytes), 32),
  };
}

/** Keys of facts that do not belong to one producer. */
export const factKey = {
  sessionStarted: (session: string): string => `fact|${session}|started`,
  toolCall: (session: string, toolCallId: string, edge: 'started' | 'ended'): string => `fact|${session}|${toolCallId}|${edge}`,
  turnEnded: (session: string, turnId: string): string => `fact|${session}|turn|${turnId}|ended`,
};

const hexDigits = encoder.encode('0123456789abcdef');
const dash = 0x2d;
const decoder = new TextDecoder();
const scratch = new Uint8Array(64);

/** Written through bytes: texts joined from pieces keep all their pieces, and these are kept by the hundred thousand. */
function hexOf(bytes: Uint8Array, length: number): string {
  for (let index = 0; index < length; index++) writeHex(bytes[index]!, index * 2);
  return decoder.decode(scratch.subarray(0, length * 2));
}

function uuidOf(digest: Uint8Array, version: 8 | 4): string {
  let at = 0;
  for (let index = 0; index < 16; index++) {
    const byte = index === 6 ? (digest[6]! & 0x0f) | (version << 4) : index === 8 ? (digest[8]! & 0x3f) | 0x80 : digest[index]!;
    if (index === 4 || index === 6 || index === 8 || index === 10) scratch[at++] = dash;
    writeHex(byte, at);
    at += 2;
  }
  return decoder.decode(scratch.subarray(0, 36));
}

function writeHex(byte: number, at: number): void {
  scratch[at] = hexDigits[byte >> 4]!;
  scratch[at + 1] = hexDigits[byte & 0x0f]!;
}
