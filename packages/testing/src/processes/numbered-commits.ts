/** Commits that two processes make alike from a number, and a linker for them; no more than a child needs, so it starts fast. */
import { createHash } from 'node:crypto';
import type { Commit, Linker } from '@refold/core';

/** Commit `number` (1, 2, ...) of the run: one event in the stream, and one in a part of it. */
export function numberedCommit(run: string, number: number): Commit {
  const id = (part: string): string => uuidOf(sha256(`${run} ${number} ${part}`));
  const body = new TextEncoder().encode(`{"n":${number}}`);
  return {
    id: id('commit'),
    digest: sha256(`${run} ${number}`),
    events: [
      { id: id('first'), stream: run, type: 'load.sent', tags: ['half:first'], body },
      { id: id('second'), stream: `${run}/part`, type: 'load.sent', tags: ['half:second'], body },
    ],
  };
}

export const numberedLinker: Linker = {
  link: ({ id, stream, type, revision, position, recordedAt, body }, previousLeaf) =>
    sha256(JSON.stringify([id, stream, type, revision, position, recordedAt]), body, previousLeaf ?? new Uint8Array(32)),
  remainder: () => new Uint8Array(),
};

function sha256(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
