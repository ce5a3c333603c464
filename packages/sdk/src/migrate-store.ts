/** Copies a store from one engine to another, its audit log with it: positions, times, leaves and everything kept beside the events. */
import { LogError, copyLog, isLogError } from '@refold/core';
import type { CopyOptions, CopyReport, CopyTarget, LogDriver, Ports } from '@refold/core';
import { createNodePorts } from './node-ports.ts';
import { engineOf, shownUrl } from './open.ts';
import type { Engine, OpenOptions } from './open.ts';

export interface MigrateOptions extends Pick<CopyOptions, 'isDryRun' | 'signal' | 'onProgress'>, Pick<OpenOptions, 'durability'> {
  /** URLs of stores, as `openStore` takes them; `memory:` is neither a place to come from nor one to go to. */
  readonly from: string;
  readonly to: string;
  /** Replaces parts of the world, for tests. */
  readonly ports?: Partial<Ports>;
}

export interface MigrateReport extends CopyReport {
  /** URLs without secrets. */
  readonly from: string;
  readonly to: string;
  /** The log of access beside the log; null when the source has none. */
  readonly audit: CopyReport | null;
}

/**
 * Copies everything up to the source's head at the time of the call, and holds the copy against it. Again copies what came since. The source
 * is only read and may be in use; the target must not be.
 *
 * @throws LogError BAD_REQUEST `store`; what `copyLog` and the engines throw. A run that ended early is gone on with by the next one.
 * Cost: one durable write of the target per time at which the source recorded something, and two readings of both.
 */
export async function migrateStore({ from, to, durability, ports: replaced = {}, ...options }: MigrateOptions): Promise<MigrateReport> {
  const [source, target] = [engineOf(from), engineOf(to)];
  if (from === to) throw new LogError('BAD_REQUEST', 'A log is not copied onto itself.', { details: { reason: 'store' }, hint: 'Give the URL of another store as the target.' });
  if ([from, to].some((url) => url.startsWith('memory:'))) throw new LogError('BAD_REQUEST', 'A log in memory ends with its process.', { details: { reason: 'store' }, hint: 'Use sqlite:, jsonl: or postgres:' });
  const ports = createNodePorts(replaced);
  const opening = durability === undefined ? {} : { durability };

  const copy = async (fromLocation: string, toLocation: string): Promise<CopyReport | null> => {
    const driver = await existing(source.engine, fromLocation, opening, ports);
    if (driver === null) return null;
    try {
      return await copyLog(driver, (parts) => openTarget(target.engine, toLocation, opening, ports, parts, options.isDryRun === true), { ...options, ...ports });
    } finally {
      await driver.close();
    }
  };
  const report = await copy(source.location, target.location);
  if (report === null) throw new LogError('NOT_FOUND', `There is no log at ${shownUrl(from, source.engine, source.location)}.`, { details: { reason: 'store' }, hint: 'Check the URL after --from.' });
  const audit = await copy(source.engine.auditLocation(source.location), target.engine.auditLocation(target.location));
  return { ...report, from: shownUrl(from, source.engine, source.location), to: shownUrl(to, target.engine, target.location), audit };
}

const openTarget = (engine: Engine, location: string, options: OpenOptions, ports: Ports, { linker, clock }: CopyTarget, isDryRun: boolean): Promise<LogDriver | null> =>
  isDryRun ? existing(engine, location, options, ports) : engine.open(location, options, linker, { ...ports, clock: { ...ports.clock, now: clock.now } });

/** A log that is there, to be read; null when there is none. */
async function existing(engine: Engine, location: string, options: OpenOptions, ports: Ports): Promise<LogDriver | null> {
  try {
    return await engine.open(location, { ...options, readOnly: true }, unusedLinker, ports);
  } catch (error) {
    if (isLogError(error, 'LOG_UNAVAILABLE') && error.details.reason === 'missing') return null;
    throw error;
  }
}

/** Whoever only reads links nothing. */
const unusedLinker = {
  link(): never {
    throw new Error('a log that is only read links nothing');
  },
  remainder(): never {
    throw new Error('a log that is only read drops nothing');
  },
};
