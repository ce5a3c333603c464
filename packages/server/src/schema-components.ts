/** The schemas of operations as the components of a document (OpenAPI, AsyncAPI): each stands once, under the name that it has. */
import { z } from 'zod';
import type { JsonSchema } from './rest/input-shape.ts';

export interface Components {
  schemaOf(schema: z.ZodType, io: 'input' | 'output', operation: string): JsonSchema;
  all(): { readonly [name: string]: JsonSchema };
}

/**
 * Collects schemas with an id. One id may mean a little less on the way in than on the way out (defaults are filled in
 * between): then the way in has a name of its own.
 */
export function createComponents(target: 'draft-2020-12' | 'draft-7'): Components {
  const byName = new Map<string, JsonSchema>();

  function nameFor(id: string, definition: JsonSchema, io: 'input' | 'output', operation: string): string {
    // zod numbers recursive schemas that have no id of their own, anew in each call.
    const wanted = id.startsWith('__') ? `${operation}${io === 'input' ? 'Input' : 'Output'}${id.replaceAll('_', '')}` : id;
    const before = byName.get(wanted);
    return before === undefined || JSON.stringify(before) === JSON.stringify(definition) ? wanted : `${wanted}${io === 'input' ? 'AsInput' : 'AsOutput'}`;
  }

  return {
    schemaOf(schema, io, operation) {
      const { $schema: _dialect, $defs, definitions: draft7, ...root } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target }) as JsonSchema;
      const definitions = ($defs ?? draft7 ?? {}) as { readonly [id: string]: JsonSchema };
      const names: { [id: string]: string } = {};
      // Names first, by plain references, so that one definition may lead to another.
      for (const [id, definition] of Object.entries(definitions)) names[id] = nameFor(id, referring(definition, (other) => other) as JsonSchema, io, operation);
      for (const [id, definition] of Object.entries(definitions)) byName.set(names[id]!, referring(definition, (other) => names[other] ?? other) as JsonSchema);
      return referring(root, (id) => names[id] ?? id) as JsonSchema;
    },
    all: () => Object.fromEntries([...byName].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** A schema with its references led to the components. */
function referring(schema: unknown, nameOf: (id: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((part) => referring(part, nameOf));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === '$ref' && typeof value === 'string' ? `#/components/schemas/${nameOf(value.replace(/^#\/(?:\$defs|definitions)\//, ''))}` : referring(value, nameOf)]),
  );
}
