/**
 * A map from any row to events, in CEL: which stream, which type, when, under which key, with what data. Compiled once by the
 * caller's CEL; a fault in the map is found before the first row is read. Source: INTAKE.md, section 17.
 */
import { LogError } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import { objectIn } from '../json-shape.ts';

/** As written in `map.yaml`. Every expression sees `row`; with `split` also `item` and `index`. */
export interface RowMap {
  /** Address `type/id`. */
  readonly stream: string;
  readonly type: string;
  /** Time of the event; left out: the row has none. */
  readonly at?: string;
  /** Native id of the row; left out: file and line. */
  readonly key?: string;
  /** Rows for which this is false give no event. */
  readonly when?: string;
  /** A list; one event for each item. */
  readonly split?: string;
  /** The payload: texts with `${expression}`, nested as wanted, or one expression that gives an object. Left out: the row. */
  readonly data?: JsonObject | string;
  /** Columns that hold JSON as text. */
  readonly json?: readonly string[];
  /** Who acted: an expression that gives `type:id`, for example `user:mara`. */
  readonly actor?: string;
  /** The start of an end that a row tells alone; it is written unless the log has it. */
  readonly start?: RowStart;
  /** `time`: rows are told in the order of their times and keys; the file is held in memory. Left out: as they stand. */
  readonly order?: 'time';
}

export interface RowStart {
  /** Rows for which this is false need no start. */
  readonly when?: string;
  readonly type: string;
  readonly data: JsonObject | string;
}

/** What an expression of a map sees. */
export interface RowScope {
  readonly row: Json;
  readonly item?: Json;
  readonly index?: number;
}

/**
 * Compiles one CEL expression over `row`, `item`, `index`.
 *
 * @throws LogError BAD_EXPRESSION, when it is compiled for what is wrong with it, when it runs for a row it cannot read.
 */
export type CompileExpression = (source: string) => (scope: RowScope) => Json;

export interface CompiledRowMap {
  readonly stream: (scope: RowScope) => string;
  readonly type: (scope: RowScope) => string;
  readonly at: (scope: RowScope) => string | null;
  readonly key: ((scope: RowScope) => string) | null;
  readonly when: (scope: RowScope) => boolean;
  /** One scope for each event that the row gives. */
  readonly scopes: (row: JsonObject) => readonly RowScope[];
  readonly data: (scope: RowScope) => JsonObject;
  /** `type:id`; null when the row does not say. */
  readonly actor: (scope: RowScope) => string | null;
  readonly start: (scope: RowScope) => { readonly type: string; readonly data: JsonObject } | null;
  readonly isOrderedByTime: boolean;
}

/** @throws LogError BAD_EXPRESSION for an expression that does not compile. */
export function compileRowMap(map: RowMap, compile: CompileExpression): CompiledRowMap {
  const text = (source: string, name: string) => {
    const evaluate = compile(source);
    return (scope: RowScope): string => scalarText(evaluate(scope), name);
  };
  const optional = (source: string | undefined): Evaluate | null => (source === undefined ? null : compile(source));
  const [at, key, when, split, actor] = [optional(map.at), optional(map.key), optional(map.when), optional(map.split), optional(map.actor)];
  const data = map.data === undefined ? null : compilePayload(map.data, compile);
  const start = map.start === undefined ? null : compileStart(map.start, compile);
  return {
    stream: text(map.stream, 'stream'),
    type: text(map.type, 'type'),
    at: (scope) => (at === null ? null : textOrNull(at(scope))),
    key: key === null ? null : (scope) => scalarText(key(scope), 'key'),
    when: (scope) => when === null || when(scope) === true,
    scopes(row) {
      const read = withJsonColumns(row, map.json ?? []);
      const items = split === null ? null : split({ row: read });
      return Array.isArray(items) ? (items as readonly Json[]).map((item, index) => ({ row: read, item, index })) : [{ row: read }];
    },
    // Safe: a row is an object.
    data: (scope) => (data === null ? (scope.row as JsonObject) : data(scope)),
    actor: (scope) => (actor === null ? null : textOrNull(actor(scope))),
    start: (scope) => start?.(scope) ?? null,
    isOrderedByTime: map.order === 'time',
  };
}

function compileStart(start: RowStart, compile: CompileExpression): CompiledRowMap['start'] {
  const [type, data, when] = [compile(start.type), compilePayload(start.data, compile), start.when === undefined ? null : compile(start.when)];
  return (scope) => (when !== null && when(scope) !== true ? null : { type: scalarText(type(scope), 'start/type'), data: data(scope) });
}

function compilePayload(template: JsonObject | string, compile: CompileExpression): (scope: RowScope) => JsonObject {
  const evaluate = typeof template === 'string' ? compile(template) : compileData(template, compile);
  return (scope) => {
    const value = objectIn(evaluate(scope));
    if (value === undefined) throw new LogError('BAD_EXPRESSION', "The map's data gave no object for this row.", { details: { reason: 'type', pointer: '/data' }, hint: "Let data give an object, such as {'title': row.title}." });
    return value;
  };
}

type Evaluate = (scope: RowScope) => Json;

/** A text that is one `${…}` gives the expression's own value; among other text it gives text. */
function compileData(template: Json, compile: CompileExpression): Evaluate {
  if (typeof template === 'string') return compileText(template, compile);
  if (Array.isArray(template)) {
    const items = (template as readonly Json[]).map((item) => compileData(item, compile));
    return (scope) => items.map((item) => item(scope));
  }
  if (typeof template !== 'object' || template === null) return () => template;
  const entries = Object.entries(template as JsonObject).map(([key, value]) => [key, compileData(value, compile)] as const);
  return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]));
}

function compileText(template: string, compile: CompileExpression): Evaluate {
  const parts = template.split(/\$\{([^}]*)\}/);
  if (parts.length === 1) return () => template;
  const values = parts.filter((_, index) => index % 2 === 1).map((source) => compile(source));
  if (values.length === 1 && parts[0] === '' && parts[2] === '') return values[0]!;
  return (scope) => parts.map((part, index) => (index % 2 === 0 ? part : shown(values[(index - 1) / 2]!(scope)))).join('');
}

const shown = (value: Json): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));

function withJsonColumns(row: JsonObject, columns: readonly string[]): JsonObject {
  const parsed = columns.flatMap((column) => {
    const text = Object.hasOwn(row, column) ? row[column] : undefined;
    return typeof text === 'string' && text !== '' ? [[column, JSON.parse(text) as Json] as const] : [];
  });
  return parsed.length === 0 ? row : { ...row, ...Object.fromEntries(parsed) };
}

const textOrNull = (value: Json): string | null => (typeof value === 'string' && value !== '' ? value : null);

function scalarText(value: Json, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new LogError('BAD_EXPRESSION', `The map's ${name} gave no text for this row.`, { details: { reason: 'type', pointer: `/${name}` }, hint: `Let ${name} give a text, or leave such rows out with when.` });
}
