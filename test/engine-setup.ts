/** One PostgreSQL for a run of tests on it (REFOLD_TEST_STORE=postgres); each log in it is a schema of its own. */
import { startPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';

let server: PostgresServer | undefined;

export async function setup(): Promise<void> {
  if (process.env['REFOLD_TEST_STORE'] !== 'postgres') return;
  server = await startPostgres();
  process.env['REFOLD_TEST_STORE_URL'] = server.url;
}

export const teardown = async (): Promise<void> => server?.stop();
