/** What a child of these tests opens: the module and the argument stand first on its command line. */
import type { Linker, LogDriver } from '@refold/core';

export interface ChildOptions {
  readonly linker?: Linker;
  readonly readOnly?: boolean;
}

const [moduleUrl = '', argument = '', ...rest] = process.argv.slice(2);
const { openForWorker } = (await import(moduleUrl)) as { openForWorker(argument: string, options?: ChildOptions): Promise<LogDriver> };

export const openLogOfParent = (options: ChildOptions = {}): Promise<LogDriver> => openForWorker(argument, options);
export const argumentsOfParent: readonly string[] = rest;
