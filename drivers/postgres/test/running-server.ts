/** One server for the tests of a file, and logs on it that are closed with the test. */
import { openPostgresLog } from '@refold/driver-postgres';
import type { PostgresLog, PostgresLogOptions } from '@refold/driver-postgres';
import { startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';

export interface RunningServer {
  readonly server: PostgresServer;
  /** A log of its own, or the one of that name. */
  open(options?: Partial<PostgresLogOptions>): Promise<PostgresLog>;
  /** A name that no other test uses. */
  newName(): string;
}

export function withServer(settings: readonly string[] = []): RunningServer {
  const reason = whyNoPostgres();
  let server: PostgresServer | undefined;
  let names = 0;
  beforeAll(async () => {
    if (reason === null) server = await startPostgres('system', settings);
    else console.warn(`NOT RUN: ${reason}`);
  }, 60_000);
  beforeEach((context) => {
    if (reason !== null) context.skip(reason);
  });
  afterAll(() => server?.stop(), 30_000);
  const running = (): PostgresServer => {
    if (server === undefined) throw new Error('the server does not run');
    return server;
  };
  const newName = (): string => `log_${process.pid}_${(names += 1)}`;
  return {
    get server() {
      return running();
    },
    newName,
    async open(options = {}) {
      const log = await openPostgresLog({ url: running().url, ...(options.log === undefined && { log: newName() }), ...options });
      onTestFinished(() => log.close());
      return log;
    },
  };
}
