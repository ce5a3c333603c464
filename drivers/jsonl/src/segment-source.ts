/** The bytes of a segment's lines, wherever they stand: in the live file, in a closed one, or in blocks of gzip. */
import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from '@refold/core';
import { blockBytes, blockPlaces, readBlock } from './block-gzip.ts';
import { codeOf } from './engine-error.ts';
import { compressedName, openPlain, segmentName } from './folder.ts';
import type { Folder } from './folder.ts';

export interface SegmentSource {
  /** Of the lines, whatever they take on disk. */
  size(): number;
  /** Fills the buffer from a place in the lines, as far as there are any. Returns how many bytes. */
  read(target: Buffer, start: number): number;
  close(): void;
}

/** A closed segment has a name of its own; the one that is written has none. */
export function openSegment(folder: Folder, segment: Position): SegmentSource {
  return openIfThere(() => openPlainSource(join(folder.global, segmentName(segment)))) ?? openIfThere(() => openCompressedSource(folder, segment)) ?? openPlainSource(folder.live);
}

function openIfThere(open: () => SegmentSource): SegmentSource | null {
  try {
    return open();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export function openPlainSource(path: string): SegmentSource {
  const descriptor = openPlain(path, constants.O_RDONLY);
  return {
    size: () => fstatSync(descriptor).size,
    read(target, start) {
      let filled = 0;
      for (let count = -1; count !== 0 && filled < target.length; filled += count) count = readSync(descriptor, target, filled, target.length - filled, start + filled);
      return filled;
    },
    close: () => closeSync(descriptor),
  };
}

/** Unpacked blocks that are kept: readings go forward or stay near. */
const blocksKeptMax = 4;

function openCompressedSource(folder: Folder, segment: Position): SegmentSource {
  const name = compressedName(segment);
  const file = `global/${name}`;
  const descriptor = openPlain(join(folder.global, name), constants.O_RDONLY);
  try {
    const places = blockPlaces(descriptor, file);
    const kept = new Map<number, Buffer>();
    const blockAt = (block: number): Buffer => {
      const known = kept.get(block);
      if (known !== undefined) return known;
      const bytes = readBlock(descriptor, file, places, block);
      const oldest = kept.keys().next().value;
      if (kept.size >= blocksKeptMax && oldest !== undefined) kept.delete(oldest);
      kept.set(block, bytes);
      return bytes;
    };
    return {
      size: () => places.bytes,
      read(target, start) {
        const end = Math.min(start + target.length, places.bytes);
        for (let place = start; place < end; ) {
          const block = Math.floor(place / blockBytes);
          place += blockAt(block).copy(target, place - start, place - block * blockBytes, end - block * blockBytes);
        }
        return Math.max(0, end - start);
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
