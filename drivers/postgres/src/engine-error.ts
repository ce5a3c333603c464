/**
 * The only table from PostgreSQL's words to ours. It goes by SQLSTATE, never by the message, which changes with the server's
 * language and may hold a value.
 */
import { LogError } from '@refold/core';
import type { ErrorCode } from '@refold/core';

interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
}

const lost: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'connection', message: 'the connection to the database was lost', hint: 'Check that the server runs and can be reached; the same call may be made again.' };
const refused: Meaning = { code: 'LOG_UNAVAILABLE', reason: 'read_only', message: 'the role may not do this', hint: 'Let the owner of the schema call grant_to with this role, or connect as another.' };
const login: Meaning = { code: 'BAD_CONFIG', reason: 'login', message: 'the database does not let this role in', hint: 'Check user, password and database of the URL, and pg_hba.conf of the server.' };

/** By SQLSTATE or its class (the first two characters); the longer prefix stands first (PostgreSQL, appendix A). */
const meanings: readonly (readonly [prefix: string, meaning: Meaning])[] = [
  ['40001', { code: 'LOG_UNAVAILABLE', reason: 'serialization', message: 'the database asks to try the transaction again', hint: 'Try again; nothing was written.' }],
  ['40P01', { code: 'LOG_UNAVAILABLE', reason: 'deadlock', message: 'the database broke a deadlock', hint: 'Try again; nothing was written.' }],
  ['40', { code: 'LOG_UNAVAILABLE', reason: 'rolled_back', message: 'the database rolled the transaction back', hint: 'Try again; nothing was written.' }],
  ['55P03', { code: 'LOG_UNAVAILABLE', reason: 'busy', message: 'another transaction holds the head of the log', hint: 'Try again; look in pg_stat_activity for who holds it, or raise lockTimeoutMs.' }],
  ['57014', { code: 'QUERY_TIMEOUT', reason: 'statement_timeout', message: 'the database stopped the statement', hint: 'Ask for less at once, or raise statementTimeoutMs.' }],
  ['25P03', { code: 'LOG_UNAVAILABLE', reason: 'idle_in_transaction', message: 'the database ended a transaction that stood still', hint: 'Try again; nothing was written. Something holds up this process.' }],
  ['25006', { code: 'LOG_UNAVAILABLE', reason: 'read_only', message: 'the database can only be read', hint: 'Connect to the primary server.' }],
  ['57P', lost],
  ['08', lost],
  ['53100', { code: 'LOG_UNAVAILABLE', reason: 'no_space', message: 'there is no room for the log to grow', hint: 'Free some space at the server; writing goes on without a restart.' }],
  ['53200', { code: 'LOG_UNAVAILABLE', reason: 'out_of_memory', message: 'the database has no memory left', hint: 'Try again with less at once.' }],
  ['53300', { code: 'LOG_UNAVAILABLE', reason: 'connections', message: 'the database takes no more connections', hint: 'Raise max_connections, or lower connectionsMax.' }],
  ['53', { code: 'LOG_UNAVAILABLE', reason: 'resources', message: 'the database has too little of something', hint: 'Look into the log of the server, then try again.' }],
  ['58', { code: 'LOG_UNAVAILABLE', reason: 'io', message: 'the disk of the database failed', hint: 'Look at the disk of the server; the same commit may be sent again.' }],
  ['54', { code: 'TOO_LARGE', reason: 'value', message: 'a value is larger than the engine takes', hint: 'Store large values elsewhere and refer to them.' }],
  ['XX001', { code: 'LOG_CORRUPT', reason: 'corrupt', message: 'the tables of the log are damaged', hint: 'Stop writing and restore the log from a backup.' }],
  ['XX002', { code: 'LOG_CORRUPT', reason: 'corrupt', message: 'an index of the log is damaged', hint: 'Stop writing, run REINDEX, and verify the log.' }],
  ['22021', { code: 'BAD_UTF8', reason: 'character', message: 'a text holds a character that the engine does not take', hint: 'Leave U+0000 and lone surrogates out of names and keys.' }],
  ['42501', refused],
  ['28', login],
  ['3D000', login],
];

/** Sockets and names, as Node names them. */
const socketCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED']);

/** A LogError that says what a failed statement means. Whatever has no SQLSTATE came from the connection and not from the server. */
export function serverError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const code = stateOf(error);
  const meaning = code === null ? lost : meanings.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (meaning === undefined) return new LogError('INTERNAL', 'the engine refused a statement', { details: { engine: code }, cause: error });
  return new LogError(meaning.code, meaning.message, { details: { reason: meaning.reason, ...(code !== null && { engine: code }) }, hint: meaning.hint, cause: error });
}

/** The same for a connection that could not be made. */
export function connectionError(error: unknown): LogError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!socketCodes.has(code)) return serverError(error);
  return new LogError('LOG_UNAVAILABLE', 'the database cannot be reached', { details: { reason: 'cannot_open', engine: code }, hint: 'Check host and port of the URL, and that the server runs.', cause: error });
}

/** Five characters; null when the server did not say why. */
export function stateOf(error: unknown): string | null {
  const cause = error instanceof LogError ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !socketCodes.has(code) ? code : null;
}

/** The connection is gone, and with it the answer to whatever was sent last. */
export function isLost(error: unknown): boolean {
  const state = stateOf(error);
  return state === null || state.startsWith('08') || state.startsWith('57P') || state === '25P03';
}
