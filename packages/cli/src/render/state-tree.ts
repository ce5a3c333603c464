/**
 * A state for people, in about a screen: scalars side by side with their keys, a line per part of a collection, what is empty
 * left out. Everything is in `--json`; `--path` and `--depth` open more.
 */
import type { Json } from '@refold/core';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { cut, cutBefore, widthOf } from '../terminal-text.ts';

export interface TreeOptions {
  /** Levels that get lines of their own. Without it an overview: a line per key, and per part of a collection. */
  readonly depth?: number | undefined;
  /** Keys that are not shown; the caller has said them elsewhere. */
  readonly hidden?: ReadonlySet<string>;
  /** JSON pointer of the value, for the hint that says how to see more. */
  readonly path?: string;
}

/** Parts of a collection that an overview tells of; the newest are what one looks for. */
const partsShown = 5;
/** The same, of the collection that --path names. */
const partsShownAlone = 20;

export function printTree(output: Output, value: Json, { depth, hidden = noKeys, path = '' }: TreeOptions = {}): void {
  if (output.options.mode === 'plain') printLeaves(output, value, '');
  else if (!isOpen(value)) output.line(fitted(output, scalarText(output, value), 0));
  else printEntries(output, value, { depth, indent: '', path, hidden });
}

/** Pointer and JSON of every leaf. */
function printLeaves(output: Output, value: Json, pointer: string): void {
  if (!isOpen(value) || sizeOf(value) === 0) return output.line(`${output.safe(pointer === '' ? '/' : pointer)}\t${output.safe(JSON.stringify(value))}`);
  for (const [key, child] of entriesOf(value)) printLeaves(output, child, pointerTo(pointer, key));
}

interface Level {
  readonly depth: number | undefined;
  readonly indent: string;
  readonly path: string;
  readonly hidden: ReadonlySet<string>;
}

function printEntries(output: Output, value: object, { depth, indent, path, hidden }: Level): void {
  const isVerbose = output.options.verbose > 0;
  const entries = entriesOf(value).filter(([key, child]) => isVerbose || (!hidden.has(key) && !isNothing(child)));
  const parts = entries.filter(([, child]) => isOpen(child)).length;
  const most = indent === '' ? partsShownAlone : partsShown;
  const from = !isVerbose && parts === entries.length && entries.length > most ? entries.length - most : 0;
  if (from > 0) output.line(`${indent}${output.style('dim', `${from} before these; all: --path ${output.safe(path === '' ? '/' : path)} -v`)}`);
  const shown = depth === undefined && indent === '' && from === 0 ? inOrder(entries) : entries.slice(from);
  const keyWidth = Math.min(Math.max(0, ...shown.map(([key]) => widthOf(output.safe(key)))), keyWidthMost);
  for (const [key, child] of shown) {
    const safeKey = cutBefore(output.safe(key), keyWidthMost);
    const name = `${indent}${output.style('cyan', safeKey)}`;
    const space = ' '.repeat(Math.max(keyWidth - widthOf(safeKey), 0) + 2);
    const line = (text: string): void => output.line(`${name}${space}${fitted(output, text, indent.length + keyWidth + 2)}`);
    if (!isOpen(child)) line(scalarText(output, child));
    else if (depth === undefined ? indent === '' && isCollection(child) : depth > 1 && sizeOf(child) > 0 && !isScalarList(child)) {
      output.line(`${name}${isCollection(child) ? `${space}${output.style('dim', String(sizeOf(child)))}` : ''}`);
      printEntries(output, child, { depth: depth === undefined ? undefined : depth - 1, indent: `${indent}  `, path: pointerTo(path, key), hidden: noKeys });
    } else line(depth === 1 && isCollection(child) ? countText(child) : summaryText(output, key, child));
  }
}

/** An overview tells first what is short. */
function inOrder(entries: readonly [string, Json][]): readonly [string, Json][] {
  const rank = ([, child]: readonly [string, Json]): number => (!isOpen(child) || isScalarList(child) ? 0 : isCollection(child) ? 2 : 1);
  return entries.toSorted((a, b) => rank(a) - rank(b));
}

const keyWidthMost = 36;
const noKeys: ReadonlySet<string> = new Set();

/** What a part says of itself, in a line: its status and scalars first, sizes for what it holds. */
function summaryText(output: Output, ownKey: string, value: object): string {
  if (sizeOf(value) === 0) return countText(value);
  if (isScalarList(value)) return value.map((item) => scalarText(output, item)).join(', ');
  const told = entriesOf(value).filter(([, child]) => !isNothing(child) && child !== ownKey);
  const rank = ([key]: readonly [string, Json]): number => firstKeys.findIndex((pattern) => pattern.test(key));
  const order = (entry: readonly [string, Json]): number => (rank(entry) < 0 ? firstKeys.length : rank(entry));
  return told
    .toSorted((a, b) => order(a) - order(b))
    .map(([key, child]) => `${bare.test(key) && typeof child === 'string' ? '' : `${output.safe(key)} `}${!isOpen(child) ? scalarText(output, child) : shortText(output, child)}`)
    .join('  ');
}

/** A part inside a line: a few scalars, or what it says in words, or how much it is. */
function shortText(output: Output, value: object): string {
  if (isScalarList(value) && value.length <= 3) return value.map((item) => scalarText(output, item)).join(', ');
  const { message } = value as { readonly message?: unknown };
  return typeof message === 'string' ? output.safe(message) : countText(value);
}

/** What tells parts apart at a glance stands first, and names itself. */
const firstKeys = [/^status$/, /^(?:tool|agentName|name|label|title|description|message|summary)$/, /^task$/, /^(?:error|reason|resolution)$/];
const bare = /^(?:status|tool|agentName|name|label|title|description|message|summary)$/;

const isOpen = (value: unknown): value is object => typeof value === 'object' && value !== null;
const entriesOf = (value: object): [string, Json][] => (Array.isArray(value) ? value.map((item, index): [string, Json] => [String(index), item as Json]) : (Object.entries(value) as [string, Json][]));
const sizeOf = (value: object): number => (Array.isArray(value) ? value.length : Object.keys(value).length);
const countText = (value: object): string => counted(sizeOf(value), Array.isArray(value) || isCollection(value) ? 'item' : 'field');
const pointerTo = (pointer: string, key: string): string => `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Null, empty, or nothing but that and zeros: what has not happened takes no line. */
function isNothing(value: Json): boolean {
  if (value === null || value === '') return true;
  return isOpen(value) && Object.values(value).every((child) => child === 0 || isNothing(child));
}

const isScalarList = (value: object): value is Json[] => Array.isArray(value) && value.every((item) => !isOpen(item));

/** Parts of one kind: a list or a map of things that hold something themselves. */
const isCollection = (value: object): boolean => sizeOf(value) > 0 && Object.values(value).every((child) => isOpen(child));

const scalarText = (output: Output, value: Json): string => output.safe(typeof value === 'string' ? value : JSON.stringify(value));

/** Cut where the terminal ends; in a pipe it stays whole. */
const fitted = ({ options }: Output, text: string, before: number): string => (options.columns === Infinity ? text : cut(text, Math.max(options.columns - before, 20)));

/** A value in a line: JSON, cut where the terminal ends. */
export function inlineText(output: Output, value: unknown, columns = 60): string {
  if (value === undefined) return output.style('dim', 'absent');
  const text = output.safe(JSON.stringify(value));
  return output.options.columns === Infinity ? text : cut(text, columns);
}
