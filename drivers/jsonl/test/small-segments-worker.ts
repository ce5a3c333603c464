/** A log in lines whose segments are small, so that a process is killed while it closes one, too. */
import type { LogDriver } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';
import type { JsonlLogOptions } from '@refold/driver-jsonl';

export const segmentBytesMax = 100_000;

export const openForWorker = async (path: string, options: Pick<JsonlLogOptions, 'linker'> = {}): Promise<LogDriver> => openJsonlLog({ path, ...options, segmentBytesMax });
