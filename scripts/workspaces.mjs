/**
 * The packages of this repository, read from where npm reads them (`workspaces` in package.json), so that no script
 * keeps a list of its own. Plain JavaScript: it runs before anything is built.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} WorkspacePackage
 * @property {string} name      Name as imported, for example `@refold/core`.
 * @property {string} folder    Path from the root with `/`, for example `packages/core`.
 * @property {boolean} isPublishable
 * @property {Record<string, any>} manifest  The parsed package.json.
 */

/**
 * @param {string} root  Folder of the root package.json.
 * @returns {WorkspacePackage[]} in the order of `workspaces`, then by name.
 */
export function workspacePackages(root) {
  const { workspaces } = readManifest(root);
  return workspaces
    .flatMap((/** @type {string} */ pattern) => foldersOf(root, pattern))
    .map((/** @type {string} */ folder) => {
      const manifest = readManifest(join(root, folder));
      return { name: manifest.name, folder, isPublishable: manifest.private !== true, manifest };
    });
}

/**
 * `packages/*` stands for every folder in it that holds a package.json; anything else is a folder itself.
 *
 * @param {string} root
 * @param {string} pattern
 */
function foldersOf(root, pattern) {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(join(root, parent))
    .sort()
    .map((child) => `${parent}/${child}`)
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/** @param {string} folder */
const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
