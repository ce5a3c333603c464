/**
 * The engine's syntax tree, as much of it as we read and change. `handle` and `meta.alternate` are set by the engine's type
 * check and are not in its published types; the version is pinned, and the tests of cost and of missing keys fail loudly
 * when a new version moves them.
 */
export interface SyntaxNode {
  readonly op: string;
  args: unknown;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly alternate?: SyntaxNode };
  handle?: (...operands: unknown[]) => unknown;
}

/** Macros that loop: `list.all(x, ...)`. Their first argument is the name of the loop variable. */
const loopNames: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

export interface Loop {
  readonly variable: string;
  readonly over: SyntaxNode;
  readonly body: readonly SyntaxNode[];
  readonly name: string;
}

/** The loop that a node is, or null. */
export function loopOf(node: SyntaxNode): Loop | null {
  if (node.op !== 'rcall' || node.meta.alternate?.op !== 'comprehension') return null;
  const [name, over, [variable, ...body]] = node.args as [string, SyntaxNode, [SyntaxNode, ...SyntaxNode[]]];
  return loopNames.has(name) ? { variable: variable.args as string, over, body, name } : null;
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
      return [(node.args as [SyntaxNode, string])[0]];
    case '!_':
    case '-_':
      return [node.args as SyntaxNode];
    case 'call':
      return (node.args as [string, SyntaxNode[]])[1];
    case 'rcall': {
      const [, receiver, others] = node.args as [string, SyntaxNode, SyntaxNode[]];
      return [receiver, ...others];
    }
    case 'map':
      return (node.args as [SyntaxNode, SyntaxNode][]).flat();
    default:
      return node.args as SyntaxNode[];
  }
}

export const nodeCount = (node: SyntaxNode): number => childrenOf(node).reduce((sum, child) => sum + nodeCount(child), 1);

/** 1-based line and column of a character offset. */
export function placeIn(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
