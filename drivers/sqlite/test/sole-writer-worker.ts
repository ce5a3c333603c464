/** A log whose only writer is the worker process: the argument is the path. */
import type { LogDriver } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';

export const openForWorker = async (path: string): Promise<LogDriver> => openSqliteLog({ path, soleWriter: true });
