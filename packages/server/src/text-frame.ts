/** A whole text message of a server (RFC 6455, 5.2): not masked, not cut, so that its bytes may go to any number of sockets. */
const finalText = 0x81;
const [length16, length64] = [126, 127];

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerLengthOf(length) + length);
  frame.write(text, writeHeader(frame, 0, length));
  return frame;
}

/** One message for each text, each between the same words; the texts are UTF-8 already. */
export function textFrames(before: Uint8Array, texts: readonly Uint8Array[], after: Uint8Array): Buffer {
  const around = before.length + after.length;
  const frames = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + headerLengthOf(around + length) + around + length, 0));
  let at = 0;
  for (const text of texts) {
    at = writeHeader(frames, at, around + text.length);
    for (const part of [before, text, after]) {
      frames.set(part, at);
      at += part.length;
    }
  }
  return frames;
}

const headerLengthOf = (length: number): number => (length < length16 ? 2 : length <= 0xffff ? 4 : 10);

/** @returns where the text begins. */
function writeHeader(frame: Buffer, at: number, length: number): number {
  const header = headerLengthOf(length);
  frame[at] = finalText;
  if (header === 2) frame[at + 1] = length;
  else if (header === 4) {
    frame[at + 1] = length16;
    frame.writeUInt16BE(length, at + 2);
  } else {
    frame[at + 1] = length64;
    frame.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + header;
}
