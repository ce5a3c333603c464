/** A log in SQLite for the worker process of @refold/testing: the argument is the path. */
import type { LogDriver } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';

export const openForWorker = async (path: string): Promise<LogDriver> => openSqliteLog({ path });
