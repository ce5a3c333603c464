/**
 * The segment that is written. A batch is one write on a descriptor that only appends, then fdatasync; the caller says
 * `settle` when the batch is acknowledged for good. After any failure nothing more is believed of the descriptor: it is
 * closed, the file opened anew, and what stands behind the last settled byte, which nobody was told of, is cut off.
 *
 * A segment that is full ends with a seal, is renamed after its first position, and the next one begins. Every step can be
 * the last before a crash: a sealed live segment is renamed at the next open, and a missing one is made.
 */
import { closeSync, constants, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { LogError } from '@refold/core';
import type { Position } from '@refold/core';
import { openPlain, segmentName, syncFolder, writeAll } from './folder.ts';
import type { Folder } from './folder.ts';
import { encodeSeal, hashStart } from './line.ts';

/** Where the live segment stands. */
export interface LiveSegment {
  readonly first: Position;
  readonly end: number;
  readonly hash: string;
}

export interface SegmentWriter {
  readonly live: LiveSegment;
  /** Writes behind what is settled, and syncs. */
  write(bytes: Uint8Array): void;
  /** What was written is acknowledged: it is never cut again. */
  settle(end: number, hash: string): void;
  /** Nothing of what was written since is to stay. Makes the segment whole again, now or before the next write. */
  takeBack(): void;
  /** Closes the segment and begins the next. Returns what was closed. */
  rotate(origin: string, head: Position, commits: number): { readonly first: Position; readonly bytes: number; readonly hash: string };
  /** After the live file was replaced as a whole. */
  replaced(end: number, hash: string): void;
  close(): void;
}

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;

export function openSegmentWriter(folder: Folder, start: LiveSegment): SegmentWriter {
  let live = start;
  let descriptor: number | null = openLive(folder, live);

  const reopened = (): number => {
    descriptor ??= openLive(folder, live);
    return descriptor;
  };
  const letGo = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };

  return {
    get live() {
      return live;
    },
    write(bytes) {
      const target = reopened();
      writeAll(target, bytes);
      fdatasyncSync(target);
    },
    settle(end, hash) {
      live = { ...live, end, hash };
    },
    takeBack() {
      try {
        letGo();
        reopened();
      } catch {
        // The disk is still ill; the next write tries again and says so.
      }
    },
    rotate(origin, head, commits) {
      const target = reopened();
      const seal = encodeSeal({ origin, first: live.first, last: head, commits }, live.hash);
      writeAll(target, seal.bytes);
      fdatasyncSync(target);
      const closed = { first: live.first, bytes: live.end + seal.bytes.length, hash: seal.hash };
      letGo();
      closeSegment(folder, live.first);
      live = { first: head + 1, end: 0, hash: hashStart };
      reopened();
      return closed;
    },
    replaced(end, hash) {
      letGo();
      live = { ...live, end, hash };
    },
    close: letGo,
  };
}

/** Opens the live segment as it is to be: made when it is missing, and without anything behind what is settled. */
function openLive(folder: Folder, { end }: LiveSegment): number {
  const descriptor = openPlain(folder.live, flags);
  try {
    const { size } = fstatSync(descriptor);
    if (size < end) throw new LogError('LOG_ROLLED_BACK', 'the log is shorter than what was acknowledged', { details: { reason: 'rolled_back', file: 'global/events.jsonl', bytes: size, acknowledged: end }, hint: 'Somebody cut or replaced the file. Stop writing and restore the log.' });
    if (size > end) {
      ftruncateSync(descriptor, end);
      fsyncSync(descriptor);
    }
    if (size === 0) syncFolder(folder.global);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Gives a sealed live segment its name. */
export function closeSegment(folder: Folder, first: Position): void {
  renameSync(folder.live, join(folder.global, segmentName(first)));
  syncFolder(folder.global);
}
