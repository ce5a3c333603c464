/**
 * Append and read on PostgreSQL: the full product path beside one PL/pgSQL call per batch that does nothing but take the head row,
 * give positions and insert, beside COPY, and beside the stores of other houses, all in one database and one run.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EventInput } from '@refold/core';
import { openStore } from '@refold/sdk';
import pg from 'pg';
import { appendCells, compareWithPeers, rateOf } from './append-peers.ts';
import { figureOf, nowMs } from './measure.ts';
import { openPostgresPeers } from './peers.ts';
import type { Row } from './report.ts';
import { createWorkload, take } from './workload.ts';

export interface PostgresOptions {
  /** Of a database in which schemas may be made; they are dropped at the end. */
  readonly url: string;
  readonly rounds: number;
  readonly roundMs: number;
  readonly print: (text: string) => void;
}

/** It has no types of its own. */
const { from: copyFrom } = createRequire(import.meta.url)('pg-copy-streams') as { from(statement: string): Writable & pg.Submittable };

/** What PERFORMANCE.md section 2 asks of the reference's rate, by writers and batch. */
const targets: ReadonlyMap<string, number> = new Map([
  ['1x1', 0.75],
  ['64x1', 0.6],
  ['1x100', 0.65],
]);

export async function measurePostgres(options: PostgresOptions): Promise<Row[]> {
  const name = `bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const client = new pg.Client({ connectionString: options.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; fsync: string; commit: string }>("SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit");
    options.print(`PostgreSQL ${rows[0]!.version}   fsync ${rows[0]!.fsync}   synchronous_commit ${rows[0]!.commit}`);
    return [...(await besideReference(name, client, options)), await copyRow(name, client, options), ...(await besidePeers(name, options))];
  } finally {
    for (const schema of [name, `${name}_audit`, `${name}_reference`, `${name}_peers`, `${name}_peers_audit`]) await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    await client.end();
  }
}

async function besideReference(name: string, client: pg.Client, { url, rounds, roundMs }: PostgresOptions): Promise<Row[]> {
  const store = await openStore(logUrl(url, name));
  const reference = await openReference(client, `${name}_reference`);
  const rows: Row[] = [];
  try {
    for (const [index, cell] of appendCells.entries()) {
      const ours: number[] = [];
      const theirs: number[] = [];
      const p95s: number[] = [];
      // Round 0 warms up and is not counted.
      for (let round = 0; round <= rounds; round++) {
        const first = (index * 100 + round) * 100;
        const product = await rateOf(async (_, events) => void (await store.log.append({ events })), cell, roundMs, first);
        const bare = await rateOf(reference, cell, roundMs, first);
        if (round === 0) continue;
        ours.push(product.perSecond);
        theirs.push(bare.perSecond);
        p95s.push(product.p95Ms);
      }
      const ratio = targets.get(`${cell.writers}x${cell.batch}`);
      rows.push({
        group: 'append, PostgreSQL',
        measure: `${cell.writers} writers x ${cell.batch} events`,
        unit: 'events/s',
        ours: figureOf(ours),
        ceiling: figureOf(theirs),
        against: 'bare PL/pgSQL call',
        note: `p95 ${figureOf(p95s).median.toFixed(2)} ms`,
        ...(ratio === undefined ? {} : { target: { ratio } }),
      });
    }
    return rows;
  } finally {
    await store.close();
  }
}

type AppendToStream = (streamId: string, events: readonly EventInput[]) => Promise<void>;

/** One call per batch; while one is under way the others wait and go together in the next. */
async function openReference(client: pg.Client, schema: string): Promise<AppendToStream> {
  await client.query(`CREATE SCHEMA "${schema}";
    CREATE TABLE "${schema}".head (position bigint NOT NULL);
    INSERT INTO "${schema}".head VALUES (0);
    CREATE TABLE "${schema}".event (position bigint PRIMARY KEY, id uuid NOT NULL UNIQUE, stream text NOT NULL, revision int NOT NULL, type text NOT NULL, body bytea NOT NULL, UNIQUE (stream, revision));
    CREATE INDEX ON "${schema}".event (type);
    CREATE FUNCTION "${schema}".append(ids uuid[], streams text[], revisions int[], types text[], bodies bytea[]) RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE base bigint;
      BEGIN
        SELECT position INTO base FROM "${schema}".head FOR UPDATE;
        INSERT INTO "${schema}".event SELECT base + row.ordinality, row.id, row.stream, row.revision, row.type, row.body
          FROM unnest(ids, streams, revisions, types, bodies) WITH ORDINALITY AS row(id, stream, revision, type, body, ordinality);
        UPDATE "${schema}".head SET position = base + cardinality(ids);
        RETURN base;
      END $$`);
  const revisions = new Map<string, number>();
  let waiting: EventInput[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function flush(): Promise<void> {
    await last;
    const events = waiting;
    [waiting, next] = [[], null];
    const numbered = events.map((event) => {
      const revision = (revisions.get(event.streamId!) ?? 0) + 1;
      revisions.set(event.streamId!, revision);
      return revision;
    });
    last = client.query({
      name: 'append',
      text: `SELECT "${schema}".append($1, $2, $3, $4, $5)`,
      values: [events.map(() => randomUUID()), events.map(({ streamId }) => streamId), numbered, events.map(({ type }) => type), events.map((event) => Buffer.from(JSON.stringify(event)))],
    });
    await last;
  }
  return (_, events) => {
    waiting.push(...events);
    next ??= flush();
    return next;
  };
}

/** 10,000 rows per commit, no function, no head: nothing on this server is faster. */
async function copyRow(name: string, client: pg.Client, { rounds }: PostgresOptions): Promise<Row> {
  const source = createWorkload({ seed: 11 });
  const batch = 10_000;
  const rates: number[] = [];
  let position = 1_000_000_000;
  for (let round = 0; round < rounds; round++) {
    const lines = take(source, batch).map((event) => `${++position}\t${randomUUID()}\tcopy-${position}\t1\t${event.type}\t\\\\x${Buffer.from(JSON.stringify(event)).toString('hex')}\n`);
    const start = nowMs();
    await pipeline(Readable.from([lines.join('')]), client.query(copyFrom(`COPY "${name}_reference".event FROM STDIN`)));
    rates.push((batch / (nowMs() - start)) * 1_000);
  }
  return { group: 'ceiling: COPY', measure: `1 writer x ${batch} events`, unit: 'events/s', ours: figureOf(rates) };
}

async function besidePeers(name: string, { url, rounds, roundMs, print }: PostgresOptions): Promise<Row[]> {
  const { peers, absent } = await openPostgresPeers(url);
  for (const peer of absent) print(`not installed, not measured: ${peer} (npm ci in a checkout installs it)`);
  const store = await openStore(logUrl(url, `${name}_peers`));
  try {
    return await compareWithPeers('append beside peers, PostgreSQL', async (_, events) => void (await store.log.append({ events })), peers, { rounds, roundMs });
  } finally {
    await store.close();
    for (const peer of peers) await peer.close();
  }
}

function logUrl(url: string, name: string): string {
  const of = new URL(url);
  of.searchParams.set('log', name);
  return of.href;
}
