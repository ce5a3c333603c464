/** Makes a session. What a command does not ask for is not loaded. */
import { loadConfig } from './config/load-config.ts';
import type { LoadedConfig } from './config/load-config.ts';
import type { Connection } from './connection.ts';
import type { Globals } from './global-options.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

export function createSession(world: World, globals: Globals, output: Output): Session {
  let config: LoadedConfig | undefined;
  let connection: Promise<Connection> | undefined;
  const session: Session = {
    world,
    globals,
    output,
    config: () => (config ??= loadConfig({ world, file: globals.config, onWarning: (text) => output.note(`refold: ${text}`) })),
    connect: (options) => (connection ??= import('./connect.ts').then(({ connect }) => connect(session, options))),
    progress: (word) => createProgress(word, { world, globals }),
    async close() {
      // A connection that could not be made was reported by whoever asked for it.
      await (await connection?.catch(() => undefined))?.close();
    },
  };
  return session;
}
