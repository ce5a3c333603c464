/** Runs one case as data. `conformance()` registers it in the test runner; the meta tests call it directly. */
import { caseTimeoutMs } from './case.ts';
import type { ConformanceCase } from './case.ts';
import { within } from './calls.ts';
import type { Fixture } from './fixture.ts';
import { createScene } from './scene.ts';

export interface RunOptions {
  /** Default: `conformanceSeed()`. */
  readonly seed?: number;
  /** Gets the figures that cases report; default: nobody. */
  readonly report?: (figure: string) => void;
}

/** Resolves when the claim was seen to hold. A failure names the seed that brings it back. */
export async function runCase(fixture: Fixture, testCase: ConformanceCase, options: RunOptions = {}): Promise<void> {
  const seed = options.seed ?? conformanceSeed();
  const { scene, close } = createScene({ fixture, caseId: testCase.id, seed, report: options.report ?? (() => {}) });
  try {
    await within(testCase.timeoutMs ?? caseTimeoutMs, testCase.id, testCase.run(scene));
  } catch (error) {
    if (error instanceof Error) error.message += `\n(case ${testCase.id}; run again with REFOLD_CONFORMANCE_SEED=${seed})`;
    throw error;
  } finally {
    await close();
  }
}

/** From REFOLD_CONFORMANCE_SEED, else one new seed per process. */
export function conformanceSeed(): number {
  const given = Number(process.env['REFOLD_CONFORMANCE_SEED'] ?? Number.NaN);
  return Number.isInteger(given) ? given : processSeed;
}

const processSeed = Math.floor(Math.random() * 2 ** 31);
