/** Where the built web app is: beside the bundled command in a package, and where its build leaves it in the repository. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const places = ['./web/', '../../../apps/web/dist/'];

/** null in a repository where nobody has built it. */
export function webAppFolder(): string | null {
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((folder) => existsSync(`${folder}index.html`)) ?? null;
}
