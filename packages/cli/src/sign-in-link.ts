/** A new link for a browser, from the server that runs over the log of this folder. */
import { LogError } from '@refold/core';
import { findStore } from './find-store.ts';
import { readServerFile } from './server-file.ts';
import type { Session } from './session.ts';
import { readTokenFile } from './token-file.ts';

/** @throws LogError NOT_FOUND `server` when none runs here; UNAUTHENTICATED, FORBIDDEN of the server. */
export async function newSignInLink(session: Session): Promise<string> {
  const { folder } = findStore(session);
  const server = readServerFile(folder);
  if (server === null) throw new LogError('NOT_FOUND', 'No server runs over this log.', { details: { reason: 'server' }, hint: 'refold serve starts one and prints a link.' });
  const { createRemote } = await import('./remote.ts');
  return await createRemote({ url: server.url, env: {}, signal: session.world.signal, token: readTokenFile(folder) }).signInLink();
}
