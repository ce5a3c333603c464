/**
 * F1: a real process appends and acknowledges over a pipe, and is killed at a random moment, again and again on one log.
 * I1 every acknowledged event is there once; I2 positions and revisions are dense; I3 the chains hold; I4 what was not
 * acknowledged is there wholly or not at all. A new log is begun now and then, since every cycle verifies all of it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Linker, LogDriver, Recorded } from '@refold/core';
import { readSound } from '../conformance/calls.ts';
import { chainFaults } from '../conformance/chain.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { numberedCommit, numberedLinker } from './numbered-commits.ts';
import { startNumberedLoad } from './run-child.ts';

export interface SigkillOptions {
  /** Of the driver: `openForWorker(argument, { linker })`. */
  readonly module: URL;
  /** Where the log of this number is. */
  argument(log: number): string;
  /** Opens that log in this process; it is read whole and closed after every kill. */
  open(argument: string, linker: Linker): LogDriver;
  /** What else of its files has to be in order. */
  check?(argument: string): void;
  readonly cycles: number;
  readonly seed: number;
}

export interface SigkillFigures {
  readonly cycles: number;
  readonly seed: number;
  readonly acknowledged: number;
  /** Commits that were stored and not acknowledged when the process was killed. */
  readonly unacknowledged: number;
}

/** Two events per commit of the load. */
const eventsPerCommit = 2;
const cyclesPerLog = 20;
/** Milliseconds from the first acknowledgement to the kill. */
const killAfterMs = { min: 1, max: 80 };

/** @throws AssertionError naming what was lost, doubled or broken, and in which cycle. */
export async function sigkillCycles({ module, argument, open, check, cycles, seed }: SigkillOptions): Promise<SigkillFigures> {
  const random = createSeededRandom(seed);
  const sum = { acknowledged: 0, unacknowledged: 0 };
  let survivors: readonly string[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    if (cycle % cyclesPerLog === 0) survivors = [];
    const path = argument(Math.floor(cycle / cyclesPerLog) + 1);
    const run = `load/${cycle}`;
    const acknowledged = await loadUntilKilled({ module, argument: path }, run, random.integer(killAfterMs.min, killAfterMs.max));
    const stored = await verified(open(path, numberedLinker));
    check?.(path);

    const fresh = stored.slice(survivors.length).map((event) => event.id);
    const commits = fresh.length / eventsPerCommit;
    const inCycle = `cycle ${cycle} of seed ${seed}`;
    assert.deepEqual(stored.slice(0, survivors.length).map((event) => event.id), survivors, `${inCycle}: what survived before is there`);
    // One commit at a time is in flight; it may have become durable without its acknowledgement, never the other way round.
    assert.ok(commits === acknowledged || commits === acknowledged + 1, `${inCycle}: ${acknowledged} acknowledged, ${commits} stored`);
    assert.deepEqual(fresh, sentIds(run, commits), `${inCycle}: the commits are those that were sent, in order`);
    survivors = [...survivors, ...fresh];
    sum.acknowledged += acknowledged;
    sum.unacknowledged += commits - acknowledged;
  }
  return { cycles, seed, ...sum };
}

/** Number of commits that were acknowledged before the kill, which comes `afterMs` after the first acknowledgement. */
async function loadUntilKilled(log: { readonly module: URL; readonly argument: string }, run: string, afterMs: number): Promise<number> {
  const child = startNumberedLoad(log, run);
  // `close` comes after the last byte of the pipe, `exit` may come before it.
  const closed = once(child, 'close');
  let acknowledged = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    acknowledged += bytes.length;
  });
  await Promise.race([once(child.stdout, 'data'), closed]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [code, signal] = (await closed) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', `the load ended by itself with ${code}`);
  return acknowledged;
}

/** The log as it is after the kill: sound in its order and its chains, and ready to be written. */
async function verified(log: LogDriver): Promise<readonly Recorded[]> {
  try {
    const stored = await readSound(log);
    assert.deepEqual(chainFaults(stored, numberedLinker), []);
    return stored;
  } finally {
    await log.close();
  }
}

function sentIds(run: string, commits: number): readonly string[] {
  return Array.from({ length: commits }, (_, index) => numberedCommit(run, index + 1)).flatMap((commit) => commit.events.map((event) => event.id));
}
