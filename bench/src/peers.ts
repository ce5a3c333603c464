/**
 * The event stores a TypeScript team would pick today, each behind the same three calls and with its own documented, durable
 * defaults. They are development dependencies of the bench alone: where one is not installed, its rows are left out and said so.
 * None of them is given a batcher of ours: a peer is measured as its users meet it.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EventInput } from '@refold/core';

export interface Peer {
  /** Name and version as npm knows them. */
  readonly name: string;
  /** Appends to one stream; the last revision is known, as it is to a command handler. */
  append(streamId: string, events: readonly EventInput[]): Promise<void>;
  /** Events of one stream, parsed. */
  readStream(streamId: string): Promise<number>;
  close(): Promise<void>;
}

/** @returns the peers on SQLite that are installed, and the names of those that are not. */
export async function openSqlitePeers(directory: string): Promise<{ readonly peers: readonly Peer[]; readonly absent: readonly string[] }> {
  return openPeers([
    ['evtstore 12.0.1 on knex 3.3.0', (name) => openEvtstore(name, directory)],
    ['@rotorsoft/act-sqlite 1.19.4', (name) => openAct(name, directory)],
  ]);
}

/** @param url of a database in which the peer may make its tables. */
export async function openPostgresPeers(url: string): Promise<{ readonly peers: readonly Peer[]; readonly absent: readonly string[] }> {
  return openPeers([['emmett-postgresql 0.42.0', (name) => openEmmett(name, url)]]);
}

async function openPeers(known: readonly (readonly [name: string, open: (name: string) => Promise<Peer>])[]): Promise<{ peers: Peer[]; absent: string[] }> {
  const peers: Peer[] = [];
  const absent: string[] = [];
  for (const [name, open] of known) {
    try {
      peers.push(await open(name));
    } catch (error) {
      if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as { code?: string }).code ?? '')) throw error;
      absent.push(name);
    }
  }
  return { peers, absent };
}

/** It ships its sources beside its types, and our compiler's rules are not theirs: what is called is typed here. */
interface Evtstore {
  createProvider(options: { limit: number; events: () => unknown; bookmarks: () => unknown }): {
    createEvents(stream: string, aggregateId: string, version: number, events: readonly { type: string }[]): unknown[];
    append(stream: string, aggregateId: string, version: number, events: readonly unknown[]): Promise<unknown>;
    getEventsFor(stream: string, aggregateId: string): Promise<readonly unknown[]>;
  };
  migrate(options: { client: unknown; events: string; bookmarks: string }): Promise<void>;
}

/** Its table as its own migration makes it; WAL and FULL, as on our side. */
async function openEvtstore(name: string, directory: string): Promise<Peer> {
  const { default: createKnex } = await import('knex');
  const { createProvider, migrate } = createRequire(import.meta.url)('evtstore/provider/knex.js') as Evtstore;
  const client = createKnex({ client: 'better-sqlite3', connection: { filename: join(directory, `evtstore-${randomUUID()}.db`) }, useNullAsDefault: true });
  await client.raw('PRAGMA journal_mode = WAL');
  await client.raw('PRAGMA synchronous = FULL');
  await migrate({ client, events: 'events', bookmarks: 'bookmarks' });
  const provider = createProvider({ limit: 1_000, events: () => client('events'), bookmarks: () => client('bookmarks') });
  const revisions = new Map<string, number>();
  return {
    name,
    async append(streamId, events) {
      const revision = takeRevisions(revisions, streamId, events.length);
      await provider.append('orchestration', streamId, revision, provider.createEvents('orchestration', streamId, revision, [...events]));
    },
    readStream: async (streamId) => (await provider.getEventsFor('orchestration', streamId)).length,
    close: () => client.destroy(),
  };
}

/** It reads its settings from the folder it is started in, prints every commit unless told not to, and ends the process on an error, in its log only. */
async function openAct(name: string, directory: string): Promise<Peer> {
  process.env['LOG_LEVEL'] ??= 'error';
  const { SqliteStore } = await import('@rotorsoft/act-sqlite');
  const store = new SqliteStore({ url: `file:${join(directory, `act-${randomUUID()}.db`)}` });
  await store.seed();
  return {
    name,
    // A second commit at the same time is refused by its engine (SQLITE_BUSY), so they wait for each other here.
    append: inTurn(async (streamId, events) => {
      await store.commit(
        streamId,
        events.map(({ type, ...data }) => ({ name: type, data })),
        { correlation: streamId, causation: {} },
      );
    }),
    async readStream(streamId) {
      let read = 0;
      await store.query(() => void read++, { stream: streamId, stream_exact: true });
      return read;
    },
    close: () => store.dispose(),
  };
}

async function openEmmett(name: string, url: string): Promise<Peer> {
  const { getPostgreSQLEventStore } = await import('@event-driven-io/emmett-postgresql');
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  return {
    name,
    async append(streamId, events) {
      await store.appendToStream(
        streamId,
        events.map(({ type, ...data }) => ({ type, data })),
      );
    },
    readStream: async (streamId) => (await store.readStream(streamId)).events.length,
    close: () => store.close(),
  };
}

function inTurn(append: Peer['append']): Peer['append'] {
  let last = Promise.resolve();
  return (streamId, events) => {
    last = last.then(() => append(streamId, events));
    return last;
  };
}

function takeRevisions(revisions: Map<string, number>, streamId: string, count: number): number {
  const revision = revisions.get(streamId) ?? 0;
  revisions.set(streamId, revision + count);
  return revision;
}
