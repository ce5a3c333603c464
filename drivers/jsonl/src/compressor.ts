/**
 * Packs closed segments behind the writer's back. The packed file is made beside the plain one, synced and renamed; then the
 * plain one goes. As long as both are there the plain one counts, so a crash at any step leaves a whole log, and the next
 * opening begins again. A segment that `forget` wrote anew meanwhile is another file: what was packed of it is thrown away.
 */
import { rmSync, statSync, renameSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Position } from '@refold/core';
import { blockBytes, packBlock } from './block-gzip.ts';
import type { SegmentFiles } from './files.ts';
import { closedSegments, compressedName, segmentName, syncFolder } from './folder.ts';
import type { Folder } from './folder.ts';

export interface Compressor {
  /** A segment was closed or written anew. */
  wake(): void;
  /** Every closed segment is packed, or could not be. */
  settled(): Promise<void>;
  /** Ends with the segment that is under way (two seconds for 64 MiB), so that commands that are short get on with it, too. */
  close(): Promise<void>;
}

export function createCompressor(folder: Folder, files: SegmentFiles): Compressor {
  let working: Promise<void> | null = null;
  let isAsked = false;
  let isStopped = false;

  async function work(): Promise<void> {
    while (isAsked && !isStopped) {
      isAsked = false;
      for (const { first, isCompressed } of closedSegments(folder)) {
        if (isCompressed || isStopped) continue;
        // A plain segment is whole: what could not be packed (no room, no right) is tried again when the next one closes.
        await packSegment(folder, first, files).catch(() => undefined);
      }
    }
  }
  function wake(): void {
    isAsked = true;
    working ??= work().finally(() => {
      working = null;
      // Somebody asked between the last look and the end.
      if (isAsked && !isStopped) wake();
    });
  }

  return {
    wake,
    async settled() {
      while (working !== null) await working;
    },
    async close() {
      isStopped = true;
      await working;
    },
  };
}

async function packSegment(folder: Folder, first: Position, files: SegmentFiles): Promise<void> {
  const plain = join(folder.global, segmentName(first));
  const packed = join(folder.global, compressedName(first));
  const unfinished = `${packed}.unfinished`;
  try {
    const source = await open(plain, 'r');
    try {
      const { ino, size } = await source.stat();
      await pack(source, unfinished);
      // From here on in one go, so that nobody writes the segment anew in between.
      const now = statSync(plain);
      if (now.ino !== ino || now.size !== size) return;
      renameSync(unfinished, packed);
      syncFolder(folder.global);
      files.forget(first);
      rmSync(plain);
      syncFolder(folder.global);
    } finally {
      await source.close();
    }
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function pack(source: FileHandle, to: string): Promise<void> {
  const target = await open(to, 'w', 0o644);
  try {
    const block = Buffer.allocUnsafeSlow(blockBytes);
    for (;;) {
      let filled = 0;
      for (let count = -1; count !== 0 && filled < blockBytes; filled += count) count = (await source.read(block, filled, blockBytes - filled)).bytesRead;
      if (filled > 0) await target.writeFile(await packBlock(block.subarray(0, filled)));
      if (filled < blockBytes) break;
    }
    await target.writeFile(await packBlock(Buffer.alloc(0)));
    await target.sync();
  } finally {
    await target.close();
  }
}

/** What a crash left of packing, before anything is read: the plain segment counts. */
export function discardHalves(folder: Folder): void {
  for (const { first, isCompressed } of closedSegments(folder)) {
    if (!isCompressed) for (const suffix of ['', '.unfinished']) rmSync(join(folder.global, compressedName(first) + suffix), { force: true });
  }
}
