/** The real SHA-256 for tests; the core itself takes it as an argument. */
import { createHash, createHmac } from 'node:crypto';
import type { Hasher } from '../src/ports.ts';

export const nodeHasher: Hasher = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
};
