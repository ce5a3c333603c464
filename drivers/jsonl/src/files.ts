/**
 * The segments as files to read from. A segment keeps its number (its first position) when it is closed and renamed, and an
 * open descriptor goes on reading the same bytes.
 */
import { LogError } from '@refold/core';
import type { Position } from '@refold/core';
import type { Folder } from './folder.ts';
import { openSegment } from './segment-source.ts';
import type { SegmentSource } from './segment-source.ts';

export interface SegmentFiles {
  /** Fills the buffer from a place in the segment. @throws LogError LOG_CORRUPT `index` when the segment ends before. */
  read(segment: Position, start: number, length: number): Buffer;
  /** After a segment was replaced or packed. */
  forget(segment: Position): void;
  close(): void;
}

/** Segments that are kept open. */
const sourcesMax = 64;

export function createSegmentFiles(folder: Folder): SegmentFiles {
  const sources = new Map<Position, SegmentSource>();

  const open = (segment: Position): SegmentSource => {
    const known = sources.get(segment);
    if (known !== undefined) return known;
    const oldest = sources.keys().next().value;
    if (sources.size >= sourcesMax && oldest !== undefined) forget(oldest);
    const source = openSegment(folder, segment);
    sources.set(segment, source);
    return source;
  };
  const forget = (segment: Position): void => {
    const source = sources.get(segment);
    if (source === undefined) return;
    sources.delete(segment);
    source.close();
  };

  return {
    read(segment, start, length) {
      const bytes = Buffer.allocUnsafeSlow(length);
      const filled = open(segment).read(bytes, start);
      if (filled < length) throw new LogError('LOG_CORRUPT', 'a segment is shorter than it was', { details: { reason: 'rolled_back', segment, byte: start + filled }, hint: 'Stop writing and restore the log from a backup.' });
      return bytes;
    },
    forget,
    close() {
      for (const segment of sources.keys()) forget(segment);
    },
  };
}
