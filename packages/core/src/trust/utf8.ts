/** Where UTF-8 breaks. `TextDecoder` says that it does; a sender wants to know at which byte. */
import { LogError } from '../errors.ts';

/**
 * Returns for well-formed UTF-8 that is not UTF-16 in disguise.
 *
 * @throws LogError BAD_UTF8 (invalid, utf16) with the offset of the first `byte` that cannot stand where it stands.
 */
export function refuseBadUtf8(bytes: Uint8Array): void {
  const byte = firstBadByte(bytes);
  if (byte !== null) throw badUtf8('invalid', byte, `The bytes are not UTF-8, from byte ${byte} on.`);
  if (isUtf16(bytes)) throw badUtf8('utf16', bytes[0] === 0 ? 0 : 1, 'The bytes are UTF-16.');
}

/**
 * Offset of the first ill-formed sequence, by table 3-7 of the Unicode standard (no overlong forms, no surrogates, nothing
 * above U+10FFFF); null when there is none.
 */
export function firstBadByte(bytes: Uint8Array): number | null {
  let place = 0;
  while (place < bytes.length) {
    const lead = bytes[place]!;
    if (lead < 0x80) {
      place++;
      continue;
    }
    const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || !isSecond(lead, bytes[place + 1])) return place;
    for (let next = 2; next < length; next++) if (!isContinuation(bytes[place + next])) return place;
    place += length;
  }
  return null;
}

function isSecond(lead: number, byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= low && byte <= high;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** ASCII in UTF-16 has a zero in every other byte; JSON starts with two ASCII characters (RFC 4627, section 3). */
function isUtf16(bytes: Uint8Array): boolean {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return false;
  const zeros = [0, 1, 2, 3].filter((place) => place < bytes.length).map((place) => bytes[place] === 0);
  return zeros.every((isZero, place) => isZero === (place % 2 === 0)) || zeros.every((isZero, place) => isZero === (place % 2 === 1));
}

const badUtf8 = (reason: string, byte: number, message: string): LogError =>
  new LogError('BAD_UTF8', message, { details: { reason, byte }, hint: 'Send the text in UTF-8.' });
