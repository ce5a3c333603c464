/** Standard base64 with padding (RFC 4648, section 4), both ways; the platform's `toBase64` is not in every engine yet. */
import { encodeUtf8 } from '../log/bytes.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
// Two characters at a time: 4,096 pairs.
const pairs = Array.from({ length: 4096 }, (_, bits) => alphabet.charAt(bits >> 6) + alphabet.charAt(bits & 63));
const values: readonly number[] = Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
const paddingCode = 0x3d;

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  let place = 0;
  for (; place + 2 < bytes.length; place += 3) {
    const bits = (bytes[place]! << 16) | (bytes[place + 1]! << 8) | bytes[place + 2]!;
    text += pairs[bits >> 12]! + pairs[bits & 4095]!;
  }
  if (place + 1 === bytes.length) return text + pairs[bytes[place]! << 4]! + '==';
  if (place + 2 === bytes.length) {
    const bits = (bytes[place]! << 16) | (bytes[place + 1]! << 8);
    return text + pairs[bits >> 12]! + alphabet.charAt((bits >> 6) & 63) + '=';
  }
  return text;
}

/** The bytes; null unless the text is the one spelling that `base64Of` gives them (length, alphabet, padding, no loose bits). */
export const bytesOfBase64 = (text: string): Uint8Array | null => bytesOfBase64At(encodeUtf8(text), 0, text.length);

/** The same for ASCII characters inside a buffer, so that a salt is read without making a string of it. */
export function bytesOfBase64At(characters: Uint8Array, from: number, length: number): Uint8Array | null {
  if (length % 4 !== 0) return null;
  const padding = length === 0 || characters[from + length - 1] !== paddingCode ? 0 : characters[from + length - 2] === paddingCode ? 2 : 1;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  const end = from + length - padding;
  let bits = 0;
  let held = 0;
  let written = 0;
  for (let place = from; place < end; place++) {
    const value = values[characters[place]!] ?? -1;
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = bits >> held;
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : null;
}
