/**
 * Says in words what this machine lacks. It runs first because the alternative is no message at all: better-sqlite3
 * ends a process on Node 20 with a segmentation fault, which nothing can catch.
 *
 * Plain JavaScript that an old Node still understands. As a command: exit 0, or 1 with the reason on stderr.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The oldest Node that every dependency accepts: 22.22.2 (the test runner), 22.14 (better-sqlite3, N-API 10). */
const oldestNode = [22, 22, 2];

/**
 * @param {string} version       As in `process.versions.node`.
 * @param {boolean} isInstalled  Whether the dependencies are in place.
 * @returns {string | null} what is wrong and what to do, or null when nothing is.
 */
export function whatIsMissing(version, isInstalled) {
  if (!isInstalled) return 'The dependencies are not installed. Run: npm ci';
  if (!isAtLeast(version.split('.').map(Number), oldestNode))
    return (
      `This is Node ${version}; Refold needs ${oldestNode.join('.')} or newer. ` +
      'Call it through npm (`npm test`, `npm start`, `npx refold`): on Linux and Windows the installation brings Node 24 along. ' +
      'Elsewhere install Node 24 yourself.'
    );
  return null;
}

/** @param {number[]} actual @param {number[]} wanted */
function isAtLeast(actual, wanted) {
  for (const [index, least] of wanted.entries()) {
    const part = actual[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = whatIsMissing(process.versions.node, existsSync(new URL('../node_modules/typescript', import.meta.url)));
  if (missing !== null) {
    console.error(missing);
    process.exit(1);
  }
}
