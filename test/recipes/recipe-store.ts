/** Stores that the recipes run on: every engine that needs no server, each empty, on a clock that stands still until it is moved. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStore } from '@refold/sdk';
import type { DocumentedEvent, EventStoreOptions } from '@refold/sdk';
import { LogError } from '@refold/core';
import type { Actor, EventEnvelope, JsonObject } from '@refold/core';
import { createTestPorts } from '@refold/testing';
import type { ManualClock } from '@refold/testing';
import { onTestFinished } from 'vitest';

export const engines = ['memory', 'sqlite'] as const;
export type Engine = (typeof engines)[number];

export interface RecipeStore {
  readonly store: EventStore;
  readonly clock: ManualClock;
  /** The database file; null for the memory engine. */
  readonly file: string | null;
}

/** The afternoon of the documents. */
const afternoon = '2025-12-22T18:00:00.000Z';

/** A store of its own for one test, gone when the test is. */
export function openRecipeStore(engine: Engine, options: Omit<EventStoreOptions, 'url' | 'ports'> & { readonly now?: string } = {}): RecipeStore {
  const { now = afternoon, ...rest } = options;
  const ports = createTestPorts(1, { startMs: Date.parse(now) });
  const folder = engine === 'memory' ? null : mkdtempSync(join(tmpdir(), 'refold-recipe-'));
  const file = folder === null ? null : join(folder, 'log.db');
  const store = new EventStore({ ...rest, url: file === null ? 'memory:' : `sqlite:${file}`, ports });
  onTestFinished(async () => {
    await store.close();
    if (folder !== null) rmSync(folder, { recursive: true });
  });
  return { store, clock: ports.clock, file };
}

export const orchestrator: Actor = { type: 'system', id: 'orchestrator' };

/** An event in the words of document 000, on the day of the documents: `fact('14:00', 'PhaseStarted', { phase: 'CODE' })`. */
export function fact(time: string, eventType: string, metadata: JsonObject = {}, more: Partial<DocumentedEvent> = {}): DocumentedEvent {
  const timestamp = time.includes('T') ? time : `2025-12-22T${time.length === 5 ? `${time}:00` : time}Z`;
  return { eventType, metadata, actor: orchestrator, issueKey: 'PROJ-123', sessionId: 'session-1', timestamp, ...more };
}

/** One run on PROJ-123 as document 000 tells it: at 14:00 two agents work in phase CODE. */
export const proj123: readonly DocumentedEvent[] = [
  fact('10:00', 'OrchestrationStarted', { summary: 'Login page' }),
  fact('10:01', 'PhaseStarted', { phase: 'PLAN' }),
  fact('10:30', 'PhaseCompleted', { phase: 'PLAN' }),
  fact('10:31', 'PhaseStarted', { phase: 'CODE' }),
  fact('10:32', 'AgentSpawned', { agent_name: 'react-component-architect', agent_model: 'sonnet', assigned_task: 'Create LoginForm component' }),
  fact('11:00', 'CommitCreated', { sha: 'a1b2c3d', message: 'LoginForm', branch: 'feature/PROJ-123' }),
  fact('11:30', 'CheckpointCreated', { checkpoint_id: 'cp-1', label: 'form stands' }),
  fact('13:00', 'AgentSpawned', { agent_name: 'test-writer-fixer' }),
  fact('14:00', 'GapIdentified', { gap_id: 'gap-1', description: 'no error state' }),
  fact('14:30', 'AgentCompleted', { agent_name: 'react-component-architect', quality_score: 92 }),
  fact('15:00', 'GapResolved', { gap_id: 'gap-1', resolution: 'added' }),
  fact('15:10', 'AgentCompleted', { agent_name: 'test-writer-fixer', quality_score: 88 }),
  fact('15:20', 'CheckpointCreated', { checkpoint_id: 'cp-2' }),
  fact('15:30', 'PhaseCompleted', { phase: 'CODE' }),
];

export async function logAll(store: EventStore, events: readonly DocumentedEvent[]): Promise<readonly EventEnvelope[]> {
  for (const event of events) await store.logEvent(event);
  return await everything(store);
}

export const everything = async (store: EventStore): Promise<readonly EventEnvelope[]> => await collect(store.allEvents());

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export const idsOf = (events: Iterable<EventEnvelope>): readonly string[] => [...events].map(({ id }) => id);
export const typesOf = (events: Iterable<EventEnvelope>): readonly string[] => [...events].map(({ type }) => type);

/** The refusal that a call is answered with; anything else fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<LogError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LogError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}
