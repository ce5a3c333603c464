/** What of the folders that are ours stays out of version control. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LogError } from '@refold/core';

/**
 * Makes the folder. A log is data, not source, and a token is a secret: they stay out of version control unless somebody says
 * otherwise. In `.refold` the configuration does not; a folder beside a log holds nothing that anybody wrote.
 */
export function ignoreLog(folder: string): void {
  const path = join(folder, '.gitignore');
  const name = basename(folder);
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(path) || readFileSync(path, 'utf8') === '') writeFileSync(path, name === '.refold' ? 'log.*db*\nserver.json\ntoken\n' : '*\n');
  } catch (error) {
    throw new LogError('LOG_UNAVAILABLE', `The folder ${name} cannot be written.`, { details: { reason: 'read_only' }, hint: 'Check who may write here.', cause: error });
  }
}
