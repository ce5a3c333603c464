/**
 * The values that an expression looks at: `state.coverage < 80.0` looks at `state.coverage`. They are what a person wants to
 * see beside the answer. Read straight from the values, without the engine, so that they cost next to nothing per event.
 */
import { defaultLimits } from '../limits.ts';
import { languageOf } from './language.ts';
import { contextClass, scopeNames, variableFor, type ExpressionValues, type ScopeName } from './scope.ts';
import { childrenOf, loopOf, type SyntaxNode } from './syntax-tree.ts';

export interface Operand {
  /** As it is written: `state.coverage`, `event.data["tests"].failed`. */
  readonly text: string;
  /** The value there; undefined when there is none. */
  read(values: ExpressionValues): unknown;
}

/** @param source  An expression that `compileExpression` took. At most `countMax` operands, in the order they are written. */
export function operandsOf(source: string, scope: ScopeName, countMax = 16): readonly Operand[] {
  const tree = languageOf(scope, defaultLimits.expressionNodesMax).parse(source).ast as unknown as SyntaxNode;
  const known = new Set(scopeNames(scope));
  const Context = contextClass(scope) as new (values: ExpressionValues) => Record<string, unknown>;
  const operands = new Map<string, Operand>();
  for (const chain of chainsIn(tree, new Set())) {
    const [root, ...keys] = chain.keys as readonly [string, ...string[]];
    const text = source.slice(chain.node.start, chain.node.end).trim();
    if (!known.has(root) || operands.size >= countMax) continue;
    operands.set(text, { text, read: (values) => valueBelow(new Context(values)[variableFor(root)], keys) });
  }
  return [...operands.values()];
}

interface Chain {
  readonly node: SyntaxNode;
  /** The name, then the keys below it. */
  readonly keys: readonly string[];
}

/** The longest chains of members that begin at a free name. */
function chainsIn(node: SyntaxNode, bound: ReadonlySet<string>): readonly Chain[] {
  const keys = keysOf(node);
  if (keys !== null) return bound.has(keys[0]!) ? [] : [{ node, keys }];
  const loop = loopOf(node);
  if (loop === null) return childrenOf(node).flatMap((child) => chainsIn(child, bound));
  const inside = new Set([...bound, loop.variable]);
  return [...chainsIn(loop.over, bound), ...loop.body.flatMap((part) => chainsIn(part, inside))];
}

function keysOf(node: SyntaxNode): readonly string[] | null {
  if (node.op === 'id') return [node.args as string];
  const key = node.op === '.' ? (node.args as [SyntaxNode, string])[1] : node.op === '[]' ? literalKey((node.args as [SyntaxNode, SyntaxNode])[1]) : null;
  if (key === null) return null;
  const above = keysOf((node.args as [SyntaxNode])[0]);
  return above === null ? null : [...above, key];
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
