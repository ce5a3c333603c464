/**
 * `npm run faults -- [--cycles 5000] [--seed N] [FILE...]`: the faults that come by chance, tried many times. The tests are
 * those of every run; only the number of cycles and the seed are given. A failing run names its seed.
 *
 * Exit: that of the tests.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cycles: { type: 'string', default: '500' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } },
});
/** Tests that ask `faultCycles` how often. */
const files = positionals.length > 0 ? positionals : ['drivers/jsonl/test/sigkill.test.ts', 'drivers/jsonl/test/disk-faults.test.ts', 'drivers/sqlite/test/sigkill.test.ts', 'drivers/sqlite/test/disk-faults.test.ts', 'packages/sdk/test/layout.test.ts'];

console.log(`faults: ${values.cycles} cycles, seed ${values.seed}; npm run faults -- --cycles ${values.cycles} --seed ${values.seed} brings it back`);
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, REFOLD_FAULT_CYCLES: values.cycles, REFOLD_FAULT_SEED: values.seed },
});
process.exitCode = status ?? 128;
