/** `--handlers MODULE`: who does things again, named by whoever starts the process. */
import { loadReplayHandlers } from '@refold/sdk';
import { textOf } from './options.ts';
import type { Options } from './options.ts';
import type { ConnectOptions } from './session.ts';
import type { World } from './world.ts';

/** @throws LogError BAD_CONFIG `handlers`. */
export async function handlersIn({ cwd }: World, options: Options): Promise<ConnectOptions> {
  const path = textOf(options, 'handlers');
  return path === undefined ? {} : { handlers: await loadReplayHandlers(path, cwd) };
}
