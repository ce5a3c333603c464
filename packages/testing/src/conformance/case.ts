/** One claim of the contract, as data: the runner registers it, the meta tests run it against logs that must fail it. */
import type { Need } from './fixture.ts';
import type { Scene } from './scene.ts';

export interface ConformanceCase {
  /** Group letter and number of the contract's list, for example `A1`. Stable: reports refer to it. */
  readonly id: string;
  /** What holds, as a sentence without a full stop. */
  readonly claim: string;
  /** What it asks of the fixture beyond `open`; all of them follow from capabilities. */
  readonly needs?: readonly Need[];
  /** Milliseconds after which the case has failed; default `caseTimeoutMs`. */
  readonly timeoutMs?: number;
  /** Resolves when the claim was seen to hold; rejects otherwise. */
  run(scene: Scene): Promise<void>;
}

export const caseTimeoutMs = 20_000;
