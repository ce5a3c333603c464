/** Runs a job of many short steps until it is killed; tells of each step that it began, in one write that nothing can hold back. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStore, runJob, withAgent, withContext } from '@refold/sdk';
import type { Durable } from '@refold/sdk';

const [url = '', id = '', durable = ''] = process.argv.slice(2);
const store = new EventStore({ url });
const surroundings = { issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'agent', id: 'worker' } } as const;
// Safe: the test passes one of the two.
const options = { store, durable: durable as Durable };
const step = (index: number) => async (): Promise<number> => {
  writeSync(1, `${index}\n`);
  await withAgent(`agent-${index}`, () => sleep(index % 3), options);
  return index;
};
await withContext(surroundings, async () => {
  await store.logEvent({ type: 'orchestration.started', data: {} });
  await runJob(id, Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`step-${index}`, step(index)])), options);
});
