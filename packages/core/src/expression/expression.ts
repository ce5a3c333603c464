/**
 * CEL, once: filters' residue, breakpoints, watches, flips, rules, alerts and preconditions all compile here. Parsed,
 * named, typed and bounded when it is written; a plain function of its values when it runs. Never `eval`.
 *
 * An expression that cannot be evaluated over some event (a key is missing, a number is divided by zero) answers with an
 * error and not with an exception: the caller counts it as "no match" and says how many there were.
 */
import { LogError, type ErrorDetails } from '../errors.ts';
import { defaultLimits, type Limits } from '../limits.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import { nearest } from '../schema/registry.ts';
import { freeNames, instrument, staticCost } from './bounds.ts';
import { runWithin, tooCostly } from './budget.ts';
import { languageOf, type Language } from './language.ts';
import { compilePattern } from './pattern.ts';
import { plainValue } from './plain-value.ts';
import { contextClass, givenNamesClass, scopeNames, variableFor, type ContextClass, type ExpressionValues, type GivenNames, type ScopeName } from './scope.ts';
import { childrenOf, placeIn, type SyntaxNode } from './syntax-tree.ts';
import type { Json } from '../log/event.ts';

export interface ExpressionOptions {
  /** Which names there are: an event; a debugger's event and states; a rule's; a run's in a list of runs. */
  readonly scope: ScopeName;
  /** "bool" refuses what cannot be true or false. Default "any". */
  readonly result?: 'bool' | 'any';
  readonly limits?: Partial<Pick<Limits, 'expressionBytesMax' | 'expressionNodesMax' | 'expressionCostMax'>>;
}

export type Evaluation<T = Json> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: LogError };

export interface Expression<T = Json> {
  readonly source: string;
  /** Names of the scope that it uses, so that a caller need not fold a state nobody asks for. */
  readonly names: ReadonlySet<string>;
  evaluate(values: ExpressionValues): Evaluation<T>;
  /** Over what each name stands for, each under its `variableFor`, as `nameReader` reads it; no entity can be looked up. */
  evaluateNames(names: GivenNames): Evaluation<T>;
}

/**
 * Compiles one expression.
 *
 * @throws LogError BAD_EXPRESSION with details.reason `syntax` (line, column), `unknown_name`, `type`, `size` or `cost`.
 */
export function compileExpression(source: string, options: ExpressionOptions & { readonly result: 'bool' }): Expression<boolean>;
export function compileExpression(source: string, options: ExpressionOptions): Expression;
export function compileExpression(source: string, options: ExpressionOptions): Expression {
  const limits = { ...defaultLimits, ...options.limits };
  const bytes = encodeUtf8(source).length;
  if (bytes > limits.expressionBytesMax) throw tooLarge('bytes', limits.expressionBytesMax);
  const language = languageOf(options.scope, limits.expressionNodesMax);

  const parsed = attempt(source, () => language.parse(source));
  const tree = parsed.ast as unknown as SyntaxNode;
  const names = checkNames(source, tree, options.scope, language);
  usePatternsInLinearTime(source, tree);
  const checked = parsed.check();
  if (!checked.valid) throw engineError(source, checked.error);
  if (options.result === 'bool' && checked.type !== 'bool' && checked.type !== 'dyn') throw notBoolean(checked.type ?? 'unknown');
  if (staticCost(tree) > limits.expressionCostMax) throw tooCostly(limits.expressionCostMax);
  instrument(tree, (node) => missingKey(source, node));

  const { Context, GivenNamesContext } = contextsOf(options.scope);
  const wantsBoolean = options.result === 'bool';

  function evaluateIn(values: ExpressionValues, context: object): Evaluation {
    try {
      const raw: unknown = runWithin(values, limits.expressionCostMax, () => parsed(context as Record<string, unknown>));
      if (typeof raw === 'boolean') return { ok: true, value: raw };
      return wantsBoolean ? { ok: false, error: notBoolean(raw === null ? 'null' : typeof raw) } : { ok: true, value: plainValue(raw) };
    } catch (error) {
      return { ok: false, error: error instanceof LogError ? error : evaluationError(source, error) };
    }
  }

  return {
    source,
    names,
    evaluate: (values) => evaluateIn(values, new Context(values)),
    evaluateNames: (given) => evaluateIn({}, new GivenNamesContext(given)),
  };
}

interface Contexts {
  readonly Context: ContextClass;
  readonly GivenNamesContext: ContextClass<GivenNames>;
}

const contexts = new Map<ScopeName, Contexts>();
function contextsOf(scope: ScopeName): Contexts {
  const known = contexts.get(scope) ?? { Context: contextClass(scope), GivenNamesContext: givenNamesClass(scope) };
  contexts.set(scope, known);
  return known;
}

/** Names of CEL's types, for `type(x) == string`. */
const typeNames: ReadonlySet<string> = new Set(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type']);

/** Refuses what the scope does not have, and carries each name under the engine's variable for it. */
function checkNames(source: string, tree: SyntaxNode, scope: ScopeName, language: Language): ReadonlySet<string> {
  const known = new Set(scopeNames(scope));
  const used = new Set<string>();
  for (const { name, node, kind } of freeNames(tree)) {
    if (kind === 'member' || !(known.has(name) || typeNames.has(name))) throw unknownName(source, name, node, [...known]);
    if (!known.has(name)) continue;
    used.add(name);
    node.args = variableFor(name);
  }
  checkFunctions(source, tree, language);
  return used;
}

function checkFunctions(source: string, node: SyntaxNode, language: Language): void {
  if (node.op === 'call' || node.op === 'rcall') {
    const [name] = node.args as [string];
    if (!language.functions.has(name)) throw unknownName(source, name, node, [...language.functions]);
  }
  for (const child of childrenOf(node)) checkFunctions(source, child, language);
}

/** The engine's own `matches` cannot be replaced, so the call is sent to ours; a literal pattern is compiled now. */
function usePatternsInLinearTime(source: string, node: SyntaxNode): void {
  if (node.op === 'rcall' && (node.args as [string])[0] === 'matches') (node.args as [string])[0] = 're2';
  const [name] = node.op === 'rcall' || node.op === 'call' ? (node.args as [string]) : [''];
  if (name === 're2' || name === 'matches') {
    const pattern = childrenOf(node)[1];
    if (pattern?.op === 'value' && typeof pattern.args === 'string') checkPattern(source, pattern, pattern.args);
  }
  for (const child of childrenOf(node)) usePatternsInLinearTime(source, child);
}

function checkPattern(source: string, node: SyntaxNode, pattern: string): void {
  try {
    compilePattern(pattern);
  } catch (cause) {
    throw new LogError('BAD_EXPRESSION', `The pattern "${pattern}" is not a regular expression of RE2.`, {
      details: { reason: 'pattern', ...placeIn(source, node.start) },
      hint: 'Look-around and back references are not there; see the RE2 syntax.',
      cause,
    });
  }
}

/* ---- What the engine says, in our words ---- */

interface EngineError {
  readonly code?: string;
  readonly summary?: string;
  readonly message?: string;
  readonly range?: { readonly start: number };
}

function attempt<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw engineError(source, error);
  }
}

/** Faults found before anything runs. */
function engineError(source: string, error: unknown): LogError {
  const { code, summary, message, range } = (error ?? {}) as EngineError;
  const text = (summary ?? message ?? 'The expression cannot be read.').split('\n')[0]!;
  if (code === 'limit_exceeded') return tooLarge('nodes', Number(/\((\d+)\)/.exec(text)?.[1] ?? 0));
  const place = placeIn(source, range?.start ?? 0);
  const reason = code === 'reserved_identifier' || code === 'unknown_variable' ? 'unknown_name' : typeFaults.has(code ?? '') ? 'type' : 'syntax';
  return new LogError('BAD_EXPRESSION', `${text} (${place.line}:${place.column})`, { details: { reason, ...place }, hint: hints[reason]! });
}

const typeFaults: ReadonlySet<string> = new Set([
  'no_such_overload',
  'no_matching_overload',
  'invalid_logical_operand',
  'invalid_condition_type',
  'incompatible_ternary_branches',
  'invalid_comprehension_range',
  'invalid_index_type',
  'cannot_index_type',
]);

const hints: Readonly<Record<string, string>> = {
  syntax: 'Correct the expression at this place; the language is CEL.',
  type: 'Compare and combine values of one type; convert with int(), double() or string().',
  unknown_name: 'Use a name that this kind of expression has.',
  evaluation: 'Guard the part that can fail, for example with has() or get(key, default).',
};

/** Faults met over one event's values. */
function evaluationError(source: string, error: unknown): LogError {
  const { summary, message, range } = error as EngineError;
  const place: ErrorDetails = range === undefined ? {} : placeIn(source, range.start);
  const text = (summary ?? message ?? 'The expression failed.').split('\n')[0]!;
  return new LogError('BAD_EXPRESSION', text, { details: { reason: 'evaluation', ...place }, hint: hints['evaluation']! });
}

function missingKey(source: string, node: SyntaxNode): LogError {
  const text = source.slice(node.start, node.end);
  return new LogError('BAD_EXPRESSION', `There is no "${text}" here.`, {
    details: { reason: 'absent', name: text, ...placeIn(source, node.start) },
    hint: 'Ask has(...) first, or read it with get(key, default).',
  });
}

function unknownName(source: string, name: string, node: SyntaxNode, known: readonly string[]): LogError {
  const place = placeIn(source, node.start);
  const near = nearest(name, known);
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : `There are: ${known.slice(0, 12).join(', ')}, ...`;
  return new LogError('BAD_EXPRESSION', `There is no name "${name}" (${place.line}:${place.column}).`, { details: { reason: 'unknown_name', name, nearest: near, ...place }, hint });
}

const tooLarge = (unit: 'bytes' | 'nodes', limit: number): LogError =>
  new LogError('BAD_EXPRESSION', `The expression is larger than ${limit} ${unit}.`, { details: { reason: 'size', unit, limit }, hint: 'Split it, or compare with a list: x in ["a", "b"].' });

const notBoolean = (found: string): LogError =>
  new LogError('BAD_EXPRESSION', `The expression must be true or false, and is ${found}.`, { details: { reason: 'type', found }, hint: 'Compare the value with something.' });
