/** A log in lines for the worker process of @refold/testing: the argument is the folder. */
import type { LogDriver } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';

export const openForWorker = async (path: string): Promise<LogDriver> => openJsonlLog({ path });
