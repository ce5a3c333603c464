/**
 * F1: a real process appends and acknowledges over a pipe, and is killed at a random moment, again and again on one file.
 * I1 every acknowledged event is there once; I2 positions and revisions are dense; I3 the chains hold; I4 what was not
 * acknowledged is there wholly or not at all. `REFOLD_SIGKILL_CYCLES=500` is the long form, `REFOLD_SIGKILL_SEED` repeats a run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogDriver, Recorded } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';
import { chainFaults, createSeededRandom, nodeArguments, readSound } from '@refold/testing';
import { expect, it } from 'vitest';
import { numberedCommit, numberedLinker } from './numbered-commits.ts';
import { temporaryFolder } from './temporary-folder.ts';

const cycles = Number(process.env['REFOLD_SIGKILL_CYCLES'] ?? 25);
const seed = Number(process.env['REFOLD_SIGKILL_SEED'] ?? Date.now() % 2 ** 31);
const folder = temporaryFolder();
/** Two events per commit of the worker's load. */
const eventsPerCommit = 2;

it('F1: SIGKILL at random moments loses no acknowledged event, doubles none and breaks no chain', { timeout: 60_000 + cycles * 20_000 }, async () => {
  console.info(`sigkill: ${cycles} cycles, seed ${seed} (REFOLD_SIGKILL_SEED brings it back)`);
  const path = join(folder, 'log');
  const random = createSeededRandom(seed);
  let survivors: readonly string[] = [];
  let acknowledgedInAll = 0;
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    const acknowledged = await loadUntilKilled(path, `load/${cycle}`, random.integer(1, 120));
    acknowledgedInAll += acknowledged;

    const stored = await verified(path);
    const fresh = stored.slice(survivors.length).map((event) => event.id);
    expect(stored.slice(0, survivors.length).map((event) => event.id)).toEqual(survivors);
    // One commit at a time is in flight; it may have become durable without its acknowledgement, never the other way round.
    expect([acknowledged, acknowledged + 1]).toContain(fresh.length / eventsPerCommit);
    expect(fresh).toEqual(sentIds(`load/${cycle}`, fresh.length / eventsPerCommit));
    survivors = [...survivors, ...fresh];
  }
  console.info(`sigkill: ${cycles} cycles, ${acknowledgedInAll} acknowledged commits, 0 lost, 0 doubled`);
  expect(acknowledgedInAll).toBeGreaterThan(0);
});

/** Number of commits that were acknowledged before the kill, which comes `afterMs` after the first acknowledgement. */
async function loadUntilKilled(path: string, run: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [...nodeArguments(new URL('./sigkill-child.ts', import.meta.url)), path, run], { stdio: ['ignore', 'pipe', 'inherit'] });
  // `close` comes after the last byte of the pipe, `exit` may come before it.
  const closed = once(child, 'close');
  let acknowledged = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    acknowledged += bytes.length;
  });
  await Promise.race([once(child.stdout, 'data'), closed]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

/** The log as it is after the kill: sound in its lines, its order and its chains, and ready to be written. */
async function verified(path: string): Promise<readonly Recorded[]> {
  const log: LogDriver = openJsonlLog({ path, linker: numberedLinker });
  const stored = await readSound(log);
  expect(chainFaults(stored, numberedLinker)).toEqual([]);
  await log.close();
  return stored;
}

function sentIds(run: string, commits: number): readonly string[] {
  return Array.from({ length: commits }, (_, index) => numberedCommit(run, index + 1)).flatMap((commit) => commit.events.map((event) => event.id));
}
