/** A configuration as a plain tree of keys, and where each leaf came from. */
export type Tree = { readonly [key: string]: unknown };
export type Path = readonly (string | number)[];

export interface Leaf {
  /** `event_sourcing.storage.driver` */
  readonly key: string;
  readonly value: unknown;
}

export const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The second over the first, key by key; lists and scalars replace. */
export function overlay(below: Tree, above: Tree): Tree {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) merged[key] = isTree(value) && isTree(merged[key]) ? overlay(merged[key], value) : value;
  return merged;
}

export function leavesOf(tree: Tree, prefix = ''): readonly Leaf[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return isTree(value) && Object.keys(value).length > 0 ? leavesOf(value, path) : [{ key: path, value }];
  });
}

/** A tree with one leaf. */
export const treeWith = (key: string, value: unknown): Tree => key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Tree;
