/** `serve` for tests: on a free port, over the log of a console. */
import { join } from 'node:path';
import { readTokenFile } from '../src/token-file.ts';
import type { Console, Ran, RunOptions } from './console.ts';

export interface Served {
  readonly url: string;
  /** What the owner of the log shows to it. */
  readonly headers: Record<string, string>;
  readonly banner: { readonly events: number; readonly store: string; readonly durability: string; readonly epoch: string; readonly link?: string };
  stop(): Promise<Ran>;
}

/** Runs `serve` in this process until it is stopped. */
export async function serve(console: Console, flags = '', options: Pick<RunOptions, 'env'> = {}): Promise<Served> {
  const stop = new AbortController();
  let ran!: Promise<Ran>;
  const banner = await new Promise<Served['banner'] & { url: string }>((resolve, reject) => {
    ran = console.run(`serve --port 0 --json ${flags}`, { ...options, signal: stop.signal, onOutput: (text) => resolve(JSON.parse(text) as Served['banner'] & { url: string }) });
    void ran.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    url: banner.url,
    banner,
    headers: { authorization: `Bearer ${readTokenFile(join(console.folder, '.refold')) ?? ''}` },
    stop() {
      stop.abort(130);
      return ran;
    },
  };
}
