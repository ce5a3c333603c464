import { describe, expect, test } from 'vitest';
import { whatIsMissing } from '../scripts/preflight.mjs';
import { tally } from '../scripts/tally.mjs';

const ok = { name: 'build', code: 0, seconds: 1 };
const broken = { name: 'lint', code: 1, seconds: 1 };
const testsOk = { name: 'tests', code: 0, seconds: 1 };
const testsBroken = { name: 'tests', code: 1, seconds: 1 };

describe('The last line of npm test', () => {
  test('counts the tests when every step went well', () => {
    expect(tally([ok, testsOk], { passed: 7, failed: 0, skipped: [] })).toEqual({ failed: 0, line: '7 passed, 0 failed' });
  });

  test('counts a failing step beside the failed tests', () => {
    expect(tally([ok, broken, testsBroken], { passed: 5, failed: 2, skipped: [] }).line).toBe('5 passed, 3 failed');
  });

  test('counts the test step when it failed with no failed test to show for it', () => {
    expect(tally([ok, testsBroken], { passed: 5, failed: 0, skipped: [] }).line).toBe('5 passed, 1 failed');
    expect(tally([ok, testsBroken], null).line).toBe('0 passed, 1 failed');
  });

  test('shows tests skipped for a reason, and fails those skipped without one', () => {
    const skipped = [
      { name: 'a', reason: 'runs on Linux only' },
      { name: 'b', reason: null },
      { name: 'c', reason: ' ' },
    ];
    expect(tally([ok, testsOk], { passed: 3, failed: 0, skipped })).toEqual({ failed: 2, line: '3 passed, 2 failed, 1 skipped' });
  });

  test('is a failure when nothing ran', () => {
    expect(tally([ok, testsOk], { passed: 0, failed: 0, skipped: [] })).toEqual({ failed: 1, line: '0 passed, 1 failed' });
  });
});

describe('The preflight', () => {
  test.each(['22.22.2', '22.23.0', '24.0.0', '26.10.0'])('lets Node %s pass', (version) => {
    expect(whatIsMissing(version, true)).toBeNull();
  });

  test.each(['20.20.2', '22.14.0', '22.22.1'])('says in words that Node %s is too old', (version) => {
    expect(whatIsMissing(version, true)).toContain(`This is Node ${version}; Refold needs 22.22.2 or newer.`);
  });

  test('asks for the installation first', () => {
    expect(whatIsMissing('20.0.0', false)).toContain('npm ci');
  });
});
