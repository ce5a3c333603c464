/** Groups L and N: bodies that stay, neighbours that go, leaves that break. */
import { wrapLog } from '../wrap-log.ts';
import { withEvents } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

export const forgetMutants: readonly MutantLog[] = [
  { name: 'forgets nothing and says so nicely', caughtBy: 'L109', wrap: (driver) => wrapLog(driver, { forget: async (positions) => new Set(positions).size }) },
  {
    name: 'forgets the neighbour as well',
    caughtBy: 'L110',
    wrap: (driver) => wrapLog(driver, {
      async forget(positions, reason) {
        const dropped = await driver.forget(positions, reason);
        await driver.forget(positions.map((position) => position + 1), reason);
        return dropped;
      },
    }),
  },
  {
    name: 'counts what was forgotten before',
    caughtBy: 'L110',
    wrap: (driver) => wrapLog(driver, { forget: async (positions, reason) => Math.max(new Set(positions).size, await driver.forget(positions, reason)) }),
  },
  { name: 'forgets the tags with the body', caughtBy: 'L109', wrap: withEvents((event) => (event.forgotten === true ? { ...event, tags: [] } : event)) },
  { name: 'forgets the leaf with the body', caughtBy: 'L114', wrap: withEvents(({ leaf, ...event }) => (event.forgotten === true || leaf === undefined ? event : { ...event, leaf })) },
  { name: 'links every event as if it were the first of its stream', caughtBy: 'N120', wrap: withEvents(({ previousLeaf: _previousLeaf, ...event }) => event) },
  { name: 'alters a body after it was linked', caughtBy: 'N119', wrap: withEvents((event) => (event.leaf === undefined ? event : { ...event, body: Uint8Array.from([...event.body, 32]) })) },
];
