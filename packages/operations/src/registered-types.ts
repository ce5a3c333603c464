/**
 * The event types that users registered, as the log tells them: `store.schema_registered` in the stream store/schemas, the schema with
 * it. The log is the only truth; what this process knows of it is caught up from there, so a type outlives a restart, and travels with
 * the log to another engine.
 */
import { isLogError } from '@refold/core';
import type { EventEnvelope, JsonObject, Log, RegisteredSchema, Revision } from '@refold/core';

export const schemaStream = { streamType: 'store', streamId: 'schemas' } as const;
const address = 'store/schemas';

/** How long a process goes without looking for what others registered, when it meets a type that it does not know. */
const lookAgainMs = 1_000;

interface Known {
  revision: Revision;
  lookedAtMs: number;
}

const knownOf = new WeakMap<Log, Known>();

/** Makes known what was registered since this process looked last. Cost: one row, and the events that are new. */
export async function catchUpTypes(log: Log): Promise<Revision> {
  const known = knownOf.get(log) ?? { revision: 0, lookedAtMs: 0 };
  knownOf.set(log, known);
  known.lookedAtMs = log.ports.clock.now();
  const head = (await log.stream(address))?.revision ?? 0;
  if (head <= known.revision) return head;
  for await (const { events } of log.events({ stream: address, after: known.revision }))
    for (const event of events) {
      const registered = registeredIn(event);
      if (registered !== null) learn(log, registered);
      known.revision = event.revision;
    }
  return known.revision;
}

/** Before an append of types that this process does not know: another may have registered them. */
export async function catchUpForUnknown(log: Log, types: readonly string[]): Promise<void> {
  if (types.every((type) => log.registry.eventType(type) !== null)) return;
  const { lookedAtMs } = knownOf.get(log) ?? { lookedAtMs: -Infinity };
  if (log.ports.clock.now() - lookedAtMs >= lookAgainMs) await catchUpTypes(log);
}

/** A schema that was written by a newer release, with keywords that this one does not take, is left out: its type stays unknown here. */
function learn(log: Log, registered: RegisteredSchema): void {
  try {
    log.registry.learn(registered);
  } catch (error) {
    if (!isLogError(error, 'BAD_REQUEST')) throw error;
  }
}

/** Every registration, oldest first. */
export async function registrations(log: Log): Promise<readonly EventEnvelope[]> {
  const found: EventEnvelope[] = [];
  for await (const { events } of log.events({ stream: address })) found.push(...events.filter((event) => registeredIn(event) !== null));
  return found;
}

/** null: another event, or one without its schema (erased, or written by somebody else). */
export function registeredIn({ type, data }: EventEnvelope): RegisteredSchema | null {
  if (type !== 'store.schema_registered') return null;
  const { event_type: name, schema_version: schemaVersion, stream_type: streamType, schema, doc, priority, severity } = data;
  if (typeof name !== 'string' || typeof schemaVersion !== 'string' || typeof streamType !== 'string' || typeof schema !== 'object' || schema === null || Array.isArray(schema)) return null;
  return {
    type: name,
    schemaVersion,
    streamType,
    schema: schema as JsonObject,
    ...(typeof doc === 'string' ? { doc } : {}),
    ...(typeof priority === 'string' ? { priority: priority as NonNullable<RegisteredSchema['priority']> } : {}),
    ...(typeof severity === 'string' ? { severity: severity as NonNullable<RegisteredSchema['severity']> } : {}),
  };
}
