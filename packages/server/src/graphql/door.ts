/** GraphQL itself, loaded with the first request: the schema that is served, what reads a document, what executes it. */
import type { Log } from '@refold/core';
import type { GraphQLSchema } from 'graphql';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { defaultGraphqlLimits } from './limits.ts';
import { createPreparer } from './prepare.ts';
import { resolvers } from './resolvers.ts';
import { servedSchema, textOf } from './schema.ts';

export interface Door extends Engine {
  readonly schema: GraphQLSchema;
  readonly text: string;
  readonly prepare: ReturnType<typeof createPreparer>;
}

export function createDoor(log: Log, isOnNetwork: boolean): Door {
  const schema = servedSchema(resolvers);
  const limits = { ...defaultGraphqlLimits, pageSizeMax: log.limits.pageSizeMax };
  return { schema, text: textOf(schema), prepare: createPreparer({ schema, limits, isOnNetwork }), ...createEngine({ schema, registry: log.registry, isOnNetwork }) };
}
