/** Segments: closing them, finding them again after a crash at any step, forgetting in them, and the sidecar beside them. */
import { appendFileSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { backUpJsonlLog, openJsonlLog, restoreJsonlLog } from '@refold/driver-jsonl';
import type { JsonlLog } from '@refold/driver-jsonl';
import { accept, acceptAll, chainFaults, createTraffic, readAll, readSound, temporaryFolder, testLinker } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { dropIndex, linesOf, liveOf } from './lines.ts';

const folder = temporaryFolder();
const open = (name: string): JsonlLog => openJsonlLog({ path: join(folder, name), linker: testLinker, segmentBytesMax: 4_096 });
const segmentsOf = (name: string): readonly string[] => readdirSync(join(folder, name, 'global')).toSorted();

async function filled(name: string, commits = 40): Promise<JsonlLog> {
  const log = open(name);
  const traffic = createTraffic(3);
  for (let index = 0; index < commits; index += 1) await accept(log, traffic.commit([{ stream: `job/${index % 4}`, tags: [`n:${index % 3}`], body: `{"secret":"word ${index}"}` }, { body: 'no JSON' }]));
  return log;
}

describe('segments', () => {
  it('are closed when they are full, and the names sort so that cat gives the log in order (A-159)', async () => {
    const log = await filled('closing');
    const stored = await readSound(log);
    await log.close();
    const names = segmentsOf('closing');
    expect(names.length).toBeGreaterThan(3);
    expect(names.at(-1)).toBe('events.jsonl');
    const lines = names.flatMap((name) => linesOf(join(folder, 'closing', 'global', name))).map((line) => JSON.parse(line) as { position?: number; seal?: { first: number; last: number; commits: number }; events?: { id: string }[] });
    expect(lines.flatMap((line) => line.events?.map((event) => event.id) ?? [])).toEqual(stored.map((event) => event.id));
    expect(lines.flatMap(({ seal }) => seal ?? []).every((seal) => (seal.last - seal.first + 1) / 2 === seal.commits)).toBe(true);
    const again = open('closing');
    expect(await readSound(again)).toEqual(stored);
    expect(chainFaults(stored, testLinker)).toEqual([]);
    await again.close();
  });

  it.each<[string, (path: string) => void]>([
    ['after the seal and before the renaming', (path) => renameLast(path)],
    ['after the renaming and before the next segment', (path) => rmSync(liveOf(path))],
  ])('F11 a crash %s is gone on from', async (step, crash) => {
    const name = step.replaceAll(' ', '-');
    const log = await filled(name, 12);
    // Appends until a segment was closed just now, so that the live one is empty of acknowledged lines.
    const traffic = createTraffic(50);
    for (let closed = segmentsOf(name).length; segmentsOf(name).length === closed; ) await accept(log, traffic.commit());
    const stored = await readSound(log);
    await log.close();
    // The first line of the live segment is the one whose append closed the last: it is taken back, as if it had not come so far.
    const path = join(folder, name);
    writeFileSync(liveOf(path), '');
    dropIndex(path);
    crash(path);
    const again = open(name);
    expect(await readSound(again)).toEqual(stored.slice(0, -1));
    expect((await accept(again, traffic.commit())).first).toBe(stored.length);
    await again.close();
  });

  it('a missing or torn closed segment is LOG_CORRUPT', async () => {
    const log = await filled('missing');
    await log.close();
    const [first, second] = segmentsOf('missing').map((name) => join(folder, 'missing', 'global', name));
    const bytes = readFileSync(second!);
    writeFileSync(second!, bytes.subarray(0, -40));
    expect(() => open('missing')).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT', details: expect.objectContaining({ reason: 'bad_line', cause: 'torn' }) }));
    writeFileSync(second!, bytes);
    rmSync(first!);
    expect(() => open('missing')).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT', details: expect.objectContaining({ reason: 'hole', expected: 1 }) }));
  });
});

function renameLast(path: string): void {
  const last = readdirSync(join(path, 'global')).toSorted().at(-2)!;
  renameSync(join(path, 'global', last), liveOf(path));
}

function damageIndex(path: string): void {
  dropIndex(path);
  writeFileSync(join(path, '.log', 'index.db'), 'no database at all '.repeat(500));
}

describe('the sidecar', () => {
  it.each<[string, (path: string) => void]>([
    ['absent', dropIndex],
    ['damaged', (path) => damageIndex(path)],
  ])('is made again when it is %s, with equal answers', async (state, harm) => {
    const log = await filled(`index-${state}`);
    const questions = [{}, { query: { items: [{ tags: ['n:1'] }] } }, { stream: 'job/2', direction: 'backward' as const }];
    const answer = async (of: JsonlLog) => [await Promise.all(questions.map(async (question) => (await readAll(of, question)).events)), await of.streams({})];
    const before = await answer(log);
    await log.close();
    harm(join(folder, `index-${state}`));
    const again = open(`index-${state}`);
    expect(await answer(again)).toEqual(before);
    await again.close();
  });

  it('of an older moment is read up from the lines, and one that names another line is made again', async () => {
    const log = await filled('older', 5);
    await log.close();
    const path = join(folder, 'older');
    const index = join(path, '.log', 'index.db');
    const old = readFileSync(index);
    const later = open('older');
    await acceptAll(later, createTraffic(51).commits(60));
    const stored = await readSound(later);
    await later.close();
    writeFileSync(index, old);
    const again = open('older');
    expect(await readSound(again)).toEqual(stored);
    await again.close();
  });
});

describe('forgetting in segments', () => {
  it('bodies go from closed and live segments, all else is as it was, also for a reading that rests between pages', async () => {
    const log = await filled('forgetting');
    const before = await readSound(log);
    const pages = log.read({ limit: 1_000 });
    const small = openJsonlLog({ path: join(folder, 'forgetting'), readOnly: true, pageEventsMax: 7 });
    const resting = small.read({})[Symbol.asyncIterator]();
    await resting.next();
    expect(await log.forget([1, 9, 41, 80], 'asked for')).toBe(4);
    for await (const page of pages) for (const event of page.events) expect(event.forgotten ?? false).toBe([1, 9, 41, 80].includes(event.position));
    const second = await resting.next();
    expect(second.value?.events.map((event: { position: number; forgotten?: true }) => [event.position, event.forgotten ?? false])).toEqual([8, 9, 10, 11, 12, 13, 14].map((position) => [position, position === 9]));
    await small.close();
    await log.close();
    const bytes = segmentsOf('forgetting').map((name) => readFileSync(join(folder, 'forgetting', 'global', name), 'utf8')).join('');
    expect([bytes.includes('"word 0"'), bytes.includes('"word 20"'), bytes.includes('"word 1"')]).toEqual([false, false, true]);
    for (const isAnew of [false, true]) {
      if (isAnew) dropIndex(join(folder, 'forgetting'));
      const again = open('forgetting');
      const after = await readSound(again);
      expect(after.map(({ body: _body, forgotten: _forgotten, ...rest }) => rest)).toEqual(before.map(({ body: _body, ...rest }) => rest));
      expect(chainFaults(after, testLinker)).toEqual([]);
      await again.close();
    }
  });
});

describe('bodies', () => {
  it('of any bytes come back bit for bit, from the sidecar as from the lines alone (property)', async () => {
    const log = open('bodies');
    const traffic = createTraffic(9);
    const bodies: Uint8Array[] = [];
    const body = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map((text) => new TextEncoder().encode(text)), fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(`{"a":${JSON.stringify(text)}}`)), fc.constantFrom('{"a":1,"a":2}', '{ "b" : 1.0 }', '{"10":1,"9":2}', '1e400', '[\n]', '\ufeff{}').map((text) => new TextEncoder().encode(text)));
    await fc.assert(fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), async (some) => {
      await accept(log, traffic.commit(some.map((one) => ({ body: one }))));
      bodies.push(...some);
    }), { numRuns: 300 });
    const expectBodies = async (of: JsonlLog): Promise<void> => expect((await readAll(of)).events.map((event) => Buffer.from(event.body).toString('hex'))).toEqual(bodies.map((one) => Buffer.from(one).toString('hex')));
    await expectBodies(log);
    await log.close();
    dropIndex(join(folder, 'bodies'));
    const again = open('bodies');
    await expectBodies(again);
    await again.close();
  });
});

describe('a copy', () => {
  it('F40 taken while the log is written holds whole commits, and restored has a new epoch', async () => {
    const log = await filled('source', 20);
    const traffic = createTraffic(52);
    const writing = (async () => {
      for (let index = 0; index < 50; index += 1) {
        await accept(log, traffic.commit());
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await backUpJsonlLog(join(folder, 'source'), join(folder, 'copy'));
    await writing;
    const stored = await readSound(log);
    const { epoch } = await log.head();
    await log.close();
    // What a copy caught in the middle of a line is cut like any torn end.
    appendFileSync(liveOf(join(folder, 'copy')), '{"origin":"');
    const result = await restoreJsonlLog(join(folder, 'copy'), join(folder, 'source'));
    const restored = open('source');
    expect(await restored.head()).toMatchObject({ epoch: result.epoch });
    expect(result.epoch).not.toBe(epoch);
    const kept = await readSound(restored);
    expect(kept).toEqual(stored.slice(0, kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(40);
    await restored.close();
  });
});
