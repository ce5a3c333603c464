/**
 * Answers made smaller on the way. Nothing is compressed for a browser that is known by its cookie: a page of another site
 * could make it ask, with words of its own in the question, and read from the length what else the answer holds (BREACH). A
 * page cannot send the token that everybody else is known by. Event streams are never compressed: each event is there when it is sent.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import { codingFor } from './negotiation.ts';

const [toBrotli, toGzip, toZstd] = [promisify(brotliCompress), promisify(gzip), promisify(zstdCompress)];

/** The fastest of each: events are so alike that the higher levels save a twentieth more, for three times as long. */
const level = 1;

const encoders = {
  zstd: (bytes: Buffer) => toZstd(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }),
  br: (bytes: Buffer) => toBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gzip: (bytes: Buffer) => toGzip(bytes, { level }),
} as const;

export type Coding = keyof typeof encoders;
/** In the order in which they are chosen where a client likes several as much. */
const codings = Object.keys(encoders) as readonly Coding[];

export interface Encoded {
  readonly bytes: Buffer;
  readonly coding: Coding;
}

/** @returns null when it stays as it is: too small to gain, or the client takes no coding of ours. */
export async function compressed(bytes: Buffer, acceptEncoding: string | undefined, compressFromBytes: number): Promise<Encoded | null> {
  if (bytes.length < compressFromBytes) return null;
  const coding = codingFor(acceptEncoding, codings);
  return coding === null ? null : { bytes: await encoders[coding](bytes), coding };
}
