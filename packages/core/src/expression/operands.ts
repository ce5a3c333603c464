/**
 * The values that an expression looks at: `state.coverage < 80.0` looks at `state.coverage`. They are what a person wants to
 * see beside the answer. Read straight from the values, without the engine, so that they cost next to nothing per event.
 */
import { defaultLimits } from '../limits.ts';
import { languageOf } from './language.ts';
import { nameReader, scopeNames, type ExpressionValues, type ScopeName } from './scope.ts';
import { childrenOf, loopOf, type SyntaxNode } from './syntax-tree.ts';

export interface Operand {
  /** As it is written: `state.coverage`, `event.data["tests"].failed`, `event_data.get("reward", 0)`. */
  readonly text: string;
  /** The name that it begins with, and the keys below it. */
  readonly root: string;
  readonly keys: readonly string[];
  /** The value there; undefined when there is none. */
  read(values: ExpressionValues): unknown;
}

export interface Operands {
  /** In the order they are written, each once. */
  readonly list: readonly Operand[];
  /** The answer follows from these values alone, as long as none of them is an object that may change inside. */
  readonly isAll: boolean;
  /** It loops over something, and what a loop may cost depends on more than the values that are told here. */
  readonly hasLoops: boolean;
}

/** @param source  An expression that `compileExpression` took. At most `countMax` operands. */
export function operandsOf(source: string, scope: ScopeName, countMax = 16): Operands {
  const tree = languageOf(scope, defaultLimits.expressionNodesMax).parse(source).ast as unknown as SyntaxNode;
  const known = new Set(scopeNames(scope));
  const operands = new Map<string, Operand>();
  let isAll = !looksBeyond(tree);
  for (const chain of chainsIn(tree, new Set())) {
    const [root, ...keys] = chain.keys as readonly [string, ...string[]];
    const text = source.slice(chain.node.start, chain.node.end).trim();
    if (!known.has(root)) continue;
    if (operands.size >= countMax && !operands.has(text)) isAll = false;
    else operands.set(text, { text, root, keys, read: readerBelow(nameReader(scope, root), keys) });
  }
  return { list: [...operands.values()], isAll, hasLoops: hasLoops(tree) };
}

const readerBelow =
  (root: (values: ExpressionValues) => unknown, keys: readonly string[]): Operand['read'] =>
  (values) =>
    valueBelow(root(values), keys);

/** Functions that answer by more than their arguments. */
const beyond: ReadonlySet<string> = new Set(['entity', 'children']);

const looksBeyond = (node: SyntaxNode): boolean => (node.op === 'call' && beyond.has((node.args as [string])[0])) || childrenOf(node).some(looksBeyond);

const hasLoops = (node: SyntaxNode): boolean => loopOf(node) !== null || childrenOf(node).some(hasLoops);

interface Chain {
  readonly node: SyntaxNode;
  /** The name, then the keys below it. */
  readonly keys: readonly string[];
}

/** The longest chains of members that begin at a free name. */
function chainsIn(node: SyntaxNode, bound: ReadonlySet<string>): readonly Chain[] {
  const keys = keysOf(node) ?? keysOfGet(node);
  if (keys !== null) {
    const otherwise = node.op === 'rcall' ? childrenOf(node).slice(1).flatMap((child) => chainsIn(child, bound)) : [];
    return bound.has(keys[0]!) ? otherwise : [{ node, keys }, ...otherwise];
  }
  const loop = loopOf(node);
  if (loop === null) return childrenOf(node).flatMap((child) => chainsIn(child, bound));
  const inside = new Set([...bound, loop.variable]);
  return [...chainsIn(loop.over, bound), ...loop.body.flatMap((part) => chainsIn(part, inside))];
}

/** The name that a chain of members begins with, then the keys below it; null for anything else. */
export function keysOf(node: SyntaxNode): readonly string[] | null {
  if (node.op === 'id') return [node.args as string];
  const key = node.op === '.' ? (node.args as [SyntaxNode, string])[1] : node.op === '[]' ? literalKey((node.args as [SyntaxNode, SyntaxNode])[1]) : null;
  if (key === null) return null;
  const above = keysOf((node.args as [SyntaxNode])[0]);
  return above === null ? null : [...above, key];
}

/** `chain.get("key", default)` looks at one key, as `chain.key` does. */
function keysOfGet(node: SyntaxNode): readonly string[] | null {
  if (node.op !== 'rcall' || (node.args as [string])[0] !== 'get') return null;
  const [receiver, wanted] = childrenOf(node);
  const above = keysOf(receiver!);
  const isText = wanted?.op === 'value' && typeof wanted.args === 'string';
  return above === null || !isText ? null : [...above, wanted.args as string];
}

function literalKey(node: SyntaxNode): string | null {
  if (node.op !== 'value') return null;
  return typeof node.args === 'string' || typeof node.args === 'bigint' || typeof node.args === 'number' ? String(node.args) : null;
}

function valueBelow(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: string]: unknown })[key];
  }
  return value;
}
