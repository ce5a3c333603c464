/** The suite is tested here: logs that are wrong in one way each, over this driver, must be caught by the case meant for them. */
import { openMemoryLog } from '@refold/driver-memory';
import { conformanceCases, mutantLogs, runCase, wrapLog } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { memoryFixture } from './memory-fixture.ts';

describe('the conformance suite', () => {
  it.concurrent.each(mutantLogs)('catches a log that $name, in case $caughtBy', async ({ wrap, caughtBy }) => {
    const testCase = conformanceCases.find(({ id }) => id === caughtBy);
    if (testCase === undefined) throw new Error(`there is no case ${caughtBy}`);
    await expect(runCase(memoryFixture(openMemoryLog, wrap), testCase, { seed: 1 })).rejects.toThrow(`case ${caughtBy}`);
  });

  it('passes the same log when the wrapper changes nothing, so the wrappers are not what is caught', async () => {
    const fixture = memoryFixture(openMemoryLog, (driver) => wrapLog(driver, {}));
    const named = new Set(mutantLogs.map((mutant) => mutant.caughtBy));
    for (const testCase of conformanceCases.filter(({ id }) => named.has(id))) await runCase(fixture, testCase, { seed: 1 });
    expect(named.size).toBeGreaterThan(30);
  });
});
