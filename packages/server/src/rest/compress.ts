/**
 * Answers made smaller on the way. Nothing is compressed for a browser that is known by its cookie: a page of another site
 * could make it ask, with words of its own in the question, and read from the length what else the answer holds (BREACH). A
 * page cannot send the token that everybody else is known by. Event streams are never compressed: each event is there when it is sent.
 */
import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import { brotliCompress, constants, createBrotliCompress, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib';
import { codingFor } from './negotiation.ts';

const [toBrotli, toGzip, toZstd] = [promisify(brotliCompress), promisify(gzip), promisify(zstdCompress)];

/** The fastest of each: events are so alike that the higher levels save a twentieth more, for three times as long. */
const level = 1;

const zstdParams = { [constants.ZSTD_c_compressionLevel]: level };
const brotliParams = { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT };

const encoders = {
  zstd: (bytes: Buffer) => toZstd(bytes, { params: zstdParams }),
  br: (bytes: Buffer) => toBrotli(bytes, { params: { ...brotliParams, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gzip: (bytes: Buffer) => toGzip(bytes, { level }),
} as const;

/** The same for what is too long to be held. */
const streams: { readonly [C in Coding]: () => Transform } = {
  zstd: () => createZstdCompress({ params: zstdParams }),
  br: () => createBrotliCompress({ params: brotliParams }),
  gzip: () => createGzip({ level }),
};

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

/** @returns null when the client takes no coding of ours. */
export function compressing(acceptEncoding: string | undefined): { readonly coding: Coding; readonly encoder: Transform } | null {
  const coding = codingFor(acceptEncoding, codings);
  return coding === null ? null : { coding, encoder: streams[coding]() };
}
