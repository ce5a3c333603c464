/** What of a file is kept beyond the chunk it came in. */

/** A source may read the next chunk into the same memory, and `slice` of a Node buffer is no copy. */
export const copied = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
