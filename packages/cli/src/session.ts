/** One run of a command: the world, the flags, the output, the configuration, and the log behind it, opened when asked for. */
import type { Ports } from '@refold/core';
import type { OpenOptions } from '@refold/sdk';
import type { LoadedConfig } from './config/load-config.ts';
import type { Connection } from './connection.ts';
import type { Globals } from './global-options.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { World } from './world.ts';

export type ConnectOptions = Pick<OpenOptions, 'handlers' | 'keepSnapshots' | 'tracing'> & Pick<Ports, 'meter'>;

export interface Session {
  readonly world: World;
  readonly globals: Globals;
  readonly output: Output;
  /** The configuration with everything that was laid over it; read once. */
  config(): LoadedConfig;
  /** The log or the server; opened once, closed when the command ends. `handlers` are for a log that is opened here. */
  connect(options?: ConnectOptions): Promise<Connection>;
  progress(word: string): Progress;
  close(): Promise<void>;
}
