/**
 * API keys as text: `refold_<id>_<43 base62><6 checksum>`. The prefix is fixed so that scanners of secrets find a key that leaks,
 * and the checksum lets them, and us, tell a key from a typo without asking the log. The secret holds 256 bits, so a plain
 * SHA-256 keeps it; a slow hash would protect nothing. Source: TRUST.md section 10.1.
 */
import { encodeUtf8, hexOf } from '@refold/core';
import type { Hasher, Randomness } from '@refold/core';

const form = /^refold_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$/;
const idLength = 12;
const secretLength = 43;
const checksumLength = 6;

export interface NewKeyText {
  readonly id: string;
  /** What the caller keeps; nobody can show it again. */
  readonly text: string;
}

export function newKeyText({ hasher, randomness }: { readonly hasher: Pick<Hasher, 'sha256'>; readonly randomness: Randomness }): NewKeyText {
  const id = base62(randomness.bytes(8), idLength);
  const body = `refold_${id}_${base62(randomness.bytes(32), secretLength)}`;
  return { id, text: body + checksumOf(body, hasher) };
}

/** The id that a key carries; null when the text is no key. */
export function idOfKeyText(text: string, hasher: Pick<Hasher, 'sha256'>): string | null {
  const id = form.exec(text)?.[1];
  if (id === undefined) return null;
  const body = text.slice(0, -checksumLength);
  return text === body + checksumOf(body, hasher) ? id : null;
}

/** What is stored of a key, in hex. */
export const hashOfKeyText = (text: string, hasher: Pick<Hasher, 'sha256'>): string => hexOf(hasher.sha256(encodeUtf8(text)));

const checksumOf = (body: string, hasher: Pick<Hasher, 'sha256'>): string => base62(hasher.sha256(encodeUtf8(body)).subarray(0, 4), checksumLength);

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Digits of the bytes as one number; `length` must have room for all of them (43 digits hold 256 bits, 6 hold 32). */
function base62(bytes: Uint8Array, length: number): string {
  let rest = BigInt(`0x${hexOf(bytes)}`);
  let text = '';
  for (let place = 0; place < length; place++) {
    text = digits[Number(rest % 62n)]! + text;
    rest /= 62n;
  }
  return text;
}
