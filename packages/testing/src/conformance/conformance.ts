/** Enrols a driver: registers every case that its capabilities call for as a vitest test, titled `A1 ...`. */
import { describe, it } from 'vitest';
import { caseTimeoutMs } from './case.ts';
import type { ConformanceCase } from './case.ts';
import { casesFor, impossibleCases } from './cases.ts';
import { assertFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { conformanceSeed, runCase } from './run-case.ts';

/** Time for closing what a case opened, on top of the case's own bound. */
const closingMs = 11_000;

/**
 * @param name     Shown above the cases, for example `sqlite`.
 * @param fixture  How to open, restart, reach and harm the driver's logs.
 * @throws Error when a hook that the capabilities ask for is missing.
 */
export function conformance(name: string, fixture: Fixture): void {
  assertFixture(fixture);
  console.info(`${name}: conformance seed ${conformanceSeed()} (REFOLD_CONFORMANCE_SEED brings it back)`);
  for (const { id, reason } of impossibleCases(fixture)) console.info(`${name} ${id}: impossible on this engine: ${reason}`);
  describe(`D-087 ${name} keeps the contract of the event log`, () => {
    for (const testCase of casesFor(fixture)) {
      const report = (figure: string): void => console.info(`${name} ${testCase.id}: ${figure}`);
      it(titleOf(testCase), { timeout: (testCase.timeoutMs ?? caseTimeoutMs) + closingMs }, () => runCase(fixture, testCase, { report }));
    }
  });
}

export const titleOf = (testCase: ConformanceCase): string => `${testCase.id} ${testCase.claim}`;
