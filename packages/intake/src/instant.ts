/**
 * Producers' times: converted to UTC and floored to milliseconds; what is finer stays beside it, because it decides ties and
 * cuts. A time without a zone is taken as UTC (or the assumed zone) and marked. Source: INTAKE.md, section 1.
 */

export interface SourceInstant {
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly ms: number;
  /** Nanoseconds beyond the millisecond, 0 to 999,999. */
  readonly nanos: number;
  /** The source named no zone. */
  readonly zoneAssumed: boolean;
}

const pattern = /^(\d{4})[-/](\d{2})[-/](\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?\s?(Z|z|[+-]\d{2}:?\d{2})?$/;
const canonical = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const millisecondsPerMinute = 60_000;

/** @returns null when the text is not a date and time. */
export function readInstant(text: string, assumedOffsetMinutes = 0): SourceInstant | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone] = match;
  const digits = fraction.padEnd(9, '0');
  const spelt = `${year}-${month}-${day}T${hour}:${minute}:${second === '60' ? '59' : second}.${digits.slice(0, 3)}Z`;
  const local = Date.parse(spelt);
  // Date.parse rolls 30 February over into March; a day that does not exist is no time.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(spelt.slice(0, 10))) return null;
  const ms = local - offsetMinutes(zone, assumedOffsetMinutes) * millisecondsPerMinute;
  const at = canonical.test(text) ? text : new Date(ms).toISOString();
  return { at, ms, nanos: Number(digits.slice(3)), zoneAssumed: zone === undefined };
}

/** The instant `ms` milliseconds and `nanos` nanoseconds after the epoch. */
export const instantAt = (ms: number, nanos = 0): SourceInstant => ({ at: new Date(ms).toISOString(), ms, nanos, zoneAssumed: false });

function offsetMinutes(zone: string | undefined, assumed: number): number {
  if (zone === undefined) return assumed;
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
