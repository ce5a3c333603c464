/** Logs that are wrong in one way each, over this driver: the suite that it is measured by sees every one of them. */
import type { LogDriver } from '@refold/core';
import { conformanceCases, mutantLogs, runCase, temporaryFolder } from '@refold/testing';
import type { Fixture } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { jsonlFixture } from './jsonl-fixture.ts';

const fixture = jsonlFixture(temporaryFolder());

function mutated(wrap: (driver: LogDriver, options: object) => LogDriver, name: string): Fixture {
  const inFolder = (log: string): string => `${name.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 20)}-${log}`.slice(0, 60);
  const open: Fixture['open'] = async (log, options = {}) => wrap(await fixture.open(inFolder(log), options), options);
  return { ...fixture, open, reopen: open };
}

describe('the conformance suite over lines', () => {
  it.each(mutantLogs.map((mutant, index) => ({ ...mutant, index })))('catches a log that $name, in case $caughtBy', async ({ name, wrap, caughtBy, index }) => {
    const testCase = conformanceCases.find(({ id }) => id === caughtBy) ?? expect.fail(`there is no case ${caughtBy}`);
    await expect(runCase(mutated(wrap, `m${index} ${name}`), testCase, { seed: 1 })).rejects.toThrow(`case ${caughtBy}`);
  });
});
