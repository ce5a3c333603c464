/** A log in SQLite for the processes of @refold/testing: the argument is the path. */
import type { LogDriver } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';
import type { SqliteLogOptions } from '@refold/driver-sqlite';

export const openForWorker = async (path: string, options: Pick<SqliteLogOptions, 'linker' | 'readOnly'> = {}): Promise<LogDriver> => openSqliteLog({ path, ...options });
