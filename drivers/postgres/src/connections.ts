/**
 * Connections to one database, shared by every log of this process that lives there: 100 logs open at once are not 100 times the
 * connections. The last log to close ends them.
 *
 * Every connection is in pipeline mode: statements that belong together are sent together and cost one round trip. What a
 * connection is told at its start keeps statements off plans that are good for small tables only, and bounds every wait.
 */
import pg from 'pg';
import type { PoolClient, QueryArrayConfig } from 'pg';
import { connectionError, isLost, serverError } from './engine-error.ts';
import { createListener } from './listener.ts';
import type { Hear, Listener } from './listener.ts';

export interface Statement {
  /** Prepared once per connection under this name; left out for what is rarely sent. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Columns by place; 64-bit numbers, bytes and arrays of numbers are what they are in JavaScript. */
export type Row = readonly unknown[];

export interface Connections {
  /** One statement on any connection. Something that only reads: a failure tells nothing about what was done. */
  ask(statement: Statement): Promise<readonly Row[]>;
  /** Runs the work on a connection of its own, which is given up when it is lost or `isClean` turns out false. */
  withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Hears what is notified on the channel: one connection listens for all logs of this process. Returns how to stop. */
  listen(channel: string, hear: Hear): () => void;
  close(): Promise<void>;
}

export interface Connection {
  /** Sends all statements at once. Rejects with the first that failed. */
  send(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>;
}

export interface ConnectionSettings {
  /** `postgres://user:password@host:port/database?...` without the driver's own parameters. */
  readonly url: string;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly connectionsMax: number;
}

interface Shared {
  readonly pool: pg.Pool;
  readonly listener: Listener;
  users: number;
}

const pools = new Map<string, Shared>();

export function openConnections(settings: ConnectionSettings): Connections {
  const key = JSON.stringify(settings);
  const shared = pools.get(key) ?? { pool: createPool(settings), listener: createListener(() => new pg.Client(clientSettings(settings))), users: 0 };
  pools.set(key, shared);
  shared.users += 1;
  const { pool } = shared;
  let isClosed = false;

  async function checkOut(): Promise<PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      throw connectionError(error);
    }
  }

  async function withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await checkOut();
    let isGood = false;
    // An error between statements reaches the work with its next statement; without a listener it would end the process.
    const ignore = (): void => {};
    client.on('error', ignore);
    try {
      const value = await work({ send: (statements) => send(client, statements) });
      isGood = true;
      return value;
    } catch (error) {
      isGood = !isLost(error) && (await isUsableAgain(client));
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(!isGood);
    }
  }

  return {
    ask: (statement) => withConnection(async (connection) => (await connection.send([statement]))[0]!),
    withConnection,
    listen: (channel, hear) => shared.listener.listen(channel, hear),
    async close() {
      if (isClosed) return;
      isClosed = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      pools.delete(key);
      shared.listener.close();
      await pool.end();
    },
  };
}

function createPool(settings: ConnectionSettings): pg.Pool {
  const pool = new pg.Pool({ ...clientSettings(settings), max: settings.connectionsMax, idleTimeoutMillis: 10_000, allowExitOnIdle: true });
  // A connection that breaks while nobody uses it is replaced when somebody needs one.
  pool.on('error', () => {});
  return pool;
}

function clientSettings({ url, connectTimeoutMs, lockTimeoutMs, statementTimeoutMs }: ConnectionSettings) {
  const settings = {
    synchronous_commit: 'on',
    lock_timeout: lockTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    // Every statement here is an index lookup. Tables that are empty when a plan is made do not stay empty.
    enable_seqscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    enable_bitmapscan: 'off',
    plan_cache_mode: 'force_generic_plan',
    jit: 'off',
    client_min_messages: 'error',
    bytea_output: 'hex',
    default_transaction_isolation: 'read\\ committed',
  };
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'refold',
    keepAlive: true,
    pipeline: true,
    options: Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(' '),
    types: { getTypeParser: parserOf },
  };
}

async function send(client: PoolClient, statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
  const outcomes = await Promise.allSettled(statements.map((statement) => client.query({ ...statement, rowMode: 'array' } as QueryArrayConfig)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw serverError(failed.reason);
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<pg.QueryArrayResult>).value.rows as readonly Row[]);
}

/** Ends what may be left of a transaction. */
async function isUsableAgain(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

const oids = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, int8Array: 1016, oid: 26 } as const;
const asText = (value: string): string => value;
const asNumber = (value: string): number => Number(value);

/** Positions are safe integers by the port; everything else comes as the text that PostgreSQL gives. */
function parserOf(oid: number): (value: string) => unknown {
  switch (oid) {
    case oids.bool:
      return (value) => value === 't';
    case oids.bytea:
      return (value) => new Uint8Array(Buffer.from(value.slice(2), 'hex'));
    case oids.int8:
    case oids.int4:
    case oids.int2:
    case oids.oid:
      return asNumber;
    case oids.int8Array:
      return (value) => (value === '{}' ? [] : value.slice(1, -1).split(',').map(Number));
    default:
      return asText;
  }
}
