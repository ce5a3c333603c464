/** Bad records and damaged logs at the command line: what is said, what is written all the same, and the exit code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleWithRun } from './console.ts';
import type { Console, Ran } from './console.ts';

let console: Console;
beforeEach(async () => {
  console = await consoleWithRun();
});
afterEach(() => console.close());

const events = async (): Promise<string> => (await console.run('query --count')).stdout;
const note = (streamId: string, more: object = {}): string => JSON.stringify({ type: 'custom.noted', streamType: 'custom', streamId, actor: { type: 'user', id: 'ana' }, data: {}, ...more });
const code = (ran: Ran): object => ({ exitCode: ran.exitCode, ...ran.error() });

describe('Lines', () => {
  test('bad among good ones are kept aside with file, line and byte; the rest is imported, and the exit code says so (bad-input K10)', async () => {
    const record = (number: number): string => JSON.stringify({ type: 'user', uuid: `u${number}`, parentUuid: null, sessionId: 's1', timestamp: '2026-01-01T10:00:00.000Z', message: { role: 'user', content: `line ${number}` } });
    console.write('mixed.jsonl', `${record(1)}\n{"a":\n${record(2)}\n{"a":{"__proto__":1}}\n{"a":"x\ry"}\n${record(3)}\n`);
    const ran = await console.run('import claude-code mixed.jsonl --rejects rejects.jsonl');
    expect(ran.exitCode).toBe(5);
    expect(ran.stderr).toContain('3 rejected');
    const rejects = console.read('rejects.jsonl').trim().split('\n').map((text) => JSON.parse(text) as { file: string; line: number; byte: number; code: string });
    expect(rejects.map(({ line, code: found }) => [line, found])).toEqual([[2, 'BAD_JSON'], [4, 'BAD_JSON'], [5, 'BAD_JSON']]);
    expect(rejects.every(({ file, byte }) => file.endsWith('mixed.jsonl') && byte > 0)).toBe(true);
    expect((await console.run('query --stream session/s1 --type prompt.* --count')).stdout).not.toBe('0\n');
    // A second time there is nothing new, and the bad lines are still bad.
    const again = await console.run('import claude-code mixed.jsonl');
    expect([again.exitCode, again.stdout]).toEqual([5, expect.stringMatching(/new 0 +already present 3/)]);
  });

  test('with a misspelt field are refused with the nearest name and the line, and none of the batch is written (A-097)', async () => {
    const before = await events();
    console.write('batch.jsonl', `${note('a')}\n\n${note('b', { occuredAt: '2026-01-01T00:00:00Z' })}\n`);
    const ran = await console.run('append --batch batch.jsonl --json');
    expect(code(ran)).toMatchObject({ exitCode: 2, code: 'BAD_REQUEST', details: { reason: 'unknown_field', pointer: '/occuredAt', line: 3 }, hint: expect.stringContaining('occurredAt') as string });
    expect(await events()).toBe(before);
    expect((await console.run('append --batch batch.jsonl --dry-run')).stdout).toContain('occuredAt is no field of an event');
  });

  test.each(['', 'custom/', '/42', 'custom/../x', 'custom/a//b', 'custom/ a', 'custom/e\u0301', 'custom/\u202ea', `custom/${'a'.repeat(506)}`])('of the stream %j are refused (bad-input A29)', async (stream) => {
    const before = await events();
    console.write('batch.jsonl', note(stream.slice(stream.indexOf('/') + 1), { streamType: stream.slice(0, Math.max(stream.indexOf('/'), 0)) }));
    expect(code(await console.run('append --batch batch.jsonl --json'))).toMatchObject({ exitCode: 5, code: 'BAD_STREAM_ADDRESS' });
    expect(await events()).toBe(before);
  });
});

describe('A log', () => {
  /** Changes bytes of the file, as a disk or a hand might. */
  function edit(change: (file: Buffer) => void): Buffer {
    const path = join(console.folder, '.refold/log.db');
    const file = readFileSync(path);
    change(file);
    writeFileSync(path, file);
    return file;
  }

  test('of a newer format is left alone (bad-input D25)', async () => {
    // Bytes 60 to 63 of a SQLite file are its user version, by which the format is told.
    const written = edit((file) => file.writeUInt32BE(99, 60));
    for (const line of ['runs --json', `append custom.note --stream custom/x --data '{}' --json`]) expect(code(await console.run(line))).toMatchObject({ exitCode: 10, code: 'LOG_UNAVAILABLE', details: { reason: 'format_newer', found: 99 } });
    expect(readFileSync(join(console.folder, '.refold/log.db')).equals(written)).toBe(true);
  });

  test('with a bit flipped in an event does not show it; exit 8 says that it is damaged (bad-input N15)', async () => {
    await console.run(`append custom.note --stream custom/bit --data '{"text":"untouched"}' --actor user:ana`);
    edit((file) => {
      for (let at = file.indexOf('untouched'); at >= 0; at = file.indexOf('untouched', at + 1)) file[at]! ^= 0x20;
    });
    for (const line of ['show custom/bit --json', 'query --stream custom/bit --json']) {
      const ran = await console.run(line);
      expect(code(ran)).toMatchObject({ exitCode: 8, code: 'INTEGRITY_VIOLATION', details: { position: expect.any(Number) as number } });
      expect(ran.stdout).toBe('');
    }
    expect((await console.run('show job/7')).exitCode).toBe(0);
  });
});

test.each(['erase', 'delete', 'prune', 'archive', 'restore', 'repair'])('this release destroys nothing: %s without a terminal is refused, and the log is as it was (bad-input F9)', async (word) => {
  const before = await events();
  expect(code(await console.run(`${word} job/7 --json`))).toMatchObject({ exitCode: 2, code: 'BAD_REQUEST' });
  expect(await events()).toBe(before);
});
