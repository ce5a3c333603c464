/** Temporal's sample histories read plainly, with nothing of the importer: what the figures of its tests are held against. */
import { readFileSync, readdirSync } from 'node:fs';
import { samples } from './import-file.ts';

export const temporalFolder = `${samples}temporal/`;

export interface RawEvent {
  readonly eventId: string;
  readonly eventTime: string;
  readonly eventType: string;
  readonly [key: string]: unknown;
}

/** The 33 files, in the order of their names. */
export const temporalFiles: readonly string[] = ['sdk-go', 'sdk-typescript'].flatMap((folder) =>
  readdirSync(temporalFolder + folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}`),
);

const read = new Map<string, readonly RawEvent[]>();

export function rawEvents(file: string): readonly RawEvent[] {
  const events = read.get(file) ?? (JSON.parse(readFileSync(temporalFolder + file, 'utf8')) as { events: readonly RawEvent[] }).events;
  read.set(file, events);
  return events;
}

export const allRawEvents = (): readonly RawEvent[] => temporalFiles.flatMap(rawEvents);

/** `TIMER_FIRED` for both spellings. */
export const kindOf = ({ eventType }: RawEvent): string => eventType.replace(/^EVENT_TYPE_/, '').replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** Nanoseconds since the epoch. */
export function nanosOf(time: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
