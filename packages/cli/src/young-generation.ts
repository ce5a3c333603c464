/**
 * Node lets its young generation grow to 128 MB. Reading a long run fills it with what is garbage at once, and a quarter does as
 * well; so a process that stays is given a quarter, and a million events fit in 400 MB.
 *
 * The engine takes the size on its command line and nowhere else: set later it is not looked at, and a first line of the file
 * that told it (`env -S`) is not understood on Alpine. So such a process begins once more in its own place, before anything is
 * loaded: the same process id, the same streams, 25 ms. Where a process cannot be replaced (Windows, a fork with a channel) it
 * stays as it is.
 */
const flag = '--max-semi-space-size';
const megabytes = 16;

/** Commands that stay. */
const staying: ReadonlySet<string> = new Set(['serve', 'mcp', 'debug']);

/** Returns when there is nothing to do. */
export function boundYoungGeneration(): void {
  const { argv, execArgv, env, execPath, platform } = process;
  const isSet = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((text) => text.includes(flag));
  if (isSet || platform === 'win32' || process.send !== undefined || process.execve === undefined || !argv.slice(2).some((word) => staying.has(word))) return;
  process.execve(execPath, [execPath, `${flag}=${megabytes}`, ...execArgv, ...argv.slice(1)], env);
}
