/**
 * `npm test`: everything that must hold before a change goes in, in one command. Build, type check of all tests, lint,
 * tests; a failing step does not hide the ones after it. The last line holds the real counts, `N passed, N failed`
 * (then `, N skipped` where tests were skipped for a reason); every failing step is a failure beside the failed tests.
 *
 * Exit: 0 when nothing failed, 1 otherwise.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whatIsMissing } from './preflight.mjs';
import { isUnexplained, tally } from './tally.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const countsFolder = mkdtempSync(join(tmpdir(), 'refold-test-'));
const countsFile = join(countsFolder, 'counts.json');

const steps = [
  { name: 'build', command: ['typescript/bin/tsc', '-b', 'tsconfig.build.json'] },
  { name: 'web app', command: ['vite/bin/vite.js', 'build', 'apps/web', '--logLevel', 'warn'] },
  { name: 'bundle of the command', command: ['../packages/cli/bundle.mjs'] },
  { name: 'types of tests, examples and scripts', command: ['typescript/bin/tsc', '-b'] },
  { name: 'lint', command: ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'tests',
    command: ['vitest/vitest.mjs', 'run', '--reporter=default', `--reporter=${join(root, 'scripts/count-reporter.mjs')}`],
  },
  { name: 'end-to-end tests on other engines', command: ['../scripts/test-engines.mjs', '--chosen', 'jsonl', 'postgres'] },
];

process.exitCode = main();

/** @returns {number} exit code */
function main() {
  const missing = whatIsMissing(process.versions.node, existsSync(join(root, 'node_modules/typescript')));
  if (missing !== null) {
    console.error(missing);
    return conclude([{ name: 'preflight', code: 1, seconds: 0 }]);
  }
  try {
    return conclude(steps.map(runStep));
  } finally {
    rmSync(countsFolder, { recursive: true, force: true });
  }
}

/**
 * Runs one step with this very Node; its children find the installed tools first.
 *
 * @param {{ name: string, command: string[] }} step
 * @returns {import('./tally.mjs').StepResult}
 */
function runStep({ name, command: [script = '', ...rest] }) {
  console.log(`\n== ${name}`);
  const startedAt = performance.now();
  const { status, error } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      REFOLD_TEST_COUNTS: countsFile,
    },
  });
  if (error !== undefined) console.error(error.message);
  const result = { name, code: status ?? 128, seconds: (performance.now() - startedAt) / 1000 };
  console.log(`== ${describe(result)}`);
  return result;
}

/**
 * Prints every step, every skipped test with its reason, and the counts on the last line.
 *
 * @param {readonly import('./tally.mjs').StepResult[]} results
 * @returns {number} exit code
 */
function conclude(results) {
  const counts = readCounts();
  const { failed, line } = tally(results, counts);
  console.log('');
  for (const result of results) console.log(describe(result));
  for (const skipped of counts?.skipped ?? [])
    console.log(`skipped: ${skipped.name}: ${isUnexplained(skipped) ? 'no reason given, so it counts as failed' : skipped.reason}`);
  console.log(line);
  return failed === 0 ? 0 : 1;
}

/** @returns {import('./count-reporter.mjs').TestCounts | null} */
function readCounts() {
  return existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, 'utf8')) : null;
}

/** @param {import('./tally.mjs').StepResult} result */
function describe({ name, code, seconds }) {
  const duration = `${seconds.toFixed(1)} s`;
  return code === 0 ? `ok     ${name}, ${duration}` : `FAILED ${name}, ${duration}, exit ${code}`;
}
