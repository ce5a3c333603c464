/**
 * One configuration file: YAML 1.2 core schema and nothing beyond it. No tags, no aliases that multiply, no key twice; each
 * refusal names line and column. `${NAME}` in a value is replaced from the environment.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { LogError, nearest } from '@refold/core';
import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, parse, parseDocument, visit } from 'yaml';
import type { Document, LineCounter as Lines, Node, Pair } from 'yaml';
import type { z } from 'zod';
import { readDuration } from '../duration.ts';
import { isTree } from './config-tree.ts';
import type { Path, Tree } from './config-tree.ts';
import { configSchema } from './schema.ts';

export interface ConfigFile {
  readonly path: string;
  readonly tree: Tree;
  /** The file may be read by everybody. */
  readonly isOpen: boolean;
}

export interface ConfigPosition {
  readonly line: number;
  readonly column: number;
}

const fileBytesMax = 1_048_576;
const aliasesMax = 100;

/**
 * @param shown  The path as messages name it.
 * @throws LogError BAD_CONFIG; `reason`: file, syntax, tab, alias, tag, duplicate, unknown_key, type, unit, environment.
 */
export function readConfigFile(path: string, shown: string, env: { readonly [name: string]: string | undefined }): ConfigFile {
  const { text, isOpen } = readText(path, shown);
  return { path, tree: readConfigText(text, shown, env), isOpen };
}

function readConfigText(text: string, shown: string, env: { readonly [name: string]: string | undefined }): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', schema: 'core', lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number | undefined): ConfigPosition => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [fault] = document.errors;
  if (fault !== undefined) throw refuse(shown, at(fault.pos[0]), reasonOfYaml(fault.code), fault.message.split('\n')[0]!.replace(/ at line \d+.*$/, ''), 'Correct the line; the file is YAML 1.2.');
  refuseTags(document, shown, at);
  expandVariables(document, shown, at, env);
  const tree = plainTree(document, shown, at, lines);
  return checked(tree, shown, (path) => positionOf(document, path, at));
}

function readText(path: string, shown: string): { readonly text: string; readonly isOpen: boolean } {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(shown, 'cannot be read', error);
  }
  try {
    const { size, mode } = fstatSync(file);
    if (!fstatSync(file).isFile()) throw unreadable(shown, 'is no file');
    if (size > fileBytesMax) throw unreadable(shown, `is larger than ${fileBytesMax} bytes`);
    return { text: readFileSync(file, 'utf8'), isOpen: process.platform !== 'win32' && (mode & 0o077) !== 0 };
  } finally {
    closeSync(file);
  }
}

const unreadable = (shown: string, what: string, cause?: unknown): LogError =>
  new LogError('BAD_CONFIG', `The configuration file ${shown} ${what}.`, { details: { reason: 'file', file: shown }, hint: 'Check the path given with --config or REFOLD_CONFIG.', ...(cause === undefined ? {} : { cause }) });

function refuse(file: string, { line, column }: ConfigPosition, reason: string, what: string, hint: string): LogError {
  return new LogError('BAD_CONFIG', `${file}:${line}:${column}: ${what}`, { details: { reason, file, line, column }, hint });
}

function reasonOfYaml(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'tab';
  return code === 'DUPLICATE_KEY' ? 'duplicate' : 'syntax';
}

type PositionAt = (offset: number | undefined) => ConfigPosition;

const plainTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));

function refuseTags(document: Document, shown: string, at: PositionAt): void {
  visit(document, {
    Node(_, node) {
      if (isAlias(node) || node.tag === undefined || plainTags.has(node.tag)) return;
      throw refuse(shown, at(node.range?.[0]), 'tag', `The tag ${node.tag} is not allowed.`, 'Write plain values; a configuration runs nothing.');
    },
  });
}

/** A value that is nothing but one variable is read as YAML reads a plain value, so that a port may come from outside. */
function expandVariables(document: Document, shown: string, at: PositionAt, env: { readonly [name: string]: string | undefined }): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const expanded = node.value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
        const value = env[name];
        if (value === undefined) throw refuse(shown, at(node.range?.[0]), 'environment', `The environment has no ${name}.`, `Set ${name}, or write the value itself.`);
        return value;
      });
      const isWhole = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(node.value);
      node.value = isWhole && /^(?:true|false|[-+]?\d{1,15})$/.test(expanded) ? (parse(expanded) as string | number | boolean) : expanded;
    },
  });
}

function plainTree(document: Document, shown: string, at: PositionAt, lines: Lines): Tree {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new LogError('BAD_CONFIG', `${shown}: Aliases multiply beyond ${aliasesMax}.`, { details: { reason: 'alias', file: shown, line: 1, limit: aliasesMax, lines: lines.lineStarts.length }, hint: 'Write the values out.', cause: error });
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw refuse(shown, at(0), 'type', 'A configuration is a map of keys.', 'Begin with event_sourcing:');
  return value;
}

/** @returns the same tree; it is held against the schema for what is wrong with it. */
function checked(tree: Tree, shown: string, where: (path: Path) => ConfigPosition): Tree {
  refuseBareRetention(tree, shown, where);
  const result = configSchema.safeParse(Object.hasOwn(tree, 'event_sourcing') ? tree : { ...tree, event_sourcing: {} });
  if (result.success) return tree;
  const issue = deepest(result.error.issues[0]!);
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const near = nearest(key, keysAt(path), 1);
    throw refuse(shown, where([...path, key]), 'unknown_key', `There is no key ${[...path, key].join('.')}.`, near.length === 0 ? 'refold config print shows every key.' : `Did you mean ${near[0]}?`);
  }
  throw refuse(shown, where(path), 'type', `${path.join('.')}: ${issue.message.replace(/^Invalid input: /, '')}.`, 'YAML 1.2: true and false are the only flags, and 012 is the number 12.');
}

/** A union reports every branch; the one that went furthest says most. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  return { ...issue, message: 'none of the forms that are allowed here' };
}

/** `retention: 90` could be days, weeks or months: a time needs its unit. */
function refuseBareRetention(tree: Tree, shown: string, where: (path: Path) => ConfigPosition): void {
  for (const path of [
    ['retention'],
    ['event_sourcing', 'retention'],
    ['event_sourcing', 'cleanup', 'retention'],
  ]) {
    const value = path.reduce<unknown>((at, key) => (isTree(at) ? at[key] : undefined), tree);
    if (value === undefined || isTree(value)) continue;
    const isDuration = typeof value === 'string' && readDuration(value) !== null;
    throw isDuration
      ? refuse(shown, where(path), 'type', `${path.join('.')} is a table of P0 to P3.`, 'Write P1: { archive_after_days: 90, delete_after_days: 365 }')
      : refuse(shown, where(path), 'unit', `${path.join('.')}: ${JSON.stringify(value)} has no unit.`, 'Write cleanup.archive_after_days and cleanup.delete_after_days, or a table of P0 to P3.');
  }
}

/** Keys that the schema has at a path, for the nearest one. */
function keysAt(path: Path): readonly string[] {
  const defaults: unknown = configSchema.parse({ event_sourcing: {} });
  const at = path.reduce<unknown>((tree, key) => (isTree(tree) ? tree[key] : undefined), defaults);
  return [...(isTree(at) ? Object.keys(at) : []), ...(path.at(-1) === 'storage' ? ['driver', 'format'] : [])];
}

/** Where a key stands in the file; where its nearest parent stands when it is not there itself. */
function positionOf(document: Document, path: Path, at: PositionAt): ConfigPosition {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path[length - 1]) as Pair<Node> | undefined;
      if (pair !== undefined && isNode(pair.key)) return at(pair.key.range?.[0]);
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return at(node.range?.[0]);
  }
  return at(0);
}
