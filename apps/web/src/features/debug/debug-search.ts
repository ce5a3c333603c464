/** The part of the URL that the debugger reads and writes: every state of it that matters, as text. What makes no sense is left out. */
import type { LodAxis } from '@refold/core';
import type { AxisWindow } from './scrubber-geometry.ts';

export const panes = ['state', 'diff', 'watch', 'files', 'inspector'] as const;
export type Pane = (typeof panes)[number];
export const drawers = ['console', 'flips', 'notes'] as const;
export type Drawer = (typeof drawers)[number];

export interface DebugSearch {
  /** A revision, an instant, `start`, `end`, `~10`, `first-bad`. */
  readonly at?: string;
  readonly clock?: 'known';
  readonly axis?: LodAxis;
  readonly w?: string;
  readonly base?: string;
  readonly path?: string;
  readonly pane?: Pane;
  readonly drawer?: Drawer;
  readonly sel?: string;
  readonly ds?: string;
  readonly type?: string;
  readonly agent?: string;
  readonly minSeverity?: string;
  readonly text?: string;
  readonly where?: string;
}

const texts = ['at', 'base', 'path', 'sel', 'ds', 'type', 'agent', 'minSeverity', 'text', 'where'] as const;
export const filterNames = ['type', 'agent', 'minSeverity', 'text', 'where'] as const;
export type Filter = { readonly [N in (typeof filterNames)[number]]?: string };

export function readSearch(search: { readonly [name: string]: unknown }): DebugSearch {
  const textOf = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[]): T | undefined => allowed.find((one) => one === textOf(name));
  const window = textOf('w');
  return compact({
    ...Object.fromEntries(texts.map((name) => [name, textOf(name)])),
    clock: oneOf('clock', ['known']),
    axis: oneOf('axis', ['time', 'active']),
    pane: oneOf('pane', panes.slice(1)),
    drawer: oneOf('drawer', drawers),
    w: window !== undefined && windowOf(window) !== null ? window : undefined,
  }) as DebugSearch;
}

export const filterOf = (search: DebugSearch): Filter => compact(Object.fromEntries(filterNames.map((name) => [name, search[name]])));

/** `100..2000`, in units of the axis. */
export function windowOf(text: string | undefined): AxisWindow | null {
  const [from, to, ...more] = (text ?? '').split('..').map(Number);
  return from !== undefined && to !== undefined && more.length === 0 && Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to ? { from, to } : null;
}

export const windowText = (window: AxisWindow | null): string | undefined => (window === null ? undefined : `${window.from}..${window.to}`);

const compact = <T extends object>(given: T): T => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
