/** Closed segments as gzip: readings are unchanged, people have zcat, and a crash at any step of packing leaves a whole log. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { backUpJsonlLog, openJsonlLog } from '@refold/driver-jsonl';
import type { JsonlLog, JsonlLogOptions } from '@refold/driver-jsonl';
import { accept, acceptAll, chainFaults, createManualClock, createTraffic, readAll, readSound, temporaryFolder, testLinker } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { dropIndex } from './lines.ts';

const folder = temporaryFolder();
const open = (name: string, options: Partial<JsonlLogOptions> = {}): JsonlLog => openJsonlLog({ path: join(folder, name), linker: testLinker, segmentBytesMax: 150_000, compressClosed: true, ...options });
const globalOf = (name: string): string => join(folder, name, 'global');
const filesOf = (name: string): readonly string[] => readdirSync(globalOf(name)).toSorted();
const questions = [{}, { query: { items: [{ tags: ['n:1'] }] } }, { stream: 'job/2', direction: 'backward' as const }, { after: 333, limit: 5 }];
const answersOf = async (log: JsonlLog) => Promise.all(questions.map(async (question) => (await readAll(log, question)).events));

/** Several segments, each of several blocks, the live one plain. */
async function filled(name: string, options: Partial<JsonlLogOptions> = {}): Promise<JsonlLog> {
  const log = open(name, options);
  const traffic = createTraffic(3);
  const commits = Array.from({ length: 400 }, (_, index) => traffic.commit([{ stream: `job/${index % 4}`, tags: [`n:${index % 3}`], body: `{"secret":"word ${index}","text":"${'ä b '.repeat(150)}"}` }, { body: 'no JSON' }]));
  for (let from = 0; from < commits.length; from += 20) await acceptAll(log, commits.slice(from, from + 20));
  await log.compressed();
  return log;
}

describe('closed segments', () => {
  it('A-118 A-235 are packed while the log is written, take a fraction of the room, and are read as before', async () => {
    const plain = await filled('plain', { compressClosed: false, origin: 'refold.local/one' });
    const packed = await filled('packed', { origin: 'refold.local/one' });
    const [names, before] = [filesOf('plain'), filesOf('packed')];
    expect(before).toEqual(names.map((name) => (name === 'events.jsonl' ? name : `${name}.gz`)));
    expect(before.length).toBeGreaterThan(3);
    const withoutTimes = (answers: Awaited<ReturnType<typeof answersOf>>) => answers.map((events) => events.map(({ recordedAt: _recordedAt, leaf: _leaf, previousLeaf: _previousLeaf, ...rest }) => rest));
    expect(withoutTimes(await answersOf(packed))).toEqual(withoutTimes(await answersOf(plain)));
    const answers = await answersOf(packed);
    for (const log of [plain, packed]) await log.close();
    const sizeOf = (name: string): number => readFileSync(join(globalOf('packed'), name)).length;
    expect(sizeOf(before[0]!)).toBeLessThan(75_000);
    // The sidecar knows the segments, and is made again from them, also by whoever only reads.
    for (const [isAnew, options] of [[false, {}], [true, {}], [true, { readOnly: true }], [false, { compressClosed: false }]] as const) {
      if (isAnew) dropIndex(join(folder, 'packed'));
      const again = open('packed', options);
      expect(await answersOf(again)).toEqual(answers);
      expect(chainFaults(await readSound(again), testLinker)).toEqual([]);
      await again.close();
    }
  });

  it('A-113 A-159 K-045 are gzip to everybody: zcat gives the lines in order, and the live one stays plain', async () => {
    const log = await filled('zcat');
    const stored = await readSound(log);
    await log.close();
    const text = execFileSync('sh', ['-c', `cd ${globalOf('zcat')} && zcat -f events-* events.jsonl`], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
    const lines = text.trim().split('\n').map((line) => JSON.parse(line) as { events?: { id: string }[] });
    expect(lines.flatMap((line) => line.events?.map((event) => event.id) ?? [])).toEqual(stored.map((event) => event.id));
  });

  it('A-118 a segment is closed with its day, and a quiet day makes none', async () => {
    const clock = createManualClock({ startMs: Date.UTC(2025, 11, 22, 23, 59) });
    const log = open('days', { clock });
    const traffic = createTraffic(4);
    for (const hours of [0, 1, 1, 72, 0]) {
      clock.advance(hours * 3_600_000);
      await accept(log, traffic.commit());
    }
    await log.compressed();
    expect(filesOf('days')).toEqual(['events-000000000001.jsonl.gz', 'events-000000000002.jsonl.gz', 'events.jsonl']);
    expect(gunzipSync(readFileSync(join(globalOf('days'), 'events-000000000002.jsonl.gz'))).toString().match(/"position"/g)).toHaveLength(2);
    expect(await readSound(log)).toHaveLength(5);
    await log.close();
  });

  it('of noise, and at the edge of a block, are packed whole', async () => {
    const log = open('noise', { segmentBytesMax: 1 });
    const traffic = createTraffic(5);
    const bodies = [0, 1, 60_000, 65_279, 65_280, 65_281, 200_000].map((length) => crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536))));
    for (const body of bodies) await accept(log, traffic.commit([{ body }, { body: bodies[2]! }]));
    await log.compressed();
    dropIndex(join(folder, 'noise'));
    expect((await readSound(log)).map(({ body }) => Buffer.from(body).toString('hex'))).toEqual(bodies.flatMap((body) => [body, bodies[2]!]).map((body) => Buffer.from(body).toString('hex')));
    await log.close();
  });
});

describe('packing that was stopped', () => {
  it.each<[string, (plain: string, packed: string) => void]>([
    ['in the middle of the packed file', (_plain, packed) => writeFileSync(`${packed}.unfinished`, readFileSync(packed).subarray(0, 1_000))],
    ['before its renaming', (_plain, packed) => renameSync(packed, `${packed}.unfinished`)],
    ['before the plain file went', () => undefined],
    ['when the packed file was not whole on disk', (_plain, packed) => writeFileSync(packed, readFileSync(packed).subarray(0, 3_000))],
  ])('F11 F31 A-189 %s leaves a whole log, and is done again', async (step, crash) => {
    const name = step.replaceAll(' ', '-');
    const log = await filled(name);
    const stored = await readSound(log);
    await log.close();
    const packed = join(globalOf(name), 'events-000000000001.jsonl.gz');
    const plain = packed.replace('.gz', '');
    writeFileSync(plain, gunzipSync(readFileSync(packed)));
    crash(plain, packed);
    const reader = open(name, { readOnly: true });
    expect(await readSound(reader)).toEqual(stored);
    await reader.close();
    const again = open(name);
    expect(await readSound(again)).toEqual(stored);
    await again.compressed();
    expect(await readSound(again)).toEqual(stored);
    await again.close();
    expect([existsSync(plain), existsSync(packed), filesOf(name).filter((file) => file.endsWith('.unfinished'))]).toEqual([false, true, []]);
  });

  it('because it was not asked for is done at an opening that does ask', async () => {
    const log = open('closed', { segmentBytesMax: 1, compressClosed: false });
    const traffic = createTraffic(6);
    await accept(log, traffic.commit([{ body: `"${'x'.repeat(5_000_000)}"` }]));
    await accept(log, traffic.commit());
    await log.close();
    expect(filesOf('closed')).toEqual(['events-000000000001.jsonl', 'events.jsonl']);
    // As a short command does: it opens and closes.
    await open('closed').close();
    const again = open('closed');
    expect(filesOf('closed')).toEqual(['events-000000000001.jsonl.gz', 'events.jsonl']);
    expect(await readSound(again)).toHaveLength(2);
    await again.close();
  });
});

describe('a packed segment that is damaged', () => {
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a flipped bit in its first block', (bytes) => flipped(bytes, 500)],
    ['a flipped bit in a header', (bytes) => flipped(bytes, 12)],
    ['an end that is cut', (bytes) => bytes.subarray(0, -28)],
    ['another file in its place', () => gzipSync('{}\n')],
  ])('F9 A-145 %s is LOG_CORRUPT and names the file', async (harm, change) => {
    const name = harm.replaceAll(' ', '-');
    const log = await filled(name);
    await log.close();
    const file = join(globalOf(name), 'events-000000000001.jsonl.gz');
    writeFileSync(file, change(readFileSync(file)));
    const read = async (): Promise<void> => {
      const again = open(name);
      try {
        await readAll(again);
      } finally {
        await again.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'bad_block', file: 'global/events-000000000001.jsonl.gz', byte: expect.any(Number) } });
    dropIndex(join(folder, name));
    await expect(read()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});

describe('what else is done with packed segments', () => {
  it('L109 L113 forgetting takes bodies out of them', async () => {
    const log = await filled('forgetting');
    const before = await readSound(log);
    expect(await log.forget([1, 3], 'asked for')).toBe(2);
    await log.compressed();
    const after = await readSound(log);
    expect(after.filter((event) => event.forgotten === true).map((event) => event.position)).toEqual([1, 3]);
    expect(after.map(({ leaf }) => leaf)).toEqual(before.map(({ leaf }) => leaf));
    await log.close();
    expect(filesOf('forgetting').filter((name) => name.endsWith('.gz')).length).toBe(filesOf('forgetting').length - 1);
    const lines = gunzipSync(readFileSync(join(globalOf('forgetting'), 'events-000000000001.jsonl.gz'))).toString();
    expect([lines.includes('"word 0"'), lines.includes('"word 1"'), lines.includes('"word 2"')]).toEqual([false, false, true]);
    dropIndex(join(folder, 'forgetting'));
    const again = open('forgetting');
    expect(await readSound(again)).toEqual(after);
    await again.close();
  });

  it('F40 a backup taken while they are packed is whole', async () => {
    const log = open('busy');
    const traffic = createTraffic(7);
    for (let index = 0; index < 200; index += 1) await accept(log, traffic.commit([{ body: `{"text":"${'x'.repeat(2_000)}"}` }]));
    await Promise.all([log.compressed(), backUpJsonlLog(join(folder, 'busy'), join(folder, 'busy-copy'))]);
    const stored = await readSound(log);
    await log.close();
    // As if a segment had been copied before it was packed, and after.
    const [first] = filesOf('busy');
    copyFileSync(join(globalOf('busy'), first!), join(globalOf('busy-copy'), first!));
    const copy = open('busy-copy');
    expect(await readSound(copy)).toEqual(stored);
    await copy.close();
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 0x10;
  return bytes;
}
