/** A log in memory for the worker process of @refold/testing. */
import type { LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';

export const openForWorker = async (epoch: string): Promise<LogDriver> => openMemoryLog({ epoch });
