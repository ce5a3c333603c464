/** A map as it comes out of a YAML or JSON file: checked once, so that a slip of the pen is found before the first row. */
import { LogError, nearest } from '@refold/core';
import type { Json } from '@refold/core';
import { objectIn } from '../json-shape.ts';
import type { RowMap } from './row-map.ts';

const isText = (value: Json): boolean => typeof value === 'string' && value.trim() !== '';
const isPayload = (value: Json): boolean => isText(value) || objectIn(value) !== undefined;
const isTexts = (value: Json): boolean => Array.isArray(value) && (value as readonly Json[]).every(isText);

const startShape: Shape = { when: isText, type: isText, data: isPayload };
const shape: Shape = {
  stream: isText,
  type: isText,
  at: isText,
  key: isText,
  when: isText,
  split: isText,
  data: isPayload,
  json: isTexts,
  actor: isText,
  start: (value) => objectIn(value) !== undefined,
  order: (value) => value === 'time',
};

interface Shape {
  readonly [key: string]: (value: Json) => boolean;
}

/**
 * @param value  The parsed document.
 * @throws LogError BAD_CONFIG `unknown_key`, `type`, `missing`, with the pointer.
 */
export function readRowMap(value: Json): RowMap {
  check(value, shape, ['stream', 'type'], '');
  const { start } = value as { readonly start?: Json };
  if (start !== undefined) check(start, startShape, ['type', 'data'], '/start');
  // Safe: every key was looked at.
  return value as unknown as RowMap;
}

function check(value: Json, known: Shape, required: readonly string[], at: string): void {
  const map = objectIn(value);
  if (map === undefined) throw fault('type', at, 'The map is no object.', 'Write it as keys and expressions: stream, type, at, key, data.');
  for (const [key, item] of Object.entries(map)) {
    if (!Object.hasOwn(known, key)) throw fault('unknown_key', `${at}/${key}`, `A map has no ${key}.`, `Did you mean ${nearest(key, Object.keys(known))[0] ?? 'stream'}?`);
    if (known[key]?.(item) !== true) throw fault('type', `${at}/${key}`, `The map's ${key} is not what it should be.`, 'Expressions are texts, json is a list of columns, data an expression or an object, order is "time".');
  }
  const missing = required.find((key) => !Object.hasOwn(map, key));
  if (missing !== undefined) throw fault('missing', `${at}/${missing}`, `The map has no ${missing}.`, `Say ${missing} with a CEL expression over row.`);
}

const fault = (reason: string, pointer: string, message: string, hint: string): LogError => new LogError('BAD_CONFIG', message, { details: { reason, pointer }, hint });
