/** `.refold/token`: what the owner of this machine shows to a server that holds this log. Made by the first `serve`. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const form = /^[\w-]{43}$/;

/** Null when there is none. */
export function readTokenFile(folder: string): string | null {
  try {
    const token = readFileSync(join(folder, 'token'), 'utf8').trim();
    return form.test(token) ? token : null;
  } catch {
    // Absent, or somebody else's: then there is nothing to show.
    return null;
  }
}

/** 256 random bits in a file that its owner alone may read. One that others may read is not kept: they may have read it. */
export function makeTokenFile(folder: string): string {
  const path = join(folder, 'token');
  const kept = isPrivate(path) ? readTokenFile(folder) : null;
  if (kept !== null) return kept;
  rmSync(path, { force: true });
  const token = newToken();
  // Only if it is not there: another serve may be doing the same, and a link somebody left here is not followed.
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}

export const newToken = (): string => randomBytes(32).toString('base64url');

function isPrivate(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      return process.platform === 'win32' || (fstatSync(file).mode & 0o077) === 0;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
