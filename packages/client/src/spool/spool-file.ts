/**
 * Texts that wait, oldest first, in one file that is only appended to. A text that was taken survives the process and the machine
 * (fsync); taking many at once costs one fsync. What was dropped in front stays in the file until nothing waits, or half of it
 * is that; after a crash it is there again, so whoever reads must bear a text twice.
 *
 * A line is its CRC-32 and the text. Only the last one can be torn, because everything before it was synced: it was never taken, and
 * is cut. Anything else that does not add up is damage, and is not guessed at.
 */
import { constants, open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { LogError } from '@refold/core';

export interface SpoolFile {
  /** Texts that wait, and bytes that they and what was dropped before them take. */
  readonly waiting: number;
  readonly bytes: number;
  /** @throws LogError LOG_UNAVAILABLE `spool_full`, `spool_failed`; nothing was taken then. */
  append(text: string): Promise<void>;
  /** The oldest text; null when nothing waits. */
  first(): Promise<string | null>;
  dropFirst(): Promise<void>;
  close(): Promise<void>;
}

interface Line {
  readonly at: number;
  readonly bytes: number;
}

interface Arrival {
  readonly line: Buffer;
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * @param bytesMax  What the file may take now.
 * @throws LogError LOG_CORRUPT `spool` with line and byte.
 */
export async function openSpoolFile(path: string, bytesMax: () => number): Promise<SpoolFile> {
  let file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const lines = await readLines(file, path).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  let bytes = lines.reduce((sum, line) => sum + line.bytes, 0);

  const arrivals: Arrival[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  /** One thing at a time, in the order asked for. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  };

  async function takeArrivals(): Promise<void> {
    const taken = arrivals.splice(0);
    if (taken.length === 0) return;
    try {
      const written = Buffer.concat(taken.map(({ line }) => line));
      await writeAll(file, written, bytes);
      await file.datasync();
      for (const { line } of taken) {
        lines.push({ at: bytes, bytes: line.length });
        bytes += line.length;
      }
      for (const one of taken) one.taken();
    } catch (error) {
      await file.truncate(bytes).catch(() => undefined);
      const failure = new LogError('LOG_UNAVAILABLE', 'The spool cannot be written.', { details: { reason: 'spool_failed' }, hint: 'Look at the disk: is there room, and may this process write?', cause: error });
      for (const one of taken) one.failed(failure);
    }
  }

  /** The lines that wait, in a new file that takes the place of the old one at once. */
  async function compact(): Promise<void> {
    const start = lines[0]!.at;
    const kept = Buffer.alloc(bytes - start);
    await readAll(file, kept, start);
    const fresh = await open(`${path}.new`, 'w+', 0o600);
    await writeAll(fresh, kept, 0);
    await fresh.datasync();
    await rename(`${path}.new`, path);
    await syncFolder(path);
    await file.close();
    file = fresh;
    bytes = kept.length;
    lines.splice(0, lines.length, ...lines.map((line) => ({ at: line.at - start, bytes: line.bytes })));
  }

  return {
    get waiting() {
      return lines.length;
    },
    get bytes() {
      return bytes;
    },
    append(text) {
      const line = lineOf(text);
      const asked = bytes + arrivals.reduce((sum, one) => sum + one.line.length, 0) + line.length;
      if (asked > bytesMax()) return Promise.reject(new LogError('LOG_UNAVAILABLE', 'The spool is full.', { details: { reason: 'spool_full', limit: bytesMax() }, hint: 'Bring the server back, remove refused.log, or give the spool more room.' }));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      arrivals.push({ line, taken: resolve, failed: reject });
      void inTurn(takeArrivals);
      return promise;
    },
    first: () =>
      inTurn(async () => {
        const [line] = lines;
        if (line === undefined) return null;
        const text = Buffer.alloc(line.bytes);
        await readAll(file, text, line.at);
        return text.toString('utf8', crcBytes, line.bytes - 1);
      }),
    dropFirst: () =>
      inTurn(async () => {
        lines.shift();
        if (lines.length === 0) {
          await file.truncate(0);
          bytes = 0;
        } else if (lines[0]!.at > bytes / 2 && bytes > compactionBytesMin) await compact();
      }),
    close: () => inTurn(() => file.close()),
  };
}

/** Below that it is not worth a new file. */
const compactionBytesMin = 1_048_576;

/** Eight digits and a space. */
const crcBytes = 9;

function lineOf(text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${crc32(content).toString(16).padStart(8, '0')} `), content, Buffer.from('\n')]);
}

/** What was taken; what was torn is cut off. */
async function readLines(file: FileHandle, path: string): Promise<Line[]> {
  await syncFolder(path);
  const content = await file.readFile();
  const lines = linesIn(content, path);
  const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);
  if (bytes < content.length) await file.truncate(bytes);
  return lines;
}

function linesIn(content: Buffer, path: string): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0x0a, at);
    const isSound = end !== -1 && crc32(content.subarray(at + crcBytes, end)) === Number.parseInt(content.toString('latin1', at, at + crcBytes), 16);
    if (!isSound) {
      if (end === -1 || end === content.length - 1) break;
      throw new LogError('LOG_CORRUPT', `The spool ${path} is damaged.`, { details: { reason: 'spool', line: lines.length + 1, byte: at }, hint: 'Keep the file for repair, and open a spool in another folder.' });
    }
    lines.push({ at, bytes: end + 1 - at });
    at = end + 1;
  }
  return lines;
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

async function readAll(file: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new LogError('LOG_CORRUPT', 'The spool is shorter than it was.', { details: { reason: 'spool', byte: at + done }, hint: 'Who else writes there?' });
    done += bytesRead;
  }
}

/** A name in a folder is durable when the folder is; Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
