/**
 * Columns for every value of a record that changes along a stream: an event, or a state. Filled one revision after the other
 * with what the record holds there; a key has its column from the revision at which it is first met.
 *
 * Each column tells of one key, in the record that it belongs to: a value, a record, or nothing. Where a path leads is what the
 * first of its columns says that is no record. So what is absent costs nothing, and neither does what is in it.
 *
 * Dropped for good, with all that is in it, is what cannot be kept (lists, long texts, texts that are all different) and a
 * record of many keys, which are names of things and not of values. Looking at those at every event would be the whole cost.
 */
import type { Limits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import { Column, missing, record } from './column.ts';

export interface ColumnTree {
  /** Newest revision that it tells of; -1 = none. */
  readonly upTo: Revision;
  readonly bytes: number;
  /** What stands at the next revision. The caller may change it afterwards. */
  add(revision: Revision, root: object): void;
  /** The columns along a path, as far as there ever was something; null when what stands there is not kept. */
  along(keys: readonly string[]): readonly Column[] | null;
  /** Drops what takes most; false when there is nothing left. */
  dropLargest(): boolean;
}

interface Node {
  readonly key: string;
  /** null: dropped. */
  column: Column | null;
  readonly children: Map<string, Node>;
  /** What the record held when it was last looked at, in its order. */
  held: Node[];
  /** Keys that came after those that it had when it was first met. */
  gained: number;
  isOld: boolean;
  /** Revision at which it was last met. */
  seen: Revision;
  hasRecord: boolean;
  /** What its column took last. */
  value: unknown;
}

const depthMax = 8;

export interface ColumnTreeLimits extends Pick<Limits, 'columnsPerStreamMax'> {
  /** Keys that may come into a record after it was first met with one. */
  readonly keysGainedMax: number;
}

/** @param first  The first revision that there is something at: 1 for events, 0 for states. */
export function createColumnTree(first: Revision, { columnsPerStreamMax, keysGainedMax }: ColumnTreeLimits): ColumnTree {
  const root: Node = { ...nodeOf(''), hasRecord: true };
  let upTo = first - 1;
  let count = 0;

  function nodesBelow(node: Node): Node[] {
    return [...node.children.values()].flatMap((child) => [child, ...nodesBelow(child)]);
  }

  function drop(node: Node): void {
    count -= nodesBelow(node).length;
    node.children.clear();
    node.held = [];
    node.column = null;
  }

  function childOf(node: Node, key: string): Node | null {
    const known = node.children.get(key);
    if (known !== undefined) return known;
    if (count === columnsPerStreamMax || (node.isOld && node.gained++ === keysGainedMax)) return null;
    count++;
    const child = nodeOf(key);
    node.children.set(key, child);
    return child;
  }

  /** Most records have the keys that they had before, in the same order; then nothing is looked up. */
  function look(node: Node, value: { readonly [key: string]: unknown }, revision: Revision, depth: number): void {
    const { held } = node;
    let length = 0;
    for (const key in value) {
      const child = held[length];
      if (child === undefined || child.key !== key) return lookAnew(node, value, revision, depth);
      length++;
      const part = value[key];
      if ((part === child.value && part !== 0) || child.column === null) continue;
      if (child.value === record && isRecord(part)) look(child, part, revision, depth + 1);
      else see(child, part, revision, depth + 1);
    }
    if (length < held.length) lookAnew(node, value, revision, depth);
  }

  function lookAnew(node: Node, value: { readonly [key: string]: unknown }, revision: Revision, depth: number): void {
    const before = node.held;
    const now: Node[] = [];
    for (const key in value) {
      const child = childOf(node, key);
      // A key "constructor" of its own makes a record something else to the engine, which asks values for theirs.
      if (child === null || key === 'constructor') return drop(node);
      child.seen = revision;
      now.push(child);
      see(child, value[key], revision, depth + 1);
    }
    for (const child of before) if (child.seen !== revision) keep(child, revision, missing);
    node.held = now;
    node.isOld = true;
  }

  function see(node: Node, value: unknown, revision: Revision, depth: number): void {
    if (node.column === null) return;
    if (typeof value !== 'object' || value === null) keep(node, revision, value);
    else if (isRecord(value) && depth < depthMax) {
      keep(node, revision, record);
      node.hasRecord = true;
      look(node, value, revision, depth);
    } else drop(node);
  }

  function keep(node: Node, revision: Revision, value: unknown): void {
    node.value = value;
    if (node.column?.set(revision, value) === false) drop(node);
  }

  return {
    get upTo() {
      return upTo;
    },
    get bytes() {
      return nodesBelow(root).reduce((sum, { column }) => sum + (column?.bytes ?? 0), 0);
    },
    add(revision, value) {
      if (revision !== upTo + 1) return;
      // Safe: only its own keys are read.
      if (root.column !== null) look(root, value as { readonly [key: string]: unknown }, revision, 0);
      upTo = revision;
    },
    along(keys) {
      const columns: Column[] = [];
      let node: Node | undefined = root;
      for (const key of keys) {
        if (node.column === null) return null;
        node = node.children.get(key);
        if (node === undefined) return columns;
        if (node.column !== null) columns.push(node.column);
      }
      return node.column === null || node.hasRecord ? null : columns;
    },
    dropLargest() {
      const largest = nodesBelow(root).reduce<Node | null>((most, node) => ((node.column?.bytes ?? 0) > (most?.column?.bytes ?? 0) ? node : most), null);
      if (largest === null) return false;
      drop(largest);
      return true;
    },
  };
}

const nodeOf = (key: string): Node => ({ key, column: new Column(), children: new Map(), held: [], gained: 0, isOld: false, seen: -1, hasRecord: false, value: missing });

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);
