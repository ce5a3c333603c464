/**
 * The only table from the words of the disk and of the sidecar's engine to ours. It goes by their codes, never by their
 * messages, which may hold a path or a value.
 */
import { LogError } from '@refold/core';
import type { ErrorCode } from '@refold/core';

interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
}

const noSpace: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'no_space', message: 'there is no room for the log to grow', hint: 'Free some space; writing goes on without a restart.' };
const readOnly: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'read_only', message: 'the log cannot be written here', hint: 'Check that the folder is there and may be written, or open the log with readOnly.' };
const failing: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'io', message: 'the disk failed', hint: 'Look at the disk; the same commit may be sent again.' };
const busy: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'busy', message: 'the log is in use', hint: 'Try again.' };
const noFiles: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'too_many_files', message: 'the process has too many files open', hint: 'Raise the limit on open files.' };
const unopened: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'cannot_open', message: 'the log cannot be opened', hint: 'Check that the path is a folder that may be read and written.' };
const unsafe: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'unsafe_path', message: 'a path of the log is not what it has to be', hint: 'Put a plain file or folder in its place; links out of the folder are not followed.' };
const damaged: Meaning = { code: 'LOG_CORRUPT', reason: 'corrupt', message: 'a file of the log is damaged', hint: 'Stop writing and restore the log from a backup.' };

const ofTheDisk: Readonly<Record<string, Meaning>> = {
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  EFBIG: noSpace,
  EROFS: readOnly,
  EACCES: readOnly,
  EPERM: readOnly,
  ENOENT: readOnly,
  EIO: failing,
  ESTALE: failing,
  EMFILE: noFiles,
  ENFILE: noFiles,
  ENOTDIR: unopened,
  EISDIR: unsafe,
  ELOOP: unsafe,
  ENXIO: unsafe,
};

const ofTheSidecar: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ['SQLITE_BUSY', busy],
  ['SQLITE_LOCKED', busy],
  ['SQLITE_PROTOCOL', busy],
  ['SQLITE_FULL', noSpace],
  ['SQLITE_IOERR', failing],
  ['SQLITE_READONLY', readOnly],
  ['SQLITE_PERM', readOnly],
  ['SQLITE_CANTOPEN', readOnly],
  ['SQLITE_CORRUPT', damaged],
  ['SQLITE_NOTADB', damaged],
];

/** A LogError that says what a code of the disk or of SQLite means; other errors pass as they are. */
export function engineError(error: unknown): unknown {
  if (error instanceof LogError) return error;
  const code = codeOf(error);
  if (code === null) return error;
  const meaning = ofTheDisk[code] ?? ofTheSidecar.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (meaning === undefined) return code.startsWith('SQLITE_') ? new LogError('INTERNAL', 'the index refused a statement', { details: { engine: code }, cause: error }) : error;
  return new LogError(meaning.code, meaning.message, { details: { reason: meaning.reason, engine: code }, hint: meaning.hint, cause: error });
}

/** The code of the operating system or of SQLite, by name; null when the error is neither's. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : null;
}

/** Runs a piece of work against the disk and translates what it throws. */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw engineError(error);
  }
}

/** Reads what was stored: what cannot be made sense of was not stored so. */
export function decoded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const meant = engineError(error);
    if (meant instanceof LogError) throw meant;
    throw new LogError('LOG_CORRUPT', 'what is stored makes no sense', { details: { reason: 'corrupt' }, hint: 'Delete .log/index.db, which is made again; if it stays, restore the log from a backup.', cause: error });
  }
}
