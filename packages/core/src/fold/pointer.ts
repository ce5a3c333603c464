/**
 * Values inside a JSON document by RFC 6901 pointer, through own properties only: a pointer such as `/__proto__/x` or
 * `/constructor/prototype` leads nowhere, and no prototype is ever read or changed (bad-input A19).
 */
import { LogError } from '../errors.ts';
import { pointerOf } from '../trust/json-pointer.ts';

/** Not a JSON value, so that "absent" and null stay apart. */
export const absent: unique symbol = Symbol('absent');

/** @throws LogError BAD_REQUEST `path` when the text is no pointer, or names a key that no document may have. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  const segments = pointer.split('/');
  if (segments.shift() !== '' || /~(?![01])/.test(pointer)) throw badPath(pointer, 'is no JSON pointer', 'Write /key/key, with ~1 for / and ~0 for ~.');
  if (segments.includes('__proto__')) throw badPath(pointer, 'leads out of the document', 'Name a key of the document.');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer, or `absent`. */
export function valueAt(document: unknown, pointer: string | readonly string[]): unknown {
  let value = document;
  for (const key of typeof pointer === 'string' ? parsePointer(pointer) : pointer) {
    if (!isContainer(value) || !hasKey(value, key)) return absent;
    value = value[key];
  }
  return value;
}

/**
 * Sets, inserts or removes the value at a pointer, in place. `-` appends to an array, as in RFC 6902.
 *
 * @returns the document (another one when the pointer is empty).
 * @throws LogError BAD_REQUEST `path` when the container does not exist or has no such key.
 */
export function changeAt(document: unknown, pointer: string, change: { readonly op: 'add' | 'replace'; readonly value: unknown } | { readonly op: 'remove' }): unknown {
  const path = parsePointer(pointer);
  const key = path.at(-1);
  if (key === undefined) return change.op === 'remove' ? null : change.value;
  const container = valueAt(document, path.slice(0, -1));
  if (!isContainer(container)) throw badPath(pointer, 'leads nowhere', 'Name a container that exists.');
  if (change.op !== 'add' && !hasKey(container, key)) throw badPath(pointer, 'leads nowhere', 'Name a key that exists.');
  if (Array.isArray(container)) changeItem(container, pointer, key, change);
  else if (change.op === 'remove') delete container[key];
  else container[key] = change.value;
  return document;
}

type Container = Record<string, unknown>;

/** Arrays are read by their own keys as well, so one type serves both. */
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const hasKey = (container: Container, key: string): boolean => Object.hasOwn(container, key) && !(Array.isArray(container) && !isIndex(key));

const isIndex = (key: string): boolean => /^(?:0|[1-9]\d*)$/.test(key);

function changeItem(items: unknown[], pointer: string, key: string, change: Parameters<typeof changeAt>[2]): void {
  const index = key === '-' ? items.length : isIndex(key) ? Number(key) : NaN;
  if (!(index <= items.length)) throw badPath(pointer, 'is no place in the array', `Use 0 to ${items.length}, or - for the end.`);
  if (change.op === 'add') items.splice(index, 0, change.value);
  else if (change.op === 'remove') items.splice(index, 1);
  else items[index] = change.value;
}

const badPath = (pointer: string, what: string, hint: string): LogError =>
  new LogError('BAD_REQUEST', `${JSON.stringify(pointer.slice(0, 200).toWellFormed())} ${what}.`, { details: { reason: 'path', path: pointer.slice(0, 200).toWellFormed() }, hint });

export { pointerOf };
