/**
 * A state as the rows of a tree: only what is open is walked, so a state of thirty thousand values costs what is seen of it. Rows carry
 * what the step changed; a closed branch says how much changed inside.
 */
import { pointerOf } from '@refold/core';
import type { Patch } from '@refold/core';

export type ValueKind = 'text' | 'number' | 'flag' | 'nothing' | 'fields' | 'list';

export interface TreeRow {
  readonly path: string;
  readonly depth: number;
  readonly label: string;
  readonly kind: ValueKind;
  /** What a leaf shows, cut; of a branch, how much it holds. */
  readonly text: string;
  readonly isBranch: boolean;
  readonly isOpen: boolean;
  /** What the step did here, or inside of a closed branch. */
  readonly change: 'added' | 'changed' | 'removed' | null;
  /** Changes inside of a branch. */
  readonly changesInside: number;
  /** What stood here before, of a leaf that changed. */
  readonly before: string | null;
}

export interface TreeView {
  readonly rows: readonly TreeRow[];
  /** Rows in all, those outside of the asked range too. */
  readonly total: number;
  /** More was open than is shown. */
  readonly truncated: boolean;
}

export interface TreeRequest {
  readonly open: ReadonlySet<string>;
  readonly patches: readonly Patch[];
  /** Rows wanted, the end exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Only leaves whose path or value has this text, without regard to case, flat. */
  readonly search?: string;
}

const textCharactersMax = 400;
/** Beyond so many rows a tree is no longer looked at but searched. */
const rowsMax = 200_000;
const foundMax = 1_000;
/** Deeper, a value is shown as text; the stack of nobody ends there. */
const depthMax = 200;

export function treeOf(state: unknown, { open, patches, from = 0, to = Infinity, search = '' }: TreeRequest): TreeView {
  const changes = changesOf(patches);
  if (search !== '') return found(state, search.toLowerCase(), changes, from, to);
  const rows: TreeRow[] = [];
  let total = 0;
  let truncated = false;

  function visit(value: unknown, label: string, path: readonly string[], depth: number): void {
    if (truncated) return;
    if (total >= rowsMax) {
      truncated = true;
      return;
    }
    const pointer = pointerOf(path);
    const isBranch = hasParts(value) && depth < depthMax;
    const isOpen = isBranch && open.has(pointer);
    if (total >= from && total < to) rows.push(rowOf(value, label, pointer, depth, isBranch, isOpen, changes));
    total++;
    if (isOpen) for (const [key, part] of entriesOf(value)) visit(part, key, [...path, key], depth + 1);
  }

  for (const [key, part] of entriesOf(state)) visit(part, key, [key], 0);
  return { rows, total, truncated };
}

/** Flat, because a person who searches wants the value and not the way to it. */
function found(state: unknown, wanted: string, changes: Changes, from: number, to: number): TreeView {
  const rows: TreeRow[] = [];
  let total = 0;
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value: state, path: [] }];
  while (open.length > 0 && total < foundMax) {
    const { value, path } = open.pop()!;
    if (hasParts(value) && path.length < depthMax) for (const [key, part] of entriesOf(value).toReversed()) open.push({ value: part, path: [...path, key] });
    else {
      const pointer = pointerOf(path);
      if (!pointer.toLowerCase().includes(wanted) && !shownValue(value).toLowerCase().includes(wanted)) continue;
      if (total >= from && total < to) rows.push(rowOf(value, pointer, pointer, 0, false, false, changes));
      total++;
    }
  }
  return { rows, total, truncated: open.length > 0 };
}

interface Changes {
  readonly exact: ReadonlyMap<string, Patch>;
  readonly inside: ReadonlyMap<string, number>;
}

/** Counted at every branch above a change, so that a closed one can say so. */
function changesOf(patches: readonly Patch[]): Changes {
  const exact = new Map<string, Patch>();
  const inside = new Map<string, number>();
  for (const patch of patches) {
    exact.set(patch.path, patch);
    for (let cut = patch.path.lastIndexOf('/'); cut > 0; cut = patch.path.lastIndexOf('/', cut - 1)) {
      const above = patch.path.slice(0, cut);
      inside.set(above, (inside.get(above) ?? 0) + 1);
    }
  }
  return { exact, inside };
}

const changeWords = { add: 'added', remove: 'removed', replace: 'changed' } as const;

function rowOf(value: unknown, label: string, path: string, depth: number, isBranch: boolean, isOpen: boolean, { exact, inside }: Changes): TreeRow {
  // What stands inside of something that came or was replaced as a whole came with it.
  const patch = exact.get(path) ?? enclosing(exact, path);
  const changesInside = inside.get(path) ?? 0;
  return {
    path,
    depth,
    label,
    kind: kindOf(value),
    text: isBranch ? sizeText(value as object) : shownValue(value),
    isBranch,
    isOpen,
    change: patch === undefined ? (changesInside > 0 ? 'changed' : null) : changeWords[patch.op],
    changesInside,
    before: patch?.op === 'replace' && patch.path === path ? shownValue(patch.before) : null,
  };
}

function enclosing(exact: ReadonlyMap<string, Patch>, path: string): Patch | undefined {
  if (exact.size === 0) return undefined;
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    const patch = exact.get(path.slice(0, cut));
    if (patch !== undefined && patch.op !== 'remove') return patch;
  }
  return undefined;
}

const hasParts = (value: unknown): value is object => typeof value === 'object' && value !== null && (Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0);

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] => (typeof value === 'object' && value !== null ? Object.entries(value) : []);

export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'object':
      return 'fields';
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'flag';
    default:
      return 'text';
  }
}

function sizeText(value: object): string {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  const word = Array.isArray(value) ? 'item' : 'field';
  return `${size.toLocaleString('en')} ${word}${size === 1 ? '' : 's'}`;
}

/** Bounded before it is written down: a value of a megabyte must not become a string of a megabyte in a row. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return cut(value.length > textCharactersMax ? value.slice(0, textCharactersMax + 1) : value);
  if (hasParts(value)) return sizeText(value);
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

const cut = (text: string): string => (text.length <= textCharactersMax ? text : `${text.slice(0, textCharactersMax).toWellFormed()}…`);
