/** Two principals ask every field that is served: the one may not read, the other may only read. Made from the schema, so a new field is asked too. */
import { getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType } from 'graphql';
import type { GraphQLInputType, GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { resolvers } from '../src/graphql/resolvers.ts';
import { servedSchema } from '../src/graphql/schema.ts';
import { ask, verdictOf } from './graphql-client.ts';
import { bearer, newKey, startGuarded } from './guarded-world.ts';

const schema = servedSchema(resolvers);

/** Something of the type, the least there can be. */
function value(type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (isListType(bare)) return '[]';
  if (isEnumType(bare)) return bare.getValues()[0]!.name;
  if (isInputObjectType(bare)) return `{ ${Object.values(bare.getFields()).filter((field) => isNonNullType(field.type)).map((field) => `${field.name}: ${value(field.type)}`).join(', ')} }`;
  return { Int: '1', Float: '1', Boolean: 'true', JSON: '{}' }[getNamedType(bare).name] ?? '"pause"';
}

const documentsOf = (type: GraphQLObjectType, operation: string): readonly (readonly [string, string])[] =>
  Object.values(type.getFields()).map((field) => {
    const args = field.args.filter(({ type: wanted }) => isNonNullType(wanted)).map(({ name, type: wanted }) => `${name}: ${value(wanted)}`);
    return [field.name, `${operation} { ${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${isLeafType(getNamedType(field.type)) ? '' : ' { __typename }'} }`];
  });

const reading = [...documentsOf(schema.getQueryType()!, 'query'), ...documentsOf(schema.getSubscriptionType()!, 'subscription')];
const changing = documentsOf(schema.getMutationType()!, 'mutation');

describe('D-070 every field', () => {
  test('that reads is closed to who may not read', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'operator', scopes: ['append'] });
    for (const [field, document] of reading) {
      const isStream = document.startsWith('subscription');
      const { text } = await ask(world, document, { headers: { ...bearer(key), ...(isStream ? { accept: 'text/event-stream' } : {}) } });
      expect([field, /"code":"(\w+)"/.exec(text)?.[1]]).toEqual([field, 'FORBIDDEN']);
    }
  });

  test('that changes something is closed to who may only read', async () => {
    const world = await startGuarded();
    const { key } = await newKey(world, { role: 'viewer' });
    const { position } = await world.log.head();
    for (const [field, document] of changing) expect([field, ...verdictOf(await ask(world, document, { headers: bearer(key) }))]).toEqual([field, 200, 'FORBIDDEN', 'scope']);
    expect((await world.log.head()).position).toBe(position);
  });

  test('is closed to who has not signed in', async () => {
    const world = await startGuarded();
    for (const [field, document] of [...reading, ...changing]) expect([field, ...verdictOf(await ask(world, document))]).toEqual([field, 401, 'UNAUTHENTICATED', 'credential']);
  });
});
