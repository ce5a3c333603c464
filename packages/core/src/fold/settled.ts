/**
 * Copies of a state that share what cannot change. A definition may say which parts of its state are settled: written once,
 * never changed in place (`settled` in aggregate.ts; a run's checkpoints keep copies of half a state each). A copy of the
 * state shares them with the original, and keyframes keep each of them once.
 *
 * A shared part is frozen, so that an owner of one copy who writes into it fails at once, and no other copy changes.
 */
import type { Registry } from '../schema/registry.ts';
import type { State } from './aggregate.ts';

/** Keys that lead to settled parts, never through a list; `*` stands for any key, true for the part itself. */
export interface SettledPaths extends ReadonlyMap<string, SettledPaths | true> {}

/** Where the parts of this kind of stream stand; null when it has none. */
export function settledPaths(registry: Registry, streamType: string): SettledPaths | null {
  const aggregate = registry.aggregate(streamType);
  const paths = [aggregate, ...(aggregate?.parts ?? [])].flatMap((definition) => definition?.settled ?? []);
  return paths.length === 0 ? null : treeOf(paths);
}

function treeOf(paths: readonly (readonly string[])[]): SettledPaths {
  const heads = Map.groupBy(paths, ([head]) => head!);
  return new Map([...heads].map(([head, below]) => [head, below.some(({ length }) => length === 1) ? true : treeOf(below.map((path) => path.slice(1)))]));
}

/**
 * A copy that its owner may change; settled parts are shared. Cost: a third of a structured clone.
 *
 * @param tally  Counts the values that the copy does not share: how large it is. Texts are shared by every copy.
 */
export const copyState = (state: State, settled: SettledPaths | null, tally: { values: number } = { values: 0 }): State => copyOf(state, settled, tally) as State;

type Container = Record<string, unknown>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const below = (paths: SettledPaths, key: string): SettledPaths | true | null => paths.get(key) ?? paths.get('*') ?? null;

function copyOf(value: Container, settled: SettledPaths | null, tally: { values: number }): unknown {
  if (Array.isArray(value)) {
    tally.values += value.length;
    return value.map((item: unknown) => (isContainer(item) ? copyOf(item, null, tally) : item));
  }
  const copy = { ...value };
  for (const key in copy) {
    tally.values++;
    const part = copy[key];
    if (!isContainer(part)) continue;
    const paths = settled === null ? null : below(settled, key);
    copy[key] = paths === true ? frozen(part) : copyOf(part, paths, tally);
  }
  return copy;
}

/** A state without its settled parts, and those, in the order in which the state has them. The state itself is not changed. */
export function takeOut(state: State, settled: SettledPaths | null): { readonly rest: State; readonly parts: readonly unknown[] } {
  const parts: unknown[] = [];

  function without(value: Container, paths: SettledPaths): Container {
    const rest = { ...value };
    for (const [key, part] of Object.entries(rest)) {
      const deeper = below(paths, key);
      if (deeper === true) {
        parts.push(frozen(part));
        rest[key] = null;
      } else if (deeper !== null && isBranch(part)) rest[key] = without(part, deeper);
    }
    return rest;
  }
  return { rest: settled === null ? state : (without(state, settled) as State), parts };
}

/** Puts parts back where `takeOut` found them, into a state that the caller owns. */
export function putBack(rest: State, settled: SettledPaths | null, parts: readonly unknown[]): State {
  let next = 0;

  function fill(value: Container, paths: SettledPaths): void {
    for (const [key, part] of Object.entries(value)) {
      const deeper = below(paths, key);
      if (deeper === true) value[key] = parts[next++];
      else if (deeper !== null && isBranch(part)) fill(part, deeper);
    }
  }
  if (settled !== null) fill(rest, settled);
  return rest;
}

const isBranch = (value: unknown): value is Container => isContainer(value) && !Array.isArray(value);

function frozen<T>(value: T): T {
  if (!isContainer(value) || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
