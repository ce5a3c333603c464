/**
 * Gzip in blocks, so that one event is read without unpacking the whole segment: BGZF of the SAM specification (4.1), members of
 * gzip (RFC 1952) that each hold the same number of bytes and say in an extra field how long they are. `zcat` gives the lines.
 * An empty member ends the file, so one that was cut is told.
 */
import { readSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib';
import { LogError } from '@refold/core';

const deflate = promisify(deflateRaw);

/** Bytes of a block before it is packed; packed it never has more than 64 KiB, even of noise. */
export const blockBytes = 0xff00;

const headerBytes = 18;
const trailerBytes = 8;

/** One member. */
export async function packBlock(bytes: Uint8Array): Promise<Buffer> {
  const packed = await deflate(bytes);
  const member = Buffer.alloc(headerBytes + packed.length + trailerBytes);
  // gzip, deflate, with an extra field; no time, no system; the field BC of two bytes: the length of the member less one.
  member.set([0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0]);
  member.writeUInt16LE(member.length - 1, 16);
  member.set(packed, headerBytes);
  member.writeUInt32LE(crc32(bytes), headerBytes + packed.length);
  member.writeUInt32LE(bytes.length, headerBytes + packed.length + 4);
  return member;
}

/** Where the blocks of a file stand. */
export interface BlockPlaces {
  /** First byte of each member, and behind the last of them the byte after it. */
  readonly starts: readonly number[];
  /** Of all blocks, unpacked. */
  readonly bytes: number;
}

/** Goes from header to header. @throws LogError LOG_CORRUPT `bad_block` {file, byte}. */
export function blockPlaces(descriptor: number, file: string): BlockPlaces {
  const starts: number[] = [];
  const header = Buffer.alloc(headerBytes);
  const trailer = Buffer.alloc(trailerBytes);
  let start = 0;
  let lastBytes = 0;
  for (;;) {
    const isWhole = readSync(descriptor, header, 0, headerBytes, start) === headerBytes && header.readUInt32LE(0) === 0x04088b1f && header.readUInt16LE(12) === 0x4342;
    if (!isWhole) throw badBlock(file, start);
    const end = start + header.readUInt16LE(16) + 1;
    if (readSync(descriptor, trailer, 0, trailerBytes, end - trailerBytes) !== trailerBytes) throw badBlock(file, start);
    starts.push(start);
    const bytes = trailer.readUInt32LE(4);
    if (bytes === 0) return { starts, bytes: (starts.length - 1) * blockBytes - (starts.length === 1 ? 0 : blockBytes - lastBytes) };
    lastBytes = bytes;
    start = end;
  }
}

/** The bytes of one block. @throws LogError LOG_CORRUPT `bad_block` {file, byte}. */
export function readBlock(descriptor: number, file: string, { starts }: BlockPlaces, block: number): Buffer {
  // The caller asks for blocks that there are.
  const [start, end] = [starts[block]!, starts[block + 1]!];
  const member = Buffer.allocUnsafe(end - start);
  readSync(descriptor, member, 0, member.length, start);
  try {
    const bytes = inflateRawSync(member.subarray(headerBytes, -trailerBytes), { maxOutputLength: blockBytes });
    if (bytes.length === member.readUInt32LE(member.length - 4) && crc32(bytes) === member.readUInt32LE(member.length - trailerBytes)) return bytes;
  } catch {
    // What does not unpack is as bad as what unpacks to something else.
  }
  throw badBlock(file, start);
}

function badBlock(file: string, byte: number): LogError {
  return new LogError('LOG_CORRUPT', `a block of ${file} is not what it has to be`, { details: { reason: 'bad_block', file, byte }, hint: 'Stop writing, keep a copy of the folder, and restore the segment from a backup. Nothing was changed.' });
}
