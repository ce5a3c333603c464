/** What an operation takes, read from its schema once: names, which are needed, which may repeat, whether others may come. */
import type { AnyOperation } from '@refold/operations';
import { z } from 'zod';

export interface InputShape {
  readonly names: ReadonlySet<string>;
  readonly required: readonly string[];
  /** Parameters that take a list, so that a query may name them several times. */
  readonly lists: ReadonlySet<string>;
  /** True when the operation reads names of its own beside these (filters do). */
  readonly isOpen: boolean;
}

export type JsonSchema = { readonly [keyword: string]: unknown };

export function inputShapeOf(operation: AnyOperation): InputShape {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const properties = (schema['properties'] ?? {}) as { readonly [name: string]: JsonSchema };
  return {
    names: new Set(Object.keys(properties)),
    required: (schema['required'] ?? []) as readonly string[],
    lists: new Set(Object.keys(properties).filter((name) => takesList(properties[name]!))),
    isOpen: schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false,
  };
}

function takesList(schema: JsonSchema): boolean {
  if (schema['type'] === 'array') return true;
  const choices = (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly JsonSchema[];
  return choices.some(takesList);
}
