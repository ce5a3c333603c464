/** A whole text message of a server (RFC 6455, 5.2): not masked, not cut, so that its bytes may go to any number of sockets. */
const finalText = 0x81;
const [length16, length64] = [126, 127];

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < length16 ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = finalText;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = length16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = length64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}
