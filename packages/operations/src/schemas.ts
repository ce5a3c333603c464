/** Event types of a user's own: registered with a JSON Schema of their payload, in versions that do not break what is there (R52, B-160). */
import { LogError, breaksBetween, canonicalText, compareVersions, compatibilities, isLogError, isVersion, priorities, readPayloadSchema, severities } from '@refold/core';
import type { Break, Compatibility, EventEnvelope, JsonObject, Log, Priority, RegisteredSchema, Severity } from '@refold/core';
import { z } from 'zod';
import { actorInput, actorToAppend, heldTo } from './acting.ts';
import { defineOperation } from './define.ts';
import { catchUpTypes, registeredIn, registrations, schemaStream } from './registered-types.ts';
import { actor, instant, jsonObject, position } from './shapes.ts';

const brokenPart = z.object({ path: z.string().meta({ description: 'JSON pointer into the payload; * stands for every item.' }), direction: z.enum(['backward', 'forward']), detail: z.string() });

const proposal = {
  type: z.string().min(1).max(128).regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/, 'takes a dotted name such as deploy.finished'),
  schema: jsonObject.meta({ description: 'JSON Schema 2020-12 of the payload, an object.' }),
  schemaVersion: z.string().refine(isVersion, 'takes a semantic version such as 1.1.0').optional().meta({ description: 'Default: the next one; a major one when it breaks what is there.' }),
  compatibility: z.enum(compatibilities as [Compatibility, ...Compatibility[]]).optional().meta({ description: 'What a new version may not break. Default: as the version before, backward for the first.' }),
};

type Proposal = { readonly type: string; readonly schema: JsonObject; readonly schemaVersion?: string | undefined; readonly compatibility?: Compatibility | undefined };

export const registerEventType = defineOperation({
  name: 'registerEventType',
  doc: 'Makes an event type of your own known, or a new version of one: from then on its events are held to the schema.',
  scope: 'config',
  kind: 'write',
  input: z.object({
    ...proposal,
    streamType: z.string().min(1).max(128).regex(/^[A-Za-z0-9._-]+$/).optional().meta({ description: 'Kind of stream that it is at home in; default: that of the version before, custom for the first.' }),
    doc: z.string().max(500).optional(),
    priority: z.enum(priorities as [Priority, ...Priority[]]).optional(),
    severity: z.enum(severities as [Severity, ...Severity[]]).optional(),
    ...actorInput,
  }),
  output: z.object({ type: z.string(), schemaVersion: z.string(), streamType: z.string(), compatibility: z.string(), duplicate: z.boolean().meta({ description: 'It was registered so already; nothing was written now.' }), position: position.nullable() }),
  http: { method: 'POST', path: '/schemas', status: 201 },
  run: async (context, { actor: named, streamType: home, doc, priority, severity, ...given }) => {
    const { log } = context;
    for (;;) {
      const head = await catchUpTypes(log);
      const judged = await judge(log, given);
      const { type, schemaVersion, compatibility, newest } = judged;
      const streamType = home ?? newest?.streamType ?? 'custom';
      const answer = { type, schemaVersion, streamType, compatibility };
      if (judged.isKnown) return { ...answer, streamType: newest!.streamType, duplicate: true, position: null };
      if (newest !== undefined && newest.streamType !== streamType) throw moved(type, newest.streamType);
      if (judged.breaks.length > 0) throw broken(judged);
      await refuseTooMany(log);
      const told = { ...(doc === undefined ? {} : { doc }), ...(priority === undefined ? {} : { priority }), ...(severity === undefined ? {} : { severity }) };
      const registered: RegisteredSchema = { type, schemaVersion, streamType, schema: given.schema, ...told };
      try {
        const { first } = await log.append({
          ...heldTo(context),
          expectedRevision: head === 0 ? 'none' : head,
          events: [{ type: 'store.schema_registered', ...schemaStream, actor: actorToAppend(context, named), data: { event_type: type, schema_version: schemaVersion, compatibility: newest === undefined ? 'initial' : compatibility, stream_type: streamType, mode: compatibility, schema: given.schema, ...told, diff: { changes: judged.changes.map((change) => ({ ...change })) } } }],
        });
        await catchUpTypes(log);
        if (log.registry.eventType(type) === null) log.registry.learn(registered);
        return { ...answer, duplicate: false, position: first };
      } catch (error) {
        // Somebody else registered one meanwhile: judged anew.
        if (!isLogError(error, 'REVISION_CONFLICT')) throw error;
      }
    }
  },
});

export const checkSchema = defineOperation({
  name: 'checkSchema',
  doc: 'Would this version of an event type be taken, and what does it break? Nothing is written.',
  scope: 'read',
  streamsOf: () => [],
  input: z.object(proposal),
  output: z.object({ ok: z.boolean(), type: z.string(), schemaVersion: z.string(), compatibility: z.string(), breaks: z.array(brokenPart), changes: z.array(brokenPart) }),
  http: { method: 'POST', path: '/schemas/check' },
  run: async ({ log }, given) => {
    await catchUpTypes(log);
    const { type, schemaVersion, compatibility, breaks, changes } = await judge(log, given);
    return { ok: breaks.length === 0, type, schemaVersion, compatibility, breaks: [...breaks], changes: [...changes] };
  },
});

export const schemaHistory = defineOperation({
  name: 'schemaHistory',
  doc: 'Every registration of an event type, oldest first: version, date, by whom, and what changed.',
  scope: 'read',
  input: z.object({ type: z.string().optional() }),
  output: z.object({ items: z.array(z.object({ type: z.string(), version: z.string(), date: instant, compatibility: z.string(), changes: z.array(brokenPart), by: actor, position })) }),
  http: { method: 'GET', path: '/schemas/history' },
  run: async ({ log }, { type }) => {
    const all = await registrations(log);
    return { items: all.filter(({ data }) => type === undefined || data['event_type'] === type).map(historyRow) };
  },
});

function historyRow(event: EventEnvelope): HistoryRow {
  const { type, schemaVersion } = registeredIn(event)!;
  const { compatibility, diff } = event.data;
  const changes = ((diff as JsonObject | undefined)?.['changes'] ?? []) as unknown as readonly Break[];
  return { type, version: schemaVersion, date: event.recordedAt, compatibility: typeof compatibility === 'string' ? compatibility : 'initial', changes: [...changes], by: event.actor, position: event.position };
}

interface HistoryRow {
  readonly type: string;
  readonly version: string;
  readonly date: string;
  readonly compatibility: string;
  readonly changes: readonly Break[];
  readonly by: EventEnvelope['actor'];
  readonly position: number;
}

interface Judged {
  readonly type: string;
  readonly schemaVersion: string;
  readonly compatibility: Compatibility;
  /** The version before; undefined for the first. */
  readonly newest: RegisteredSchema | undefined;
  /** The same schema stands under this version already. */
  readonly isKnown: boolean;
  /** What its compatibility forbids. */
  readonly breaks: readonly Break[];
  /** Every break, forbidden or not. */
  readonly changes: readonly Break[];
}

/** @throws LogError BAD_REQUEST `schema`, TOO_LARGE `schema`, DUPLICATE_ID `type`, SCHEMA_INCOMPATIBLE `version`. */
async function judge(log: Log, { type, schema, schemaVersion, compatibility }: Proposal): Promise<Judged> {
  const size = new TextEncoder().encode(canonicalText(schema)).length;
  if (size > log.limits.schemaBytesMax) throw new LogError('TOO_LARGE', `The schema has ${size} bytes; the most is ${log.limits.schemaBytesMax}.`, { details: { reason: 'schema', size, limit: log.limits.schemaBytesMax }, hint: 'Leave out what only explains.' });
  readPayloadSchema(schema);
  const versions = log.registry.registered(type);
  if (versions.length === 0 && log.registry.canonicalName(type) !== null) throw new LogError('DUPLICATE_ID', `${type} is a type of Refold or of this installation.`, { details: { reason: 'type', type }, hint: 'Name yours otherwise.' });
  const newest = versions.at(-1);
  const mode = compatibility ?? (newest === undefined ? 'backward' : await modeOf(log, newest));
  const same = versions.find((one) => one.schemaVersion === schemaVersion || (schemaVersion === undefined && one === newest && canonicalText(one.schema) === canonicalText(schema)));
  if (same !== undefined && canonicalText(same.schema) === canonicalText(schema)) return { type, schemaVersion: same.schemaVersion, compatibility: mode, newest, isKnown: true, breaks: [], changes: [] };
  if (newest !== undefined && schemaVersion !== undefined && compareVersions(schemaVersion, newest.schemaVersion) <= 0)
    throw new LogError('SCHEMA_INCOMPATIBLE', `${type} stands at ${newest.schemaVersion} already.`, { details: { reason: 'version', type, newest: newest.schemaVersion, paths: [] }, hint: 'Send a higher version, or none and get the next one.' });
  const changes = newest === undefined ? [] : breaksBetween(newest.schema, schema, 'full');
  const breaks = newest === undefined ? [] : breaksBetween(newest.schema, schema, mode);
  return { type, schemaVersion: schemaVersion ?? nextVersion(newest?.schemaVersion, changes), compatibility: mode, newest, isKnown: false, breaks, changes };
}

async function modeOf(log: Log, { type, schemaVersion }: RegisteredSchema): Promise<Compatibility> {
  const found = (await registrations(log)).find(({ data }) => data['event_type'] === type && data['schema_version'] === schemaVersion)?.data['mode'];
  return compatibilities.find((mode) => mode === found) ?? 'backward';
}

function nextVersion(newest: string | undefined, changes: readonly Break[]): string {
  if (newest === undefined) return '1.0.0';
  const [major = 1, minor = 0] = newest.split('.').map((part) => Number.parseInt(part, 10));
  return changes.some(({ direction }) => direction === 'backward') ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`;
}

async function refuseTooMany(log: Log): Promise<void> {
  const limit = log.limits.registeredSchemasMax;
  if ((await registrations(log)).length >= limit) throw new LogError('TOO_LARGE', `${limit} schemas are registered in this log.`, { details: { reason: 'schemas', limit }, hint: 'Raise limits.registeredSchemasMax.' });
}

const broken = ({ type, breaks, compatibility }: Judged): LogError =>
  new LogError('SCHEMA_INCOMPATIBLE', `${type} promises to be ${compatibility} compatible, and ${breaks[0]!.path === '' ? 'the payload' : breaks[0]!.path} is not: ${breaks[0]!.detail}.`, {
    details: { reason: compatibility, type, paths: breaks.map(({ path }) => path), breaks: breaks.map((one) => ({ ...one })) },
    hint: 'Change what details.paths name, register it under another name, or say "compatibility": "none".',
  });

const moved = (type: string, streamType: string): LogError =>
  new LogError('SCHEMA_INCOMPATIBLE', `${type} is at home in ${streamType} streams.`, { details: { reason: 'stream_type', type, streamType, paths: [] }, hint: 'Leave streamType out, or register another type.' });
