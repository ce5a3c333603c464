/** GraphQL over HTTP as its specification has it: every audit of the graphql-http package, against a server that listens. */
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld } from './server-world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const audits = serverAudits({ url: () => `${world.server.url}/graphql`, fetchFn: fetch });

test('there are 61 audits', () => expect(audits).toHaveLength(61));

describe('GraphQL over HTTP', () => {
  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (_id, _name, audit) => {
    const { status, ...rest } = await audit.fn();
    expect([status, 'reason' in rest ? rest.reason : null]).toEqual(['ok', null]);
  });
});
