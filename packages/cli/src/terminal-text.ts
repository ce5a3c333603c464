/**
 * Event text on a terminal: it is data, and data must not move the cursor, ring, set a title or write the clipboard. Every
 * control, escape and bidirectional mark is shown as its code point instead of being obeyed (TRUST.md 12).
 */

// C0 but tab and line feed are handled by the caller; C1; zero-width and bidirectional controls; tag characters.
// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g;

const names: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

/** One line that is safe to print. */
export const printable = (text: string): string => text.replace(unsafe, (character) => names[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** Columns that a text takes: two for East Asian wide characters and emoji, none for marks that combine (UAX 11). */
export function widthOf(text: string): number {
  if (!/[^\u0020-\u007e]/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Cuts to a width in columns, with an ellipsis. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [kept, width] = ['', 1];
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The same, keeping the end: of a path, the name of the file. */
export const cutBefore = (text: string, columns: number): string => (widthOf(text) <= columns ? text : `…${[...cut([...text].toReversed().join(''), columns)].slice(0, -1).toReversed().join('')}`);

const wide = /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const columnsOf = (character: string): number => (character < '\u0300' ? 1 : /\p{Mark}/u.test(character) ? 0 : wide.test(character) ? 2 : 1);
