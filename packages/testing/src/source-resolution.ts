/**
 * Loaded with `--import` by child processes that run from sources: names of workspace packages lead to their sources, as
 * they do for the tests, so a child never meets a stale build. Built packages are resolved by Node alone.
 */
import { realpathSync } from 'node:fs';
import { findPackageJSON, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const [, name, entryName = ''] = /^(@refold\/[a-z-]+)(?:\/([a-z-]+))?$/.exec(specifier) ?? [];
    const manifest = name === undefined ? undefined : findPackageJSON(name, context.parentURL);
    if (manifest === undefined) return nextResolve(specifier, context);
    const entry = join(dirname(realpathSync(manifest)), 'src', entryName, 'index.ts');
    return nextResolve(pathToFileURL(entry).href, context);
  },
});
