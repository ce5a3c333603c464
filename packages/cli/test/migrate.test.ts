/** refold migrate: a copy that answers as its source does, told in few words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleWithRun } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
});
afterAll(() => console.close());

describe('refold migrate', () => {
  test('copies, says the root that verify prints of either, and what to do next', async () => {
    const { exitCode, stdout, stderr } = await console.run('migrate --from sqlite:.refold/log.db --to jsonl:lines');
    const root = /root (\w+)/.exec((await console.run('verify')).stdout)![1];
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: expect.stringMatching(new RegExp(`^ok {2}\\d+ events, the same position by position; \\d+ copied now\ntree {2}size \\d+ {2}root ${root}\n$`)) as string, stderr: 'try: refold serve --store "jsonl:lines"\n' });
    for (const line of ['query --jsonl', 'state PROJ-123 --json', 'verify --json']) expect((await console.run(`${line} --store jsonl:lines`)).stdout).toBe((await console.run(line)).stdout);
  });

  test('says with -n what came since, and writes nothing', async () => {
    await console.run("append custom.note --stream custom/a --data '{}' --actor user:ana");
    for (let times = 0; times < 2; times++) {
      const { stdout, stderr } = await console.run('migrate --from sqlite:.refold/log.db --to jsonl:lines -n');
      expect([stdout, stderr]).toEqual([expect.stringMatching(/^would copy 1 event; \d+ events are there and the same\n$/), 'nothing written.\n']);
    }
    expect((await console.run('migrate --from sqlite:.refold/log.db --to jsonl:lines --json')).json()).toMatchObject({ copied: 1, audit: null });
  });

  test('ends with 7 when the target holds another history, 4 when there is no source, 2 without a flag', async () => {
    await console.run('init --store sqlite:other/log.db --force');
    await console.run("append custom.note --stream custom/b --data '{}' --actor user:ana --store sqlite:other/log.db");
    const refused = await console.run('migrate --from sqlite:.refold/log.db --to sqlite:other/log.db --json');
    expect([refused.exitCode, refused.error()]).toMatchObject([7, { code: 'PRECONDITION_FAILED', details: { reason: 'other_log' } }]);
    expect((await console.run('migrate --from sqlite:none.db --to jsonl:more')).exitCode).toBe(4);
    expect((await console.run('migrate --from sqlite:.refold/log.db')).exitCode).toBe(2);
  });

  test('shows no password', async () => {
    const { stdout, stderr, exitCode } = await console.run('migrate --from postgres://ana:secret@127.0.0.1:1/none --to jsonl:more --json');
    expect([exitCode, stdout + stderr]).toEqual([10, expect.not.stringContaining('secret')]);
  });
});
