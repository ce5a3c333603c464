/** What a person has chosen for this browser: look and habits, never anything of the log. public/look.js reads it before the first paint. */
import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export const densities = ['compact', 'normal', 'roomy'] as const;
export const clockFormats = ['local', 'utc'] as const;

export interface Preferences {
  readonly theme: (typeof themes)[number];
  readonly density: (typeof densities)[number];
  readonly clock: (typeof clockFormats)[number];
  readonly isRailWide: boolean;
  /** Shortcuts of one key, which get in the way of some who speak or use a switch (WCAG 2.1.4). */
  readonly singleKeys: boolean;
  /** Groups of failures that are not shown on the first page. */
  readonly muted: readonly string[];
  /** When the first page was last looked at; null before. */
  readonly lastVisitAt: string | null;
}

const storageKey = 'refold.preferences';
const defaults: Preferences = { theme: 'system', density: 'normal', clock: 'local', isRailWide: false, singleKeys: true, muted: [], lastVisitAt: null };

const listeners = new Set<() => void>();
let current = read();

export const preferences = (): Preferences => current;

export function prefer(changes: Partial<Preferences>): void {
  current = { ...current, ...changes };
  show(current);
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing keeps it for this visit.
  }
  for (const listener of listeners) listener();
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, preferences);

/** Another tab of the same browser changed something. */
export function followOtherTabs(): void {
  addEventListener('storage', ({ key }) => {
    if (key !== storageKey) return;
    current = read();
    show(current);
    for (const listener of listeners) listener();
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Preferences {
  try {
    return readPreferences(localStorage.getItem(storageKey));
  } catch {
    return defaults;
  }
}

/** What is not one of the choices counts as not chosen: anybody can write into a browser's storage. */
export function readPreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return defaults;
  }
  if (typeof stored !== 'object' || stored === null) return defaults;
  const given = stored as { readonly [name: string]: unknown };
  const oneOf = <T extends string>(name: string, choices: readonly T[], otherwise: T): T => choices.find((choice) => choice === given[name]) ?? otherwise;
  return {
    theme: oneOf('theme', themes, defaults.theme),
    density: oneOf('density', densities, defaults.density),
    clock: oneOf('clock', clockFormats, defaults.clock),
    isRailWide: given['isRailWide'] === true,
    singleKeys: given['singleKeys'] !== false,
    muted: Array.isArray(given['muted']) ? given['muted'].filter((name) => typeof name === 'string').slice(0, mutedMax) : [],
    lastVisitAt: typeof given['lastVisitAt'] === 'string' && !Number.isNaN(Date.parse(given['lastVisitAt'])) ? given['lastVisitAt'] : null,
  };
}

const mutedMax = 500;

function show({ theme, density }: Preferences): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  if (density === 'normal') delete dataset['density'];
  else dataset['density'] = density;
}
