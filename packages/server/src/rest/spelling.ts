/**
 * The spelling a caller speaks: `?naming=` for keys, `?dialect=` for the form of events. The paths of the four documents
 * have spellings of their own, so that their clients run unchanged (K-064); what the caller asks for wins.
 */
import { dialectNames } from '@refold/catalog';
import type { DialectName } from '@refold/catalog';
import { LogError } from '@refold/core';
import type { InputShape } from './input-shape.ts';
import { takeScalar } from './query.ts';

export interface Spelling {
  readonly naming: 'camel' | 'snake';
  readonly dialect: DialectName | 'canonical';
}

export const canonicalSpelling: Spelling = { naming: 'camel', dialect: 'canonical' };

const ofAliases: readonly (readonly [prefix: string, Spelling])[] = [
  ['/api/orchestration/', { naming: 'snake', dialect: 'orchestration' }],
  ['/api/orchestrator/', { naming: 'camel', dialect: 'job' }],
  ['/sessions/', { naming: 'snake', dialect: 'canonical' }],
];

/** What a path speaks when the caller does not say. */
export const aliasSpelling = (path: string): Spelling => ofAliases.find(([prefix]) => path.startsWith(prefix))?.[1] ?? canonicalSpelling;

/**
 * Takes the door's own parameters out of a query, unless the operation has parameters of these names.
 *
 * @throws LogError BAD_REQUEST `naming`, `dialect`, `repeated_parameter`.
 */
export function takeSpelling(query: Map<string, string | readonly string[]>, shape: InputShape, otherwise: Spelling): Spelling {
  const naming = shape.names.has('naming') ? undefined : takeScalar(query, 'naming');
  const dialect = shape.names.has('dialect') ? undefined : takeScalar(query, 'dialect');
  if (naming !== undefined) query.delete('naming');
  if (dialect !== undefined) query.delete('dialect');
  return { naming: oneOf('naming', ['camel', 'snake'], naming) ?? otherwise.naming, dialect: oneOf('dialect', ['canonical', ...dialectNames], dialect) ?? otherwise.dialect };
}

function oneOf<T extends string>(name: string, known: readonly T[], value: string | undefined): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new LogError('BAD_REQUEST', `"${name}" has no such value.`, { details: { reason: name, pointer: `/${name}` }, hint: `One of ${known.join(', ')}.` });
  return found;
}
