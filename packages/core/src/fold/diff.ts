/**
 * What changed between two states: patches that, applied in order, lead from the one to the other. The same two values give
 * the same patches, whatever order their keys were made in.
 *
 * Arrays of entities are compared by who they are, not by where they stand: one job step that changes is one patch at that
 * step, and an agent that leaves is one removal, not a rewrite of all behind him. Removals come first, from the end, then
 * additions, from the front, then changes inside; so every path holds at its turn.
 */
import { changeAt, pointerOf } from './pointer.ts';
import type { Json } from '../log/event.ts';

export interface Patch {
  readonly op: 'add' | 'remove' | 'replace';
  /** JSON pointer (RFC 6901). */
  readonly path: string;
  /** null when there was nothing before (add). */
  readonly before: Json;
  /** null when nothing is left (remove). */
  readonly after: Json;
}

/** The patches from one JSON value to another; none when they are equal. A key whose value is undefined counts as absent. */
export function diff(before: unknown, after: unknown): readonly Patch[] {
  const patches: Patch[] = [];
  compare(before as Json, after as Json, [], patches);
  return patches;
}

/**
 * Applies patches to a copy.
 *
 * @throws LogError BAD_REQUEST `path` when a path leads nowhere.
 */
export function applyPatches<T>(value: T, patches: readonly Pick<Patch, 'op' | 'path' | 'after'>[]): T {
  let result: unknown = structuredClone(value);
  for (const { op, path, after } of patches) result = changeAt(result, path, op === 'remove' ? { op } : { op, value: structuredClone(after) });
  return result as T;
}

type Path = readonly (string | number)[];
type Fields = { readonly [key: string]: Json };

function compare(before: Json, after: Json, path: Path, patches: Patch[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareArrays(before, after, path, patches);
  else if (isFields(before) && isFields(after)) compareFields(before, after, path, patches);
  else patches.push({ op: 'replace', path: pointerOf(path), before, after });
}

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function compareFields(before: Fields, after: Fields, path: Path, patches: Patch[]): void {
  for (const key of [...new Set([...keysOf(before), ...keysOf(after)])].sort()) {
    const [was, is] = [Object.hasOwn(before, key) ? before[key] : undefined, Object.hasOwn(after, key) ? after[key] : undefined];
    if (was === undefined) patches.push({ op: 'add', path: pointerOf([...path, key]), before: null, after: is! });
    else if (is === undefined) patches.push({ op: 'remove', path: pointerOf([...path, key]), before: was, after: null });
    else compare(was, is, [...path, key], patches);
  }
}

const keysOf = (fields: Fields): readonly string[] => Object.keys(fields).filter((key) => fields[key] !== undefined);

function compareArrays(before: readonly Json[], after: readonly Json[], path: Path, patches: Patch[]): void {
  const [was, is] = [before.map(identityOf), after.map(identityOf)];
  const pairs = alignedPairs(was, is);
  const [stayed, came] = [new Set(pairs.map(([from]) => from)), new Set(pairs.map(([, to]) => to))];
  for (let index = before.length - 1; index >= 0; index--)
    if (!stayed.has(index)) patches.push({ op: 'remove', path: pointerOf([...path, index]), before: before[index]!, after: null });
  for (let index = 0; index < after.length; index++)
    if (!came.has(index)) patches.push({ op: 'add', path: pointerOf([...path, index]), before: null, after: after[index]! });
  for (const [from, to] of pairs) compare(before[from]!, after[to]!, [...path, to], patches);
}

/** Fields that name an entity, most telling first. */
const namingFields = ['id', 'key', 'sha', 'runId', 'runNumber', 'number', 'name', 'eventId', 'sessionId', 'index'] as const;

/** Who an item is; items of one identity are compared inside, others are another item. */
function identityOf(item: Json): string {
  if (!isFields(item)) return Array.isArray(item) ? 'list' : JSON.stringify(item);
  for (const field of namingFields) {
    const name = Object.hasOwn(item, field) ? item[field] : undefined;
    if (typeof name === 'string' || typeof name === 'number') return `${field}:${name}`;
  }
  return 'fields';
}

export type Pair = readonly [from: number, to: number];

/** Beyond so many comparisons the middle of two arrays is not aligned but replaced. */
const comparisonsMax = 1_000_000;

/** The longest common subsequence of identities, as index pairs; equal ends are paired without looking further. */
export function alignedPairs(was: readonly string[], is: readonly string[]): readonly Pair[] {
  let head = 0;
  while (head < was.length && head < is.length && was[head] === is[head]) head++;
  let tail = 0;
  while (tail < was.length - head && tail < is.length - head && was[was.length - 1 - tail] === is[is.length - 1 - tail]) tail++;

  const pairs: Pair[] = Array.from({ length: head }, (_, index) => [index, index] as const);
  const [wasMiddle, isMiddle] = [was.slice(head, was.length - tail), is.slice(head, is.length - tail)];
  if (wasMiddle.length * isMiddle.length <= comparisonsMax) for (const [from, to] of longestCommon(wasMiddle, isMiddle)) pairs.push([from + head, to + head]);
  for (let back = tail; back > 0; back--) pairs.push([was.length - back, is.length - back]);
  return pairs;
}

function longestCommon(was: readonly string[], is: readonly string[]): readonly Pair[] {
  if (was.length === 0 || is.length === 0) return [];
  const width = is.length + 1;
  // lengths[from * width + to] = longest common subsequence of was[from..] and is[to..].
  const lengths = new Uint32Array((was.length + 1) * width);
  for (let from = was.length - 1; from >= 0; from--)
    for (let to = is.length - 1; to >= 0; to--)
      lengths[from * width + to] = was[from] === is[to] ? lengths[(from + 1) * width + to + 1]! + 1 : Math.max(lengths[(from + 1) * width + to]!, lengths[from * width + to + 1]!);

  const pairs: Pair[] = [];
  let [from, to] = [0, 0];
  while (from < was.length && to < is.length) {
    if (was[from] === is[to]) pairs.push([from++, to++]);
    else if (lengths[(from + 1) * width + to]! >= lengths[from * width + to + 1]!) from++;
    else to++;
  }
  return pairs;
}
