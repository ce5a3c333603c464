/**
 * Instants as the log writes them: RFC 3339, UTC, exactly three fraction digits, `Z`; then text order is time order.
 * Accepted from outside: any RFC 3339 date-time with an offset (a local time without one names no instant). Finer fractions
 * are cut, not rounded, so that an instant never moves into the future. A leap second counts as the end of its minute.
 */
import { LogError } from '../errors.ts';
import type { Instant } from './driver.ts';

const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch; null when the text is no RFC 3339 date-time of a day that exists. */
export function instantMs(text: string): number | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) return null;
  const offset = offsetMinutes(match[8]!);
  if (offset === null) return null;
  const fraction = second === 60 ? 999 : Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const date = new Date(0);
  // Not Date.UTC: it reads the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offset, Math.min(second, 59), fraction);
  return date.getTime();
}

/** The log's own spelling of an instant; null when the text names none, or one outside the years 0 to 9999. */
export function normalInstant(text: string): Instant | null {
  if (isNormalInstant(text) && instantMs(text) !== null) return text;
  const ms = instantMs(text);
  return ms === null || ms < firstMs || ms > lastMs ? null : new Date(ms).toISOString();
}

/** @throws LogError BAD_TIMESTAMP when the text names no instant (bad-input B5). */
export function parseInstant(text: string, pointer = '/at'): Instant {
  const instant = normalInstant(text);
  if (instant === null)
    throw new LogError('BAD_TIMESTAMP', `"${text.slice(0, 64)}" is no instant.`, {
      details: { reason: 'format', pointer },
      hint: 'Write RFC 3339 with an offset, for example 2025-12-22T10:00:00Z.',
    });
  return instant;
}

/** Before, same or after, whatever offset the two are written with. Texts that name no instant stand first. */
export function compareInstants(left: string, right: string): number {
  if (isNormalInstant(left) && isNormalInstant(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Math.sign((instantMs(left) ?? -Infinity) - (instantMs(right) ?? -Infinity)) || 0;
}

/** The shape `2025-12-22T10:00:00.000Z`, by its length and its marks alone. */
const isNormalInstant = (text: string): boolean => text.length === 24 && text[23] === 'Z' && text[10] === 'T' && text[19] === '.';

const [firstMs, lastMs] = [-62_167_219_200_000, 253_402_300_799_999];

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMinutes(text: string): number | null {
  if (text.length === 1) return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  return hours > 23 || minutes > 59 ? null : (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
