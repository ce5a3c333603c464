/** Times and amounts as text: short where they stand in rows, whole where they are pointed at. Pure: `now` comes in. */
import type { Preferences } from './preferences.ts';

export type ClockFormat = Preferences['clock'];

const two = (value: number): string => String(value).padStart(2, '0');

interface Parts {
  readonly date: string;
  readonly time: string;
  readonly ms: string;
}

function partsOf(instant: string, clock: ClockFormat): Parts | null {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return null;
  const isUtc = clock === 'utc';
  const date = isUtc ? `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}` : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = isUtc ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}` : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return { date, time, ms: String(isUtc ? at.getUTCMilliseconds() : at.getMilliseconds()).padStart(3, '0') };
}

/** `14:02:11`, with the date in front when it was another day than `now`. */
export function shortTime(instant: string | null | undefined, { clock, now }: { readonly clock: ClockFormat; readonly now: number }): string {
  const parts = instant === null || instant === undefined ? null : partsOf(instant, clock);
  if (parts === null) return '–';
  const today = partsOf(new Date(now).toISOString(), clock)!.date;
  if (parts.date === today) return parts.time;
  return `${parts.date.slice(0, 4) === today.slice(0, 4) ? parts.date.slice(5) : parts.date} ${parts.time.slice(0, 5)}`;
}

/** `14:02:11.482`. */
export function preciseTime(instant: string, clock: ClockFormat): string {
  const parts = partsOf(instant, clock);
  return parts === null ? instant : `${parts.time}.${parts.ms}`;
}

/** `2025-12-22 14:02:11.482 UTC`. */
export function wholeTime(instant: string, clock: ClockFormat): string {
  const parts = partsOf(instant, clock);
  if (parts === null) return instant;
  const zone = clock === 'utc' ? 'UTC' : offsetOf(new Date(instant));
  return `${parts.date} ${parts.time}.${parts.ms} ${zone}`;
}

function offsetOf(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** `820 ms`, `4.2 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1_000) return `${sign}${Math.round(size)} ms`;
  if (size < 9_950) return `${sign}${(size / 1_000).toFixed(1)} s`;
  const seconds = Math.round(size / 1_000);
  if (seconds < 60) return `${sign}${seconds} s`;
  if (seconds < 3_600) return `${sign}${joined(Math.floor(seconds / 60), 'min', seconds % 60, 's')}`;
  if (seconds < 86_400) return `${sign}${joined(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min')}`;
  return `${sign}${joined(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h')}`;
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string): string => (small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`);

/** `just now`, `4 min ago`, `3 h ago`, `2 d ago`. */
export function ago(instant: string | null | undefined, now: number): string {
  const at = instant === null || instant === undefined ? Number.NaN : Date.parse(instant);
  if (Number.isNaN(at)) return '–';
  const seconds = Math.round((now - at) / 1_000);
  if (seconds < -5) return `in ${rough(-seconds)}`;
  return seconds < 5 ? 'just now' : `${rough(seconds)} ago`;
}

function rough(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `48,213`, the same on every machine: a figure is compared with what the command and the reports say. */
export const amount = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ','));

/** `1 event`, `48,213 events`. */
export const counted = (value: number, one: string, several = `${one}s`): string => `${amount(value)} ${value === 1 ? one : several}`;

/** `940`, `12.4k`, `3.1M`: for columns. */
export function brief(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) < 10_000) return amount(value);
  return Math.abs(value) < 999_500 ? `${trimmed(value / 1_000)}k` : `${trimmed(value / 1_000_000)}M`;
}

const trimmed = (value: number): string => (Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, ''));

export function bytes(count: number): string {
  if (count < 1_024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = count / 1_024;
  let unit = 0;
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
