/**
 * Before packing: the example runs of the repository go into the package, so that `refold serve --demo` has something to
 * show where there is no repository. Without this step the command says that it carries none. After packing (`--remove`)
 * they go again.
 */
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('examples', import.meta.url));
rmSync(target, { recursive: true, force: true });
if (process.argv[2] !== '--remove')
  for (const name of ['claude-code', 'jira-orchestration']) cpSync(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), `${target}/${name}`, { recursive: true });
