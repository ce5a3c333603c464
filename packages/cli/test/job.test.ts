/** refold job: made, looked at and controlled, over a log of its own. */
import { createJob, getJob, jobLogs, listJobs } from '@refold/operations';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { consoleWithRun } from './console.ts';
import type { Console, Ran } from './console.ts';

let console: Console;
beforeEach(async () => void (console = await consoleWithRun()));
afterEach(() => console.close());

async function done(line: string): Promise<Ran> {
  const ran = await console.run(line);
  if (ran.exitCode !== 0) throw new Error(`${line}: ${ran.exitCode} ${ran.stderr}`);
  return ran;
}

describe('refold job', () => {
  test('D-017 D-018 D-021 D-022 D-025 creates, starts, pauses, resumes and cancels', async () => {
    expect((await done("job create 42 --name deploy --step build,test --params '{\"n\":1}'")).stdout).toBe('job/42@1  pending  0 %\n');
    expect((await done('job start job/42 --worker w-1')).stdout).toBe('job/42@2  running  0 %  at build\n');
    await done("append job.step_completed --stream job/42 --data '{\"step\":\"build\"}'");
    expect((await done('job pause 42 --reason night')).stdout).toBe('job/42@4  paused  50 %  at test\n');
    expect((await done('job list --status paused')).stdout).toMatch(/^paused {2}job\/42 {2}50 % {2}test {2}deploy\n$/);
    expect((await done('job resume 42 --expected-revision 4')).stdout).toBe('job/42@5  running  50 %  at test\n');
    expect((await done('job show 42')).stdout).toMatch(/^job\/42@5 {2}running {2}50 % {2}at test\ncompleted {2}build {2}attempt 1\npending {4}test *\n$/);
    expect((await done('job cancel 42 --reason enough --actor user:ana --json')).json()).toMatchObject({ state: { status: 'cancelled' }, events: [{ type: 'job.cancelled' }] });
    expect((await done('show job/42@6 --json')).json()).toMatchObject({ data: { reason: 'enough', cancelled_by: 'ana' } });
  });

  test('JSON is exactly the answer of the operation, and a key is used once', async () => {
    const made = (await done('job create --name nightly --start --key k1 --json')).json<{ streamId: string }>();
    expect(createJob.output.safeParse(made).error?.issues ?? []).toEqual([]);
    expect((await done('job create --name nightly --start --key k1 --json')).json()).toEqual({ ...made, duplicate: true });
    expect(getJob.output.safeParse((await done(`job show ${made.streamId} --json`)).json()).error?.issues ?? []).toEqual([]);
    expect(listJobs.output.safeParse((await done('job list --json')).json()).error?.issues ?? []).toEqual([]);
  });

  test('D-042 shows the lines of its log, on from a line, by level', async () => {
    await done('job create 42 --start');
    await done(`call appendJobLogs --input '{"id":"42","actor":"user:ana","lines":[{"level":"INFO","message":"begun"},{"level":"ERROR","message":"no space","step":"build"}]}'`);
    expect((await done('job logs 42')).stdout).toMatch(/^1 {2}\S+ {2}INFO {3}.*begun\n2 {2}\S+ {2}ERROR {2}build {2}no space\n$/);
    expect((await done('job logs 42 --after 1 --plain')).stdout).toMatch(/^2\t\S+\tERROR\tbuild\tno space\n$/);
    expect((await done('job logs 42 --level WARN --jsonl')).stdout.trim().split('\n').map((line) => (JSON.parse(line) as { line: number }).line)).toEqual([2]);
    expect(jobLogs.output.safeParse((await done('job logs 42 --json')).json()).error?.issues ?? []).toEqual([]);
  });

  test('D-042 follows the lines as they come, and ends after so many', async () => {
    await done('job create 42 --start');
    const write = (message: string): Promise<Ran> => done(`call appendJobLogs --input '{"id":"42","actor":"user:ana","lines":[{"level":"INFO","message":"${message}"}]}'`);
    for (const message of ['begun', 'built', 'shipped']) await write(message);
    const followed = await done('job logs 42 -f --after 1 --limit 2 --jsonl');
    expect(followed.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['built', 'shipped']);
    expect((await done('job logs job/42 --follow --limit 1')).stdout).toMatch(/^1 {2}\S+ {2}INFO {2}begun\n$/);
    expect(await console.run('job logs 43 -f')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('There is no job/43') });
  });

  test('says what is wrong, with the exit code of its error', async () => {
    await done('job create 42');
    for (const [line, exitCode, text] of [
      ['job show', 2, 'Which job to show is missing'],
      ['job stop 42', 2, 'Allowed choices'],
      ['job show 43', 4, 'There is no job/43'],
      ['job pause orchestration/PROJ-123', 2, 'is no job'],
      ['job resume 42', 5, 'job.resumed'],
      ['job create 42', 5, 'job/42 is at 1'],
      ['job start 42 --expected-revision 7', 5, 'expected 7'],
    ] as const) {
      const ran = await console.run(line);
      expect([line, ran.exitCode, ran.stderr]).toEqual([line, exitCode, expect.stringContaining(text)]);
    }
  });
});
