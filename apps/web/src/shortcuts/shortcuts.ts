/**
 * Who acts on a key: the innermost focused region that binds it, then whatever is bound everywhere. Regions tell what they bind while
 * they are shown; palette and help list it from here, so that no list of shortcuts is kept by hand.
 */
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { preferences } from '../preferences.ts';
import { chordOf, isSingleKey, matchKeys } from './keys.ts';
import type { KeyPress } from './keys.ts';

export interface Binding {
  /** As in UI.md section 11: `mod+k`, `g d`, `N`, `Alt+Left`; several ways divided by ` | `. */
  readonly keys: string;
  /** What it does, for palette and help. */
  readonly says: string;
  readonly run: () => void;
  /** false: now it does nothing, and the key goes on to whoever is next. */
  readonly isActive?: boolean;
}

export interface Scope {
  readonly name: string;
  readonly bindings: readonly Binding[];
}

export const ways = (keys: string): readonly string[] => keys.split(' | ');

const sequenceMs = 1_000;

const scopes = new Map<object, Scope>();
const listeners = new Set<() => void>();
let listed: readonly Scope[] = [];
let focusedName: string | null = null;
let pressed: readonly string[] = [];
let pressedAt = 0;

const changed = (): void => {
  listed = [...scopes.values()];
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Everything that is bound now, what is bound everywhere first. */
export const useScopes = (): readonly Scope[] => useSyncExternalStore(subscribe, () => listed);
/** Name of the region that has the focus. */
export const useFocusedScope = (): string | null => useSyncExternalStore(subscribe, () => focusedName);

export function noteFocus(name: string | null): void {
  if (focusedName === name) return;
  focusedName = name;
  changed();
}

/** Lists a scope while its component is shown. @returns the newest bindings, for handlers that outlive a rendering. */
export function useScope(name: string, bindings: readonly Binding[]): { readonly current: readonly Binding[] } {
  const newest = useRef(bindings);
  useLayoutEffect(() => {
    newest.current = bindings;
  });
  const shape = bindings.map(({ keys, says }) => `${keys} ${says}`).join('\n');
  useEffect(() => {
    const key = {};
    // Listed once per set of bindings; what they run is looked up when it is run.
    const lasting = newest.current.map(({ keys, says }, index): Binding => ({ keys, says, run: () => newest.current[index]?.run() }));
    scopes.set(key, { name, bindings: lasting });
    changed();
    return () => {
      scopes.delete(key);
      if (focusedName === name) focusedName = null;
      changed();
    };
  }, [name, shape]);
  return newest;
}

const globalScopes = new Set<{ readonly current: readonly Binding[] }>();

/** Bound wherever the focus is, unless a region binds the same. */
export function useGlobalShortcuts(name: string, bindings: readonly Binding[]): void {
  const newest = useScope(name, bindings);
  useEffect(() => {
    globalScopes.add(newest);
    return () => void globalScopes.delete(newest);
  }, [newest]);
}

/** Listens for what is bound everywhere; called once. @returns how to stop. */
export function listenForShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    notePress(event);
    const bindings = [...globalScopes].flatMap(({ current }) => current);
    if (actOn(event, bindings, event.target)) event.preventDefault();
  };
  addEventListener('keydown', onKeyDown);
  return () => removeEventListener('keydown', onKeyDown);
}

let lastPress: object | null = null;

/** One press is noted once, however many regions it passes. */
export function notePress(event: KeyPress & { readonly timeStamp: number }): void {
  if (lastPress === event || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
  lastPress = event;
  const chord = chordOf(event);
  pressed = event.timeStamp - pressedAt > sequenceMs ? [chord] : [...pressed.slice(-2), chord];
  pressedAt = event.timeStamp;
}

/** @returns whether something was done. */
export function actOn(event: KeyPress, bindings: readonly Binding[], target: EventTarget | null): boolean {
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return false;
  const isTyping = isEditable(target);
  const { singleKeys } = preferences();
  const usable = bindings.filter(({ isActive = true }) => isActive).flatMap((binding) => ways(binding.keys).map((keys) => ({ keys, binding })))
    .filter(({ keys }) => !isSingleKey(keys) || (singleKeys && !isTyping))
    .filter(({ keys }) => !isTyping || keys.includes('mod+') || keys === 'Escape');
  // The longest sequence wins: `g e` is not `e`.
  const found = usable.filter(({ keys }) => matchKeys(keys, pressed) === 'whole').toSorted((a, b) => b.keys.split(' ').length - a.keys.split(' ').length)[0];
  if (found === undefined) return false;
  pressed = [];
  found.binding.run();
  return true;
}

export const isEditable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)));
