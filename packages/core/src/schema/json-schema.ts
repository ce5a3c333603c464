/**
 * JSON Schemas that users hand in for the payloads of their own event types (JSON Schema 2020-12). A closed set of keywords is
 * taken: those that zod's reading means exactly as the standard does, once this file has put them into its form. Every other one is
 * refused by name, because a keyword that is let pass and not held to would be a promise that nobody keeps. `pattern` is refused, too: a
 * user's regular expression may take for ever. `format` and `default` are annotations, as the standard has them by default.
 */
import { z } from 'zod';
import { LogError } from '../errors.ts';
import type { Json, JsonObject } from '../log/event.ts';
import { pointerOf } from '../trust/json-pointer.ts';

type Path = readonly (string | number)[];

const annotations: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', '$defs', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format']);
const types: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']);
const numbers: readonly string[] = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const sizes: readonly string[] = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];

/**
 * The schema as something that payloads can be held against.
 *
 * @throws LogError BAD_REQUEST `schema` {pointer} for what is no schema, and for a keyword that is not taken.
 */
export function readPayloadSchema(schema: JsonObject): z.ZodType {
  if (schema['type'] !== 'object') throw refuse('A payload is an object, so its schema says "type": "object".', ['type']);
  const definitions = isObject(schema['$defs']) ? schema['$defs'] : {};
  const normal = { ...(normalSchema(schema, [], definitions) as JsonObject), $defs: Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, normalSchema(one, ['$defs', name], definitions)])) };
  // What stands here is a JSON Schema; zod's type names its keywords one by one.
  return z.fromJSONSchema(normal as unknown as Parameters<typeof z.fromJSONSchema>[0]);
}

/** The keywords that decide something, in the form in which zod means the same. */
function normalSchema(schema: Json, path: Path, definitions: JsonObject): Json {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) throw refuse('A schema is an object, true or false.', path);
  const within = (part: Json, ...steps: Path): Json => normalSchema(part, [...path, ...steps], definitions);
  if (schema['$ref'] !== undefined) return reference(schema, path, definitions);
  const normal: { [keyword: string]: Json } = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const at = [...path, keyword];
    if (annotations.has(keyword)) continue;
    else if (keyword === 'type') normal[keyword] = typeOf(value, at);
    else if (keyword === 'properties') normal[keyword] = Object.fromEntries(Object.entries(objectOf(value, at)).map(([name, part]) => [ownName(name, at), within(part, keyword, name)]));
    else if (keyword === 'required') normal[keyword] = listOf(value, at).map((name, index) => (typeof name === 'string' ? ownName(name, at) : wrong('a name', [...at, index])));
    else if (keyword === 'items' || keyword === 'additionalProperties') normal[keyword] = within(value, keyword);
    else if (keyword === 'anyOf' || keyword === 'oneOf') normal[keyword] = nonEmpty(value, at).map((part, index) => within(part, keyword, index));
    else if (keyword === 'enum') normal[keyword] = nonEmpty(value, at).map((one, index) => scalar(one, [...at, index]));
    else if (keyword === 'const') normal[keyword] = scalar(value, at);
    else if (keyword === 'uniqueItems') normal[keyword] = typeof value === 'boolean' ? value : wrong('true or false', at);
    else if (numbers.includes(keyword)) normal[keyword] = typeof value === 'number' && (keyword !== 'multipleOf' || value > 0) ? value : wrong('a number', at);
    else if (sizes.includes(keyword)) normal[keyword] = Number.isSafeInteger(value) && (value as number) >= 0 ? value : wrong('a count', at);
    else throw refuse(`The keyword ${keyword.slice(0, 64)} is not taken.`, at, keyword === 'pattern' || keyword === 'patternProperties' ? 'Use enum, minLength or maxLength: a regular expression of a user may take for ever.' : undefined);
  }
  return withRequiredNamed(normal);
}

/** zod holds only to those required names that it knows as properties. */
function withRequiredNamed(schema: { readonly [keyword: string]: Json }): Json {
  const names = schema['required'] as readonly string[] | undefined;
  if (names === undefined) return schema;
  const properties = (schema['properties'] ?? {}) as JsonObject;
  const rest = schema['additionalProperties'] ?? true;
  return { ...schema, properties: { ...Object.fromEntries(names.map((name) => [name, rest])), ...properties } };
}

/** Stands alone, because zod does not look at what stands beside it; and leads to a schema, not to another reference. */
function reference(schema: JsonObject, path: Path, definitions: JsonObject): Json {
  const { $ref: target, ...beside } = schema;
  const at = [...path, '$ref'];
  const other = Object.keys(beside).find((keyword) => !annotations.has(keyword));
  if (other !== undefined) throw refuse('A reference stands alone.', [...path, other]);
  const name = typeof target === 'string' && target.startsWith('#/$defs/') ? target.slice('#/$defs/'.length) : null;
  if (name === null || !Object.hasOwn(definitions, name)) throw refuse('A reference leads to a schema of #/$defs.', at);
  const found = definitions[name]!;
  if (isObject(found) && found['$ref'] !== undefined) throw refuse('A reference leads to a schema, not to another reference.', at);
  return { $ref: `#/$defs/${name}` };
}

function typeOf(value: Json, at: Path): Json {
  const names = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && types.has(name))) return wrong(`one of ${[...types].join(', ')}`, at);
  return value;
}

/** Names that every object answers to are no test of what is in one. */
function ownName(name: string, at: Path): string {
  if (name in Object.prototype) throw refuse(`A property cannot be named ${name}.`, at);
  return name;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: Json, at: Path): JsonObject => (isObject(value) ? value : wrong('an object', at));
const listOf = (value: Json, at: Path): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : wrong('a list', at));
const nonEmpty = (value: Json, at: Path): readonly Json[] => (listOf(value, at).length > 0 ? listOf(value, at) : wrong('a list that is not empty', at));
const scalar = (value: Json, at: Path): Json => (typeof value === 'object' && value !== null ? wrong('a text, a number, true, false or null', at) : value);

function wrong(wanted: string, at: Path): never {
  throw refuse(`Here stands ${wanted}.`, at);
}

const refuse = (message: string, at: Path, hint?: string): LogError =>
  new LogError('BAD_REQUEST', message, { details: { reason: 'schema', pointer: pointerOf(at) }, hint: hint ?? 'Taken are type, properties, required, additionalProperties, items, enum, const, anyOf, oneOf, uniqueItems, bounds of numbers and sizes, and references into #/$defs.' });
