/**
 * What must be equal for an expression to be true: for `type == "job.failed" && data.cost > 3.0`, the type. A false operand
 * of `&&` makes it false whatever the other one is, so an index may be asked for the equal ones, and the expression evaluated
 * over what it finds. Operands of `||` and `!` promise nothing and are passed over.
 */
import { defaultLimits } from '../limits.ts';
import { languageOf } from './language.ts';
import { keysOf } from './operands.ts';
import type { SyntaxNode } from './syntax-tree.ts';

/**
 * Fields of the event (`agent`, `event.agent`) and the text each must have.
 *
 * @param source  An expression of the scope "event" that `compileExpression` took.
 */
export function equalitiesOf(source: string): ReadonlyMap<string, string> {
  const tree = languageOf('event', defaultLimits.expressionNodesMax).parse(source).ast as unknown as SyntaxNode;
  return new Map(conjunctsOf(tree).flatMap(equalityOf));
}

const conjunctsOf = (node: SyntaxNode): readonly SyntaxNode[] => (node.op === '&&' ? (node.args as readonly SyntaxNode[]).flatMap(conjunctsOf) : [node]);

function equalityOf({ op, args }: SyntaxNode): readonly (readonly [field: string, text: string])[] {
  if (op !== '==') return [];
  const [left, right] = args as readonly [SyntaxNode, SyntaxNode];
  const [value, named] = left.op === 'value' ? [left, right] : [right, left];
  if (value.op !== 'value' || typeof value.args !== 'string') return [];
  const keys = keysOf(named) ?? [];
  const [field, ...deeper] = keys[0] === 'event' ? keys.slice(1) : keys;
  return field === undefined || deeper.length > 0 ? [] : [[field, value.args]];
}
