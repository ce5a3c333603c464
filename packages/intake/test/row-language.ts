/** CEL and YAML as a caller hands them to the row maps. */
import { Environment } from '@marcbachmann/cel-js';
import { LogError } from '@refold/core';
import type { Json } from '@refold/core';
import { parse } from 'yaml';
import { readRowMap } from '../src/rows/read-row-map.ts';
import { compileRowMap } from '../src/rows/row-map.ts';
import type { CompileExpression, CompiledRowMap } from '../src/rows/row-map.ts';
import { shippedMaps } from '../src/rows/shipped-maps.ts';
import type { ShippedMapName } from '../src/rows/shipped-maps.ts';

const language = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });

const badExpression = (source: string, cause: unknown): LogError => new LogError('BAD_EXPRESSION', `${source}: ${(cause as Error).message}`, { details: { reason: 'syntax' }, cause });

const compileCel: CompileExpression = (source) => {
  const evaluate = language.parse(source);
  return (scope) => {
    try {
      return plain(evaluate({ ...scope }));
    } catch (error) {
      throw badExpression(source, error);
    }
  };
};

/** Whole numbers of the language are bigints. */
function plain(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

export const compiledMap = (name: ShippedMapName): CompiledRowMap => compileRowMap(readRowMap(parse(shippedMaps[name]) as Json), compileCel);
