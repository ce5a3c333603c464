/**
 * What `npm test` may say at the end. Three ways in which a run could look better than it was are closed here: a step that
 * fails without a failed test, a test that is skipped without a reason, and a run in which no test ran at all.
 */

/**
 * @typedef {object} StepResult
 * @property {string} name
 * @property {number} code     Exit code; 128 and above when a signal ended the step.
 * @property {number} seconds
 */

/** @typedef {import('./count-reporter.mjs').TestCounts} TestCounts */

/**
 * @param {readonly StepResult[]} results
 * @param {TestCounts | null} counts  null when the test runner left none.
 * @returns {{ failed: number, line: string }} `line` = `N passed, N failed`, and `, N skipped` when some were, for a reason.
 */
export function tally(results, counts) {
  const { passed, failed: failedTests, skipped } = counts ?? { passed: 0, failed: 0, skipped: [] };
  const unexplained = skipped.filter(isUnexplained).length;
  const explained = skipped.length - unexplained;
  // The test step has counted its own failures; when it failed with none to show for it, it is one itself.
  const failedSteps = results.filter(({ name, code }) => code !== 0 && (name !== 'tests' || failedTests === 0)).length;
  const failed = failedTests + unexplained + failedSteps;
  const ranNothing = passed + failed === 0;
  const total = ranNothing ? 1 : failed;
  return { failed: total, line: `${passed} passed, ${total} failed${explained > 0 ? `, ${explained} skipped` : ''}` };
}

/** @param {TestCounts['skipped'][number]} skipped */
export const isUnexplained = ({ reason }) => reason === null || reason.trim() === '';
