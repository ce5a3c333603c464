/** The modules that document 004 names are there, each under the name that this house has for its concept, and hold what the document puts there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exportedNames, filesBelow, importsOf, readSource, root } from './source-code.ts';

test.each([
  ['D-007', 'events.ts', 'packages/core/src/log/event.ts', ['EventEnvelope', 'EventInput']],
  ['D-008', 'event-store.ts', 'packages/sdk/src/event-store.ts', ['EventStore']],
  ['D-009', 'replay.ts', 'packages/core/src/travel/reconstruct.ts', ['reconstruct']],
  ['D-013', 'graphql/resolvers.ts', 'packages/server/src/graphql/resolvers.ts', ['resolvers']],
  ['D-014', 'graphql/subscriptions.ts', 'packages/server/src/graphql/subscriptions.ts', ['subscriptions']],
] as const)('%s %s is %s', (_row, _named, path, names) => {
  expect(existsSync(root + path)).toBe(true);
  expect(exportedNames(readSource(path))).toEqual(expect.arrayContaining([...names]));
});

test('D-102 GraphQL is served by graphql-js and graphql-ws', () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}packages/server/package.json`, 'utf8')) as { dependencies: object };
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['graphql', 'graphql-ws']));
  const imported = filesBelow('packages/server/src/graphql', '.ts').flatMap((path) => importsOf(readSource(path)).map(({ specifier }) => specifier));
  expect(imported).toEqual(expect.arrayContaining(['graphql', 'graphql-ws']));
});
