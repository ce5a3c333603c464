/**
 * Which event of one run stands where an event of the other stands. Entities are paired below paired entities, then the
 * events of each pair: equal ones first (longest common subsequence), then what is left between them, in order and by type.
 * So two agents that work at the same time may interleave as they like, and one call more is one difference, not a shift of
 * all behind it.
 */
import { alignedPairs } from '../fold/diff.ts';
import type { EntityNode } from './entity-tree.ts';
import type { RunRecord } from './run-records.ts';

export interface Difference {
  readonly a: RunRecord | null;
  readonly b: RunRecord | null;
  /** Where it stands in the order of run A; what A lacks stands behind what it has before it. */
  readonly order: number;
}

export interface Alignment {
  readonly differences: readonly Difference[];
  readonly equal: number;
}

/** @param flat  Compare in the log's order alone, without the tree. */
export function alignRuns(a: readonly RunRecord[], b: readonly RunRecord[], { flat = false } = {}): Alignment {
  const differences: Difference[] = [];
  let equal = 0;
  const [left, right] = [groupRecords(a), groupRecords(b)];

  function compareSequences(as: readonly RunRecord[], bs: readonly RunRecord[], start: number): void {
    let last = start;
    for (const [aRecord, bRecord] of pairItems(as, bs, contentOf, contentOf, sameKindOfEvent)) {
      if (aRecord !== null) last = left.order.get(aRecord)!;
      if (aRecord !== null && bRecord !== null && aRecord.type === bRecord.type && aRecord.hash === bRecord.hash) equal++;
      else differences.push({ a: aRecord, b: bRecord, order: aRecord === null ? last + 0.5 : last });
    }
  }

  function comparePair(aNode: EntityNode | null, bNode: EntityNode | null, start: number): void {
    const [as, bs] = [left.recordsOf(aNode), right.recordsOf(bNode)];
    compareSequences(as, bs, start);
    const first = as[0] === undefined ? start : left.order.get(as[0])!;
    compareChildren(left.childrenOf(aNode), right.childrenOf(bNode), first);
  }

  function compareChildren(as: readonly EntityNode[], bs: readonly EntityNode[], start: number): void {
    let last = start;
    for (const [aNode, bNode] of pairEntities(as, bs)) {
      const head = aNode === null ? null : left.headOf(aNode);
      if (head !== null) last = left.order.get(head)!;
      if (aNode !== null && bNode !== null) comparePair(aNode, bNode, last);
      // A whole entity that the other run does not have is one difference, at its first event.
      else differences.push({ a: head, b: bNode === null ? null : right.headOf(bNode), order: aNode === null ? last + 0.5 : last });
    }
  }

  /** What began before the records stood at equal places; its order here is only who spoke first. */
  function pairEntities(as: readonly EntityNode[], bs: readonly EntityNode[]): readonly Paired<EntityNode>[] {
    const [newAs, newBs] = [as.filter(left.begins), bs.filter(right.begins)];
    const oldBs = new Map(bs.filter((node) => !right.begins(node)).map((node) => [node.path, node]));
    const old = as.flatMap((node): readonly Paired<EntityNode>[] => {
      if (left.begins(node)) return [];
      const partner = oldBs.get(node.path) ?? null;
      oldBs.delete(node.path);
      return [[node, partner]];
    });
    const fresh = pairItems(newAs, newBs, (node) => contentOf(left.headOf(node)), (node) => contentOf(right.headOf(node)), (x, y) => x.type === y.type);
    return [...old, ...[...oldBs.values()].map((node): Paired<EntityNode> => [null, node]), ...fresh];
  }

  if (flat) compareSequences(a, b, -1);
  else compareChildren(left.roots, right.roots, -1);
  return { differences: differences.toSorted((x, y) => x.order - y.order), equal };
}

interface Grouped {
  readonly order: ReadonlyMap<RunRecord, number>;
  readonly roots: readonly EntityNode[];
  recordsOf(node: EntityNode | null): readonly RunRecord[];
  childrenOf(node: EntityNode | null): readonly EntityNode[];
  /** First record of an entity or of what stands inside it. */
  headOf(node: EntityNode): RunRecord;
  /** Its first event is among the records. */
  readonly begins: (node: EntityNode) => boolean;
}

function groupRecords(records: readonly RunRecord[]): Grouped {
  const order = new Map<RunRecord, number>();
  const recordsOf = new Map<EntityNode, RunRecord[]>();
  const childrenOf = new Map<EntityNode, EntityNode[]>();
  const roots: EntityNode[] = [];
  const heads = new Map<EntityNode, RunRecord>();

  /** Adds a node and those above it, so that a child whose parent began before the first record is found. */
  function enter(node: EntityNode, record: RunRecord): void {
    for (let inner: EntityNode = node; !heads.has(inner); inner = inner.parent) {
      heads.set(inner, record);
      if (inner.parent === null) {
        roots.push(inner);
        return;
      }
      const siblings = childrenOf.get(inner.parent);
      if (siblings === undefined) childrenOf.set(inner.parent, [inner]);
      else siblings.push(inner);
    }
  }

  for (const [index, record] of records.entries()) {
    order.set(record, index);
    enter(record.node, record);
    const own = recordsOf.get(record.node);
    if (own === undefined) recordsOf.set(record.node, [record]);
    else own.push(record);
  }
  return {
    order,
    roots,
    recordsOf: (node) => (node === null ? [] : (recordsOf.get(node) ?? [])),
    childrenOf: (node) => (node === null ? [] : (childrenOf.get(node) ?? [])),
    headOf: (node) => heads.get(node)!,
    begins: (node) => heads.get(node)!.eventId === node.first.eventId,
  };
}

const contentOf = ({ type, hash }: RunRecord): string => `${type} ${hash}`;

const sameKindOfEvent = (a: RunRecord, b: RunRecord): boolean => a.type === b.type || (a.isEnd && b.isEnd);

type Paired<T> = readonly [T | null, T | null];

/** Pairs equal items, then what lies between by `alike`, in order; the rest stands alone. */
function pairItems<T>(as: readonly T[], bs: readonly T[], textOfA: (item: T) => string, textOfB: (item: T) => string, alike: (a: T, b: T) => boolean): readonly Paired<T>[] {
  const pairs = alignedPairs(as.map(textOfA), bs.map(textOfB));
  const paired: Paired<T>[] = [];
  let [fromA, fromB] = [0, 0];
  for (const [toA, toB] of [...pairs, [as.length, bs.length] as const]) {
    paired.push(...pairGap(as.slice(fromA, toA), bs.slice(fromB, toB), alike));
    if (toA < as.length && toB < bs.length) paired.push([as[toA]!, bs[toB]!]);
    [fromA, fromB] = [toA + 1, toB + 1];
  }
  return paired;
}

/** How far ahead a partner is looked for; beyond it the two are no longer the same work. */
const lookAhead = 256;

function pairGap<T>(as: readonly T[], bs: readonly T[], alike: (a: T, b: T) => boolean): readonly Paired<T>[] {
  const paired: Paired<T>[] = [];
  let next = 0;
  for (const a of as) {
    const ahead = bs.slice(next, next + lookAhead);
    const found = ahead.findIndex((b) => alike(a, b));
    if (found < 0) paired.push([a, null]);
    else {
      for (const b of ahead.slice(0, found)) paired.push([null, b]);
      paired.push([a, ahead[found]!]);
      next += found + 1;
    }
  }
  return [...paired, ...bs.slice(next).map((b) => [null, b] as const)];
}
