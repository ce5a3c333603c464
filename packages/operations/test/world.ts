/** A log of notes and runs over a memory engine, and operations called as every door calls them. */
import { createMemorySearch, createRegistry, defineAggregate, definePart, openLog } from '@refold/core';
import type { EventInput, Limits, Log, LogDriver, Registry, SearchIndex } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { runOperation } from '@refold/operations';
import type { Operation, OperationContext } from '@refold/operations';
import { createTestPorts, wrapLog } from '@refold/testing';
import type { ManualClock } from '@refold/testing';

const talk = definePart({ name: 'talk', version: '1', initial: () => ({}), events: { 'note.added': { policy: 'tolerate', tags: (data) => (typeof data['lot'] === 'string' ? [`lot:${data['lot']}`] : []) } } });
const kinds = ['flight', 'voyage'].map((type) =>
  defineAggregate<{ status: string }>({
    type,
    version: '1',
    run: true,
    terminal: ['ended'],
    initial: () => ({ status: 'absent' }),
    parts: [talk],
    events: {
      [`${type}.started`]: { policy: 'tolerate', evolve: (draft) => void (draft.status = 'running') },
      [`${type}.ended`]: { policy: 'tolerate', evolve: (draft) => void (draft.status = 'ended') },
      [`${type}.failed`]: { policy: 'tolerate', severity: 'ERROR', evolve: (draft) => void (draft.status = 'failed') },
    },
  }),
);

export const registry = createRegistry({ aggregates: kinds });
export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

export interface World {
  readonly log: Log;
  readonly search: SearchIndex;
  readonly clock: ManualClock;
  readonly context: OperationContext;
  /** Requests that the engine was asked, by function. */
  readonly asked: { streams: number; read: number };
  append(...events: readonly EventInput[]): Promise<void>;
  call<I, O>(operation: Operation<I, O>, input: unknown, context?: Partial<OperationContext>): Promise<O>;
}

export interface WorldOptions {
  readonly limits?: Partial<Limits>;
  readonly wrap?: (driver: LogDriver) => LogDriver;
  readonly pageEventsMax?: number;
  /** Default: the notes and runs of this file. */
  readonly kinds?: Registry;
}

export async function openWorld({ limits = {}, wrap = (driver) => driver, pageEventsMax = 50, kinds: registryOfLog = registry }: WorldOptions = {}): Promise<World> {
  const ports = createTestPorts(1, { startMs: Date.UTC(2026, 0, 1) });
  const asked = { streams: 0, read: 0 };
  const counting = (driver: LogDriver): LogDriver =>
    wrapLog(driver, {
      streams(request) {
        asked.streams++;
        return driver.streams(request);
      },
      read(request, signal) {
        asked.read++;
        return driver.read(request, signal);
      },
    });
  const log = await openLog({ open: (linker) => wrap(counting(openMemoryLog({ linker, clock: ports.clock, pageEventsMax }))), registry: registryOfLog, ports, limits });
  const search = createMemorySearch();
  const context: OperationContext = { log, search, installation: { version: '0', store: 'memory:', engine: {}, startedAt: at(0) } };
  return {
    log,
    search,
    clock: ports.clock,
    context,
    asked,
    async append(...events) {
      await log.append({ events });
    },
    call: (operation, input, more = {}) => runOperation(operation, { ...context, ...more }, input),
  };
}

export const noted = (stream: string, more: Partial<EventInput> = {}): EventInput => eventOf('note.added', stream, more);
export function eventOf(type: string, stream: string, more: Partial<EventInput> = {}): EventInput {
  const [streamType, streamId] = stream.split('/') as [string, string];
  return { type, streamType, streamId, actor: { type: 'agent', id: 'planner' }, data: {}, ...more };
}
