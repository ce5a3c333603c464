/** `.refold/server.json`: where the server that holds this log can be asked. Written by `serve`, removed when it ends. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
}

/** Null when there is none, or when its process is gone. */
export function readServerFile(folder: string): RunningServer | null {
  try {
    const { url, pid } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')) as RunningServer;
    return typeof url === 'string' && typeof pid === 'number' && isRunning(pid) ? { url, pid } : null;
  } catch {
    // Absent or half written: then nobody can be asked.
    return null;
  }
}

export function writeServerFile(folder: string, server: RunningServer): void {
  writeFileSync(join(folder, 'server.json'), `${JSON.stringify(server)}\n`);
}

export const removeServerFile = (folder: string): void => rmSync(join(folder, 'server.json'), { force: true });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
