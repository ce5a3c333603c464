/** Is it well? What is it? Facts about the log and this installation. */
import { LogError, unregisteredTag } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { wholeNumber } from './inputs.ts';
import { count, instant, position } from './shapes.ts';

const ping = async ({ log }: OperationContext): Promise<{ ok: boolean; detail: string | null }> => {
  try {
    await log.head();
    return { ok: true, detail: null };
  } catch (error) {
    return { ok: false, detail: error instanceof LogError ? error.code : 'INTERNAL' };
  }
};

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
    const { ok, detail } = await ping(context);
    if (!ok) throw new LogError('LOG_UNAVAILABLE', 'The log does not answer.', { details: { reason: detail ?? 'unknown' }, hint: 'See refold doctor.' });
    return { status: 'ok' as const, detail };
  },
});

export const health = defineOperation({
  name: 'health',
  doc: 'Health with what it rests on: log, head, durability.',
  scope: 'none',
  input: z.object({}),
  output: z.object({ status: z.enum(['ok', 'unavailable']), log: z.object({ ok: z.boolean(), detail: z.string().nullable() }), durability: z.string(), version: z.string() }),
  http: { method: 'GET', path: '/health' },
  run: async (context) => {
    const log = await ping(context);
    return { status: log.ok ? ('ok' as const) : ('unavailable' as const), log, durability: context.log.capabilities.durability, version: context.installation.version };
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
  }),
  http: { method: 'GET', path: '/system/info' },
  run: async ({ log, installation }) => {
    const head = await log.head();
    return { version: installation.version, store: installation.store, origin: log.identity.origin, engine: { ...installation.engine }, events: head.position, recordedAt: head.recordedAt, epoch: head.epoch, startedAt: installation.startedAt, eventTypes: log.registry.eventTypes().length };
  },
});

const finding = z.object({ level: z.enum(['ok', 'warn', 'fail']), check: z.string(), detail: z.string(), hint: z.string().nullable() });
type Finding = z.infer<typeof finding>;

export const doctor = defineOperation({
  name: 'doctor',
  doc: 'The troubleshooting recipes as checks: engine, clock, types nobody registered, streams that cannot be folded, missing events of an issue.',
  scope: 'read',
  input: z.object({ issue: z.string().optional(), expect: wholeNumber.optional() }),
  output: z.object({ ok: z.boolean(), findings: z.array(finding) }),
  http: { method: 'GET', path: '/doctor' },
  run: async (context, { issue, expect }) => {
    const findings: Finding[] = [engineFinding(context), await clockFinding(context), await typesFinding(context), await searchFinding(context)];
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
  const named = [...unknown].filter(([type]) => !type.startsWith('custom.'));
  if (named.length === 0) return { level: 'ok', check: 'types', detail: 'every event has a known type', hint: null };
  return { level: 'warn', check: 'types', detail: `${named.length} types are not registered: ${named.slice(0, 5).map(([type, events]) => `${type} (${events})`).join(', ')}`, hint: 'Register them with an aggregate of your own.' };
}

async function searchFinding({ log, search }: OperationContext): Promise<Finding> {
  const [cursor, head] = [await search.cursor(), await log.head()];
  return cursor > head.position
    ? { level: 'warn', check: 'search', detail: `the index stands at ${cursor}, the log at ${head.position}`, hint: 'It is rebuilt at the next search.' }
    : { level: 'ok', check: 'search', detail: `${head.position - cursor} events to index at the next search`, hint: null };
}

/** "Can't find events for issue" (000): are they there, and as many as somebody expects? */
async function issueFinding({ log }: OperationContext, issue: string, expect: number | undefined): Promise<Finding> {
  const stream = await log.stream(`orchestration/${issue}`);
  if (stream === null) return { level: 'fail', check: 'issue', detail: `no events of orchestration/${issue}`, hint: 'Check the issue key, and that the producer appends to this store.' };
  if (expect !== undefined && stream.revision !== expect)
    return { level: 'fail', check: 'issue', detail: `orchestration/${issue} has ${stream.revision} events, expected ${expect}`, hint: 'Compare with the producer; refold validate shows what is missing.' };
  return { level: 'ok', check: 'issue', detail: `orchestration/${issue} has ${stream.revision} events, dense`, hint: null };
}
