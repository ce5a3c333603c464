/** How shortcuts are written and recognised. Pure. */

/** What a keyboard event says of itself. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * A key press as shortcuts are written: `mod+k`, `Alt+Left`, `Shift+j`, `>`, `Enter`. A character that needs Shift is written as the
 * character; Shift is named before letters and named keys only.
 */
export function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string {
  const name = names[key] ?? (key.length === 1 && /\p{L}/u.test(key) ? key.toLowerCase() : key);
  const isLetter = key.length === 1 && /\p{L}/u.test(key);
  const needsShift = shiftKey && (isLetter || name.length > 1);
  return `${ctrlKey || metaKey ? 'mod+' : ''}${altKey ? 'Alt+' : ''}${needsShift ? 'Shift+' : ''}${name}`;
}

const names: { readonly [key: string]: string } = { ArrowLeft: 'Left', ArrowRight: 'Right', ArrowUp: 'Up', ArrowDown: 'Down', ' ': 'Space', Esc: 'Escape' };

/** Written in UI.md as `N` for Shift+n: both forms mean the same. */
export const normalKeys = (keys: string): string =>
  keys
    .split(' ')
    .map((chord) => (/^\p{Lu}$/u.test(chord) ? `Shift+${chord.toLowerCase()}` : chord))
    .join(' ');

/** A shortcut without Ctrl, Alt or the like, Escape and the arrows left out: it can be switched off (WCAG 2.1.4). */
export const isSingleKey = (keys: string): boolean => !/^(?:mod|Alt)\+/.test(keys) && !/^(?:Shift\+)?(?:Escape|Enter|Left|Right|Up|Down|Home|End|PageUp|PageDown|Tab)$/.test(keys);

export type Match = 'none' | 'begun' | 'whole';

/** @param pressed  Chords of the last moment, the newest last. */
export function matchKeys(keys: string, pressed: readonly string[]): Match {
  const wanted = normalKeys(keys).split(' ');
  const last = pressed.slice(-wanted.length);
  if (last.length === wanted.length && last.every((chord, index) => chord === wanted[index])) return 'whole';
  // The last presses may be the first ones of a longer sequence.
  for (let length = Math.min(wanted.length - 1, pressed.length); length > 0; length -= 1)
    if (pressed.slice(-length).every((chord, index) => chord === wanted[index])) return 'begun';
  return 'none';
}
