/**
 * A process that stays holds on to what it once took. Reading a long run makes garbage of every size, and three habits keep its
 * room: Node's young generation may grow to 128 MB, though a quarter does as well; what is older is collected only once there is
 * several times as much of it; and glibc lays blocks of up to 32 MB among the small ones once it has seen such a one freed, where
 * they leave holes. Bounded, a million events of one run fit in 400 MB (decision 0020).
 *
 * The engine takes the first, and glibc the last, when a process starts and never again; a first line of the file that told them
 * (`env -S`) is not understood on Alpine. So such a process begins once more in its own place, before anything is loaded: the
 * same process id, the same streams, 25 ms. Where a process cannot be replaced (Windows, a fork with a channel) it stays as it is.
 */
import { setFlagsFromString } from 'node:v8';

const youngGeneration = { flag: '--max-semi-space-size', megabytes: 16 };
/** glibc alone looks at it. Its default is the same number of bytes, but grows; set, it stays. */
const blocks = { name: 'MALLOC_MMAP_THRESHOLD_', bytes: 131_072 };
const growingPercent = 30;

/** Commands that stay. */
const staying: ReadonlySet<string> = new Set(['serve', 'mcp', 'debug']);

/** Returns when there is nothing to do. */
export function boundMemory(): void {
  const { argv, execArgv, env, execPath, platform } = process;
  const { flag, megabytes } = youngGeneration;
  if (!argv.slice(2).some((word) => staying.has(word))) return;
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
  const isSet = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((text) => text.includes(flag));
  if (isSet || platform === 'win32' || process.send !== undefined || process.execve === undefined) return;
  process.execve(execPath, [execPath, `${flag}=${megabytes}`, ...execArgv, ...argv.slice(1)], { [blocks.name]: `${blocks.bytes}`, ...env });
}
