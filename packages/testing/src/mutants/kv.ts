/** Group H: values without compare-and-set, and revs that come again. */
import { wrapLog } from '../wrap-log.ts';
import type { MutantLog } from './mutant.ts';

/** Changes values on their way in. */
function withValues(change: (value: Uint8Array) => Uint8Array | null): MutantLog['wrap'] {
  return (driver) => wrapLog(driver, { kvPut: (key, value, expect) => driver.kvPut(key, value === null ? null : change(value), expect) });
}

export const kvMutants: readonly MutantLog[] = [
  {
    name: 'lets the last put win',
    caughtBy: 'H82',
    wrap: (driver) => wrapLog(driver, {
      async kvPut(key, value) {
        for (;;) {
          const rev = await driver.kvPut(key, value, (await driver.kvGet(key))?.rev ?? 'absent');
          if (rev !== 'conflict') return rev;
        }
      },
    }),
  },
  {
    name: 'counts revs from 1 again after a delete',
    caughtBy: 'H84',
    wrap(driver) {
      const bases = new Map<string, number>();
      const lastRevs = new Map<string, number>();
      const baseOf = (key: string): number => bases.get(key) ?? 0;
      return wrapLog(driver, {
        async kvPut(key, value, expect) {
          const rev = await driver.kvPut(key, value, expect === 'absent' ? expect : expect + baseOf(key));
          if (rev === 'conflict') return rev;
          const shown = rev - baseOf(key);
          lastRevs.set(key, rev);
          if (value === null) bases.set(key, rev);
          return shown;
        },
        async kvGet(key) {
          const entry = await driver.kvGet(key);
          return entry === null ? null : { ...entry, rev: entry.rev - baseOf(key) };
        },
      });
    },
  },
  { name: 'lists keys without regard to the prefix', caughtBy: 'H85', wrap: (driver) => wrapLog(driver, { kvList: (_prefix, after, limit) => driver.kvList('', after, limit) }) },
  { name: 'takes values for text', caughtBy: 'H86', wrap: withValues((value) => new TextEncoder().encode(new TextDecoder().decode(value))) },
  { name: 'takes an empty value for a delete', caughtBy: 'H86', wrap: withValues((value) => (value.length === 0 ? null : value)) },
];
