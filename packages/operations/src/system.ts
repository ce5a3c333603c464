/** Is it well? What is it? Facts about the log and this installation. */
import { LogError, parseStreamAddress, reconstruct, unregisteredTag } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { wholeNumber } from './inputs.ts';
import { count, instant, position } from './shapes.ts';
import { travelParts } from './travel-parts.ts';
import { causesIn, causesOfIllness, ping } from './wellness.ts';

export const live = defineOperation({
  name: 'live',
  doc: 'The process answers.',
  scope: 'none',
  input: z.object({}),
  output: z.object({ status: z.literal('ok') }),
  http: { method: 'GET', path: '/health/live' },
  run: async () => ({ status: 'ok' as const }),
});

export const ready = defineOperation({
  name: 'ready',
  doc: 'The log answers, so that events can be appended and read.',
  scope: 'none',
  input: z.object({}),
  output: z.object({ status: z.enum(['ok', 'unavailable']), detail: z.string().nullable() }),
  http: { method: 'GET', path: '/health/ready' },
  run: async (context) => {
    const { head, detail } = await ping(context);
    if (head === null) throw new LogError('LOG_UNAVAILABLE', 'The log does not answer.', { details: { reason: detail ?? 'unknown' }, hint: 'See refold doctor.' });
    return { status: 'ok' as const, detail };
  },
});

const validation = z.enum(['strict', 'flag']).meta({ description: 'strict refuses what breaks a rule; flag takes it and marks it.' });

export const health = defineOperation({
  name: 'health',
  doc: 'Health with what it rests on: log, durability, validation, appends and snapshots made here, consumers.',
  scope: 'none',
  input: z.object({}),
  output: z.object({ status: z.enum(['ok', 'degraded', 'unavailable']), causes: z.array(z.enum(causesOfIllness)).meta({ description: 'What keeps it from being well.' }), log: z.object({ ok: z.boolean(), detail: z.string().nullable() }), durability: z.string(), validation, snapshots: z.object({ keeping: z.enum(['off', 'own', 'all']), failures: count }), appends: z.object({ failures: count, lastFailureAt: instant.nullable() }), lastAppendAt: instant.nullable(), lag: count.meta({ description: 'Events that the slowest consumer has still to pass.' }), version: z.string() }),
  http: { method: 'GET', path: '/health' },
  run: async (context) => {
    const { log, installation } = context;
    const pinged = await ping(context);
    // An append that failed a moment ago is told in figures; a probe is about what holds now.
    const causes = causesIn(log, pinged).filter((cause) => cause !== 'appends');
    const [snapshots, appends] = [log.snapshotReport(), log.appendReport()];
    return {
      status: pinged.head === null ? ('unavailable' as const) : causes.length > 0 ? ('degraded' as const) : ('ok' as const),
      causes,
      log: { ok: pinged.head !== null, detail: pinged.detail },
      durability: log.capabilities.durability,
      validation: log.settings.validation,
      snapshots: { keeping: snapshots.keeping, failures: snapshots.failures },
      appends: { failures: appends.failures, lastFailureAt: appends.lastFailure?.at ?? null },
      lastAppendAt: pinged.head?.recordedAt ?? null,
      lag: pinged.lag,
      version: installation.version,
    };
  },
});

export const systemInfo = defineOperation({
  name: 'systemInfo',
  doc: 'What runs here: version, store, engine and its real durability, head, epoch.',
  scope: 'read',
  input: z.object({}),
  output: z.object({
    version: z.string(),
    store: z.string(),
    origin: z.string(),
    engine: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    events: position,
    recordedAt: instant.nullable(),
    epoch: z.string(),
    startedAt: instant,
    eventTypes: count,
    validation,
  }),
  http: { method: 'GET', path: '/system/info' },
  run: async ({ log, installation }) => {
    const head = await log.head();
    return { version: installation.version, store: installation.store, origin: log.identity.origin, engine: { ...installation.engine }, events: head.position, recordedAt: head.recordedAt, epoch: head.epoch, startedAt: installation.startedAt, eventTypes: log.registry.eventTypes().length, validation: log.settings.validation };
  },
});

const finding = z.object({ level: z.enum(['ok', 'warn', 'fail']), check: z.string(), detail: z.string(), hint: z.string().nullable() });
type Finding = z.infer<typeof finding>;

export const doctor = defineOperation({
  name: 'doctor',
  doc: 'The troubleshooting recipes as checks: engine, index, clock, types nobody registered, search, snapshots, missing events of an issue.',
  scope: 'read',
  input: z.object({ issue: z.string().optional(), expect: wholeNumber.optional() }),
  output: z.object({ ok: z.boolean(), findings: z.array(finding) }),
  http: { method: 'GET', path: '/doctor' },
  run: async (context, { issue, expect }) => {
    const findings: Finding[] = [engineFinding(context), indexFinding(context), await clockFinding(context), await typesFinding(context), await searchFinding(context), await snapshotFinding(context), validationFinding(context), ...(await columnFindings(context))];
    if (issue !== undefined) findings.push(await issueFinding(context, issue, expect));
    return { ok: findings.every(({ level }) => level !== 'fail'), findings };
  },
});

function engineFinding({ log, installation }: OperationContext): Finding {
  const { durability } = log.capabilities;
  const facts = Object.entries(installation.engine).map(([name, value]) => `${name} ${value}`).join(', ');
  const safe = durability === 'fsync' || durability === 'quorum';
  return { level: safe ? 'ok' : 'warn', check: 'engine', detail: `${facts}; an acknowledged event is durable as "${durability}" says`, hint: safe ? null : 'Use sqlite: for anything that must survive.' };
}

/** Slow answers (002). An index that is declared and not there is told when the log is opened. */
function indexFinding({ log }: OperationContext): Finding {
  return log.capabilities.query === 'indexed'
    ? { level: 'ok', check: 'index', detail: 'queries by type and tag are answered from an index', hint: null }
    : { level: 'warn', check: 'index', detail: 'every query reads the whole log', hint: 'Use an engine with an index for a long log.' };
}

async function clockFinding({ log }: OperationContext): Promise<Finding> {
  const { recordedAt } = await log.head();
  if (recordedAt === null) return { level: 'ok', check: 'clock', detail: 'the log is empty', hint: null };
  const aheadMs = Date.parse(recordedAt) - log.ports.clock.now();
  return aheadMs > 1_000
    ? { level: 'warn', check: 'clock', detail: `this clock is ${aheadMs} ms behind the log's newest recordedAt`, hint: 'Set the clock; recordedAt stands still until it has caught up.' }
    : { level: 'ok', check: 'clock', detail: 'not behind the newest recordedAt', hint: null };
}

async function typesFinding({ log, signal }: OperationContext): Promise<Finding> {
  const unknown = new Map<string, number>();
  for await (const page of log.driver.read({ query: { items: [{ tags: [unregisteredTag] }] }, bodies: false }, signal)) for (const { type } of page.events) unknown.set(type, (unknown.get(type) ?? 0) + 1);
  const named = [...unknown].filter(([type]) => !type.startsWith('custom.') && log.registry.eventType(type) === null);
  if (named.length === 0) return { level: 'ok', check: 'types', detail: 'every event has a known type', hint: null };
  return { level: 'warn', check: 'types', detail: `${named.length} types are not registered: ${named.slice(0, 5).map(([type, events]) => `${type} (${events})`).join(', ')}`, hint: 'Register them with an aggregate of your own.' };
}

async function searchFinding({ log, search }: OperationContext): Promise<Finding> {
  const [cursor, head] = [await search.cursor(), await log.head()];
  return cursor > head.position
    ? { level: 'warn', check: 'search', detail: `the index stands at ${cursor}, the log at ${head.position}`, hint: 'It is rebuilt at the next search.' }
    : { level: 'ok', check: 'search', detail: `${head.position - cursor} events to index at the next search`, hint: null };
}

/** Streams looked at, the first by address: each may cost a look at its keys. */
const streamsLookedAtMax = 1_000;
const streamsNamed = 5;

/** Slow answers again: do long streams have a snapshot to start from, and did making one fail, here or on record? */
async function snapshotFinding(context: OperationContext): Promise<Finding> {
  const { log } = context;
  const { failures, lastFailure } = log.snapshotReport();
  const failed = Math.max(failures, await recordedFailures(context));
  if (failed > 0) {
    const last = lastFailure === null ? '' : `; last at ${lastFailure.at}: ${lastFailure.code}${lastFailure.stream === null ? '' : ` in ${lastFailure.stream}@${lastFailure.revision}`}`;
    return { level: 'warn', check: 'snapshots', detail: `${failed} could not be made${last}`, hint: 'States are folded without them. refold query --type store.snapshot_failed names the streams.' };
  }
  const long = (await log.streams({ prefix: '', limit: streamsLookedAtMax })).filter(({ revision }) => revision >= 2 * log.limits.snapshotEveryEvents);
  const without: string[] = [];
  for (const { stream } of long) if ((await log.snapshots.list(stream)).length === 0) without.push(stream);
  return without.length > 0
    ? { level: 'warn', check: 'snapshots', detail: `${without.length} long streams have none: ${without.slice(0, streamsNamed).join(', ')}`, hint: 'refold serve makes them as the log grows; refold snapshot create STREAM makes one now.' }
    : { level: 'ok', check: 'snapshots', detail: 'every long stream has one', hint: null };
}

/** Failures of every process that had this log open, by its own record. */
async function recordedFailures(context: OperationContext): Promise<number> {
  if ((await context.log.stream('store/log')) === null) return 0;
  const { state } = await reconstruct(travelParts(context), { streamType: 'store', streamId: 'log' }, { kind: 'end' });
  return typeof state['snapshotFailures'] === 'number' ? state['snapshotFailures'] : 0;
}

/** Columns of document 002's table: a view shows what is longer as a whole, a program that was made for the table may not take it (K-009). */
const columnCharactersMax = { id: 36, type: 50 } as const;

/** Only where the log can be asked for in SQL by those columns. */
async function columnFindings({ log, installation }: OperationContext): Promise<readonly Finding[]> {
  if (installation.engine['driver'] !== 'postgres') return [];
  const tooLong = (await log.streams({ prefix: '', limit: streamsLookedAtMax })).map(({ stream }) => stream).filter((stream) => {
    const { streamType, streamId } = parseStreamAddress(stream);
    return streamId.length > columnCharactersMax.id || streamType.length > columnCharactersMax.type;
  });
  return [
    tooLong.length === 0
      ? { level: 'ok', check: 'columns', detail: 'ids and types fit the columns of document 002', hint: null }
      : { level: 'warn', check: 'columns', detail: `${tooLong.length} streams do not fit the columns of document 002: ${tooLong.slice(0, streamsNamed).join(', ')}`, hint: 'The view events shows them whole, as text; what copies it into VARCHAR(36) and VARCHAR(50) cuts them.' },
  ];
}

function validationFinding({ log }: OperationContext): Finding {
  return log.settings.validation === 'strict'
    ? { level: 'ok', check: 'validation', detail: 'events that break their rules are refused', hint: null }
    : { level: 'warn', check: 'validation', detail: 'events that break their rules are taken and marked', hint: 'Set validation.strict_mode and validate_on_write to true.' };
}

/** "Can't find events for issue" (000): are they there, and as many as somebody expects? */
async function issueFinding({ log }: OperationContext, issue: string, expect: number | undefined): Promise<Finding> {
  const stream = await log.stream(`orchestration/${issue}`);
  if (stream === null) return { level: 'fail', check: 'issue', detail: `no events of orchestration/${issue}`, hint: 'Check the issue key, and that the producer appends to this store.' };
  if (expect !== undefined && stream.revision !== expect)
    return { level: 'fail', check: 'issue', detail: `orchestration/${issue} has ${stream.revision} events, expected ${expect}`, hint: 'Compare with the producer; refold validate shows what is missing.' };
  return { level: 'ok', check: 'issue', detail: `orchestration/${issue} has ${stream.revision} events, dense`, hint: null };
}
