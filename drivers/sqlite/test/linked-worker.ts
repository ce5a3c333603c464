/** A linked log for the worker process: the argument is the path. */
import type { LogDriver } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';
import { testLinker } from '@refold/testing';

export const openForWorker = async (path: string): Promise<LogDriver> => openSqliteLog({ path, linker: testLinker });
