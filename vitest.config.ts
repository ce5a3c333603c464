/**
 * One run tests every package. Packages import each other by name, and here the names lead to sources: a test never
 * meets a stale build, and a stack trace points at the line that was written. What is shipped is checked apart, by
 * `npm run check:packages`.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { workspacePackages } from './scripts/workspaces.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

/** `.` leads to src/index.ts, `./spool` to src/spool/index.ts. */
const sources = workspacePackages(root)
  .flatMap(({ name, folder, manifest }) => Object.keys(manifest['exports'] ?? {}).map((entry) => ({ find: new RegExp(`^${name}${entry.slice(1)}$`), replacement: `${root}${folder}/src${entry.slice(1)}/index.ts` })))
  .filter(({ replacement }) => existsSync(replacement));

// GraphQL has a build for development, which the test runner would choose for us and Node does not choose for its libraries; two
// copies do not know each other's types.
const graphql = { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) };

export default defineConfig({
  resolve: { alias: [...sources, graphql] },
  test: {
    include: ['{apps,packages,drivers}/*/{src,test}/**/*.test.{ts,tsx}', '{bench,examples,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // A durable write on a busy machine may wait; a test that hangs must still end and say so.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ['test/engine-setup.ts'],
    // What is waited for may take its time on a busy machine; what never comes fails all the same.
    expect: { poll: { timeout: 10_000 } },
    passWithNoTests: false,
    allowOnly: false,
    pool: 'forks',
    // The runner leaves one core to itself; on the two of a small machine that is half of it, while most tests wait for a disk.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
