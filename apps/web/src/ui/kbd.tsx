import type { ReactElement } from 'react';

const isApple = /Mac|iP/.test(navigator.platform);
const names: { readonly [key: string]: string } = { mod: isApple ? '⌘' : 'Ctrl', alt: isApple ? '⌥' : 'Alt', shift: isApple ? '⇧' : 'Shift', left: '←', right: '→', up: '↑', down: '↓', enter: 'Enter', escape: 'Esc', space: 'Space' };

/** @param keys  As a shortcut is written: `mod+k`, `g d`, `Shift+j`. */
export function Kbd({ keys }: { readonly keys: string }): ReactElement {
  return (
    <span className="inline-flex items-center gap-1">
      {keys.split(' ').map((chord, index) => (
        <kbd key={`${index} ${chord}`} className="rounded border border-line bg-surface-1 px-1 text-small leading-4 text-text-2">
          {partsOf(chord).map((key) => names[key.toLowerCase()] ?? key).join(isApple ? '' : '+')}
        </kbd>
      ))}
    </span>
  );
}

/** `+` is a key, too. */
const partsOf = (chord: string): readonly string[] => (chord === '+' ? ['+'] : chord.split(/\+(?=.)/));
