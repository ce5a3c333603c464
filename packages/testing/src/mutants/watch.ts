/** Group G: heads that go back, and watches that are lost, late, or silent. */
import { wrapLog } from '../wrap-log.ts';
import type { MutantLog } from './mutant.ts';

export const watchMutants: readonly MutantLog[] = [
  {
    name: 'tells an earlier head now and then',
    caughtBy: 'E59',
    wrap(driver) {
      let calls = 0;
      return wrapLog(driver, {
        async head() {
          calls += 1;
          const head = await driver.head();
          return calls % 3 === 0 ? { ...head, position: Math.max(0, head.position - 1) } : head;
        },
      });
    },
  },
  {
    name: 'has another epoch at every look',
    caughtBy: 'E59',
    wrap(driver) {
      let calls = 0;
      return wrapLog(driver, { head: async () => ({ ...(await driver.head()), epoch: `epoch ${(calls += 1)}` }) });
    },
  },
  {
    name: 'never wakes a watch',
    caughtBy: 'G75',
    wrap: (driver) => wrapLog(driver, { watch: (_after, signal) => driver.watch(Number.MAX_SAFE_INTEGER, signal) }),
  },
  {
    name: 'watches from the present head instead of the position asked for',
    caughtBy: 'G77',
    wrap: (driver) => wrapLog(driver, {
      async *watch(after, signal) {
        const { position } = await driver.head();
        yield* driver.watch(Math.max(after, position), signal);
      },
    }),
  },
  {
    name: 'gives a hint for every position',
    caughtBy: 'G78',
    wrap: (driver) => wrapLog(driver, {
      async *watch(after, signal) {
        let told = after;
        for await (const position of driver.watch(after, signal)) for (; told < position; ) yield (told += 1);
      },
    }),
  },
  {
    name: 'ends a watch silently',
    caughtBy: 'G80',
    wrap: (driver) => wrapLog(driver, {
      async *watch(after, signal) {
        try {
          yield* driver.watch(after, signal);
        } catch {
          // The silence is the fault.
        }
      },
    }),
  },
  {
    name: 'wakes one watcher only',
    caughtBy: 'G81',
    wrap(driver) {
      let watchers = 0;
      return wrapLog(driver, {
        watch(after, signal) {
          watchers += 1;
          return driver.watch(watchers > 1 ? Number.MAX_SAFE_INTEGER : after, signal);
        },
      });
    },
  },
  {
    name: 'wakes a watch beyond the head at any move',
    caughtBy: 'J104',
    wrap: (driver) => wrapLog(driver, {
      async *watch(after, signal) {
        const { position } = await driver.head();
        yield* driver.watch(Math.min(after, position), signal);
      },
    }),
  },
];
