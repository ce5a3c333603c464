/** Enrols the driver in the suite that every driver runs, on one kind of server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conformance, findPostgres, startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresKind, PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { postgresFixture } from './postgres-fixture.ts';

export function enrol(name: string, kind: PostgresKind): void {
  const reason = whyNoPostgres(kind);
  if (reason !== null) {
    console.warn(`${name}: NOT RUN: ${reason}`);
    it(`${name} keeps the contract of the event log`, (context) => context.skip(reason));
    return;
  }
  const found = findPostgres(kind);
  const isOwn = process.env['REFOLD_TEST_POSTGRES_URL'] === undefined || kind === 'newest';
  const canDump = isOwn && 'programs' in found && existsSync(join(found.programs, 'pg_dump'));
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(kind);
  }, 60_000);
  afterAll(() => server.stop(), 30_000);
  conformance(name, postgresFixture(() => server, { canDump }));
}
