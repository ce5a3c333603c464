/**
 * What an expression may name and what it may cost, judged on its syntax tree.
 *
 * Before it runs: a loop over a literal has a known length, a loop over data is taken for `assumedElements` long; nested
 * loops multiply. An expression that is too dear even so is refused at compile time. While it runs: the nodes whose work
 * depends on the data are wrapped, and pay for what they do (budget.ts). One unit is about one element looked at, 64
 * characters compared, or 16 that a function walks through. What happens once costs next to nothing whatever it is; inside
 * a loop a call pays for itself too, and so does an error, which `exists` and `||` would swallow a hundred thousand times.
 */
import { LogError } from '../errors.ts';
import { spend, weightOf } from './budget.ts';
import { childrenOf, loopOf, nodeCount, type SyntaxNode } from './syntax-tree.ts';

const assumedElements = 32;
/** Nodes of a loop's body that one unit pays for. */
const bodyNodesPerUnit = 8;

/** What a function does to a text, it does character by character. */
const callCharactersPerUnit = 16;
/** Choosing the function by its arguments, in a loop. */
const unitsPerCall = 4;
/** The engine looks at the keys of a record to know its type. */
const typedKeysPerUnit = 2;
/** Making an error and catching it again, in a loop; a missing key's was made beforehand. */
const unitsPerError = 160;
const unitsPerMissingKey = 24;

/** Members that reach a prototype in JavaScript. Payload keys of these names are read with brackets: `data["constructor"]`. */
const hiddenMembers: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface FreeName {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly kind: 'variable' | 'member';
}

/** Every name that the expression does not bind itself, and every member that is never allowed. */
export function freeNames(node: SyntaxNode, bound: ReadonlySet<string> = new Set()): readonly FreeName[] {
  if (node.op === 'id') return bound.has(node.args as string) ? [] : [{ name: node.args as string, node, kind: 'variable' }];
  const found: FreeName[] = [];
  if (node.op === '.') {
    const member = (node.args as [SyntaxNode, string])[1];
    if (hiddenMembers.has(member)) found.push({ name: member, node, kind: 'member' });
  }
  const loop = loopOf(node);
  if (loop === null) for (const child of childrenOf(node)) found.push(...freeNames(child, bound));
  else {
    found.push(...freeNames(loop.over, bound));
    const inside = new Set([...bound, loop.variable]);
    for (const part of loop.body) found.push(...freeNames(part, inside));
  }
  return found;
}

/** Units that the loops of an expression cost at the least plausible size of their data. */
export function staticCost(node: SyntaxNode): number {
  const loop = loopOf(node);
  if (loop === null) return childrenOf(node).reduce((sum, child) => sum + staticCost(child), 0);
  const perElement = loop.body.reduce((sum, part) => sum + unitsPerElement(part) + staticCost(part), 0);
  return staticCost(loop.over) + elementsOf(loop.over) * perElement;
}

const unitsPerElement = (body: SyntaxNode): number => Math.ceil(nodeCount(body) / bodyNodesPerUnit);

/** Most elements a collection can have as far as its text tells. */
function elementsOf(node: SyntaxNode): number {
  if (node.op === 'list' || node.op === 'map') return (node.args as unknown[]).length;
  if (node.op === '+') return childrenOf(node).reduce((sum, child) => sum + elementsOf(child), 0);
  const loop = loopOf(node);
  return loop !== null && (loop.name === 'map' || loop.name === 'filter') ? elementsOf(loop.over) : assumedElements;
}

/** Makes the nodes of a checked tree pay while they run, and makes a missing key cheap to report. */
export function instrument(node: SyntaxNode, missingKey: (node: SyntaxNode) => Error, isInLoop = false): void {
  const loop = loopOf(node);
  if (loop !== null && node.meta.alternate !== undefined) payPerElement(node.meta.alternate, loop.body);
  else if (node.handle !== undefined) {
    const handle = metered(node, node.handle, missingKey, isInLoop);
    node.handle = isInLoop && childrenOf(node).length > 0 ? inLoop(handle) : handle;
  }
  if (loop === null) for (const child of childrenOf(node)) instrument(child, missingKey, isInLoop);
  else {
    instrument(loop.over, missingKey, isInLoop);
    for (const part of loop.body) instrument(part, missingKey, true);
  }
}

function payPerElement(comprehension: SyntaxNode, body: readonly SyntaxNode[]): void {
  const { handle } = comprehension;
  if (handle === undefined) return;
  const units = body.reduce((sum, part) => sum + unitsPerElement(part), 0);
  comprehension.handle = (items, args, engine, context) => {
    spend(elementCount(items) * units);
    return handle(items, args, engine, context);
  };
}

const elementCount = (items: unknown): number =>
  Array.isArray(items) ? items.length : typeof items === 'object' && items !== null ? Object.keys(items).length : 0;

type Handle = NonNullable<SyntaxNode['handle']>;

/**
 * `exists` and `all` go on after an error, so what has nothing left to spend must not work again for the next element.
 * Operands reach a node evaluated: an error passes through the one node that made it, and is paid for once.
 */
const inLoop =
  (handle: Handle): Handle =>
  (...operands) => {
    spend(0);
    try {
      return handle(...operands);
    } catch (error) {
      spend(error instanceof LogError ? unitsPerMissingKey : unitsPerError);
      throw error;
    }
  };

function metered(node: SyntaxNode, handle: Handle, missingKey: (node: SyntaxNode) => Error, isInLoop: boolean): Handle {
  switch (node.op) {
    case '.':
    case '[]': {
      // Most events of a filter's scan lack the key it asks for. One error made beforehand is thrown again and again;
      // an error made per event, with its stack, costs ten times the rest of the evaluation. Reading plain objects here
      // also keeps a payload key named "constructor" from misleading the engine, which asks values for theirs.
      const missing = missingKey(node);
      return (left, name, ast, engine) => {
        if (!isPlainObject(left) || typeof name !== 'string') return handle(left, name, ast, engine);
        const value: unknown = Object.hasOwn(left, name) ? (left as Record<string, unknown>)[name] : undefined;
        if (value === undefined) throw missing;
        return value;
      };
    }
    case '==':
    case '!=':
    case 'in':
    case '+':
      return (left, right, ast, engine) => {
        if (isHeavy(left) || isHeavy(right)) spend(weightOf(left) + weightOf(right));
        return handle(left, right, ast, engine);
      };
    case 'call':
      return (args, ast, engine) => {
        payForArguments(args as unknown[], node, isInLoop);
        return handle(args, ast, engine);
      };
    case 'rcall':
      return (args, engine, ast) => {
        payForArguments(args as unknown[], node, isInLoop);
        return handle(args, engine, ast);
      };
    default:
      return handle;
  }
}

/** Functions that look at one key or at a value's kind, however large the value is. */
const constantTime: ReadonlySet<string> = new Set(['get', 'type', 'dyn']);

function payForArguments(args: readonly unknown[], node: SyntaxNode, isInLoop: boolean): void {
  const isConstant = constantTime.has((node.args as [string])[0]);
  if (isConstant && !isInLoop) return;
  let units = isInLoop ? unitsPerCall : 0;
  for (const value of args)
    if (typeof value === 'string') units += isConstant ? 0 : value.length / callCharactersPerUnit;
    else if (isHeavy(value)) units += elementCount(value) / (isConstant ? typedKeysPerUnit : 1);
  spend(units);
}

const isHeavy = (value: unknown): boolean => (typeof value === 'object' && value !== null) || (typeof value === 'string' && value.length > 64);

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
