/** Debugging by time travel: whoever looks, by whichever door, stands at the same instant and sees the same. */
import { EventStore } from '@refold/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consoleWithRun } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';

let console: Console;
beforeEach(async () => {
  console = await consoleWithRun();
});
afterEach(() => console.close());

const failedAt = '2025-12-22T10:04:00.000Z';

test('A-106 what was wrong just before an agent failed is seen alike from a terminal, a program and over HTTP', async () => {
  // Where to look, from what went wrong.
  const [failed] = (await console.run('query --type agent_run.failed --json')).json<{ items: { occurredAt: string; streamId: string }[] }>().items;
  expect([failed?.occurredAt, failed?.streamId]).toEqual([failedAt, 'PROJ-123']);
  const before = '2025-12-22T10:03:59.999Z';
  type Seen = { stateHash: string; state: { gaps: Record<string, { status: string }> }; stateSummary: { activeAgents: string[] }; surroundingEvents: { id: string }[] };

  const atTerminal = (await console.run(`travel PROJ-123 ${before} --json`)).json<Seen>();
  const served = await serve(console);
  const response = await fetch(`${served.url}/api/v1/streams/orchestration/PROJ-123/time-travel?at=${before}`, { headers: served.headers });
  const overHttp = (await response.json()) as Seen;
  const debugged = (await (await fetch(`${served.url}/api/v1/debug/sessions/start`, { method: 'POST', headers: { ...served.headers, 'content-type': 'application/json' }, body: JSON.stringify({ aggregateId: 'PROJ-123', place: '5' }) })).json()) as { info: { currentEvent: { type: string }; currentState: object } };
  await served.stop();
  const store = new EventStore({ url: console.storeUrl });
  const inProgram = await store.timeTravelQuery('PROJ-123', before);
  await store.close();

  expect(overHttp).toEqual(atTerminal);
  expect([inProgram.stateHash, inProgram.surroundingEvents.map(({ id }) => id)]).toEqual([atTerminal.stateHash, atTerminal.surroundingEvents.map(({ id }) => id)]);
  // The answer to the question: the agent was at work, and a gap stood open.
  expect(atTerminal.stateSummary.activeAgents).toHaveLength(1);
  expect(Object.values(atTerminal.state.gaps)).toMatchObject([{ status: 'open' }]);
  // A debugger that stops before that event stands there too.
  expect(debugged.info.currentEvent.type).toBe('agent_run.failed');
  expect(debugged.info.currentState).toEqual(atTerminal.state);
});
