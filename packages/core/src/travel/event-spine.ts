/**
 * What names an event, for every event of a prefix of a stream: its id, its type and when it happened, in 22 bytes. So whoever
 * knows at which revision something happened can tell of it, half a million times, without reading the log again.
 */
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';

export type EventName = Pick<EventEnvelope, 'revision' | 'id' | 'type' | 'occurredAt'>;

export interface EventSpine {
  readonly bytes: number;
  /** The next event, beginning with revision 1. False: it cannot be written that short, and was not taken. */
  add(event: EventName): boolean;
  /** The event at a revision that was added. */
  at(revision: Revision): EventName;
}

const chunkEvents = 1_024;
const [bytesPerEvent, bytesPerType] = [22, 400];
const typesMax = 65_536;

interface Chunk {
  readonly ids: Uint8Array;
  readonly types: Uint16Array;
  /** Milliseconds after the first of the chunk. */
  readonly times: Int32Array;
  readonly firstMs: number;
}

export function createEventSpine(): EventSpine {
  const chunks: Chunk[] = [];
  const types: string[] = [];
  const typeCodes = new Map<string, number>();

  function codeOf(type: string): number {
    let code = typeCodes.get(type);
    if (code === undefined) typeCodes.set(type, (code = types.push(type) - 1));
    return code;
  }

  return {
    get bytes() {
      return chunks.length * chunkEvents * bytesPerEvent + types.length * bytesPerType;
    },
    add({ revision, id, type, occurredAt }) {
      const ms = Date.parse(occurredAt);
      const place = (revision - 1) % chunkEvents;
      if (chunks.length * chunkEvents < revision)
        chunks.push({ ids: new Uint8Array(chunkEvents * 16), types: new Uint16Array(chunkEvents), times: new Int32Array(chunkEvents), firstMs: ms });
      const { ids, types: codes, times, firstMs } = chunks.at(-1)!;
      times[place] = ms - firstMs;
      codes[place] = codeOf(type);
      return types.length <= typesMax && writeUuid(id, ids, place * 16) && times[place] === ms - firstMs && new Date(ms).toISOString() === occurredAt;
    },
    at(revision) {
      const { ids, types: codes, times, firstMs } = chunks[Math.floor((revision - 1) / chunkEvents)]!;
      const place = (revision - 1) % chunkEvents;
      return { revision, id: readUuid(ids, place * 16), type: types[codes[place]!]!, occurredAt: new Date(firstMs + times[place]!).toISOString() };
    },
  };
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Where the bytes of a UUID stand in its text (RFC 9562, section 4). */
const pairPlaces = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

function writeUuid(text: string, to: Uint8Array, start: number): boolean {
  for (let index = 0; index < 16; index++) {
    const place = pairPlaces[index]!;
    to[start + index] = digit(text.charCodeAt(place)) * 16 + digit(text.charCodeAt(place + 1));
  }
  return text === readUuid(to, start);
}

/** What is no digit becomes one that the text does not have. */
const digit = (unit: number): number => (unit <= 57 ? unit - 48 : unit - 87);

function readUuid(from: Uint8Array, start: number): string {
  const pair = (index: number): string => hexPairs[from[start + index]!]!;
  return `${pair(0)}${pair(1)}${pair(2)}${pair(3)}-${pair(4)}${pair(5)}-${pair(6)}${pair(7)}-${pair(8)}${pair(9)}-${pair(10)}${pair(11)}${pair(12)}${pair(13)}${pair(14)}${pair(15)}`;
}
