import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The nearest `.refold` folder from here upward; null when there is none. */
export function nearestFolder(from: string): string | null {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (existsSync(join(at, '.refold'))) return join(at, '.refold');
    if (dirname(at) === at) return null;
  }
}
