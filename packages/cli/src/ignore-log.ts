/** What of a `.refold` folder stays out of version control. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogError } from '@refold/core';

/** A log is data, not source: it stays out of version control unless somebody says otherwise. */
export function ignoreLog(folder: string): void {
  const path = join(folder, '.gitignore');
  try {
    if (!existsSync(path) || readFileSync(path, 'utf8') === '') writeFileSync(path, 'log.*db*\nserver.json\ntoken\n');
  } catch (error) {
    throw new LogError('LOG_UNAVAILABLE', 'The folder .refold cannot be written.', { details: { reason: 'read_only' }, hint: 'Check who may write here.', cause: error });
  }
}
