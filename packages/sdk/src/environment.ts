/**
 * Where a piece of work runs, as a few facts by name (D-054). Only what stands in this table can be recorded: the variables of the
 * environment, where secrets live, cannot be named.
 */
import { arch, hostname, platform, release } from 'node:os';
import { LogError } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';

const facts = {
  node_version: () => process.version,
  os: () => `${platform()} ${release()} ${arch()}`,
  hostname: () => hostname(),
  pid: () => process.pid,
  /** Whether a CI runs it. */
  ci: () => !['', '0', 'false'].includes(process.env['CI'] ?? ''),
} as const satisfies { readonly [name: string]: () => Json };

export type EnvironmentFact = keyof typeof facts;

/** @throws LogError BAD_CONFIG `environment` for a name that is none. */
export function environmentOf(names: readonly EnvironmentFact[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => {
      if (!Object.hasOwn(facts, name)) throw new LogError('BAD_CONFIG', `"${String(name)}" is no fact of the environment.`, { details: { reason: 'environment', name }, hint: `There are ${Object.keys(facts).join(', ')}.` });
      return [name, facts[name]()];
    }),
  );
}
