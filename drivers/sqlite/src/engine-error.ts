/**
 * The only table from SQLite's words to ours. It goes by the engine's result code, never by its message, which may hold a
 * path or a value.
 */
import { LogError } from '@refold/core';
import type { ErrorCode } from '@refold/core';

interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
}

const meanings: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ['SQLITE_BUSY', { code: 'LOG_UNAVAILABLE', reason: 'busy', message: 'another process is writing to the log', hint: 'Try again; raise busyTimeoutMs if writers are many.' }],
  ['SQLITE_LOCKED', { code: 'LOG_UNAVAILABLE', reason: 'busy', message: 'the log is in use', hint: 'Try again.' }],
  ['SQLITE_FULL', { code: 'LOG_UNAVAILABLE', reason: 'no_space', message: 'there is no room for the log to grow', hint: 'Free some space; writing goes on without a restart.' }],
  ['SQLITE_IOERR', { code: 'LOG_UNAVAILABLE', reason: 'io', message: 'the disk failed', hint: 'Look at the disk; the same commit may be sent again.' }],
  ['SQLITE_READONLY', { code: 'LOG_UNAVAILABLE', reason: 'read_only', message: 'the log cannot be written here', hint: 'Check the permissions of the file and of its directory, or open it with readOnly.' }],
  ['SQLITE_PERM', { code: 'LOG_UNAVAILABLE', reason: 'read_only', message: 'the log may not be opened', hint: 'Check the permissions of the file and of its directory.' }],
  ['SQLITE_CANTOPEN', { code: 'LOG_UNAVAILABLE', reason: 'cannot_open', message: 'the log cannot be opened', hint: 'Check that the directory exists, that the path is a file, and that both may be read and written.' }],
  ['SQLITE_NOMEM', { code: 'LOG_UNAVAILABLE', reason: 'out_of_memory', message: 'there is no memory for the log', hint: 'Give the process more memory, or ask for less at once.' }],
  ['SQLITE_PROTOCOL', { code: 'LOG_UNAVAILABLE', reason: 'busy', message: 'the log could not be locked', hint: 'Try again; a network file system does not keep locks.' }],
  ['SQLITE_CORRUPT', { code: 'LOG_CORRUPT', reason: 'corrupt', message: 'the file of the log is damaged', hint: 'Stop writing and restore the log from a backup.' }],
  ['SQLITE_NOTADB', { code: 'LOG_CORRUPT', reason: 'not_a_log', message: 'the file is not a log', hint: 'Give the path of a log, or of a file that does not exist yet.' }],
  ['SQLITE_TOOBIG', { code: 'TOO_LARGE', reason: 'value', message: 'a value is larger than the engine takes', hint: 'Store large values elsewhere and refer to them.' }],
];

/** A LogError that says what the engine's error means; errors that are not the engine's pass as they are. */
export function engineError(error: unknown): unknown {
  const code = engineCode(error);
  if (code === null) return error;
  const meaning = meanings.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (meaning === undefined) return new LogError('INTERNAL', 'the engine refused a statement', { details: { engine: code }, cause: error });
  return new LogError(meaning.code, meaning.message, { details: { reason: meaning.reason, engine: code }, hint: meaning.hint, cause: error });
}

/** SQLite's extended result code by name, for example `SQLITE_IOERR_FSYNC`; null when the error is not the engine's. */
export function engineCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null;
}

/** Runs a synchronous piece of work against the engine and translates what it throws. */
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
    throw new LogError('LOG_CORRUPT', 'what is stored makes no sense', { details: { reason: 'corrupt' }, hint: 'Stop writing and restore the log from a backup.', cause: error });
  }
}
