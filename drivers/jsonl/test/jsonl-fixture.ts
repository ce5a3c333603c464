/** The driver for the conformance suite: a folder per log, and real harm to its lines. */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backUpJsonlLog, openJsonlLog, restoreJsonlLog } from '@refold/driver-jsonl';
import type { Fixture, Harm, OpenOptions, Tampering } from '@refold/testing';
import { dropIndex, filesBelow, linesOf, liveOf, writeSealed } from './lines.ts';

/** @param segmentBytesMax  Small, so that a suite's logs are closed into several segments. */
export function jsonlFixture(folder: string, { segmentBytesMax }: { readonly segmentBytesMax?: number } = {}): Fixture {
  const pathOf = (name: string): string => join(folder, name);
  const open = async (name: string, options: OpenOptions = {}) => openJsonlLog({ path: pathOf(name), ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }), ...options });
  return {
    capabilities: {
      durability: 'fsync',
      writers: 'one-process',
      commitBytesMax: 16 * 1_048_576,
      commitEventsMax: 10_000,
      query: 'indexed',
      watch: 'push',
      forget: true,
      cluster: false,
    },
    open,
    reopen: open,
    process: { module: new URL('./jsonl-worker.ts', import.meta.url).href, argument: pathOf },
    drop: async (name) => rmSync(pathOf(name), { recursive: true, force: true }),
    harm: harmTo(pathOf),
  };
}

function harmTo(pathOf: (name: string) => string): Harm {
  return {
    async tearTail(name) {
      const live = liveOf(pathOf(name));
      appendFileSync(live, linesOf(live).at(-1)!.slice(0, -20));
    },
    async openOnFullDisk(name) {
      let logBytesMax = 10 * 65_536;
      return {
        driver: openJsonlLog({ path: pathOf(name), logBytesMax: () => logBytesMax }),
        async heal() {
          logBytesMax = Infinity;
        },
      };
    },
    async backUp(name) {
      const backup = `${pathOf(name)}.backup`;
      await backUpJsonlLog(pathOf(name), backup);
      return {
        async restore() {
          await restoreJsonlLog(backup, pathOf(name));
        },
      };
    },
    openReadOnly: async (name) => openJsonlLog({ path: pathOf(name), readOnly: true }),
    storedBytes: async (name) => filesBelow(pathOf(name)).map((file) => new Uint8Array(readFileSync(file))),
    async tamper(name, change) {
      tamperWith(pathOf(name), change);
    },
  };
}

interface Line {
  position: number;
  events: { id: string; type: string; bytes: number; body?: unknown; text?: string; base64?: string }[];
}

/** What somebody does who can write the files: the hashes of lines are made again, and the sidecar goes. */
function tamperWith(path: string, change: Tampering): void {
  const live = liveOf(path);
  writeSealed(live, tampered(linesOf(live).map((line) => JSON.parse(line) as Line), change).map((line) => JSON.stringify(line)));
  dropIndex(path);
}

function tampered(lines: Line[], change: Tampering): readonly Line[] {
  const eventAt = (position: number): Line['events'][number] => lines.flatMap((line) => line.events.map((event, place) => ({ event, position: line.position + place }))).find((found) => found.position === position)!.event;
  switch (change.kind) {
    case 'flip-bit': {
      const event = eventAt(change.position);
      const body = event.base64 !== undefined ? Buffer.from(event.base64, 'base64') : Buffer.from(event.text ?? JSON.stringify(event.body));
      body[body.length - 1]! ^= 1;
      delete event.body;
      delete event.text;
      event.base64 = body.toString('base64');
      event.bytes = event.base64.length;
      return lines;
    }
    case 'remove':
      return lines.flatMap((line) => withoutEvent(line, change.position)).map((line, index, all) => ({ ...line, position: 1 + all.slice(0, index).reduce((sum, { events }) => sum + events.length, 0) }));
    case 'swap': {
      const [left, right] = change.positions.map(eventAt) as [Line['events'][number], Line['events'][number]];
      const contents = ({ id, type, bytes, body, text, base64 }: Line['events'][number]) => ({ id, type, bytes, ...(body !== undefined && { body }), ...(text !== undefined && { text }), ...(base64 !== undefined && { base64 }) });
      const [ofLeft, ofRight] = [contents(left), contents(right)];
      rewritten(left, ofRight);
      rewritten(right, ofLeft);
      return lines;
    }
    case 'truncate':
      return lines.flatMap((line) => {
        const events = line.events.filter((_, place) => line.position + place <= change.position);
        return events.length === 0 ? [] : [{ ...line, events }];
      });
  }
}

function withoutEvent(line: Line, position: number): Line[] {
  const events = line.events.filter((_, place) => line.position + place !== position);
  return events.length === 0 ? [] : [{ ...line, events }];
}

/** In the order of keys that lines have: the body comes last. */
function rewritten(event: Line['events'][number], contents: Line['events'][number]): void {
  delete event.body;
  delete event.text;
  delete event.base64;
  const { id, type, bytes, ...body } = contents;
  Object.assign(event, { id, type, bytes }, body);
}
