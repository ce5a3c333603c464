/** How often a fault that comes by chance is tried, and with which seed: a few times in every run, thousands by `npm run faults`. */
export interface FaultCycles {
  readonly cycles: number;
  readonly seed: number;
}

/**
 * `REFOLD_FAULT_CYCLES` makes it longer and `REFOLD_FAULT_SEED` brings a run back. The seed is printed, so that a run that fails tells it.
 *
 * @param fault  Its row in the catalogue of faults, for example `F1 jsonl`.
 */
export function faultCycles(fault: string, usual: number): FaultCycles {
  const cycles = Number(process.env['REFOLD_FAULT_CYCLES'] ?? usual);
  const seed = Number(process.env['REFOLD_FAULT_SEED'] ?? Date.now() % 2 ** 31);
  console.info(`${fault}: ${cycles} cycles, seed ${seed} (REFOLD_FAULT_SEED brings it back)`);
  return { cycles, seed };
}
