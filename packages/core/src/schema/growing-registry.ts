/**
 * A registry that learns event types while the log is open: those that users register as JSON Schema. It knows them by name, home and
 * payload. How a stream is folded it does not learn: a registered type changes a state as an unknown one did, so that no state, no
 * snapshot and no tag depends on when a process heard of a type.
 */
import type { z } from 'zod';
import type { JsonObject, Priority, Severity } from '../log/event.ts';
import { readPayloadSchema } from './json-schema.ts';
import { nearest } from './registry.ts';
import type { EventType, Registry } from './registry.ts';
import { compareVersions } from './upcast.ts';

export interface RegisteredSchema {
  readonly type: string;
  readonly schemaVersion: string;
  /** Kind of stream that it is at home in. */
  readonly streamType: string;
  readonly schema: JsonObject;
  readonly doc?: string;
  readonly priority?: Priority;
  readonly severity?: Severity;
}

export interface GrowingRegistry extends Registry {
  /**
   * Makes a type, or a version of one, known. What is known already stays.
   *
   * @throws LogError BAD_REQUEST `schema` when the schema cannot be held to.
   */
  learn(registered: RegisteredSchema): void;
  /** What users registered of a type, oldest version first; empty for every other type. */
  registered(type: string): readonly RegisteredSchema[];
}

interface Learned {
  readonly versions: readonly RegisteredSchema[];
  readonly schemas: ReadonlyMap<string, z.ZodType>;
  readonly type: EventType;
}

export function growingRegistry(base: Registry): GrowingRegistry {
  const learned = new Map<string, Learned>();

  return {
    ...base,
    canonicalName: (name) => base.canonicalName(name) ?? (learned.has(name) ? name : null),
    eventType: (name) => base.eventType(name) ?? learned.get(name)?.type ?? null,
    eventTypes: () => (learned.size === 0 ? base.eventTypes() : [...base.eventTypes(), ...[...learned.values()].map(({ type }) => type)]),
    nearest: (name, count = 3) => (learned.size === 0 ? base.nearest(name, count) : nearest(name, [...new Set([...base.nearest(name, count), ...learned.keys()])], count)),
    registered: (type) => learned.get(type)?.versions ?? [],
    learn(registered) {
      const { type, schemaVersion } = registered;
      const before = learned.get(type);
      if (base.eventType(type) !== null || before?.schemas.has(schemaVersion) === true) return;
      const versions = [...(before?.versions ?? []), registered].sort((a, b) => compareVersions(a.schemaVersion, b.schemaVersion));
      const schemas = new Map([...(before?.schemas ?? []), [schemaVersion, readPayloadSchema(registered.schema)] as const]);
      learned.set(type, { versions, schemas, type: typeOf(versions.at(-1)!, schemas) });
    },
  };
}

function typeOf({ type, streamType, schemaVersion, doc, priority = 'P2', severity = 'INFO' }: RegisteredSchema, schemas: ReadonlyMap<string, z.ZodType>): EventType {
  const schema = schemas.get(schemaVersion)!;
  const definition = { schema, schemaVersion, priority, severity, ...(doc === undefined ? {} : { doc }) };
  return { name: type, streamType, part: null, schemaVersion, schema, versions: schemas, policy: 'tolerate', effect: 'state-only', priority, severity, aliases: {}, definition };
}
