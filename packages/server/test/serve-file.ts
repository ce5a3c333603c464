/** A server over a SQLite file in a process of its own, so that it can be killed: `node serve-file.ts FILE PORT SEED`. Says where it listens. */
import { createCatalogRegistry } from '@refold/catalog';
import { createMemorySearch, openLog } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';
import { operations } from '@refold/operations';
import { createTestPorts } from '@refold/testing';
import { createServer, listen } from '@refold/server';

const [path = '', port = '0', seed = '1'] = process.argv.slice(2);
const ports = createTestPorts(Number(seed));
const log = await openLog({ open: (linker) => openSqliteLog({ path, linker, clock: ports.clock }), registry: createCatalogRegistry(), ports });
const app = createServer({ log, search: createMemorySearch(), installation: { version: '0.1.0', store: `sqlite:${path}`, engine: { driver: 'sqlite' }, startedAt: new Date(ports.clock.now()).toISOString() }, operations });
process.stdout.write(`${(await listen(app, { port: Number(port) })).url}\n`);
