/** PostgreSQL keeps no U+0000 in a text, and refuses to look for one; what cannot be kept is not there. */
export const isKeepable = (text: string): boolean => !text.includes('\u0000');

/** What comes after this text, of what is kept, is what comes after its start. */
export const keepableStart = (text: string): string => text.split('\u0000', 1)[0]!;
