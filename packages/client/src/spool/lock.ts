/**
 * One process at a time. What is held is an address to listen on, because the system takes it back when its holder dies,
 * however it dies: on Linux an abstract socket, on Windows a named pipe. Elsewhere it is a socket file, which stays behind; nobody
 * answers there any more, and then it is taken over.
 *
 * Processes that see the same folder but not the same network (two containers) do not see each other's lock: give each its own folder.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { LogError } from '@refold/core';

export interface Lock {
  release(): Promise<void>;
}

/** @throws LogError LOG_LOCKED `spool` when somebody has it, this process included. */
export async function lockFolder(folder: string, platform: NodeJS.Platform = process.platform): Promise<Lock> {
  const address = addressOf(realpathSync(folder), platform);
  const server = (await listenAt(address)) ?? (await isAbandoned(address, platform) ? await listenAt(address) : null);
  if (server === null) throw new LogError('LOG_LOCKED', `Another process has the spool in ${folder}.`, { details: { reason: 'spool', folder }, hint: 'Give each process a folder of its own.' });
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Short enough for every system, however long the path is. */
function addressOf(path: string, platform: NodeJS.Platform): string {
  const name = `refold-spool-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  if (platform === 'linux') return `\0${name}`;
  return platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(path, 'lock');
}

/** null: somebody has it. */
async function listenAt(address: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.listen(address);
  try {
    await once(server, 'listening');
    // It holds the folder; it does not hold the process.
    return server.unref();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

async function isAbandoned(address: string, platform: NodeJS.Platform): Promise<boolean> {
  if (platform === 'linux' || platform === 'win32') return false;
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    rmSync(address, { force: true });
    return true;
  } finally {
    socket.destroy();
  }
}
