/** Opens the log that a command means, or turns to the server that was named or holds it. */
import { existsSync } from 'node:fs';
import { createCatalogRegistry } from '@refold/catalog';
import { LogError, isLogError } from '@refold/core';
import { runOperation, runStream } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { storeSettings } from './config/store-settings.ts';
import type { Connection } from './connection.ts';
import { findStore, lookForStore } from './find-store.ts';
import { createRemote } from './remote.ts';
import { readServerFile } from './server-file.ts';
import type { ConnectOptions, Session } from './session.ts';
import { readTokenFile } from './token-file.ts';

/**
 * @throws LogError NOT_FOUND `store` when there is no log from here upward; LOG_LOCKED, LOG_UNAVAILABLE of the engine.
 */
export async function connect(session: Session, options: ConnectOptions = {}): Promise<Connection> {
  const { globals, world } = session;
  const server = globals.server ?? world.env['REFOLD_SERVER'];
  if (server !== undefined && server !== '') return remoteTo(session, server);
  const store = findStore(session);
  const path = /^(?:sqlite|jsonl):/.test(store.url) ? store.url.slice(store.url.indexOf(':') + 1) : null;
  // A misspelt name must not make an empty log; a configured one is made when it is first used.
  if (path !== null && store.from !== 'configuration' && !existsSync(path)) throw new LogError('NOT_FOUND', `There is no log at ${path}.`, { details: { reason: 'store' }, hint: `Check the path, or make one there: ${store.url.startsWith('jsonl:') ? 'refold serve' : 'refold init'} --store ${store.url}` });
  try {
    return await openLocal(session, store.url, options);
  } catch (error) {
    const running = isLogError(error, 'LOG_LOCKED') ? readServerFile(store.folder) : null;
    if (running === null) throw error;
    if (globals.verbose > 0) session.output.note(`refold: the log is held by refold serve (process ${running.pid}); asking ${running.url}`);
    return remoteTo(session, running.url);
  }
}

function remoteTo(session: Session, url: string): Connection {
  const { globals, world } = session;
  const remote = createRemote({ url, env: world.env, signal: world.signal, token: tokenFor(session, url), ...(globals.timeoutMs === undefined ? {} : { timeoutMs: globals.timeoutMs }) });
  return { ...remote, where: url, registry: createCatalogRegistry(), local: null, close: async () => {} };
}

/** The token of this log goes to the server that serves it, and to no other. */
function tokenFor(session: Session, url: string): string | null {
  const folder = lookForStore(session)?.folder;
  const running = folder === undefined ? null : readServerFile(folder);
  return running !== null && URL.canParse(url) && new URL(url).origin === new URL(running.url).origin ? readTokenFile(folder!) : null;
}

export async function openLocal(session: Session, url: string, { meter, ...options }: ConnectOptions = {}): Promise<Connection> {
  const { globals, world } = session;
  const { config, mirrorFolder } = session.config();
  const settings = storeSettings(config, world.ports?.ids);
  // A log of lines has these files in its own folder.
  const layout = mirrorFolder === null || url.startsWith('jsonl:') ? settings.layout : { ...settings.layout, folder: mirrorFolder };
  const limits = { ...settings.limits, ...(globals.timeoutMs === undefined ? {} : { queryTimeoutMs: globals.timeoutMs }) };
  // A command ends when it has answered; whoever serves the log makes the snapshots.
  const store = await openStore(url, { keepSnapshots: 'off', tracing: 'off', ...settings, ...(layout === undefined ? {} : { layout }), ...options, limits, ports: { ...settings.ports, ...world.ports, ...(meter === undefined ? {} : { meter }) } });
  const context: OperationContext = { log: store.log, search: store.search, installation: store.installation, replay: store.replay, signal: world.signal };
  return {
    where: url,
    registry: store.log.registry,
    local: context,
    call: (operation, input) => runOperation(operation, context, input),
    stream: (operation, input) => runStream(operation, context, input),
    close: () => store.close(),
  };
}
