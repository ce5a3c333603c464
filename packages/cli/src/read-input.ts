/** What a person hands over as a value, a file or stdin: JSON for an event, lines for a batch. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LogError, parseStrictJson } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import { usage } from './options.ts';
import type { World } from './world.ts';

/** A document in memory; a larger one is for `refold import`. */
const bytesMax = 64 * 1_048_576;

/** `{"a":1}`, `@file.json` or `-`. @throws LogError BAD_JSON, BAD_UTF8 {byte}, NOT_FOUND, BAD_REQUEST when it is no object. */
export async function jsonArgument(world: World, text: string, flag: string): Promise<JsonObject> {
  const bytes = text === '-' ? await readStdin(world) : text.startsWith('@') ? readBytes(world, text.slice(1)) : new TextEncoder().encode(text);
  const value = parseStrictJson(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw usage(`${flag} takes a JSON object.`, 'shape', `${flag} '{"key":"value"}'`);
  return value as JsonObject;
}

/** The bytes of a file, or of stdin for `-`. */
export const readBytesOrStdin = async (world: World, path: string): Promise<Uint8Array> => (path === '-' ? await readStdin(world) : readBytes(world, path));

/** @throws LogError NOT_FOUND `file` (bad-input F5); TOO_LARGE. */
function readBytes({ cwd }: World, path: string): Uint8Array {
  try {
    const { size } = statSync(resolve(cwd, path));
    if (size > bytesMax) throw tooLarge();
    return readFileSync(resolve(cwd, path));
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw fileNotFound(path, error);
  }
}

async function readStdin({ stdin }: World): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stdin) {
    parts.push(part);
    length += part.length;
    if (length > bytesMax) throw tooLarge();
  }
  return Buffer.concat(parts);
}

const tooLarge = (): LogError => new LogError('TOO_LARGE', `The input is larger than ${bytesMax} bytes.`, { details: { reason: 'body', limit: bytesMax }, hint: 'Import it as a file: refold import jsonl FILE' });

export const fileNotFound = (path: string, cause?: unknown): LogError =>
  new LogError('NOT_FOUND', `There is no readable file ${path}.`, { details: { reason: 'file', file: path }, hint: 'Check the path.', ...(cause === undefined ? {} : { cause }) });

export interface BatchLine {
  /** 1-based; of an array, the element's number. */
  readonly line: number;
  readonly value: Json;
}

/**
 * A batch: JSON lines, or one JSON array. Blank lines are left out.
 *
 * @throws LogError BAD_JSON, BAD_UTF8 with the line.
 */
export function batchLines(bytes: Uint8Array): readonly BatchLine[] {
  const start = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  if (start >= 0 && bytes[start] === 0x5b) return (parseStrictJson(bytes) as readonly Json[]).map((value, index) => ({ line: index + 1, value }));
  return linesOf(bytes).flatMap(({ line, bytes: text }) => {
    if (isBlank(text)) return [];
    try {
      return [{ line, value: parseStrictJson(text) }];
    } catch (error) {
      throw atLine(error, line);
    }
  });
}

export const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Lines cut at byte 0x0A only: a line separator inside a string is data. */
export function linesOf(bytes: Uint8Array): readonly { readonly line: number; readonly bytes: Uint8Array }[] {
  const lines: { line: number; bytes: Uint8Array }[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(0x0a, from);
    const end = found < 0 ? bytes.length : found;
    lines.push({ line: lines.length + 1, bytes: bytes.subarray(from, end) });
    from = end + 1;
  }
  return lines;
}

/** The same refusal, with the line it stands in. */
export function atLine(error: unknown, line: number): unknown {
  if (!(error instanceof LogError)) return error;
  return new LogError(error.code, `Line ${line}: ${error.message}`, { details: { ...error.details, line }, ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error });
}
