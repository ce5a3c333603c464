/** The samples of the README do what they say, as they stand there. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@refold/client';
import { expect, test } from 'vitest';
import { startWorld, temporaryFolder } from './client-world.ts';

const here = fileURLToPath(new URL('..', import.meta.url));
const samples = [...readFileSync(join(here, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);

/** Runs a sample in a process of its own, against another address. */
async function run(sample: string, replaced: Readonly<Record<string, string>>): Promise<string> {
  const code = Object.entries(replaced).reduce((text, [from, to]) => text.replace(from, to), sample);
  const child = spawn(process.execPath, ['--import', fileURLToPath(new URL('../../testing/src/source-resolution.ts', import.meta.url)), '--input-type=module-typescript', '--eval', code], { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });
  let shown = '';
  for await (const bytes of child.stdout as AsyncIterable<Buffer>) shown += bytes.toString();
  return shown;
}

test('the quickstart appends, asks, and follows a job to its end', async () => {
  const world = await startWorld();
  expect(await run(samples[0]!, { 'http://127.0.0.1:8012': world.url })).toBe("[ '1 job.created', '2 job.started' ]\nrunning job.started\ncompleted job.completed\n");
});

test('the spool takes a commit whether the server is there or not', async () => {
  const world = await startWorld();
  const replaced = { 'http://127.0.0.1:8012': world.url, '.refold/spool': join(temporaryFolder(), 'spool') };
  expect(await run(samples[1]!, replaced)).toMatch(/^[0-9a-f]{32} is in the log\n$/);
  await world.stop();
  expect(await run(samples[1]!, replaced)).toMatch(/^[0-9a-f]{32} waits on disk\n$/);
  await world.start();
  // The next who opens it brings both.
  expect(await run(samples[1]!, replaced)).toMatch(/^[0-9a-f]{32} (?:waits on disk|is in the log)\n$/);
  const client = createClient({ url: world.url });
  await expect.poll(async () => (await client.queryEvents({ type: 'custom.deployed' })).items.length).toBeGreaterThanOrEqual(2);
});

test('D-015 the GraphQL client changes, asks, and follows a job', async () => {
  const world = await startWorld();
  expect(await run(samples[2]!, { 'http://127.0.0.1:8012': world.url })).toBe("{ job: { status: 'RUNNING' } }\nRUNNING\n");
});
