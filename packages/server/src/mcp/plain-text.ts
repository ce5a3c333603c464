/**
 * What a model is shown of what programs and people recorded. Characters that a person would not see, and that can carry
 * words for a model all the same, are left out; line ends and tabs stay. The record keeps them. Source: TRUST.md section 12.
 */

/** ANSI: OSC, DCS, SOS, PM, APC up to their end, CSI, and two-character sequences; with ESC or with their C1 form. */
const escapeSequence = /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;

/** C0 but for tab and line end, DEL, C1; zero-width; bidirectional controls; annotation; tag characters. */
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export const plainText = (text: string): string => text.replace(escapeSequence, '').replace(invisible, '');

/** The same value with every text in it plain, keys too. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  const plain = new Map<string, unknown>();
  for (const [key, part] of Object.entries(value)) plain.set(freeName(plainText(key), plain), plainValue(part));
  return Object.fromEntries(plain);
}

/** Two keys that differ in what cannot be seen are still two. */
function freeName(key: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(key)) return key;
  let count = 2;
  while (taken.has(`${key} (${count})`)) count++;
  return `${key} (${count})`;
}
