/** The URL of a log: a URL of PostgreSQL, and `?log=NAME`, the schema it stands in. The other parameters are the client's. */
import { LogError } from '@refold/core';

export interface LogAddress {
  /** For the client. Holds the password: it is never shown. */
  readonly url: string;
  /** Name of the log and of its schema. */
  readonly log: string;
}

export const logNameDefault = 'refold';
/** PostgreSQL keeps 63 bytes of a name. */
const namePattern = /^[a-z_][a-z0-9_-]{0,62}$/;

/** @throws LogError BAD_CONFIG `url`, `log_name`. */
export function parseAddress(url: string, name?: string): LogAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new LogError('BAD_CONFIG', 'the store is no URL of PostgreSQL', { details: { reason: 'url' }, hint: 'Give postgres://user:password@host:port/database?log=NAME.' });
  }
  const log = name ?? parsed.searchParams.get('log') ?? logNameDefault;
  parsed.searchParams.delete('log');
  if (!namePattern.test(log) || log.startsWith('pg_') || log === 'information_schema') {
    throw new LogError('BAD_CONFIG', 'the log has no name that PostgreSQL takes for a schema', { details: { reason: 'log_name', found: log }, hint: 'Use 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or _, and not with pg_.' });
  }
  return { url: parsed.href, log };
}
