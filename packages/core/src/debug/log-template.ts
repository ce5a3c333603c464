/** The text of a logpoint: words with `${expression}` in between. */
import { LogError } from '../errors.ts';
import { compileExpression } from '../expression/expression.ts';
import type { Expression } from '../expression/expression.ts';
import type { ExpressionValues } from '../expression/scope.ts';
import type { Json } from '../log/event.ts';

export interface LogTemplate {
  readonly source: string;
  readonly expressions: readonly Expression[];
  /** The text for one place. What cannot be evaluated is told in its place: `<There is no "data.reward" here.>`. */
  render(values: ExpressionValues): string;
}

/** @throws LogError BAD_EXPRESSION as `compileExpression`; `syntax` for a `${` that is not closed. */
export function compileLogTemplate(source: string): LogTemplate {
  const parts = partsOf(source).map((part) => (part.isExpression ? compileExpression(part.text, { scope: 'debug' }) : part.text));
  return {
    source,
    expressions: parts.filter((part) => typeof part !== 'string'),
    render: (values) => parts.map((part) => (typeof part === 'string' ? part : shown(part, values))).join(''),
  };
}

function shown(expression: Expression, values: ExpressionValues): string {
  const answer = expression.evaluate(values);
  return answer.ok ? textOf(answer.value) : `<${answer.error.message}>`;
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

interface Part {
  readonly text: string;
  readonly isExpression: boolean;
}

function partsOf(source: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let open = source.indexOf('${'); open >= 0; open = source.indexOf('${', from)) {
    const close = closingBrace(source, open + 2);
    if (close < 0)
      throw new LogError('BAD_EXPRESSION', 'A "${" of the text is not closed.', { details: { reason: 'syntax', line: 1, column: open + 1 }, hint: 'Close it with "}".' });
    parts.push({ text: source.slice(from, open), isExpression: false }, { text: source.slice(open + 2, close), isExpression: true });
    from = close + 1;
  }
  parts.push({ text: source.slice(from), isExpression: false });
  return parts.filter(({ text, isExpression }) => isExpression || text !== '');
}

/** Braces of maps nest; a brace inside of a text is none. */
function closingBrace(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const character = source[at]!;
    if (character === '"' || character === "'") at = endOfText(source, at);
    else if (character === '{') depth++;
    else if (character === '}' && depth-- === 0) return at;
  }
  return -1;
}

function endOfText(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === source[from]) return at;
  }
  return source.length;
}
