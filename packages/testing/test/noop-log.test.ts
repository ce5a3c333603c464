/** A suite is worth what it refuses. A log that agrees to everything and keeps nothing must fail in every single case. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { casesFor, conformanceCases, noopCapabilities, noopLog, runCase } from '@refold/testing';
import type { Fixture } from '@refold/testing';

const keepNothing = async (): Promise<void> => {};

const noopFixture: Fixture = {
  capabilities: noopCapabilities,
  open: async () => noopLog(),
  reopen: async () => noopLog(),
  connect: async () => noopLog(),
  process: { module: new URL('../src/noop-log.ts', import.meta.url).href, argument: (name) => name },
  restartBackend: keepNothing,
  failOver: keepNothing,
  harm: {
    tearTail: keepNothing,
    openOnFullDisk: async () => ({ driver: noopLog(), heal: keepNothing }),
    backUp: async () => ({ restore: keepNothing }),
    openReadOnly: async () => noopLog(),
    storedBytes: async () => [],
    tamper: keepNothing,
  },
};

describe('a log that does nothing', () => {
  it('is asked everything: its capabilities call for the whole suite', () => {
    expect(fileURLToPath(noopFixture.process?.module ?? '')).toMatch(/noop-log\.ts$/);
    expect(casesFor(noopFixture)).toEqual(conformanceCases);
  });

  it.each(conformanceCases)('fails $id: $claim', async (testCase) => {
    await expect(runCase(noopFixture, testCase, { seed: 1 })).rejects.toThrow(`case ${testCase.id}`);
  });
});
