/** Flags as data, and what was given for them. */
import { LogError } from '@refold/core';

export interface OptionDefinition {
  /** As help shows it: `-n, --dry-run`, `--stream <type/id>`, `--type <glob...>` (may be given more than once). */
  readonly flags: string;
  readonly doc: string;
  readonly choices?: readonly string[];
  /** A comma belongs to the value (an expression, JSON), where else it separates values of a flag that may be given again. */
  readonly isVerbatim?: true;
}

/** Values by the long flag's camelCase name; a flag without a value is true. */
export type Options = { readonly [name: string]: string | boolean | number | readonly string[] | undefined };

export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function listOf(options: Options, name: string): readonly string[] | undefined {
  const value = options[name];
  return Array.isArray(value) ? value : undefined;
}

export const isSet = (options: Options, name: string): boolean => options[name] === true;

/** @throws LogError BAD_REQUEST when the text is no whole number from `least` on. */
export function wholeNumberOf(options: Options, name: string, least = 0): number | undefined {
  const given = textOf(options, name);
  if (given === undefined) return undefined;
  const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(value) || value < least) throw usage(`--${kebab(name)} takes a whole number from ${least} on, not "${given}".`, name);
  return value;
}

/** Only what was given: an input's field that is there and undefined is another thing than one that is not there. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

export const usage = (message: string, reason = 'usage', hint?: string): LogError => new LogError('BAD_REQUEST', message, { details: { reason }, ...(hint === undefined ? {} : { hint }) });

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
