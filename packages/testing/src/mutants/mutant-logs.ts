/** All mutants. The named case of each must fail on it, over any driver that passes the suite. */
import { appendMutants } from './append.ts';
import { checkMutants } from './checks.ts';
import { forgetMutants } from './forget.ts';
import { idempotencyMutants } from './idempotency.ts';
import { kvMutants } from './kv.ts';
import { limitMutants } from './limits.ts';
import type { MutantLog } from './mutant.ts';
import { queryCheckMutants } from './query-checks.ts';
import { readMutants } from './read.ts';
import { watchMutants } from './watch.ts';

export const mutantLogs: readonly MutantLog[] = [
  ...appendMutants,
  ...checkMutants,
  ...queryCheckMutants,
  ...idempotencyMutants,
  ...readMutants,
  ...watchMutants,
  ...kvMutants,
  ...forgetMutants,
  ...limitMutants,
];
