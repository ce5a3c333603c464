/**
 * Old payloads, read today. Nothing in the log is rewritten: between store and fold each payload is led, step by pure step,
 * from the version it was written in to the version that the definition knows. Source: the unified model 3.3.1, rule 5.
 *
 * A step covers the versions from its `from` up to, and without, its `to`; so one step per change of shape is enough and
 * patch versions in between need none. Within one major version a payload without a step is read as it is (additive change).
 */
import type { AnyEventDefinition } from '../fold/aggregate.ts';
import type { JsonObject } from '../log/event.ts';

export type Upcast = { readonly ok: true; readonly data: JsonObject; readonly schemaVersion: string } | { readonly ok: false; readonly detail: string };

export const firstSchemaVersion = '1.0.0';

/**
 * Leads a payload to the newest version of its type. Never throws: a step that does is told in the answer.
 *
 * @param schemaVersion  The version it was written in. A newer one of the same major version is read as it is.
 */
export function upcast(definition: AnyEventDefinition, data: JsonObject, schemaVersion: string): Upcast {
  const newest = definition.schemaVersion ?? firstSchemaVersion;
  let version = schemaVersion;
  let payload = data;
  for (const { from, to, step } of definition.upcasts ?? []) {
    if (compareVersions(version, from) < 0 || compareVersions(version, to) >= 0) continue;
    try {
      payload = step(payload);
    } catch (error) {
      return { ok: false, detail: `the step from ${from} to ${to} failed: ${error instanceof Error ? error.message : String(error)}` };
    }
    version = to;
  }
  if (majorOf(version) !== majorOf(newest)) return { ok: false, detail: `no way from schema version ${schemaVersion} to ${newest}` };
  return { ok: true, data: payload, schemaVersion: compareVersions(version, newest) > 0 ? version : newest };
}

/** Semantic versioning 2.0.0, section 11: numbers by size, a pre-release before its release, build data ignored. */
export function compareVersions(left: string, right: string): number {
  if (left === right) return 0;
  const [a, b] = [parseVersion(left), parseVersion(right)];
  for (let place = 0; place < 3; place++) if (a.numbers[place] !== b.numbers[place]) return a.numbers[place]! < b.numbers[place]! ? -1 : 1;
  return comparePreRelease(a.preRelease, b.preRelease);
}

const versionPattern = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** True for `1.2.3`, with optional pre-release and build parts. */
export const isVersion = (text: string): boolean => /^\d+\.\d+\.\d+/.test(text) && versionPattern.test(text);

function parseVersion(text: string): { readonly numbers: readonly number[]; readonly preRelease: readonly string[] } {
  const match = versionPattern.exec(text);
  // What is no version stands before every version, so that it can only fail to find a way, never jump over one.
  if (match === null) return { numbers: [-1, 0, 0], preRelease: [] };
  return { numbers: [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)], preRelease: match[4]?.split('.') ?? [] };
}

const majorOf = (version: string): number => parseVersion(version).numbers[0]!;

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const order = compareIdentifiers(a[place], b[place]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return Math.sign(Number(a) - Number(b));
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
