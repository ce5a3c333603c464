/** What stands in the folder when it is opened, sound or not: bad-inputs section D. Real files, changed byte by byte. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { LogError } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';
import type { JsonlLog } from '@refold/driver-jsonl';
import { accept, acceptAll, createTraffic, readAll, readSound, startWorker, temporaryFolder } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { dropIndex, linesOf, liveOf, writeSealed } from './lines.ts';

const folder = temporaryFolder();
let logs = 0;

/** A closed log of five commits, and where its lines are. */
async function newLog(count = 5): Promise<{ readonly path: string; readonly live: string; readonly ids: readonly string[] }> {
  logs += 1;
  const path = join(folder, `log-${logs}`);
  const log = openJsonlLog({ path });
  const commits = createTraffic(logs).commits(count);
  await acceptAll(log, commits);
  await log.close();
  return { path, live: liveOf(path), ids: commits.flatMap((commit) => commit.events.map((event) => event.id)) };
}

function refusal(path: string): LogError {
  let log: JsonlLog;
  try {
    log = openJsonlLog({ path });
  } catch (error) {
    return error as LogError;
  }
  void log.close();
  throw new Error('it was opened');
}

async function opened<T>(path: string, look: (log: JsonlLog, ids: readonly string[]) => T | Promise<T>): Promise<T> {
  const log = openJsonlLog({ path });
  try {
    return await look(log, (await readSound(log)).map((event) => event.id));
  } finally {
    await log.close();
  }
}

/** Harm that is found refused, with nothing changed. */
function expectRefused(path: string, live: string, code: string, details: object): void {
  const before = readFileSync(live);
  const error = refusal(path);
  expect([error.code, error.details]).toEqual([code, expect.objectContaining(details)]);
  expect(refusal(path)).toMatchObject({ code, details: error.details });
  expect(error.hint).toMatch(/\w/);
  expect(error.message).not.toContain(folder);
  expect(readFileSync(live).equals(before)).toBe(true);
}

const changeLine = (live: string, index: number, change: (line: string) => string): void => writeFileSync(live, `${linesOf(live).map((line, at) => (at === index ? change(line) : line)).join('\n')}\n`);

describe('a bad end', () => {
  it.each<[string, string, (live: string) => void]>([
    ['a line without its line feed (bad-input D1)', 'torn', (live) => appendFileSync(live, linesOf(live)[0]!.slice(0, 100))],
    ['a whole line whose hash is wrong (bad-input D2)', 'hash', (live) => appendFileSync(live, `${linesOf(live).at(-1)!.replace('"position":5', '"position":6')}\n`)],
    ['zeros (bad-input D4)', 'torn', (live) => appendFileSync(live, Buffer.alloc(4_096))],
    ['a lone CR in a string (bad-input D9)', 'BAD_JSON', (live) => appendFileSync(live, `${linesOf(live).at(-1)!.replace('"type":"', '"type":"\r')}\n`)],
    ['bytes that are no UTF-8 (bad-input D11)', 'BAD_UTF8', (live) => appendFileSync(live, Buffer.from([0x7b, 0xc3, 0x28, 0x7d, 0x0a]))],
    ['brackets 100,000 deep (bad-input D17)', 'BAD_JSON', (live) => appendFileSync(live, `${'['.repeat(100_000)}${']'.repeat(100_000)}\n`)],
    ['an object with __proto__ (bad-input D17)', 'BAD_JSON', (live) => appendFileSync(live, '{"__proto__":{"origin":"x"}}\n')],
  ])('%s is put in quarantine and cut; the rest is intact and goes on', async (_row, cause, harm) => {
    const { path, live, ids } = await newLog();
    const sound = readFileSync(live);
    harm(live);
    const torn = readFileSync(live).subarray(sound.length);
    const { repair } = await opened(path, async (log, found) => {
      expect(found).toEqual(ids);
      expect((await accept(log, createTraffic(99).commit())).first).toBe(6);
      return log;
    });
    expect(repair).toMatchObject({ file: 'global/events.jsonl', bytes: torn.length, lines: 1, cause });
    expect(readFileSync(join(path, repair!.quarantine)).equals(torn)).toBe(true);
    expect(readFileSync(live).subarray(0, sound.length).equals(sound)).toBe(true);
    expect(await opened(path, (log) => log.repair)).toBeNull();
    expect(Object.hasOwn({}, 'origin')).toBe(false);
  });

  it('F10: whatever byte of the last batch a crash stops at, all before it is there and it is wholly there or not at all', { timeout: 180_000 }, async () => {
    const { path, live, ids } = await newLog(3);
    dropIndex(path);
    const whole = readFileSync(live);
    const before = whole.length - Buffer.byteLength(linesOf(live).at(-1)!) - 1;
    for (let length = before; length <= whole.length; length += 1) {
      writeFileSync(live, whole.subarray(0, length));
      dropIndex(path);
      const found = await opened(path, (_log, stored) => stored);
      expect(found).toEqual(length === whole.length ? ids : ids.slice(0, 2));
    }
  });
});

describe('a bad middle', () => {
  it.each<[string, string, string, (live: string) => void]>([
    ['a bit that was flipped (bad-input D3)', 'bad_line', 'hash', (live) => changeLine(live, 1, (line) => line.replace('"body":', '"bodY":'))],
    ['a page of zeros (bad-input D5)', 'bad_line', 'BAD_JSON', (live) => changeLine(live, 1, (line) => line.slice(0, 40) + '\0'.repeat(line.length - 40))],
    ['a lone CR in a string (bad-input D9)', 'bad_line', 'BAD_JSON', (live) => changeLine(live, 1, (line) => line.replace('"type":"', '"type":"\r'))],
    ['bytes that are no UTF-8 (bad-input D11)', 'bad_line', 'BAD_UTF8', (live) => writeFileSync(live, Buffer.from(readFileSync(live).toString('latin1').replace('"position":2', '"p\xffsition":2'), 'latin1'))],
  ])('%s is refused with file, line and byte, and nothing is dropped', async (_row, reason, cause, harm) => {
    const { path, live } = await newLog();
    const byte = Buffer.byteLength(linesOf(live)[0]!) + 1;
    harm(live);
    expectRefused(path, live, 'LOG_CORRUPT', { reason, cause, file: 'global/events.jsonl', line: 2, byte });
  });

  it.each([true, false])('D3 is refused when the lines after it were written later, whether or not the sidecar knows them (sidecar: %s)', async (hasIndex) => {
    const { path, live } = await newLog();
    await opened(path, async (log) => {
      await accept(log, createTraffic(97).commit());
    });
    changeLine(live, 4, (line) => line.replace('"body":', '"bodY":'));
    if (!hasIndex) dropIndex(path);
    expectRefused(path, live, 'LOG_CORRUPT', { reason: 'bad_line', cause: 'hash', line: 5 });
  });

  it('F4 is cut with the lines of its own write, which nobody was told of', async () => {
    const { path, live, ids } = await newLog(2);
    const index = readFileSync(join(path, '.log', 'index.db'));
    await opened(path, async (log) => {
      await acceptAll(log, createTraffic(96).commits(3));
    });
    // The sidecar commits after the lines are synced, so a crash before that leaves the older one.
    dropIndex(path);
    writeFileSync(join(path, '.log', 'index.db'), index);
    changeLine(live, 3, (line) => '\0'.repeat(line.length));
    const { repair } = await opened(path, (log, found) => {
      expect(found).toEqual([...ids, ...createTraffic(96).commits(3)[0]!.events.map((event) => event.id)]);
      return log;
    });
    expect(repair).toMatchObject({ lines: 2, cause: 'BAD_JSON' });
  });

  it.each<[string, object, (lines: readonly string[]) => readonly string[]]>([
    ['a line twice (bad-input D12)', { reason: 'duplicate', line: 4 }, (lines) => lines.toSpliced(3, 0, lines[1]!)],
    ['the last line twice (bad-input D12)', { reason: 'duplicate', line: 6 }, (lines) => [...lines, lines.at(-1)!]],
    ['a position missing (bad-input D13)', { reason: 'hole', expected: 3, found: 4, line: 3 }, (lines) => lines.toSpliced(2, 1)],
    ['positions go back (bad-input D14)', { reason: 'order', line: 4 }, (lines) => lines.toSpliced(3, 0, lines[1]!.replace('"commit":"', '"commit":"other-'))],
    ['recordedAt goes back (bad-input D14)', { reason: 'order', line: 3 }, (lines) => lines.with(2, lines[2]!.replace(/"recordedAt":"\d{4}/, '"recordedAt":"1999'))],
    ['a line of another log (bad-input D18)', { reason: 'foreign', line: 3 }, (lines) => lines.with(2, lines[2]!.replace('"origin":"', '"origin":"other.example/'))],
  ])('%s is LOG_CORRUPT, also with hashes that hold', async (_row, details, change) => {
    for (const write of [(file: string, lines: readonly string[]) => writeFileSync(file, `${lines.join('\n')}\n`), writeSealed]) {
      const { path, live } = await newLog();
      write(live, change(linesOf(live)));
      dropIndex(path);
      const isSealedTwice = details['reason' as never] === 'duplicate' && write === writeSealed;
      // A copy with a hash of its own is no longer the same line; its place gives it away.
      expectRefused(path, live, 'LOG_CORRUPT', isSealedTwice ? { ...details, reason: 'order' } : details);
    }
  });

  it('CRLF line ends are LOG_CORRUPT line_ending (bad-input D8)', async () => {
    const { path, live } = await newLog();
    writeFileSync(live, readFileSync(live, 'utf8').replaceAll('\n', '\r\n'));
    expectRefused(path, live, 'LOG_CORRUPT', { reason: 'line_ending', line: 1, byte: 0 });
  });
});

describe('what is taken', () => {
  it('an empty file is a new log (bad-input D6)', async () => {
    const path = join(folder, 'empty');
    mkdirSync(join(path, 'global'), { recursive: true });
    writeFileSync(liveOf(path), '');
    expect(await opened(path, async (log) => (await accept(log, createTraffic(1).commit())).first)).toBe(1);
  });

  it.each<[string, (live: string) => void]>([
    ['cut to nothing', (live) => writeFileSync(live, '')],
    ['cut after the third line', (live) => writeFileSync(live, `${linesOf(live).slice(0, 3).join('\n')}\n`)],
    ['cut within the last line', (live) => writeFileSync(live, readFileSync(live).subarray(0, -9))],
    ['taken away', (live) => unlinkSync(live)],
  ])('a file that was %s below what was acknowledged is LOG_ROLLED_BACK, and nothing is cut (bad-input D6)', async (_row, harm) => {
    const { path, live } = await newLog();
    harm(live);
    const left = existsSync(live) ? readFileSync(live) : null;
    const error = refusal(path);
    expect([error.code, error.details]).toEqual(['LOG_ROLLED_BACK', expect.objectContaining({ reason: 'rolled_back', acknowledged: 5 })]);
    // Whoever opens it again is told the same.
    expect(refusal(path)).toMatchObject({ code: 'LOG_ROLLED_BACK', details: error.details });
    expect(existsSync(live) ? readFileSync(live) : null).toEqual(left);
  });

  it('a byte order mark is told, not rewritten, and the log verifies and goes on (bad-input D7)', async () => {
    const { path, live, ids } = await newLog();
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), readFileSync(live)]);
    writeFileSync(live, marked);
    const warnings = await opened(path, async (log, found) => {
      expect(found).toEqual(ids);
      await accept(log, createTraffic(98).commit());
      return log.warnings;
    });
    expect(warnings).toEqual([{ reason: 'byte_order_mark', file: 'global/events.jsonl', count: 1 }]);
    expect(readFileSync(live).subarray(0, marked.length).equals(marked)).toBe(true);
    expect(await opened(path, (_log, found) => found)).toHaveLength(6);
  });

  it('U+2028 and U+2029 in a string are letters like others (bad-input D10)', async () => {
    const path = join(folder, 'separators');
    const log = openJsonlLog({ path });
    const body = new TextEncoder().encode('{"text":"one\u2028two\u2029three"}');
    await accept(log, createTraffic(1).commit([{ body, stream: 'job/\u20281' }]));
    await log.close();
    expect(linesOf(liveOf(path))).toHaveLength(1);
    dropIndex(path);
    const read = await opened(path, async (again) => (await readAll(again)).events);
    expect(read.map((event) => [event.stream, event.body])).toEqual([['job/\u20281', body]]);
  });

  it('a character across the 64 KiB boundary of a reading is read whole (bad-input D11)', async () => {
    const path = join(folder, 'boundary');
    const log = openJsonlLog({ path });
    const bodies = [0, 1, 2, 3].map((shift) => new TextEncoder().encode(`{"text":"${'x'.repeat(shift)}${'\u{1f600}'.repeat(300_000)}"}`));
    for (const body of bodies) await accept(log, createTraffic(body.length).commit([{ body }]));
    await log.close();
    dropIndex(path);
    const read = await opened(path, async (again) => (await readAll(again)).events);
    expect(read.every((event, index) => Buffer.compare(event.body, bodies[index]!) === 0)).toBe(true);
  });

  it('a million blank lines are passed over, counted, and told (bad-input D16)', { timeout: 120_000 }, async () => {
    const { path, live, ids } = await newLog();
    appendFileSync(live, '\n'.repeat(1_000_000));
    const warnings = await opened(path, async (log, found) => {
      expect(found).toEqual(ids);
      await accept(log, createTraffic(97).commit());
      return log.warnings;
    });
    expect(warnings).toEqual([{ reason: 'blank_lines', file: 'global/events.jsonl', count: 1_000_000 }]);
    dropIndex(path);
    expect(await opened(path, (_log, found) => found)).toHaveLength(6);
  });
});

describe('what is refused before it is read', () => {
  it('a line of 1 GB is TOO_LARGE at the first byte beyond the limit, in bounded memory (bad-input D15)', { timeout: 120_000 }, async () => {
    const { path, live } = await newLog(1);
    const descriptor = openSync(live, 'r+');
    const { size } = fstatSync(descriptor);
    // Sparse: the file is long, the disk is not filled.
    ftruncateSync(descriptor, size + 2 ** 30);
    writeSync(descriptor, '\n', size + 2 ** 30);
    closeSync(descriptor);
    const before = process.memoryUsage().rss;
    const error = refusal(path);
    expect([error.code, error.details]).toEqual(['TOO_LARGE', { reason: 'line', file: 'global/events.jsonl', line: 2, byte: size + 64 * 2 ** 20, limit: 64 * 2 ** 20 }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
    rmSync(path, { recursive: true });
  });

  it.each<[string, (path: string) => void]>([
    ['a link out of the folder', (path) => moveAndLink(liveOf(path), join(folder, `outside-${logs}`))],
    ['a pipe', (path) => inPlaceOf(liveOf(path), (file) => void spawnSync('mkfifo', [file]))],
    ['a folder', (path) => inPlaceOf(liveOf(path), mkdirSync)],
    ['a link in the place of global/', (path) => moveAndLink(join(path, 'global'), join(folder, `outside-${logs}`))],
  ])('%s named events.jsonl is LOG_UNAVAILABLE unsafe_path and is not followed (bad-input D23)', async (_row, harm) => {
    const { path } = await newLog();
    harm(path);
    for (const readOnly of [false, true]) expect(() => openJsonlLog({ path, readOnly })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', details: expect.objectContaining({ reason: 'unsafe_path' }), retryable: false }));
  });

  it('a second writer is LOG_LOCKED with pid, host and since; the lock goes with the process (F29) (bad-input D24)', async () => {
    const { path } = await newLog();
    const worker = await startWorker({ module: new URL('./jsonl-worker.ts', import.meta.url).href, argument: () => path }, path);
    expect(() => openJsonlLog({ path })).toThrow(expect.objectContaining({ code: 'LOG_LOCKED', details: { reason: 'locked', pid: expect.any(Number), host: hostname(), since: expect.stringMatching(/Z$/) } }));
    const reader = openJsonlLog({ path, readOnly: true });
    const seen = reader.watch(5, AbortSignal.timeout(10_000))[Symbol.asyncIterator]().next();
    await accept(worker, createTraffic(96).commit());
    // Whoever only reads sees what another process writes.
    expect((await seen).value).toBe(6);
    expect((await readAll(reader)).events).toHaveLength(6);
    await reader.close();
    await worker.kill();
    expect(await opened(path, (_log, found) => found)).toHaveLength(6);
  });

  it('a format from the future is LOG_UNAVAILABLE format_newer, and nothing is written (bad-input D25)', async () => {
    const { path } = await newLog();
    const identity = join(path, '.log', 'log.json');
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"format":1', '"format":99'));
    const files = () => readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(path, name)).mtimeMs]);
    const before = files();
    for (const readOnly of [false, true]) expect(() => openJsonlLog({ path, readOnly })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', details: { reason: 'format_newer', found: 99, supported: 1 }, retryable: false }));
    expect(files()).toEqual(before);
  });

  it('lines without the file that names their log are refused, and the hint says what to write', async () => {
    const { path } = await newLog();
    unlinkSync(join(path, '.log', 'log.json'));
    expect(refusal(path)).toMatchObject({ code: 'LOG_CORRUPT', details: { reason: 'not_a_log' }, hint: expect.stringContaining('log.json') });
  });
});

function inPlaceOf(file: string, put: (file: string) => void): void {
  unlinkSync(file);
  put(file);
}

function moveAndLink(from: string, to: string): void {
  renameSync(from, to);
  symlinkSync(to, from);
}

