/**
 * A process that executes a replay and kills itself on the way: `replay-worker.ts URL WORLD REPLAY-ID MOMENT COUNT`. The
 * moments: before or after a handler's call of that number (0-based), or after that number of commits were acknowledged.
 */
import { openStore } from '@refold/sdk';
import { createWorld, execute, handlersFor, planFor, unchanged } from './replay-world.ts';

const [url, file, replayId, moment, count] = process.argv.slice(2) as [string, string, string, string, string];
const store = await openStore(url);
const dieAt = (now: string, number: number): void => void (now === moment && number === Number(count) && process.kill(process.pid, 'SIGKILL'));

let [calls, commits] = [0, 0];
const handlers = handlersFor(store.log, createWorld(file), (now) => {
  dieAt(now, calls);
  if (now === 'after') calls++;
});
const plan = await planFor(store.log, { allowTypes: ['agent_run.spawned'] });
const log = {
  ...store.log,
  async append(...request: Parameters<typeof store.log.append>) {
    const receipt = await store.log.append(...request);
    dieAt('appended', commits++);
    return receipt;
  },
};
await execute(log, plan, { replayId, handlers, preconditions: [unchanged(log)] });
await store.close();
