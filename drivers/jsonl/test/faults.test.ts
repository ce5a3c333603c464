/** What the driver says when the disk fails or may not be written: a code and a reason; and it goes on when all is well again. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJsonlLog } from '@refold/driver-jsonl';
import { accept, acceptAll, createTraffic, loadUntilRefused, readAll, readSound, temporaryFolder, visitReadOnly } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { filesBelow, liveOf } from './lines.ts';

const folder = temporaryFolder();
const worker = new URL('./jsonl-worker.ts', import.meta.url);

async function logWith(name: string, events: number): Promise<string> {
  const path = join(folder, name);
  const log = openJsonlLog({ path });
  await acceptAll(log, createTraffic(1).commits(events));
  await log.close();
  return path;
}

describe('a disk with no room', () => {
  it('F8: a write beyond the bound on file sizes is LOG_UNAVAILABLE, and what was acknowledged is there', async () => {
    const path = await logWith('bounded', 1);
    // A shell sets the bound (in blocks of 512 bytes) for a process of its own, and has it ignore the signal.
    const answer = loadUntilRefused({ module: worker, argument: path }, { inShell: `trap '' XFSZ; ulimit -f 600;` });
    expect(answer).toMatchObject({ code: 'LOG_UNAVAILABLE', reason: expect.stringMatching(/^(io|no_space)$/) });
    expect(answer.acknowledged).toBeGreaterThan(0);
    // Readings went on in the process that could not write, and saw nothing of what was refused.
    expect(answer.head).toBe(answer.acknowledged + 1);
    const log = openJsonlLog({ path });
    expect(await readSound(log)).toHaveLength(answer.acknowledged + 1);
    await accept(log, createTraffic(99).commit());
    await log.close();
  });

  it('J100: a quota refuses with no_space, readings go on, and writing resumes without a restart', async () => {
    const path = await logWith('quota', 1);
    let logBytesMax = 200_000;
    const log = openJsonlLog({ path, logBytesMax: () => logBytesMax });
    const traffic = createTraffic(7);
    const large = () => traffic.commit([{ body: new Uint8Array(100_000) }]);
    const refused = large();
    const before = readFileSync(liveOf(path));
    logBytesMax = 1_000;
    await expect(log.append([refused])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'no_space' }, retryable: true });
    expect(readFileSync(liveOf(path)).equals(before)).toBe(true);
    expect((await readAll(log)).events).toHaveLength(1);
    logBytesMax = Infinity;
    expect(await accept(log, refused)).toMatchObject({ first: 2 });
    await log.close();
  });
});

describe('a log that can only be read', () => {
  it('J105: is read from a folder that cannot be written, by somebody who may not write, and nothing is changed (bad-input D22)', async () => {
    const path = await logWith('closed', 5);
    const before = filesBelow(path).toSorted();
    chmodSync(folder, 0o755);
    for (const inside of ['global', '.log', '.']) chmodSync(join(path, inside), 0o555);
    expect(visitReadOnly({ module: worker, argument: path })).toEqual({ positions: [1, 2, 3, 4, 5], append: 'read-only', kvPut: 'LOG_UNAVAILABLE read_only', forget: 'LOG_UNAVAILABLE read_only', forWriting: 'LOG_UNAVAILABLE read_only' });
    expect(filesBelow(path).toSorted()).toEqual(before);
    for (const inside of ['.', '.log', 'global']) chmodSync(join(path, inside), 0o755);
  });

  it('is missing where there is no log, and makes none', () => {
    const path = join(folder, 'nothing');
    expect(() => openJsonlLog({ path, readOnly: true })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', details: { reason: 'missing' } }));
    expect(filesBelow(path)).toEqual([]);
  });
});
