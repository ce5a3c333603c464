/** Which log this is and in which format, in a small file that is read before anything else and only ever replaced whole. */
import { readFileSync } from 'node:fs';
import { LogError } from '@refold/core';
import { codeOf } from './engine-error.ts';
import { writeWhole } from './folder.ts';
import type { Folder } from './folder.ts';

/** Raised when a line, a segment or the folder changes its form. */
export const formatNewest = 1;

export interface LogFormat {
  readonly format: number;
  readonly origin: string;
  readonly epoch: string;
}

/**
 * Null when there is none.
 *
 * @throws LogError LOG_UNAVAILABLE `format_newer` {found, supported}; LOG_CORRUPT `not_a_log`.
 */
export function readFormat(folder: Folder): LogFormat | null {
  let text: string;
  try {
    text = readFileSync(folder.identity, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const found = parse(text);
  if (found === null) throw new LogError('LOG_CORRUPT', 'the file that names the log is damaged', { details: { reason: 'not_a_log', file: '.log/log.json' }, hint: 'Restore .log/log.json from a backup: {"format":1,"origin":"...","epoch":"..."}; origin stands in every line of the log.' });
  if (found.format > formatNewest) {
    throw new LogError('LOG_UNAVAILABLE', 'the log was written in a newer format', { details: { reason: 'format_newer', found: found.format, supported: formatNewest }, hint: 'Open it with the version of Refold that wrote it, or a later one. Nothing was changed.' });
  }
  return found;
}

export function writeFormat(folder: Folder, format: LogFormat): void {
  writeWhole(folder.identity, [Buffer.from(`${JSON.stringify(format)}\n`)]);
}

function parse(text: string): LogFormat | null {
  try {
    const { format, origin, epoch } = JSON.parse(text) as Partial<LogFormat>;
    return typeof format === 'number' && typeof origin === 'string' && typeof epoch === 'string' ? { format, origin, epoch } : null;
  } catch {
    return null;
  }
}
