/**
 * Cuts a line into the JSON values on it. Two appenders that share a file can leave two records on one line with nothing
 * between them; both are real (INTAKE.md section 1, Reader).
 */

/**
 * The pieces of a line, in order; one piece when it holds one value. Objects and arrays end themselves, so that is where
 * lines are cut; what follows, bad or not, is a piece of its own for the strict reader to judge. Space between pieces stays
 * with the next one.
 *
 * @param line  UTF-8 bytes without the line feed. Structure is ASCII, so no byte of a longer character is mistaken for it.
 * @returns     Views into `line`; `piece.byteOffset - line.byteOffset` is the place of a piece.
 */
export function splitJsonValues(line: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  let depth = 0;
  let inString = false;
  for (let place = 0; place < line.length; place++) {
    const byte = line[place];
    if (inString) {
      if (byte === 0x5c) place++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) {
      pieces.push(line.subarray(from, place + 1));
      from = place + 1;
    }
  }
  const rest = line.subarray(from);
  if (pieces.length === 0 || !rest.every(isSpace)) pieces.push(rest);
  return pieces;
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
