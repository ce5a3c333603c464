import { fileURLToPath } from 'node:url';

/**
 * What Node is started with to run a module of ours in a process of its own: from the packages' sources when the module is a
 * source, as tests do, else as it was built.
 */
export function nodeArguments(module: URL): readonly string[] {
  if (!module.pathname.endsWith('.ts')) return [fileURLToPath(module)];
  return ['--disable-warning=ExperimentalWarning', '--import', new URL('./source-resolution.ts', import.meta.url).href, fileURLToPath(module)];
}
