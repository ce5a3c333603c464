/**
 * What an expression answered, as JSON: a watch is shown, a rule's value is appended. Ints become numbers while they are
 * safe and text beyond; timestamps RFC 3339; durations seconds with `s` (the JSON forms of the CEL specification).
 */
import { hexOf } from '../log/bytes.ts';
import type { Json } from '../log/event.ts';

export function plainValue(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      return value === null ? null : plainObject(value);
    default:
      return null;
  }
}

function plainObject(value: object): Json {
  if (Array.isArray(value) || value instanceof Set) return Array.from(value as Iterable<unknown>, plainValue);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return hexOf(value);
  if (value instanceof Map) return fromEntries([...value].map(([key, part]) => [String(key), part]));
  if (isDuration(value)) return `${Number(value.seconds) + value.nanos / 1e9}s`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return fromEntries(Object.entries(value));
  const primitive: unknown = value.valueOf();
  if (typeof primitive === 'bigint') return plainValue(primitive);
  return 'name' in value && typeof value.name === 'string' ? value.name : null;
}

const fromEntries = (entries: readonly (readonly [string, unknown])[]): Json => Object.fromEntries(entries.map(([key, part]) => [key, plainValue(part)]));

const isDuration = (value: object): value is { seconds: bigint; nanos: number } => 'seconds' in value && typeof value.seconds === 'bigint' && 'nanos' in value;
