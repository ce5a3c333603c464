/** What strangers type (bad-inputs section F), and the form of an error. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@refold/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../src/exit-codes.ts';
import { createOutput } from '../src/output.ts';
import { consoleWithRun, fixture, openConsole, testStore } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
});
afterAll(() => console.close());

async function refused(line: string): Promise<{ code: string; detail: string; details: Record<string, unknown>; hint: string | null; exitCode: number }> {
  const ran = await console.run(`${line} --json`);
  expect(ran.stdout).toBe('');
  return { ...ran.error(), exitCode: ran.exitCode };
}

describe('A word or flag that is not there', () => {
  test('gets the nearest command (bad-input F1)', async () => {
    expect(await refused('qery')).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2, hint: 'did you mean query?' });
    expect(await refused('zzzzzzzzz')).toMatchObject({ hint: 'refold help' });
  });

  test('gets the nearest flag (bad-input F1)', async () => {
    const error = await refused('query --limt 3');
    expect(error).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2 });
    expect(error.detail).toContain('--limit');
  });

  test('a flag without its value, and one argument too many (bad-input F2)', async () => {
    for (const line of ['--json import auto x --rejects', 'runs --json --store', 'query --json --limit']) {
      const { exitCode, error } = await console.run(line);
      expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'BAD_REQUEST' });
    }
    expect(await refused('state')).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2 });
    expect(await refused('state a b c')).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2 });
    expect(await refused('diff PROJ-123 --format tabel')).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2 });
  });

  test('two output modes at once', async () => {
    expect(await refused('runs --plain')).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2, details: { reason: 'output' } });
  });
});

describe('A value that is none', () => {
  test.each(['state PROJ-123 --at yesterday', 'state PROJ-123 yesterday', 'query --from yesterday', 'append job.created --stream job/9 --at yesterday'])('%s (bad-input F3)', async (line) => {
    expect(await refused(line)).toMatchObject({ code: 'BAD_TIMESTAMP', exitCode: 5, details: { accepted: ['2025-12-22T10:00:00Z', '2025-12-22T11:00:00+01:00', '2025-12-22'] } });
  });

  test.each(['query --limit=-1', 'query --limit=0', 'query --limit=1001', 'history PROJ-123 --limit=-1', 'recent -n=-1', 'runs --limit=x'])('%s (bad-input F4)', async (line) => {
    expect(await refused(line)).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2 });
  });

  test.each([
    ['runs --since 24', 'BAD_REQUEST', 2],
    ['query --tz Nowhere/Town', 'BAD_REQUEST', 2],
    ['query --timeout soon', 'BAD_REQUEST', 2],
    ['bench everything', 'BAD_REQUEST', 2],
    ['completion csh', 'BAD_REQUEST', 2],
    ['travel PROJ-123@0', 'BAD_REQUEST', 2],
    ['validate', 'BAD_REQUEST', 2],
    ['verify PROJ-123 --all', 'BAD_REQUEST', 2],
    ['query "event.nope("', 'BAD_EXPRESSION', 5],
    ['state job/', 'BAD_STREAM_ADDRESS', 5],
    ['trace @3', 'BAD_STREAM_ADDRESS', 5],
    ['state PROJ-123@first', 'BAD_TIMESTAMP', 5],
    ['state PROJ-123@1 --revision 2', 'BAD_REQUEST', 2],
    ['history PROJ-123@3', 'BAD_STREAM_ADDRESS', 5],
    ['state PROJ-123%zz', 'BAD_STREAM_ADDRESS', 5],
    ['state PROJ-124', 'NOT_FOUND', 4],
    ['show 00000000-0000-4000-8000-00000000ffff', 'NOT_FOUND', 4],
    ['types agent_run.faild', 'NOT_FOUND', 4],
    ['call stateAd', 'NOT_FOUND', 4],
    [`import nobody ${fixture('job-7.jsonl')}`, 'NOT_FOUND', 4],
    ['append job.created --stream job/9 --actor ana', 'BAD_REQUEST', 2],
    ['append job.created --stream job/9 --data [1]', 'BAD_REQUEST', 2],
    ["append job.created --stream job/9 --data '{\"a\":1,\"a\":2}'", 'BAD_JSON', 2],
    ["append agent_run.faild --stream job/9 --data '{}'", 'UNKNOWN_TYPE', 5],
    ["append job.completed --stream job/9 --data '{}'", 'ILLEGAL_TRANSITION', 5],
    ["append job.started --stream job/7 --data '{}' --expected-revision 9", 'REVISION_CONFLICT', 5],
    ['query --store nosql:x', 'BAD_CONFIG', 2],
    ['query --server http://127.0.0.1:9', 'LOG_UNAVAILABLE', 10],
    ['query --server 127.0.0.1', 'BAD_REQUEST', 2],
  ])('%s is %s, exit %i (X-009)', async (line, code, exitCode) => {
    expect(await refused(line)).toMatchObject({ code, exitCode });
  });

  test('an id that several kinds of stream have lists them', async () => {
    await console.run("append job.created --stream job/both --data '{}' --actor user:ana");
    await console.run('append custom.note --stream custom/both --actor user:ana');
    expect(await refused('state both')).toMatchObject({ code: 'AMBIGUOUS_STREAM', exitCode: 5, details: { candidates: expect.arrayContaining(['job/both', 'custom/both']) as string[] } });
  });
});

describe('Files', () => {
  test.each(['import auto none.jsonl', 'append --batch none.jsonl', 'append job.created --data @none.json', 'validate none.jsonl'])('%s: nothing is there (bad-input F5)', async (line) => {
    expect(await refused(line)).toMatchObject({ code: 'NOT_FOUND', exitCode: 4, details: { reason: 'file' } });
  });

  test('a file that exists is not overwritten unless forced (bad-input F8)', async () => {
    console.write('rejects.jsonl', 'mine');
    expect(await refused(`import jira ${fixture('proj-123.jsonl')} --rejects rejects.jsonl -n`)).toMatchObject({ code: 'BAD_REQUEST', exitCode: 2, details: { reason: 'exists' } });
    expect(console.read('rejects.jsonl')).toBe('mine');
    await console.run(`import auto ${fixture('job-7.jsonl')} --rejects rejects.jsonl --force -n`);
    expect(console.read('rejects.jsonl')).not.toContain('mine');
    expect((await refused('init')).details).toMatchObject({ reason: 'exists' });
  });

  test('without a log, the way to one is named', async () => {
    const empty = openConsole();
    const { exitCode, stderr } = await empty.run('runs');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('try: refold init');
    empty.close();
  });

  test('a log that somebody changed is not ok, and the exit code says so (A-150)', async (context) => {
    if (testStore !== 'sqlite') context.skip('changes the file of SQLite');
    const other = await consoleWithRun();
    const path = join(other.folder, '.refold/log.db');
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf('Invite teammates'); at >= 0; at = bytes.indexOf('Invite teammates', at + 1)) bytes[at] = 'i'.charCodeAt(0);
    writeFileSync(path, bytes);
    const { exitCode, stderr } = await other.run('verify');
    expect(exitCode).toBe(8);
    expect(stderr).toMatch(/^refold: error INTEGRITY_VIOLATION: orchestration\/PROJ-123@1: /m);
    other.close();
  });
});

describe('Event text', () => {
  test('cannot move the cursor, set a title or write the clipboard (bad-input F10)', async () => {
    const sly = { name: 'a\u001b]0;title\u0007b\u001b]52;c;aGk=\u0007\u001b[2J\u202ec\u009b1m' };
    writeFileSync(join(console.folder, 'sly.json'), JSON.stringify(sly));
    expect((await console.run('append job.created --stream job/sly --data @sly.json --actor user:ana')).exitCode).toBe(0);
    for (const line of ['show job/sly', 'query --stream job/sly', 'runs', 'state job/sly', 'history job/sly', 'timeline job/sly', 'query --stream job/sly --plain', 'state job/sly --path /name --provenance', 'diff job/sly@0 job/sly@1', 'trace job/sly@1']) {
      const { stdout, stderr } = await console.run(line);
      // oxlint-disable-next-line no-control-regex -- the characters that must not be there
      expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(stdout).toContain('title');
    }
    expect((await console.run('query --stream job/sly --raw')).stdout).toContain('\u001b]0;title');
  });
});

describe('The form of an error', () => {
  test('one line, details, and a line that begins with try:', async () => {
    const { stderr, stdout } = await console.run("append job.started --stream job/7 --data '{}' --expected-revision 9");
    expect(stdout).toBe('');
    expect(stderr).toBe('refold: error REVISION_CONFLICT: job/7 is at 2, expected 9.\n  stream job/7   expected 9   actual 2\ntry: read again and retry, or --expected-revision any\n');
  });

  test('names line and pointer of a bad line in a batch, and writes none of it', async () => {
    console.write('batch.jsonl', '{"type":"job.created","streamType":"job","streamId":"b1","actor":{"type":"user","id":"ana"}}\n\n{"type":"job.created","streamType":"job","streamId":"b2","actor":{"type":"user","id":"ana"},"data":{"name":7}}\n');
    expect(await refused('append --batch batch.jsonl')).toMatchObject({ code: 'SCHEMA_VIOLATION', exitCode: 5, details: { line: 3, pointer: '/data/name' } });
    expect((await console.run('state job/b1')).exitCode).toBe(4);
    console.write('cut.jsonl', '{"type":"job.created"}\n{"type":\n');
    expect(await refused('append --batch cut.jsonl')).toMatchObject({ code: 'BAD_JSON', exitCode: 2, details: { line: 2 } });
  });

  test('a fault of ours is INTERNAL with a request id, its cause only on -v', () => {
    const print = (verbose: number): { exitCode: number; text: string } => {
      let text = '';
      const sink = { write: (part: string) => (text += part) };
      const output = createOutput({ mode: 'text', time: 'iso', colour: false, quiet: false, verbose, raw: false, columns: Infinity, stdout: sink, stderr: sink, now: () => 0 });
      return { exitCode: output.error(new TypeError('secret cause')), text };
    };
    expect(print(0).exitCode).toBe(1);
    expect(print(0).text).toMatch(/^refold: error INTERNAL: .*\n {2}requestId [0-9a-f-]{36}\ntry: /);
    expect(print(0).text).not.toContain('secret cause');
    expect(print(1).text).toContain('secret cause');
  });

  test('every code has an exit code of the table (X-009)', () => {
    expect(Object.keys(exitCodes).sort()).toEqual([...errorCodes].sort());
    const allowed = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const code of errorCodes) expect(allowed.has(exitCodes[code])).toBe(true);
  });
});
