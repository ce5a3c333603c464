/** A log in PostgreSQL for the worker process of @refold/testing: the argument is the URL and the log's name, as JSON. */
import type { LogDriver } from '@refold/core';
import { openPostgresLog } from '@refold/driver-postgres';

export const openForWorker = async (argument: string): Promise<LogDriver> => openPostgresLog(JSON.parse(argument) as { url: string; log: string });
