/** A log in lines for the processes of @refold/testing: the argument is the folder. */
import type { LogDriver } from '@refold/core';
import { openJsonlLog } from '@refold/driver-jsonl';
import type { JsonlLogOptions } from '@refold/driver-jsonl';

export const openForWorker = async (path: string, options: Pick<JsonlLogOptions, 'linker' | 'readOnly'> = {}): Promise<LogDriver> => openJsonlLog({ path, ...options });
