/** What differs between two states, line by line. */
import type { Patch } from '@refold/core';
import type { Output } from '../output.ts';
import { isBookkeeping } from './bookkeeping.ts';
import { widthOf } from '../terminal-text.ts';
import { inlineText } from './state-tree.ts';

const marks = { add: '+', remove: '-', replace: '~' } as const;
const styles = { add: 'green', remove: 'red', replace: 'yellow' } as const;

/** Changes below one part stand under it, so that its address is told once. */
export function printPatches(output: Output, patches: readonly Patch[]): void {
  if (output.options.mode === 'plain') {
    for (const { op, path, before, after } of patches) output.line([op, output.safe(path === '' ? '/' : path), JSON.stringify(before ?? null), JSON.stringify(after ?? null)].join('\t'));
    return;
  }
  printPatchLines(output, patches);
  const left = patches.length - toldOf(output, patches).length;
  if (left > 0) output.line(output.style('dim', `  and ${left} in bookkeeping (-v)`));
}

const toldOf = ({ options }: Output, patches: readonly Patch[]): readonly Patch[] => (options.verbose > 0 ? patches : patches.filter(({ path }) => !isBookkeeping(path)));

export function printPatchLines(output: Output, patches: readonly Patch[], indent = ''): void {
  const told = toldOf(output, patches);
  const parts = Map.groupBy(told, ({ path }) => partOf(path));
  for (const [part, inside] of parts) {
    const isGroup = part !== null && inside.length > 1;
    if (isGroup) output.line(`${indent}  ${output.safe(part)}`);
    const places = inside.map(({ path }) => output.safe(isGroup ? path.slice(part.length) : path === '' ? '/' : path));
    const width = Math.min(Math.max(...places.map(widthOf)), placeWidthMost);
    inside.forEach(({ op, before, after }, index) => {
      const place = places[index]!.padEnd(isGroup ? width : 0);
      output.line(`${indent}${isGroup ? '  ' : ''}${output.style(styles[op], marks[op])} ${place}  ${valuesText(output, { op, before, after }, indent.length + widthOf(place) + (isGroup ? 6 : 4))}`);
    });
  }
}

const placeWidthMost = 40;

/** `/agentRuns/a1` of `/agentRuns/a1/status`; null for what is no part of a collection. */
const partOf = (path: string): string | null => /^(\/[^/]+\/[^/]+)\/./.exec(path)?.[1] ?? null;

/** The values, in what the terminal has left of the line. */
function valuesText(output: Output, { op, before, after }: Pick<Patch, 'op'> & { readonly before?: unknown; readonly after?: unknown }, used: number): string {
  const left = Math.max(output.options.columns - used, 24);
  if (op !== 'replace') return briefText(output, op === 'remove' ? before : after, left);
  const half = Math.floor((left - 4) / 2);
  const first = briefText(output, before, half);
  return `${first} -> ${briefText(output, after, left - 4 - widthOf(first))}`;
}

/** JSON without what says nothing: nulls and empty things of a new part take no room. */
const briefText = (output: Output, value: unknown, columns: number): string => inlineText(output, withoutNothing(value), columns);

function withoutNothing(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null && !(typeof child === 'object' && Object.keys(child as object).length === 0)));
}

/** `2 changed, 1 added, 0 removed` */
export function patchCounts(patches: readonly Patch[]): string {
  const count = (op: Patch['op']): number => patches.filter((patch) => patch.op === op).length;
  return `${count('replace')} changed, ${count('add')} added, ${count('remove')} removed`;
}

/** RFC 6902, which has no `before`. */
export const jsonPatch = (patches: readonly Patch[]): readonly object[] => patches.map(({ op, path, after }) => (op === 'remove' ? { op, path } : { op, path, value: after }));
