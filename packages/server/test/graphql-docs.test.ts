/** docs/how-to/ask-with-graphql.md does what it says, in its order. */
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, wsClient } from './graphql-client.ts';
import { localToken, own, startGuarded } from './guarded-world.ts';

const page = readFileSync(new URL('../../../docs/how-to/ask-with-graphql.md', import.meta.url), 'utf8');
const blocks = (language: string): readonly string[] => [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text!);

test('D-096 every document of the how-to is answered, and its client follows the log', async () => {
  const world = await startGuarded();
  const [change, question, subscription] = blocks('graphql');
  const made = await ask(world, change!, { headers: own });
  expect(made.body).toEqual({ data: { createJob: { id: '42', status: 'PENDING' }, startJob: { status: 'RUNNING', startedAt: expect.any(String) } } });
  const found = await ask(world, question!, { headers: own });
  expect(found.body.errors).toBeUndefined();
  expect(found.body.data).toMatchObject({ job: { currentStep: 'build', jobEvents: [{ eventType: 'JobCreated' }, { eventType: 'JobStarted' }], stateAt: { status: 'pending' } }, events: { nodes: [{ position: 1 }, { position: 2 }] } });
  for await (const { data } of wsClient(world.server.url, { connectionParams: { token: localToken } }).iterate({ query: subscription! })) {
    expect(data).toMatchObject({ jobStatusUpdated: { status: 'RUNNING', events: [{ eventType: 'JobStarted' }] } });
    break;
  }

  const asked = /8012(\S*)'$/m.exec(blocks('sh')[0]!)![1]!;
  expect((await world.call(asked, { headers: own })).body).toEqual({ data: { orchestratorStatus: { state: 'HEALTHY', runningJobs: 1 } } });

  const lines: unknown[] = [];
  const stopped = new Error('seen enough');
  const show = (...line: readonly unknown[]): void => {
    lines.push(line);
    if (lines.length === 2) throw stopped;
  };
  const code = blocks('js')[0]!.replace(/^import .*\n/gm, '').replace('ws://127.0.0.1:8012', world.server.url.replace('http', 'ws')).replace('connectionParams', 'webSocketImpl, connectionParams').replace('console.log', 'show');
  // oxlint-disable-next-line no-implied-eval, typescript/no-unsafe-call -- the sample itself is what is run.
  const run = new Function('createClient', 'webSocketImpl', 'token', 'show', `return (async () => { ${code} })()`) as (...parts: readonly unknown[]) => Promise<void>;
  await expect(run(createClient, WebSocket, localToken, show)).rejects.toBe(stopped);
  expect(lines).toEqual([[1, 'job.created'], [2, 'job.started']]);
});
