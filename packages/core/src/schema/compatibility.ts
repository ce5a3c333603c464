/**
 * Can what was valid under one schema be read under another? Judged by the shapes alone, keyword by keyword: whatever is not plainly
 * wider is told as a break. So it may find a break where there is none, and never misses one.
 */
import type { Json, JsonObject } from '../log/event.ts';
import { canonicalText } from '../trust/canonical.ts';
import { pointerOf } from '../trust/json-pointer.ts';

/** backward: what is in the log stays valid. forward: readers of the version before can read the new one. full: both. none: not judged. */
export type Compatibility = 'backward' | 'forward' | 'full' | 'none';
export const compatibilities: readonly Compatibility[] = ['backward', 'forward', 'full', 'none'];

/** Where the newer schema breaks with the older one. */
export interface Break {
  /** JSON pointer into the payload; `*` stands for every item. */
  readonly path: string;
  readonly direction: 'backward' | 'forward';
  readonly detail: string;
}

export function breaksBetween(older: JsonObject, newer: JsonObject, mode: Compatibility): readonly Break[] {
  const told = (direction: Break['direction'], from: JsonObject, to: JsonObject): readonly Break[] => narrowings({ from: [from, from], to: [to, to], path: [], seen: new Set() }).map(([path, detail]) => ({ path, direction, detail }));
  return [...(mode === 'backward' || mode === 'full' ? told('backward', older, newer) : []), ...(mode === 'forward' || mode === 'full' ? told('forward', newer, older) : [])];
}

/** A schema, and the document whose $defs it refers to. */
type Placed = readonly [schema: Json, document: JsonObject];
type Narrowing = readonly [path: string, detail: string];

interface Step {
  readonly from: Placed;
  readonly to: Placed;
  readonly path: readonly string[];
  readonly seen: ReadonlySet<string>;
}

/** What `from` lets in and `to` may not. */
function narrowings({ from: [from, fromDocument], to: [to, toDocument], path, seen }: Step): readonly Narrowing[] {
  // A pair that leads back to itself has been judged on the way.
  const pair = `${referenceIn(from) ?? ''} ${referenceIn(to) ?? ''}`;
  if (pair !== ' ' && seen.has(pair)) return [];
  const [wide, narrow] = [resolved(from, fromDocument), resolved(to, toDocument)];
  if (narrow === null || wide === 'nothing') return [];
  const tell = (detail: string): readonly Narrowing[] => [[pointerOf(path), detail]];
  if (narrow === 'nothing') return tell('nothing is taken any more');
  const before: JsonObject = wide ?? {};
  const inside = (a: Json, b: Json, ...steps: readonly string[]): readonly Narrowing[] => narrowings({ from: [a, fromDocument], to: [b, toDocument], path: [...path, ...steps], seen: new Set([...seen, pair]) });
  return [
    ...typeNarrowings(before, narrow).flatMap(tell),
    ...boundNarrowings(before, narrow).flatMap(tell),
    ...valueNarrowings(before, narrow).flatMap(tell),
    ...propertyNarrowings(before, narrow, inside, path),
    ...(narrow['items'] === undefined ? [] : inside(before['items'] ?? true, narrow['items'], '*')),
    ...['anyOf', 'oneOf'].flatMap((keyword) => (narrow[keyword] === undefined || sameJson(before[keyword], narrow[keyword]) ? [] : tell(`${keyword} is another one`))),
  ];
}

/** null: everything is let in. */
function resolved(schema: Json, document: JsonObject): JsonObject | 'nothing' | null {
  const name = referenceIn(schema)?.slice('#/$defs/'.length);
  const found = name === undefined ? schema : ((document['$defs'] as JsonObject | undefined)?.[name] ?? true);
  if (found === false) return 'nothing';
  return found === true ? null : (found as JsonObject);
}

function referenceIn(schema: Json): string | undefined {
  if (typeof schema !== 'object' || schema === null || !('$ref' in schema)) return undefined;
  const target: Json | undefined = schema['$ref'];
  return typeof target === 'string' ? target : undefined;
}

const typesIn = ({ type }: JsonObject): readonly string[] | null => (type === undefined ? null : Array.isArray(type) ? (type as readonly string[]) : [type as string]);

function typeNarrowings(wide: JsonObject, narrow: JsonObject): readonly string[] {
  const [before, after] = [typesIn(wide), typesIn(narrow)];
  if (after === null) return [];
  if (before === null) return [`only ${after.join(', ')} is taken`];
  const lost = before.filter((type) => !after.includes(type) && !(type === 'integer' && after.includes('number')));
  return lost.length === 0 ? [] : [`${lost.join(', ')} is not taken any more`];
}

const lowest: readonly string[] = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const highest: readonly string[] = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

function boundNarrowings(wide: JsonObject, narrow: JsonObject): readonly string[] {
  const told: string[] = [];
  for (const keyword of [...lowest, ...highest]) {
    const [before, after] = [wide[keyword], narrow[keyword]];
    if (typeof after !== 'number') continue;
    const isWider = typeof before === 'number' && (lowest.includes(keyword) ? after <= before : after >= before);
    if (!isWider && !(after === 0 && lowest.slice(2).includes(keyword))) told.push(`${keyword} is ${after}`);
  }
  if (narrow['multipleOf'] !== undefined && narrow['multipleOf'] !== wide['multipleOf']) told.push(`multipleOf is ${JSON.stringify(narrow['multipleOf'])}`);
  if (narrow['uniqueItems'] === true && wide['uniqueItems'] !== true) told.push('items must be unlike each other');
  return told;
}

/** Values that are named: a `const` is an `enum` of one. */
const valuesIn = (schema: JsonObject): readonly Json[] | null => (schema['const'] === undefined ? ((schema['enum'] as readonly Json[] | undefined) ?? null) : [schema['const']]);

function valueNarrowings(wide: JsonObject, narrow: JsonObject): readonly string[] {
  const [before, after] = [valuesIn(wide), valuesIn(narrow)];
  if (after === null) return [];
  if (before === null) return ['only some values are taken'];
  const lost = before.filter((value) => !after.some((other) => sameJson(value, other)));
  return lost.length === 0 ? [] : [`${lost.map((value) => JSON.stringify(value)).join(', ')} is not taken any more`];
}

function propertyNarrowings(wide: JsonObject, narrow: JsonObject, inside: (a: Json, b: Json, ...steps: readonly string[]) => readonly Narrowing[], path: readonly string[]): readonly Narrowing[] {
  const [before, after] = [(wide['properties'] ?? {}) as JsonObject, (narrow['properties'] ?? {}) as JsonObject];
  const [needed, neededNow] = [new Set((wide['required'] ?? []) as readonly string[]), (narrow['required'] ?? []) as readonly string[]];
  const [rest, restNow] = [wide['additionalProperties'] ?? true, narrow['additionalProperties'] ?? true];
  // A name that nobody had yet is new, not narrower, as long as others may come beside the named ones.
  const shared = Object.keys(after).filter((name) => Object.hasOwn(before, name) || rest !== true);
  return [
    ...neededNow.filter((name) => !needed.has(name)).map((name): Narrowing => [pointerOf([...path, name]), 'it is needed now']),
    ...shared.flatMap((name) => inside(before[name] ?? rest, after[name]!, name)),
    ...Object.keys(before).filter((name) => !Object.hasOwn(after, name)).flatMap((name) => inside(before[name]!, restNow, name)),
    ...(restNow === true ? [] : inside(rest, restNow, '*')),
  ];
}

const sameJson = (a: Json | undefined, b: Json | undefined): boolean => a === b || (a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b));
