/** A real log over a driver in memory, with the built-in catalogue: what the importer writes into in the tests. */
import { createCatalogRegistry } from '@refold/catalog';
import { openLog, stateHash } from '@refold/core';
import type { EventEnvelope, Log, State } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts } from '@refold/testing';
import { createIdentity } from '../src/identity.ts';
import { importCommits } from '../src/import.ts';
import type { ImportOptions, ImportResult } from '../src/import.ts';
import type { SourceFile, Translator } from '../src/source.ts';
import { contextOf } from './import-file.ts';

export const registry = createCatalogRegistry();

export function openTestLog(): Promise<Log> {
  const ports = createTestPorts(1, { startMs: Date.UTC(2026, 10, 20) });
  return openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock }), registry, ports });
}

export const idOf = createIdentity(contextOf().hasher).idOf;

export function importFiles(log: Log, translate: Translator, files: readonly SourceFile[], options: Partial<ImportOptions> = {}): Promise<ImportResult> {
  return importCommits(log, translate(files, contextOf()), { idOf, ...options });
}

export async function eventsOf(log: Log, stream?: string): Promise<readonly EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const page of log.events(stream === undefined ? {} : { stream })) events.push(...page.events);
  return events;
}

/** State as it happened at an instant: the events up to it, in the order of the stream. */
export async function stateOf(log: Log, stream: string, at?: string): Promise<State> {
  const events = (await eventsOf(log, stream)).filter((event) => at === undefined || Date.parse(event.occurredAt) <= Date.parse(at));
  const [type, id] = [stream.slice(0, stream.indexOf('/')), stream.slice(stream.indexOf('/') + 1)];
  let state = log.fold.initial(type, id);
  for (const event of events) state = log.fold.evolveDraft(state, { ...event, revision: state.revision + 1 });
  return state;
}

export const hashOf = async (log: Log, stream: string): Promise<string> => stateHash(await stateOf(log, stream), log.ports.hasher);
