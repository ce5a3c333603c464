/**
 * A reporter for the test runner that writes down what `npm test` has to count: passed, failed, and every skipped test
 * with the reason it gave. The built-in JSON reporter drops the reasons, and a skip without one counts as a failure here.
 *
 * The file to write is named by REFOLD_TEST_COUNTS.
 */
import { writeFileSync } from 'node:fs';

/**
 * @typedef {object} TestCounts
 * @property {number} passed
 * @property {number} failed       Failed tests, files that could not be loaded, errors outside of any test.
 * @property {{ name: string, reason: string | null }[]} skipped
 */

/** The part of the runner's `Reporter` interface that is needed here. */
export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} errors  Thrown outside of any test.
   */
  onTestRunEnd(modules, errors) {
    /** @type {TestCounts} */
    const counts = { passed: 0, failed: errors.length, skipped: [] };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(test, counts);
    }
    writeFileSync(process.env['REFOLD_TEST_COUNTS'] ?? 'test-counts.json', JSON.stringify(counts));
  }
}

/**
 * @param {import('vitest/node').TestCase} test
 * @param {TestCounts} counts
 */
function count(test, counts) {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'skipped') counts.skipped.push({ name: `${test.module.relativeModuleId}: ${test.fullName}`, reason: result.note ?? null });
  // A test that never ended is no better than one that failed.
  else counts.failed += 1;
}
