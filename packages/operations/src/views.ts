/** Views over events: timeline, counts, agents, runs. Each is one pass over what a filter asks for. */
import { LogError, parseFilter, parseInstant, reconstruct, statsOf, summariseState, timelineOf } from '@refold/core';
import type { EventEnvelope, Position, State, StreamAddress, StreamInfo, TimelineRow } from '@refold/core';
import { projectAgentMetrics } from '@refold/catalog';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { filterInput, texts, wholeNumber } from './inputs.ts';
import { runStreamTypes, streamsOf } from './places.ts';
import { selectEvents } from './select-events.ts';
import { count, instant, revision, streamKey, timelineRow, warnings } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

export const timeline = defineOperation({
  name: 'timeline',
  doc: 'Spans of what begins and ends, points for the rest, in lanes.',
  scope: 'read',
  input: filterInput.extend({ lanes: texts.optional(), rows: wholeNumber.optional() }),
  output: z.object({ rows: z.array(timelineRow), truncated: z.boolean(), warnings }),
  http: { method: 'GET', path: '/events/timeline', aliases: ['/api/orchestration/events/timeline'] },
  run: async (context, { lanes, rows, ...filter }: { readonly lanes?: readonly string[]; readonly rows?: number; readonly [filter: string]: unknown }) => {
    const { batches, residue, ...selection } = await selectEvents(context, parseFilter(filter, { also: ['bucket'] }));
    const found = await timelineOf(batches, context.log.registry, { residue, ...(lanes === undefined ? {} : { lanes }), ...(rows === undefined ? {} : { rowsMax: rows }) });
    return { ...found, ...selection.warnings() };
  },
});

/** The timeline of one stream. */
export async function timelineRows(context: OperationContext, { streamType, streamId }: StreamAddress): Promise<readonly TimelineRow[]> {
  const { batches } = await selectEvents(context, { streamType, streamId });
  return (await timelineOf(batches, context.log.registry)).rows;
}

export const stats = defineOperation({
  name: 'stats',
  doc: 'Counts of the events a filter asks for: by type, actor, stream type, priority, day, and over time.',
  scope: 'read',
  input: filterInput.extend({ bucket: z.enum(['minute', 'hour', 'day']).optional() }),
  output: z.object({
    total: count,
    from: instant.nullable(),
    to: instant.nullable(),
    byType: z.record(z.string(), count),
    byActor: z.record(z.string(), count),
    byStreamType: z.record(z.string(), count),
    byPriority: z.record(z.string(), count),
    byDate: z.record(z.string(), count),
    buckets: z.array(z.object({ start: instant, count })),
    warnings,
  }),
  http: { method: 'GET', path: '/events/stats', aliases: ['/api/orchestration/events/stats'] },
  run: async (context, { bucket, ...filter }: { readonly bucket?: 'minute' | 'hour' | 'day'; readonly [filter: string]: unknown }) => {
    const { batches, residue, ...selection } = await selectEvents(context, parseFilter(filter));
    const counted = await statsOf(batches, { residue, ...(bucket === undefined ? {} : { bucket }) });
    return { ...counted, ...selection.warnings() };
  },
});

const agentMetric = z
  .object({
    agentName: z.string(),
    spawnedAt: instant.nullable(),
    completedAt: instant.nullable(),
    durationSeconds: z.number().nullable(),
    status: z.enum(['running', 'blocked', 'completed', 'failed']),
    qualityScore: z.number().nullable(),
    runs: count,
    failures: count,
    blocked: count,
    tokensInput: count,
    tokensOutput: count,
  })
  .meta({ id: 'AgentMetric' });

export const agentMetrics = defineOperation({
  name: 'agentMetrics',
  doc: 'What each agent did: runs, duration, failures, quality, tokens.',
  scope: 'read',
  input: filterInput,
  output: z.object({ items: z.record(z.string(), agentMetric), warnings }),
  http: { method: 'GET', path: '/agents/metrics', aliases: ['/api/v1/orchestrations/{issueKey}/agents/metrics'] },
  run: async (context, filter) => {
    const { batches, residue, ...selection } = await selectEvents(context, { types: ['agent_run.*'], ...parseFilter(filter) });
    const events: EventEnvelope[] = [];
    for await (const batch of batches) events.push(...(residue === null ? batch : batch.filter(residue)));
    return { items: projectAgentMetrics(events), ...selection.warnings() };
  },
});

/** What is seen of a run at a glance. */
const phasesMax = 12;

export const runRow = z
  .object({
    ...streamKey,
    revision,
    status: z.string(),
    startedAt: instant.nullable(),
    lastEventAt: instant.nullable(),
    agents: count,
    failures: count.meta({ description: 'Tool calls, agents, errors that stand as failed in the state.' }),
    tokens: count.meta({ description: 'Read and written by models, as far as anybody told.' }),
    phases: z.array(z.object({ name: z.string(), status: z.string() })).meta({ description: `Phases or steps as they stand, in order: the last ${phasesMax}.` }),
    title: z.string().nullable(),
    lastFailure: z.object({ eventId: z.string(), type: z.string(), revision, summary: z.string() }).nullable().meta({ description: 'The newest event that tells of a failure, when the run has one.' }),
  })
  .meta({ id: 'Run' });

export type RunRow = z.infer<typeof runRow>;

export const listRuns = defineOperation({
  name: 'listRuns',
  doc: 'Lists runs (orchestrations, sessions, workflows, jobs, ...), the newest activity first.',
  scope: 'read',
  input: z.object({ status: z.string().optional(), type: z.string().optional(), since: z.string().optional().meta({ description: 'Only runs whose newest event happened at this instant or later.' }), limit: wholeNumber.optional() }),
  output: z.object({ items: z.array(runRow), scanned: count }),
  http: { method: 'GET', path: '/runs', aliases: ['/api/v1/orchestrations?type=orchestration'] },
  run: async (context, { status, type, since, limit = 20 }) => {
    const { items, scanned } = await newestRuns(context, { ...(type === undefined ? {} : { type }), ...(since === undefined ? {} : { since }) }, limit, (run) => status === undefined || run.status === status);
    return { items, scanned };
  },
});

/** Walks runs from the newest activity back until enough pass the test. A run's row is read from its state. */
export async function newestRuns(context: OperationContext, { type, since }: { readonly type?: string; readonly since?: string }, limit: number, accepts: (run: RunRow) => boolean): Promise<{ items: RunRow[]; scanned: number }> {
  const { log, signal } = context;
  const from = since === undefined ? null : parseInstant(since, '/since');
  const before = from === null ? 0 : await lastPositionBefore(context, from);
  const streams: StreamInfo[] = [];
  for (const kind of type === undefined ? runStreamTypes(log) : [type]) for await (const info of streamsOf(log, `${kind}/`)) if (info.last > before) streams.push(info);
  streams.sort((a, b) => b.last - a.last);
  const items: RunRow[] = [];
  let scanned = 0;
  for (const info of streams) {
    if (items.length >= limit) break;
    signal?.throwIfAborted();
    scanned++;
    const run = await rowOf(context, info);
    if ((from === null || (run.lastEventAt ?? '') >= from) && accepts(run)) items.push(run);
  }
  return { items, scanned };
}

/** Nothing at or below it happened at the instant or later: no event is ahead of the log's clock by more than the skew. */
async function lastPositionBefore({ log, signal }: OperationContext, instant: string): Promise<Position> {
  const upToTime = new Date(Date.parse(instant) - log.limits.clockSkewMsMax - 1).toISOString();
  for await (const page of log.driver.read({ upToTime, direction: 'backward', limit: 1, bodies: false }, signal)) return page.events[0]?.position ?? 0;
  return 0;
}

async function rowOf(context: OperationContext, { stream }: StreamInfo): Promise<RunRow> {
  const slash = stream.indexOf('/');
  const address = { streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1) };
  try {
    const { state, revision: at } = await reconstruct(travelParts(context), address, { kind: 'end' });
    return { ...address, revision: at, status: summariseState(state).status, startedAt: state.createdAt, lastEventAt: state.lastEventAt, agents: totalOf(state, 'agentRuns', 'started') ?? sizeOf(state, 'agentRuns'), failures: failuresIn(state), tokens: tokensOf(state), phases: phasesOf(state), title: titleOf(state), lastFailure: await lastFailureOf(context, state) };
  } catch (error) {
    // One stream that cannot be folded must not hide all others; being stopped is nothing that a stream can help.
    if (!(error instanceof LogError) || context.signal?.aborted === true) throw error;
    return { ...address, revision: 0, status: `unreadable (${error.code})`, startedAt: null, lastEventAt: null, agents: 0, failures: 0, tokens: 0, phases: [], title: null, lastFailure: null };
  }
}

/** How many of a family there ever were, or stood in a status when they left the list; null where a state keeps no such figure. */
function totalOf(state: State, family: string, figure: string): number | null {
  const totals = state['totals'] as Record<string, Record<string, number> | undefined> | undefined;
  return totals?.[family]?.[figure] ?? null;
}

const sizeOf = (state: State, field: string): number => Object.keys((state[field] as object | undefined) ?? {}).length;

/** Parts of the state whose own status is "failed", in whichever maps of parts this kind of run keeps; listed or not where it counts them. */
function failuresIn(state: State): number {
  let failures = 0;
  for (const [family, value] of Object.entries(state))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) failures += totalOf(state, family, 'failed') ?? Object.values(value).filter((part) => (part as { status?: unknown } | null)?.status === 'failed').length;
  return failures;
}

/** Of the run itself where it counts its model calls; else what its agents said they used. */
function tokensOf(state: State): number {
  const own = state['tokens'] as { readonly input?: unknown; readonly output?: unknown } | undefined;
  const counted = numberOf(own?.input) + numberOf(own?.output);
  return counted > 0 ? counted : listOf(state['agentRuns']).reduce((sum, run) => sum + numberOf(run['tokensInput']) + numberOf(run['tokensOutput']), 0);
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

function phasesOf(state: State): RunRow['phases'] {
  const phases = listOf(state['phases']);
  return (phases.length > 0 ? phases : listOf(state['steps'])).slice(-phasesMax).map(({ name, id, status }, index) => ({ name: textOf(name) ?? textOf(id) ?? String(index + 1), status: textOf(status) ?? 'unknown' }));
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** What the run was for: its own title, what its newest run was started with, or what it was first asked. */
function titleOf(state: State): string | null {
  const run = listOf(state['runs']).at(-1);
  const prompt = listOf(state['prompts']).find(({ source }) => source === 'typed');
  for (const text of [state['title'], state['name'], state['summary'], run?.['summary'], prompt?.['text']]) if (typeof text === 'string' && text !== '') return text;
  return null;
}

const listOf = (value: unknown): readonly Record<string, unknown>[] =>
  typeof value === 'object' && value !== null ? Object.values(value).filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : [];

/** A run in which nothing failed is not searched. */
async function lastFailureOf(context: OperationContext, state: State): Promise<RunRow['lastFailure']> {
  if (failuresIn(state) === 0 && summariseState(state).status !== 'failed') return null;
  const { streamType, streamId } = state;
  const { registry } = context.log;
  const { batches, residue } = await selectEvents(context, { streamType, streamId, types: ['*.failed'] }, { direction: 'backward' });
  for await (const batch of batches)
    for (const event of batch) {
      if (residue !== null && !residue(event)) continue;
      const definition = registry.definitionIn(streamType, event.type) ?? registry.eventType(event.type)?.definition;
      return { eventId: event.id, type: event.type, revision: event.revision, summary: definition?.summary?.(event) ?? event.type };
    }
  return null;
}
