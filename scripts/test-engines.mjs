/**
 * Runs the end-to-end tests of server and command on each engine, where memory and SQLite are what they run on otherwise: the same
 * questions, the same answers.
 *
 * `npm run test:engines`           all of them on sqlite, jsonl and postgres
 * `npm run test:engines postgres`  on one engine; further words are files
 * `node scripts/test-engines.mjs --chosen jsonl postgres`  what `npm test` runs of them
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyNoPostgres } from '../packages/testing/src/postgres-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const engines = ['sqlite', 'jsonl', 'postgres'];
const everything = ['packages/server/test', 'packages/cli/test'];
/** What names its engine in every line, or runs the command in processes that only know the working directory. */
const ownEngine = ['act', 'bad-records', 'documents', 'migrate', 'people', 'process', 'snapshots'].map((name) => `packages/cli/test/${name}.test.ts`);
/** Every door and most operations, in little time. */
const chosen = [
  ...['answers', 'channels', 'document-003', 'document-004', 'documents', 'graphql', 'metrics', 'other-log', 'replay'].map((name) => `packages/server/test/${name}.test.ts`),
  ...['reading', 'writing'].map((name) => `packages/cli/test/${name}.test.ts`),
];

const words = process.argv.slice(2);
const named = words.filter((word) => engines.includes(word));
const files = words.filter((word) => !engines.includes(word) && word !== '--chosen');
const tests = files.length > 0 ? files : words.includes('--chosen') ? chosen : everything;

process.exitCode = Math.max(...(named.length > 0 ? named : engines).map(runOn));

/**
 * @param {string} engine
 * @returns {number} exit code
 */
function runOn(engine) {
  const reason = engine === 'postgres' ? whyNoPostgres() : null;
  if (reason !== null) {
    console.warn(`NOT RUN on ${engine}: ${reason}`);
    return 0;
  }
  console.log(`\n-- on ${engine}`);
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests, ...ownEngine.flatMap((file) => ['--exclude', file])], {
    cwd: root,
    stdio: 'inherit',
    // What is asked here is what they answer; how they write is asked elsewhere, on a disk.
    env: { ...process.env, REFOLD_TEST_STORE: engine, ...(existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}) },
  });
  return status ?? 128;
}
