/**
 * The segments as files to read from. A segment keeps its number (its first position) when it is closed and renamed, and an
 * open descriptor goes on reading the same bytes.
 */
import { closeSync, constants, readSync } from 'node:fs';
import { join } from 'node:path';
import { LogError } from '@refold/core';
import type { Position } from '@refold/core';
import { codeOf } from './engine-error.ts';
import { openPlain, segmentName } from './folder.ts';
import type { Folder } from './folder.ts';

export interface SegmentFiles {
  /** Fills the buffer from a place in the segment. @throws LogError LOG_CORRUPT `index` when the segment ends before. */
  read(segment: Position, start: number, length: number): Buffer;
  /** After a segment was replaced. */
  forget(segment: Position): void;
  close(): void;
}

/** Descriptors that are kept open. */
const descriptorsMax = 64;

export function createSegmentFiles(folder: Folder): SegmentFiles {
  const descriptors = new Map<Position, number>();

  const open = (segment: Position): number => {
    const known = descriptors.get(segment);
    if (known !== undefined) return known;
    const oldest = descriptors.keys().next().value;
    if (descriptors.size >= descriptorsMax && oldest !== undefined) forget(oldest);
    const descriptor = openSegment(folder, segment);
    descriptors.set(segment, descriptor);
    return descriptor;
  };
  const forget = (segment: Position): void => {
    const descriptor = descriptors.get(segment);
    if (descriptor === undefined) return;
    descriptors.delete(segment);
    closeSync(descriptor);
  };

  return {
    read(segment, start, length) {
      const descriptor = open(segment);
      const bytes = Buffer.allocUnsafeSlow(length);
      for (let filled = 0; filled < length; ) {
        const count = readSync(descriptor, bytes, filled, length - filled, start + filled);
        if (count === 0) throw new LogError('LOG_CORRUPT', 'a segment is shorter than it was', { details: { reason: 'rolled_back', segment, byte: start + filled }, hint: 'Stop writing and restore the log from a backup.' });
        filled += count;
      }
      return bytes;
    },
    forget,
    close() {
      for (const segment of descriptors.keys()) forget(segment);
    },
  };
}

/** A closed segment has a name of its own; the one that is written has none. */
function openSegment(folder: Folder, segment: Position): number {
  try {
    return openPlain(join(folder.global, segmentName(segment)), constants.O_RDONLY);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return openPlain(folder.live, constants.O_RDONLY);
  }
}
