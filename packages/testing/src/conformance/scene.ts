/** What one case plays in: fresh logs, seeded traffic, other connections and processes; all of it is cleaned up after. */
import type { LogDriver } from '@refold/core';
import { createSeededRandom, seedFrom } from '../seeded-random.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { startWorker } from '../worker-process.ts';
import type { WorkerProcess } from '../worker-process.ts';
import type { Writer } from './calls.ts';
import { within } from './calls.ts';
import { servedNeeds } from './fixture.ts';
import type { Fixture, OpenOptions, WorkerModule } from './fixture.ts';
import { sizes } from './sizes.ts';
import type { Sizes } from './sizes.ts';
import { createTraffic } from './traffic.ts';
import type { Traffic } from './traffic.ts';

export interface OpenLog {
  readonly name: string;
  readonly driver: LogDriver;
  readonly options: OpenOptions;
}

export interface Scene {
  readonly fixture: Fixture;
  readonly sizes: Sizes;
  readonly random: SeededRandom;
  readonly traffic: Traffic;
  /** A new, empty log. */
  open(options?: OpenOptions): Promise<OpenLog>;
  /** The same log after an orderly close, as after a restart. */
  reopen(log: OpenLog): Promise<OpenLog>;
  /** Opens a log whose process is gone already. */
  openAgain(log: OpenLog): Promise<OpenLog>;
  /** A second connection; closed with the scene. */
  connect(log: OpenLog): Promise<LogDriver>;
  startWorker(log: OpenLog): Promise<WorkerProcess>;
  /** `count` writers on one log: over several connections and processes where the capabilities allow it. */
  writers(log: OpenLog, count: number): Promise<readonly Writer[]>;
  /** Calls this when the case is over, whatever its end. */
  after(close: () => Promise<unknown>): void;
  /** A figure to show: how fast, how many. Never judged. */
  report(figure: string): void;
}

/** Other connections and processes that take part in a race, beside the first connection. */
const extraConnections = 3;
const extraProcesses = 2;
const closeTimeoutMs = 10_000;

export interface SceneOptions {
  readonly fixture: Fixture;
  readonly caseId: string;
  readonly seed: number;
  readonly report: (figure: string) => void;
}

export function createScene(options: SceneOptions): { readonly scene: Scene; close(): Promise<void> } {
  const { fixture, caseId } = options;
  const seed = seedFrom(options.seed, caseId);
  const closers: (() => Promise<unknown>)[] = [];
  const served = servedNeeds(fixture.capabilities);
  const after: Scene['after'] = (close) => closers.push(close);
  let logs = 0;

  const keep = (driver: LogDriver): LogDriver => {
    after(() => driver.close());
    return driver;
  };

  const scene: Scene = {
    fixture,
    sizes: sizes[scaleOf(fixture)],
    random: createSeededRandom(seed),
    traffic: createTraffic(seed),
    after,
    report: options.report,
    async open(openOptions = {}) {
      logs += 1;
      // The seed and a stamp of the run keep names apart on engines whose logs outlive the process.
      const name = `${caseId.toLowerCase()}-${logs}-${runStamp}-${seed.toString(36)}`;
      return { name, driver: keep(await fixture.open(name, openOptions)), options: openOptions };
    },
    async reopen(log) {
      await log.driver.close();
      return scene.openAgain(log);
    },
    async openAgain(log) {
      return { ...log, driver: keep(await hook(fixture.reopen, 'reopen')(log.name, log.options)) };
    },
    connect: async (log) => keep(await hook(fixture.connect, 'connect')(log.name, log.options)),
    async startWorker(log) {
      const module: WorkerModule = hook(fixture.process, 'process');
      const worker = await startWorker(module, module.argument(log.name));
      after(() => worker.kill());
      return worker;
    },
    async writers(log, count) {
      const writers: Writer[] = [log.driver];
      if (served.has('connections')) {
        for (let made = 0; made < extraConnections; made += 1) writers.push(await scene.connect(log));
        for (let made = 0; served.has('process') && made < extraProcesses; made += 1) writers.push(await scene.startWorker(log));
      }
      return Array.from({ length: count }, (_, index) => writers[index % writers.length] ?? log.driver);
    },
  };

  return {
    scene,
    async close() {
      const closing = Promise.allSettled(closers.toReversed().map((close) => close()));
      await within(closeTimeoutMs, 'closing what the case opened', closing);
    },
  };
}

const runStamp = process.pid.toString(36);

function scaleOf(fixture: Fixture): 'ci' | 'full' {
  const fromEnvironment = process.env['REFOLD_CONFORMANCE_SCALE'];
  return fromEnvironment === 'full' || fromEnvironment === 'ci' ? fromEnvironment : (fixture.scale ?? 'ci');
}

/** The registration has asserted that the hook is there (`assertFixture`). */
function hook<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the fixture has no ${name}`);
  return value;
}
