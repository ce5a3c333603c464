/** How a file of this folder is run by Node itself, with the packages' sources. */
import { fileURLToPath } from 'node:url';

const resolution = new URL('../../../packages/testing/src/source-resolution.ts', import.meta.url).href;

export function nodeArguments(file: string): readonly string[] {
  return ['--disable-warning=ExperimentalWarning', '--import', resolution, fileURLToPath(new URL(file, import.meta.url))];
}
