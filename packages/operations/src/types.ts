/** What event types there are, what their payloads look like, what each may do. */
import { LogError, compareVersions } from '@refold/core';
import type { EventType, Log } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { flag } from './inputs.ts';
import { catchUpTypes } from './registered-types.ts';
import { count, jsonObject } from './shapes.ts';

const eventTypeRow = z
  .object({
    name: z.string(),
    streamType: z.string().nullable(),
    part: z.string().nullable().meta({ description: 'Family of a type that several kinds of stream take.' }),
    schemaVersion: z.string(),
    aliases: z.record(z.string(), z.string()),
    effect: z.string(),
    policy: z.enum(['enforce', 'tolerate']),
    priority: z.string(),
    severity: z.string(),
    doc: z.string(),
    count: count.nullable(),
  })
  .meta({ id: 'EventType' });

export const listEventTypes = defineOperation({
  name: 'listEventTypes',
  doc: 'Every event type this log knows, with its aliases, effect class and policy.',
  scope: 'read',
  input: z.object({ counts: flag.optional().meta({ description: 'true also counts the events of each type.' }) }),
  output: z.object({ items: z.array(eventTypeRow) }),
  http: { method: 'GET', path: '/event-types' },
  run: async ({ log, signal }, { counts }) => {
    await catchUpTypes(log);
    const tally = counts === true ? await countByType(log, signal) : null;
    return { items: log.registry.eventTypes().map((type) => ({ ...rowOf(type), count: tally === null ? null : (tally.get(type.name) ?? 0) })) };
  },
});

export const getEventType = defineOperation({
  name: 'getEventType',
  doc: 'One event type with the JSON Schema of its payload and its legal transitions.',
  scope: 'read',
  streamsOf: () => [],
  input: z.object({ type: z.string() }),
  output: eventTypeRow.extend({ schema: jsonObject, schemaVersions: z.array(z.string()).meta({ description: 'Versions whose payloads are taken as they are, oldest first.' }), transition: z.object({ machine: z.string(), from: z.array(z.string()), to: z.string() }).nullable(), ledger: z.array(z.string()) }),
  http: { method: 'GET', path: '/event-types/{type}' },
  run: async ({ log }, { type }) => {
    await catchUpTypes(log);
    const known = knownType(log, type);
    const { transition, ledger } = known.definition;
    return {
      ...rowOf(known),
      count: null,
      schema: payloadSchema(log, known),
      schemaVersions: known.versions === undefined ? [known.schemaVersion] : [...known.versions.keys()].sort(compareVersions),
      transition: transition === undefined ? null : { machine: transition.machine, from: transition.from === 'any' ? ['any'] : [...transition.from], to: typeof transition.to === 'string' ? transition.to : 'by payload' },
      ledger: [...(ledger ?? [])],
    };
  },
});

export const getSchema = defineOperation({
  name: 'getSchema',
  doc: 'The JSON Schema of a payload at a version.',
  scope: 'read',
  streamsOf: () => [],
  input: z.object({ type: z.string(), version: z.string() }),
  output: jsonObject,
  http: { method: 'GET', path: '/schemas/{type}/{version}', immutable: true },
  run: async ({ log }, { type, version }) => {
    await catchUpTypes(log);
    const known = knownType(log, type);
    const registered = log.registry.registered(known.name).find((one) => one.schemaVersion === version);
    if (registered !== undefined) return registered.schema;
    if (known.schemaVersion !== version)
      throw new LogError('NOT_FOUND', `${known.name} has no schema version ${version}.`, { details: { reason: 'schema', type: known.name, newest: known.schemaVersion }, hint: `The version in use is ${known.schemaVersion}.` });
    return payloadSchema(log, known);
  },
});

function knownType(log: Log, name: string): EventType {
  const known = log.registry.eventType(name);
  if (known !== null) return known;
  const nearest = log.registry.nearest(name);
  throw new LogError('NOT_FOUND', `There is no event type ${name}.`, { details: { reason: 'type', nearest }, hint: nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : 'List the types with refold types.' });
}

const rowOf = (type: EventType): Omit<z.infer<typeof eventTypeRow>, 'count'> => ({
  name: type.name,
  streamType: type.streamType,
  part: type.part,
  schemaVersion: type.schemaVersion,
  aliases: { ...type.aliases },
  effect: typeof type.effect === 'string' ? type.effect : 'by payload',
  policy: type.policy,
  priority: type.priority,
  severity: type.severity,
  doc: type.definition.doc ?? '',
});

export const payloadSchema = ({ registry }: Log, type: EventType): z.infer<typeof jsonObject> =>
  // What a user registered is given back as it was; zod's JSON Schema is JSON; its type only says object.
  registry.registered(type.name).at(-1)?.schema ?? (type.schema === null ? { type: 'object' } : (z.toJSONSchema(type.schema, { unrepresentable: 'any' }) as z.infer<typeof jsonObject>));

async function countByType(log: Log, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, number>> {
  const tally = new Map<string, number>();
  for await (const page of log.driver.read({ bodies: false }, signal)) for (const { type } of page.events) tally.set(type, (tally.get(type) ?? 0) + 1);
  return tally;
}
