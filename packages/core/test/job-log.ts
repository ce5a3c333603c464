/** A small kind of job and logs over memory engines, for the tests of the append path. */
import { createRegistry, defineAggregate, openLog } from '@refold/core';
import type { AppendRequest, EventEnvelope, EventInput, Log, LogDriver, LogError, LogOptions } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import { z } from 'zod';
import { laterRefusalOf } from './refusal.ts';

interface Job {
  status: string;
  steps: number;
}

const status = (state: { exists: boolean; status: string }): string => (state.exists ? state.status : 'absent');
const job = defineAggregate<Job>({
  type: 'job',
  version: '1',
  initial: () => ({ status: 'absent', steps: 0 }),
  streamIdOf: ({ entityId }) => entityId,
  events: {
    'job.created': { schema: z.looseObject({ name: z.string() }), transition: { machine: 'job', status, from: ['absent'], to: 'pending' }, evolve: (draft, _event, next) => void (draft.status = next ?? draft.status), aliases: { jira: 'JobCreated' } },
    'job.started': { transition: { machine: 'job', status, from: ['pending'], to: 'running' }, evolve: (draft, _event, next) => void (draft.status = next ?? draft.status) },
    'job.stepped': { transition: { machine: 'job', status, from: ['running'], to: 'same' }, evolve: (draft) => void draft.steps++ },
    'job.completed': { transition: { machine: 'job', status, from: ['running'], to: 'completed' }, evolve: (draft, _event, next) => void (draft.status = next ?? draft.status) },
    'job.noted': { policy: 'tolerate' },
  },
});

export const registry = createRegistry({ aggregates: [job] });
export const planner = { type: 'agent', id: 'planner' } as const;
export const event = (type: string, more: Partial<EventInput> = {}): EventInput => ({ type, streamType: 'job', streamId: '42', actor: planner, data: type === 'job.noted' ? {} : { name: 'build' }, ...more });

export interface JobLogOptions extends Partial<Pick<LogOptions, 'limits' | 'redaction' | 'settings' | 'registry'>> {
  readonly seed?: number;
  readonly wrap?: (driver: LogDriver) => LogDriver;
  /** An engine that other logs use as well. */
  readonly shared?: LogDriver;
}

export async function openJobLog({ seed = 1, wrap = (driver) => driver, shared, ...options }: JobLogOptions = {}): Promise<Log> {
  const ports = createTestPorts(seed, { isSleepInstant: true });
  return await openLog({ open: (linker) => wrap(shared ?? openMemoryLog({ linker, clock: ports.clock })), registry, ports, ...options });
}

/** Several logs over one engine, as several processes would have them. */
export async function openProcesses(count: number, options: JobLogOptions = {}): Promise<[Log, ...Log[]]> {
  const ports = createTestPorts(99, { isSleepInstant: true });
  let engine: LogDriver | null = null;
  const first = await openLog({
    open: (linker) => {
      const memory = openMemoryLog({ linker, clock: ports.clock });
      engine = wrapLog(memory, { capabilities: { ...memory.capabilities, writers: 'many-hosts' } });
      return options.wrap?.(engine) ?? engine;
    },
    registry,
    ports,
  });
  const others: Log[] = [];
  for (let seed = 100; others.length < count - 1; seed++) others.push(await openJobLog({ ...options, seed, shared: engine! }));
  return [first, ...others];
}

export async function allEvents(log: Log): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const page of log.events({})) events.push(...page.events);
  return events;
}

export const typesIn = async (log: Log): Promise<string[]> => (await allEvents(log)).map(({ type }) => type);

/** The refusal of an append that must be refused. */
export const refusal = (log: Log, request: AppendRequest): Promise<LogError> => laterRefusalOf(log.append(request));
