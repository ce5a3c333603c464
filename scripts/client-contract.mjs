/**
 * What the operations take and give, as TypeScript, and where they are over HTTP: packages/client/src/contract, made from the
 * table that the server's routes are made from. The client knows no operation but through it, so none can be forgotten.
 *
 *   npm run contract                 writes the files
 *
 * test/client-contract.test.ts fails when they are stale.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filterInput, pageInput } from '@refold/operations';
import { z } from 'zod';

/** @typedef {{ readonly [keyword: string]: any }} JsonSchema */
/** @typedef {'input' | 'output'} Direction */
/** @typedef {import('@refold/operations').AnyOperation} AnyOperation */

export const contractFolder = fileURLToPath(new URL('../packages/client/src/contract/', import.meta.url));

/** Schemas that describe a type of core, which callers have already. */
const ofCore = new Map([['Actor', 'Actor'], ['AppendReceipt', 'AppendReceipt'], ['EntityRef', 'EntityRef'], ['Event', 'EventEnvelope'], ['EventInput', 'EventInput']]);

/** Inputs that many operations take among others; each stands once, under a name. */
const sharedInputs = new Map(Object.entries({ Filter: filterInput, PageRequest: z.object(pageInput) }));

const head = (/** @type {string} */ what) => `/** ${what} Written by \`npm run contract\` from the table of operations; do not edit. */`;

/**
 * @param {readonly AnyOperation[]} operations
 * @returns {{ readonly [file: string]: string }} what stands in each file of the contract
 */
export function contractOf(operations) {
  const offered = operations.filter(({ http }) => http !== undefined);
  const types = createTypes();
  const entries = offered.map((operation) => {
    const { name, doc } = operation;
    return `/** ${doc} */\nreadonly ${name}: ${block([`readonly input: ${types.of(operation, 'input')}`, `readonly ${'streams' in operation ? 'item' : 'output'}: ${types.of(operation, 'output')}`])}`;
  });
  const table = `export interface Operations ${block(entries)}\n`;
  const named = types.all();
  return {
    'operations.ts': [head('What each operation takes and gives.'), ...importsFor(table, types.names()), '', table].join('\n'),
    'routes.ts': [
      head('Where the operations are over HTTP.'),
      "import type { Operations } from './operations.ts';",
      '',
      "export interface Route {\n  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';\n  /** Below the base path; what stands in braces are fields of the input. */\n  readonly path: string;\n  /** Sent again it has no further effect: a question, or a commit with an id. */\n  readonly repeats?: 'always' | 'by commit id';\n  /** Its answer is a stream of items: by Server-Sent Events, or as the lines of a file that comes to its end. */\n  readonly streams?: 'events' | 'lines';\n}",
      '',
      `export const routes: { readonly [N in keyof Operations]: Route } = {\n${offered.map(routeLine).join('\n')}\n};`,
      '',
    ].join('\n'),
    'types.ts': [head('What has a name of its own in what the operations take and give.'), ...importsFor(named.join('\n'), []), '', ...named].join('\n'),
  };
}

/** The imports of a file: of core, and of the named types. @param {string} text @param {readonly string[]} names */
function importsFor(text, names) {
  const used = (/** @type {string} */ name) => new RegExp(`\\b${name}\\b`).test(text.replaceAll(/\/\*\*.*?\*\//g, ''));
  return [
    ["'@refold/core'", [...ofCore.values()]],
    ["'./types.ts'", names],
  ].flatMap(([from, known]) => {
    const wanted = /** @type {string[]} */ (known).filter(used).sort();
    return wanted.length === 0 ? [] : [`import type { ${wanted.join(', ')} } from ${String(from)};`];
  });
}

/** @param {AnyOperation} operation */
function routeLine(operation) {
  const { name, http, scope, input } = operation;
  const { method, path, isFile } = /** @type {import('@refold/operations').HttpBinding} */ (http);
  const takesCommitId = scope === 'append' && 'commitId' in (schemaOf(input, 'input').properties ?? {});
  const repeats = takesCommitId ? ", repeats: 'by commit id'" : method === 'GET' || scope === 'read' || scope === 'none' ? ", repeats: 'always'" : '';
  return `  ${name}: { method: '${method}', path: '${path}'${repeats}${'streams' in operation ? `, streams: '${isFile === true ? 'lines' : 'events'}'` : ''} },`;
}

/**
 * @param {z.ZodType} schema
 * @param {Direction} io
 * @returns {JsonSchema}
 */
const schemaOf = (schema, io) => z.toJSONSchema(schema, { io, unrepresentable: 'any' });

/** Types with a name of their own stand once; everything else stands where it is used. */
function createTypes() {
  /** @type {Map<string, string>} */
  const named = new Map();

  /**
   * @param {AnyOperation} operation
   * @param {Direction} io
   */
  function of(operation, io) {
    const { $defs = {}, ...root } = schemaOf(operation[io], io);
    /** @param {string} reference */
    const nameOf = (reference) => {
      const id = reference.replace('#/$defs/', '');
      if (ofCore.has(id)) return /** @type {string} */ (ofCore.get(id));
      // zod numbers what has no id of its own.
      if (id.startsWith('__')) return unreadable(operation.name, id);
      if (named.has(id)) return id;
      // A type that leads to itself is named before it is written.
      named.set(id, '');
      named.set(id, `${comment($defs[id], '\n')}export type ${id} = ${write($defs[id])};\n`);
      return id;
    };
    /** @param {JsonSchema} schema */
    const write = (schema) => typeOf(schema, { io, nameOf, unreadable: (keyword) => unreadable(operation.name, keyword) });
    const shared = io === 'output' ? [] : sharedIn(root);
    for (const id of shared) if (!named.has(id)) named.set(id, `export type ${id} = ${write(schemaOf(/** @type {z.ZodType} */ (sharedInputs.get(id)), io))};\n`);
    return [...shared, write(without(root, shared))].filter((type) => shared.length === 0 || type !== openEnd).join(' & ');
  }

  return { of, names: () => [...named.keys()], all: () => [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text) };
}

/**
 * Shared inputs that an input takes whole. A parameter may be narrower in it than where it is shared (a filter of one stream has to name
 * the stream): then the two stand beside each other, and both hold.
 *
 * @param {JsonSchema} root
 */
const sharedIn = ({ properties = {} }) => [...sharedParts].filter(([, parts]) => Object.entries(parts).every(([name, part]) => name in properties && narrows(properties[name], part))).map(([id]) => id);

/** The rest of an input: what is not shared, or narrower. @param {JsonSchema} root @param {readonly string[]} shared @returns {JsonSchema} */
function without(root, shared) {
  const parts = Object.assign({}, ...shared.map((id) => sharedParts.get(id)));
  // An index signature comes with the shared input that has one.
  const { additionalProperties: _open, ...closed } = root;
  return { ...(shared.length === 0 ? root : closed), ...(root.properties === undefined ? {} : { properties: Object.fromEntries(Object.entries(root.properties).filter(([name, part]) => !same(part, parts[name]))) }) };
}

const sharedParts = new Map([...sharedInputs].map(([id, shared]) => [id, schemaOf(shared, 'input').properties ?? {}]));

/** @param {unknown} left @param {unknown} right */
const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);

/** @param {JsonSchema} part @param {JsonSchema} shared */
const narrows = (part, shared) => same(part, shared) || kindsOf(part).every((kind) => kindsOf(shared).includes(kind));

/** @param {JsonSchema} schema @returns {readonly string[]} */
const kindsOf = (schema) => choicesOf(schema).flatMap(({ type, const: only }) => type ?? typeof only).map((kind) => (kind === 'integer' ? 'number' : kind));

/** How an object without any members is written. */
const openEnd = '{ readonly [name: string]: never }';

/**
 * How a schema is written.
 *
 * @typedef {object} Writing
 * @property {Direction} io
 * @property {(reference: string) => string} nameOf
 * @property {(keyword: string) => never} unreadable
 * @property {string} [anything]  The type of what the schema says nothing about; default `unknown`.
 * @property {(members: readonly string[], others: string | null) => string} [objectOf]  An object of these members, and of others when they have a type.
 */

/**
 * @param {JsonSchema} schema
 * @param {Writing} context
 * @returns {string}
 */
export function typeOf(schema, context) {
  const { nameOf, unreadable, anything = 'unknown' } = context;
  /** @param {JsonSchema} part */
  const write = (part) => typeOf(part, context);
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return literal(schema.const);
  const choices = choicesOf(schema);
  if (choices.length > 1 || choices[0] !== schema) return union(choices.map(write));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => write({ ...schema, type })));
  if (schema.type === undefined) return Object.keys(schema).every((key) => ['description', 'default', '$schema'].includes(key)) ? anything : unreadable(Object.keys(schema).join(' '));
  if (schema.type === 'array') return schema.prefixItems === undefined ? `readonly ${grouped(write(schema.items ?? {}))}[]` : `readonly [${[...schema.prefixItems.map(write), ...(typeof schema.items === 'object' ? [`...(${write(schema.items)})[]`] : [])].join(', ')}]`;
  if (schema.type === 'object') return objectType(schema, write, context);
  const plain = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }[/** @type {string} */ (schema.type)];
  return plain ?? unreadable(schema.type);
}

/**
 * @param {JsonSchema} schema
 * @param {(part: JsonSchema) => string} write
 * @param {Writing} context
 */
function objectType({ properties = {}, required = [], additionalProperties }, write, { io, anything = 'unknown', objectOf = openObject }) {
  const members = Object.entries(properties).map(([name, schema]) => {
    const type = write(schema);
    // A caller may say that he does not say it.
    const optional = required.includes(name) ? ':' : '?:';
    return `${comment(schema, '\n')}readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)}${optional} ${type}${optional === '?:' && io === 'input' && type !== anything ? ' | undefined' : ''}`;
  });
  return objectOf(members, typeof additionalProperties === 'object' ? write(additionalProperties) : null);
}

/** @param {readonly string[]} members @param {string | null} others */
function openObject(members, others) {
  const all = others === null ? members : [...members, `readonly [name: string]: ${members.length === 0 ? others : 'unknown'}`];
  return all.length === 0 ? openEnd : block(all);
}

/** On one line when there is room for it. @param {readonly string[]} members */
export function block(members) {
  const line = `{ ${members.join('; ')} }`;
  return line.length <= lineCharactersMax && !line.includes('\n') ? line : `{\n${members.map((member) => `  ${member.replaceAll('\n', '\n  ')};`).join('\n')}\n}`;
}

const lineCharactersMax = 120;

/** @param {JsonSchema} schema @param {string} after */
export const comment = ({ description }, after) => (typeof description === 'string' && description !== '' ? `/** ${description.replaceAll('*/', '*\\/')} */${after}` : '');

/** @param {unknown} value */
export const literal = (value) => (typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : JSON.stringify(value));

/** What a schema leaves to choose from, down to what leaves nothing. @param {JsonSchema} schema @returns {readonly JsonSchema[]} */
const choicesOf = (schema) => {
  if (schema.enum !== undefined) return schema.enum.map((/** @type {unknown} */ one) => ({ const: one }));
  return (schema.anyOf ?? schema.oneOf)?.flatMap(choicesOf) ?? [schema];
};

/** @param {readonly string[]} types */
const union = (types) => {
  const distinct = [...new Set(types)].filter((type) => !(types.includes('string') && type.startsWith("'")));
  return distinct.includes('unknown') ? 'unknown' : distinct.join(' | ');
};

/** @param {string} type */
const grouped = (type) => (/^[\w$]+$|^\{[^{}]*\}$/.test(type) ? type : `(${type})`);

/**
 * @param {string} operation
 * @param {string} what
 * @returns {never}
 */
function unreadable(operation, what) {
  throw new Error(`${operation}: scripts/client-contract.mjs has no TypeScript for ${what}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { operations } = await import('@refold/operations');
  for (const [file, text] of Object.entries(contractOf(operations))) writeFileSync(contractFolder + file, text);
}
