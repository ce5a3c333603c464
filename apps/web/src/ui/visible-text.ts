/**
 * Log content as text that cannot pass for other text: controls, invisible characters and those that turn the direction of writing
 * are shown by their number (TRUST.md section 12), and letters of another alphabet that stand within a Latin word, where they look
 * like its own. Words that are of one alphabet stay as they are. React escapes the rest.
 */
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;

const lookalike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/gu;
const word = /[\p{L}\p{M}]+/gu;
const latin = /\p{Script=Latin}/u;

export function visibleText(text: string): string {
  const shown = text.toWellFormed().replaceAll(unseen, numberOf);
  // Nearly no text has a letter of these at all.
  if (shown.search(lookalike) < 0) return shown;
  return shown.replaceAll(word, (letters) => (latin.test(letters) ? letters.replaceAll(lookalike, numberOf) : letters));
}

const numberOf = (character: string): string => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** On one line and no longer than `charactersMax`; what is left out is said. */
export function oneLine(text: string, charactersMax = 160): string {
  const line = visibleText(text.slice(0, charactersMax * 4).replaceAll(/\s+/g, ' ').trim());
  return line.length <= charactersMax && text.length <= charactersMax * 4 ? line : `${line.slice(0, charactersMax - 1).toWellFormed()}…`;
}
