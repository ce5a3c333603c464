#!/usr/bin/env node
/** The `refold` command. A question about the version is answered before anything else is loaded. */
import { nodeComplaint } from './node-version.ts';
import { version } from './version.ts';

const complaint = nodeComplaint(process.versions.node);

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) process.stdout.write(`${version}\n`);
else if (complaint !== null) {
  process.stderr.write(complaint);
  process.exitCode = 2;
} else {
  const { boundMemory } = await import('./bounded-memory.ts');
  boundMemory();
  await keepCompiledCode();
  const [{ processWorld }, { runCli }] = await Promise.all([import('./world.ts'), import('./run-cli.ts')]);
  const world = processWorld();
  process.exitCode = await runCli(process.argv.slice(2), world);
  world.release();
}

/** Compiled code is kept for the next start, in the user's own cache: a shared folder could be filled by somebody else. */
async function keepCompiledCode(): Promise<void> {
  const [{ enableCompileCache }, { homedir }, { join }] = await Promise.all([import('node:module'), import('node:os'), import('node:path')]);
  enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'refold'));
}
