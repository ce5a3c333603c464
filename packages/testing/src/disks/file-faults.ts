/**
 * The faults of a disk (TRUST.md 14: F3 to F7, F9), for every engine that keeps its log in files: enrolled like the conformance
 * suite. I1 every acknowledged event is there once; I2 order and places are dense; I3 the chains hold; I4 what was not
 * acknowledged is there wholly or not at all; I5 the process says the truth. A fault that this machine cannot make is skipped with its reason.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLogError } from '@refold/core';
import type { Commit, Linker, LogDriver, Recorded } from '@refold/core';
import { describe, expect, it } from 'vitest';
import { accept, acceptAll, readAll, readSound } from '../conformance/calls.ts';
import { chainFaults } from '../conformance/chain.ts';
import { createTraffic } from '../conformance/traffic.ts';
import { faultCycles } from '../fault-cycles.ts';
import { numberedCommit, numberedLinker } from '../processes/numbered-commits.ts';
import { refusedCommits } from '../processes/refused-traffic.ts';
import { loadUntilRefused, startNumberedLoad } from '../processes/run-child.ts';
import { createSeededRandom } from '../seeded-random.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { testLinker } from '../test-ports.ts';
import { whyNoCompiler } from './compile-c.ts';
import { compileFailingCalls } from './failing-calls.ts';
import type { FailingCall } from './failing-calls.ts';
import { mountCutDisk, mountSmallDisk, whyNoMounts, whyNoPowerCuts } from './mounted-disk.ts';

export interface FileEngine {
  readonly name: string;
  /** `openForWorker(path, { linker })` for processes. */
  readonly module: URL;
  open(path: string, linker?: Linker): LogDriver;
  /** Where a log lies in a folder. */
  path(folder: string): string;
  /** End of the path of the file whose writing and syncing an acknowledgement waits for. */
  readonly acknowledgedBy: string;
  /** What else of its files has to be in order. */
  check?(path: string): void;
}

/** @param folder  Of the test file; gone when its tests are over. */
export function fileFaults(engine: FileEngine, folder: string): void {
  describe(`the disk under ${engine.name}`, () => {
    it('F5: without room it refuses with no_space, reads on, and writes on when there is some, without a restart', async (context) => {
      const reason = whyNoMounts();
      if (reason !== null) return context.skip(reason);
      const disk = mountSmallDisk(join(folder, 'small'), 3 * 1_048_576);
      try {
        const path = engine.path(disk.folder);
        const log = engine.open(path, testLinker);
        const traffic = createTraffic(1);
        const next = () => traffic.commit([{ body: crypto.getRandomValues(new Uint8Array(20_000)) }, { stream: 'job/1' }]);
        const sent: string[] = [];
        let refusal: unknown = null;
        let refused = next();
        while (refusal === null && sent.length < 1_000) {
          refusal = await accept(log, refused).then(() => null, (error: unknown) => error);
          if (refusal !== null) break;
          sent.push(...refused.events.map((event) => event.id));
          refused = next();
        }
        expect(refusal).toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'no_space' }, retryable: true });
        expect((await readAll(log)).events.map((event) => event.id)).toEqual(sent);
        // Refused again and again it stays what it was.
        for (let attempt = 0; attempt < 5; attempt += 1) await expect(log.append([refused])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
        disk.grow(16 * 1_048_576);
        await accept(log, refused);
        await log.close();
        const stored = await soundAt(engine, path, testLinker);
        expect(stored.map((event) => event.id)).toEqual([...sent, ...refused.events.map((event) => event.id)]);
      } finally {
        disk.unmount();
      }
    });

    const { cycles: failures, seed: failureSeed } = faultCycles(`F6 F7 ${engine.name}`, 1);
    it.for<[string, Pick<FailingCall, 'call' | 'times' | 'how'>]>([
      ['F6: EIO on one write', { call: 'write', times: 1, how: 5 }],
      ['F6: ENOSPC on one write', { call: 'write', times: 1, how: 28 }],
      ['F6: writes that take half of what they are given', { call: 'write', times: 1_000_000, how: 'half' }],
      ['F7: EIO on one sync, then a well disk', { call: 'sync', times: 1, how: 5 }],
      ['F6: EIO on every sync from some time on', { call: 'sync', times: 1_000_000, how: 5 }],
      ['F6: EIO on every write from some time on', { call: 'write', times: 1_000_000, how: 5 }],
    ])('%s: nothing that was not durable is acknowledged, and everything that was acknowledged is there', { timeout: 60_000 + failures * 10_000 }, async ([name, fault], context) => {
      const reason = whyNoCompiler();
      if (reason !== null) return context.skip(reason);
      const random = createSeededRandom(failureSeed);
      const home = join(folder, name.replaceAll(/\W+/g, '-'));
      mkdirSync(home);
      const environment = compileFailingCalls(home);
      for (let cycle = 0; cycle < failures; cycle += 1) {
        const path = engine.path(join(home, `log-${cycle}`));
        await engine.open(path).close();
        const answer = loadUntilRefused({ module: engine.module, argument: path }, { commitsMax: 60, env: environment({ ...fault, file: engine.acknowledgedBy, from: random.integer(2, 40) }) });
        const inCycle = `cycle ${cycle} of seed ${failureSeed}: ${JSON.stringify(answer)}`;
        const isWell = fault.times === 1 || fault.how === 'half';
        if (fault.how === 'half') assert.deepEqual([answer.code, answer.acknowledged], [null, 60], inCycle);
        else assert.deepEqual([answer.code, answer.again], ['LOG_UNAVAILABLE', isWell ? 'accepted' : 'LOG_UNAVAILABLE'], inCycle);
        if (fault.how !== 'half') assert.ok(answer.reason === 'io' || answer.reason === 'no_space', inCycle);
        const stored = await soundAt(engine, path);
        const acknowledged = answer.acknowledged + (answer.again === 'accepted' ? 1 : 0);
        // The reading in the process that was refused saw what was acknowledged, and nothing else.
        assert.equal(answer.head, acknowledged, inCycle);
        assert.ok(stored.length === acknowledged || (!isWell && stored.length === acknowledged + 1), `${inCycle}: ${stored.length} stored`);
        assert.deepEqual(stored.map((event) => event.id), refusedCommits(stored.length).flatMap((commit) => commit.events.map((event) => event.id)), inCycle);
      }
    });

    const { cycles: tears, seed: tearSeed } = faultCycles(`F4 ${engine.name}`, 30);
    it('F4: sectors of an unsynced batch that come to the disk in part, in any order, or as garbage cost nothing that was acknowledged', { timeout: 60_000 + tears * 2_000 }, async () => {
      const random = createSeededRandom(tearSeed);
      const home = join(folder, 'torn');
      const { durable, batch, acknowledged } = await unsyncedBatch(engine, join(home, 'written'));
      const ids = [...acknowledged, ...batch.commits].map((commit) => commit.events.map((event) => event.id));
      for (let cycle = 0; cycle < tears; cycle += 1) {
        const inCycle = `cycle ${cycle} of seed ${tearSeed}`;
        const crashed = join(home, `crash-${cycle}`);
        cpSync(durable, crashed, { recursive: true });
        const path = engine.path(crashed);
        writeFileSync(fileOf(crashed, engine), tornSectors(batch.bytes, batch.durableBytes, random));
        const stored = await soundAt(engine, path, testLinker);
        const commits = stored.length / 2;
        assert.deepEqual(stored.map((event) => event.id), ids.slice(0, commits).flat(), `${inCycle}: commits are there wholly, in order`);
        assert.ok(commits >= acknowledged.length, `${inCycle}: ${commits} of ${acknowledged.length} acknowledged commits`);
        const log = engine.open(path, testLinker);
        await accept(log, createTraffic(1_000 + cycle).commit());
        await log.close();
        assert.equal((await soundAt(engine, path, testLinker)).length, stored.length + 1, inCycle);
        rmSync(crashed, { recursive: true });
      }
    });

    const { cycles: flips, seed: flipSeed } = faultCycles(`F9 ${engine.name}`, 40);
    it('F9: one bit that was flipped at rest is refused or found, and never served or dropped unseen', { timeout: 60_000 + flips * 2_000 }, async () => {
      const random = createSeededRandom(flipSeed);
      const home = join(folder, 'flipped');
      const { stored, sound } = await restingLog(engine, join(home, 'sound'));
      const seen = { refused: 0, found: 0, unharmed: 0 };
      for (let cycle = 0; cycle < flips; cycle += 1) {
        const flipped = join(home, `flip-${cycle}`);
        cpSync(sound, flipped, { recursive: true });
        const where = flipBit(flipped, random);
        const inCycle = `cycle ${cycle} of seed ${flipSeed}, ${where}`;
        const answer = await soundOrRefused(engine, engine.path(flipped));
        if ('refused' in answer) {
          // INTERNAL: the engine refused a statement against tables whose definition was hit.
          assert.match(answer.refused, /^(LOG_CORRUPT|LOG_ROLLED_BACK|LOG_UNAVAILABLE|TOO_LARGE|INTERNAL)$/, inCycle);
          seen.refused += 1;
        } else if (chainFaults(answer.stored, testLinker, stored.length === 0 ? undefined : { position: stored.length, leaf: stored.at(-1)!.leaf! }).length > 0) seen.found += 1;
        else {
          assert.deepEqual(answer.stored, stored, inCycle);
          seen.unharmed += 1;
        }
        rmSync(flipped, { recursive: true });
      }
      console.info(`F9 ${engine.name}: ${JSON.stringify(seen)} (unharmed: the bit stood in what nobody asked for)`);
      expect(seen.refused + seen.found).toBeGreaterThan(0);
    });

    const { cycles: cuts, seed: cutSeed } = faultCycles(`F3 ${engine.name}`, 3);
    it('F3: a power cut at a random moment loses no acknowledged event and leaves a log that goes on', { timeout: 60_000 + cuts * 10_000 }, async (context) => {
      const reason = whyNoPowerCuts();
      if (reason !== null) return context.skip(reason);
      const random = createSeededRandom(cutSeed);
      const home = join(folder, 'cut');
      mkdirSync(home);
      const disk = mountCutDisk(home);
      const sum = { acknowledged: 0, stored: 0 };
      try {
        const path = engine.path(join(disk.folder, 'log'));
        let survivors: readonly string[] = [];
        for (let cycle = 0; cycle < cuts; cycle += 1) {
          const run = `load/${cycle}`;
          const { before, inAll } = await loadUntilCut({ module: engine.module, argument: path }, run, () => disk.cut(), random.integer(1, 120));
          disk.mountAgain();
          const stored = (await soundAt(engine, path, numberedLinker)).map((event) => event.id);
          engine.check?.(path);
          const fresh = stored.slice(survivors.length);
          const commits = fresh.length / 2;
          const inCycle = `cycle ${cycle} of seed ${cutSeed}: ${before} acknowledged before the cut, ${inAll} in all, ${commits} stored`;
          assert.deepEqual(stored.slice(0, survivors.length), survivors, inCycle);
          // A sync that is under way when the power goes may say that all is well.
          assert.ok(commits >= before && commits <= inAll + 1, inCycle);
          assert.deepEqual(fresh, Array.from({ length: commits }, (_, index) => numberedCommit(run, index + 1)).flatMap((commit) => commit.events.map((event) => event.id)), inCycle);
          survivors = stored;
          sum.acknowledged += before;
          sum.stored += commits;
        }
      } finally {
        disk.unmount();
      }
      console.info(`F3 ${engine.name}: ${cuts} power cuts, ${sum.acknowledged} acknowledged before them, ${sum.stored} stored, 0 lost, 0 doubled`);
      expect(sum.acknowledged).toBeGreaterThan(0);
    });
  });
}

/** The log in order, its chains whole, and ready to be written. */
async function soundAt(engine: FileEngine, path: string, linker?: Linker): Promise<readonly Recorded[]> {
  const log = engine.open(path, linker);
  try {
    const stored = await readSound(log);
    if (linker !== undefined) assert.deepEqual(chainFaults(stored, linker), []);
    return stored;
  } finally {
    await log.close();
  }
}

/** Counts acknowledgements that came before the power went, and all. */
async function loadUntilCut(log: { readonly module: URL; readonly argument: string }, run: string, cut: () => void, afterMs: number): Promise<{ readonly before: number; readonly inAll: number }> {
  const child = startNumberedLoad(log, run, 'ignore');
  const closed = once(child, 'close');
  let inAll = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    inAll += bytes.length;
  });
  await Promise.race([once(child.stdout, 'data'), closed]);
  await sleep(afterMs);
  const before = inAll;
  cut();
  child.kill('SIGKILL');
  await closed;
  return { before, inAll };
}

interface UnsyncedBatch {
  /** A copy of the folder as it was when the last commit was acknowledged. */
  readonly durable: string;
  readonly acknowledged: readonly Commit[];
  /** What came behind it: its commits, and the file that they were written to. */
  readonly batch: { readonly commits: readonly Commit[]; readonly bytes: Buffer; readonly durableBytes: number };
}

async function unsyncedBatch(engine: FileEngine, written: string): Promise<UnsyncedBatch> {
  const log = engine.open(engine.path(written), testLinker);
  const traffic = createTraffic(2);
  const commitsOf = (count: number) => Array.from({ length: count }, (_, index) => traffic.commit([{ stream: `job/${index % 2}`, body: `{"text":"${'x'.repeat(700)}"}` }, { body: 'no JSON' }]));
  const [acknowledged, commits] = [commitsOf(5), commitsOf(4)];
  await acceptAll(log, acknowledged);
  const durable = `${written}-durable`;
  cpSync(written, durable, { recursive: true });
  const durableBytes = statSync(fileOf(written, engine)).size;
  await acceptAll(log, commits);
  const bytes = readFileSync(fileOf(written, engine));
  await log.close();
  return { durable, acknowledged, batch: { commits, bytes, durableBytes } };
}

/** The file that acknowledgements wait for. */
function fileOf(folder: string, { acknowledgedBy }: FileEngine): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => `/${name}`.endsWith(acknowledgedBy));
  return join(folder, found ?? assert.fail(`no file ends with ${acknowledgedBy}`));
}

const sectorBytes = 512;

/** Behind what is durable each sector is as it was written, zeros, garbage, or not there. */
function tornSectors(bytes: Buffer, durableBytes: number, random: SeededRandom): Buffer {
  const torn = Buffer.from(bytes);
  for (let start = durableBytes; start < torn.length; start = (Math.floor(start / sectorBytes) + 1) * sectorBytes) {
    const sector = torn.subarray(start, Math.min((Math.floor(start / sectorBytes) + 1) * sectorBytes, torn.length));
    const fate = random.integer(0, 5);
    if (fate === 0) sector.fill(0);
    if (fate === 1) for (let at = 0; at < sector.length; at += 1) sector[at] = random.integer(0, 255);
  }
  return random.integer(0, 2) === 0 ? torn : torn.subarray(0, random.integer(durableBytes, torn.length));
}

/** A log that was closed in good order, and what is in it. */
async function restingLog(engine: FileEngine, sound: string): Promise<{ readonly sound: string; readonly stored: readonly Recorded[] }> {
  const path = engine.path(sound);
  const log = engine.open(path, testLinker);
  const traffic = createTraffic(3);
  for (let round = 0; round < 8; round += 1) await acceptAll(log, Array.from({ length: 5 }, (_, index) => traffic.commit([{ stream: `job/${index}`, tags: [`n:${index}`], body: `{"text":"${'word '.repeat(40)}"}` }, { body: 'no JSON' }])));
  await log.close();
  return { sound, stored: await soundAt(engine, path, testLinker) };
}

/** One bit of one byte of one file, each byte as likely as any other. Says where. */
function flipBit(folder: string, random: SeededRandom): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => ({ name, path: join(folder, name), size: statSync(join(folder, name)).isFile() ? statSync(join(folder, name)).size : 0 }));
  let at = random.integer(0, files.reduce((sum, { size }) => sum + size, 0) - 1);
  for (const { name, path, size } of files) {
    if (at >= size) {
      at -= size;
      continue;
    }
    const bytes = readFileSync(path);
    const bit = random.integer(0, 7);
    bytes[at]! ^= 1 << bit;
    writeFileSync(path, bytes);
    return `bit ${bit} of byte ${at} of ${name}`;
  }
  return assert.fail('there is no byte to flip');
}

async function soundOrRefused(engine: FileEngine, path: string): Promise<{ readonly refused: string } | { readonly stored: readonly Recorded[] }> {
  try {
    const log = engine.open(path, testLinker);
    try {
      return { stored: (await readAll(log)).events };
    } finally {
      await log.close();
    }
  } catch (error) {
    if (isLogError(error)) return { refused: error.code };
    throw error;
  }
}
