/** Where things are in the repository, for tests of the app. */
import { fileURLToPath } from 'node:url';

export const inRepository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
