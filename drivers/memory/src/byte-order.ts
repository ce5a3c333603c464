/**
 * Compares two strings as their UTF-8 bytes would compare (S16), without encoding them.
 *
 * UTF-16 code units sort in the same order, except that surrogates (U+10000 and up) stand below U+E000..U+FFFF; moving the
 * two ranges past each other puts that right.
 */
export function compareBytes(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = inUtf8Order(left.charCodeAt(index)) - inUtf8Order(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function inUtf8Order(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
