/** The query of an address, read strictly: nothing that cannot be decoded is guessed, nothing given twice is chosen from. */
import { LogError, nearest } from '@refold/core';
import type { InputShape } from './input-shape.ts';
import { HttpFault } from '../http-fault.ts';

/** A value as written, or all of them when the name stands there several times. */
export type Query = ReadonlyMap<string, string | readonly string[]>;

/**
 * Reads what stands behind the `?` (application/x-www-form-urlencoded).
 *
 * @throws LogError BAD_REQUEST `url` when an escape is no UTF-8.
 */
export function readQuery(address: string): Query {
  const mark = address.indexOf('?');
  const values = new Map<string, string | string[]>();
  if (mark === -1) return values;
  for (const part of address.slice(mark + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? '' : decode(part.slice(equals + 1));
    const before = values.get(name);
    values.set(name, before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value]);
  }
  return values;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new HttpFault('url', 'The query cannot be decoded.', { status: 400, hint: 'Percent-encode it as UTF-8.', cause: error });
  }
}

/** One value of a parameter that is the door's own; `undefined` when it is not there. */
export function takeScalar(query: Query, name: string): string | undefined {
  const value = query.get(name);
  if (value === undefined || typeof value === 'string') return value;
  throw repeated(name);
}

/**
 * The query as an operation's input. Names may be written in snake_case.
 *
 * @throws LogError BAD_REQUEST `repeated_parameter`, `unknown_parameter`.
 */
export function inputOfQuery(query: Query, shape: InputShape): { [name: string]: unknown } {
  const input: { [name: string]: unknown } = {};
  for (const [written, value] of query) {
    const name = spelledAs(written, shape);
    if (name === null) throw unknown(written, shape);
    if (Object.hasOwn(input, name)) throw repeated(written);
    if (typeof value !== 'string' && shape.names.has(name) && !shape.lists.has(name)) throw repeated(written);
    input[name] = value;
  }
  return input;
}

/** The operation's own spelling of a name; null when it takes no such thing. */
export function spelledAs(written: string, shape: InputShape): string | null {
  if (shape.names.has(written)) return written;
  const camel = written.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (shape.names.has(camel)) return camel;
  // What an open input does with a name, and what it calls unknown, is its own business; a prototype is nobody's.
  return shape.isOpen && written !== '__proto__' ? written : null;
}

const repeated = (name: string): LogError =>
  new LogError('BAD_REQUEST', `"${name.slice(0, 64)}" is given several times.`, { details: { reason: 'repeated_parameter', pointer: `/${name.slice(0, 64)}` }, hint: 'Give it once.' });

export function unknown(name: string, shape: InputShape): LogError {
  const near = nearest(name.slice(0, 64), [...shape.names]);
  return new LogError('BAD_REQUEST', `There is no parameter "${name.slice(0, 64)}" here.`, {
    details: { reason: 'unknown_parameter', pointer: `/${name.slice(0, 64)}`, ...(near.length > 0 ? { nearest: near } : {}) },
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : shape.names.size > 0 ? `There are: ${[...shape.names].join(', ')}.` : 'It takes no parameters.',
  });
}
