/**
 * The one place that names the CEL engine. What we add to the language:
 * - numbers: JSON numbers are CEL doubles, literals are ints; the mixed operators make `event.revision + 1` work.
 * - `map.get(key, default)`: document 002's conditions run unchanged.
 * - `re2(text, pattern)`, `text.re2(pattern)` and `matches` in linear time.
 * - `entity(type, id)` and `children(type, id, childType)` where the scope can answer them.
 * Source: CEL specification (cel-spec, langdef), @marcbachmann/cel-js 8.0.0.
 */
import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { runningValues, spend } from './budget.ts';
import { findPattern } from './pattern.ts';
import { looksUpEntities, scopeNames, variableFor, type ScopeName } from './scope.ts';

export interface Language {
  parse(source: string): ParseResult;
  /** Names of functions and methods, for telling an unknown one from a wrong argument. */
  readonly functions: ReadonlySet<string>;
}

const languages = new Map<string, Language>();

/** The language of a scope; made once per scope and node limit. */
export function languageOf(scope: ScopeName, nodesMax: number): Language {
  const key = `${scope} ${nodesMax}`;
  const known = languages.get(key);
  if (known !== undefined) return known;
  const language = createLanguage(scope, nodesMax);
  languages.set(key, language);
  return language;
}

function createLanguage(scope: ScopeName, nodesMax: number): Language {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: nodesMax, maxDepth: 64 },
  });
  for (const name of scopeNames(scope))
    if (variableFor(name) === name) environment.registerVariable(name, name === 'now' ? 'google.protobuf.Timestamp' : 'dyn');
  addNumbers(environment);
  addFunctions(environment, scope);
  const functions = new Set(environment.getDefinitions().functions.map(({ name }) => name));
  return { parse: (source) => environment.parse(source), functions };
}

function addNumbers(environment: Environment): void {
  const both = (operator: string, apply: (left: number, right: number) => number): void => {
    environment.registerOperator(`double ${operator} int`, (left: number, right: bigint) => apply(left, Number(right)));
    environment.registerOperator(`int ${operator} double`, (left: bigint, right: number) => apply(Number(left), right));
  };
  both('+', (left, right) => left + right);
  both('-', (left, right) => left - right);
  both('*', (left, right) => left * right);
  both('/', (left, right) => left / nonZero(right));
  both('%', (left, right) => left % nonZero(right));
  environment.registerOperator('double % double', (left: number, right: number) => left % nonZero(right));
}

/** JSON has no infinity to answer with; dividing a recorded number by zero is an error as it is for ints. */
function nonZero(divisor: number): number {
  if (divisor === 0) throw new RangeError('division by zero');
  return divisor;
}

const charactersPerUnit = 8;

function addFunctions(environment: Environment, scope: ScopeName): void {
  const read = (map: unknown, key: unknown, otherwise: unknown): unknown => {
    if (map instanceof Map) return map.get(key) ?? otherwise;
    return typeof key === 'string' && Object.hasOwn(map as object, key) ? (map as Record<string, unknown>)[key] : otherwise;
  };
  // Without the hint the engine takes every function for one that may answer with a promise.
  const now = { async: false };
  environment.registerFunction('map.get(dyn): dyn', (map: unknown, key: unknown) => read(map, key, null), now);
  environment.registerFunction('map.get(dyn, dyn): dyn', read, now);

  const search = (text: string, pattern: string): boolean => {
    spend(text.length / charactersPerUnit);
    return findPattern(text, pattern);
  };
  environment.registerFunction('re2(string, string): bool', search, now);
  environment.registerFunction('matches(string, string): bool', search, now);
  environment.registerFunction('string.re2(string): bool', search, now);

  if (!looksUpEntities(scope)) return;
  environment.registerFunction('entity(string, string): dyn', (type: string, id: string) => runningValues().entity?.(type, id) ?? null, now);
  const children = (type: string, id: string, childType: string): unknown[] => [...(runningValues().children?.(type, id, childType) ?? [])];
  environment.registerFunction('children(string, string, string): list<dyn>', children, now);
}
