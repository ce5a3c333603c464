/**
 * Builds the app: static files that `refold serve` hands out. Packages are taken from their sources, as the tests take them, so
 * that no build has to come first. Nothing is inlined into the page (its policy allows no script there), and one file per route is
 * loaded when the route is opened.
 */
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const sourceOf = (name: string): string => fileURLToPath(new URL(`../../packages/${name}/src/index.ts`, import.meta.url));

const server = process.env['REFOLD_URL'] ?? 'http://127.0.0.1:8012';

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: {
    alias: [
      // The demo run is that of the examples.
      { find: /^\.\/demo-run\.jsonl/, replacement: fileURLToPath(new URL('../../examples/jira-orchestration/events/2025-12-22/PROJ-123/events.jsonl', import.meta.url)) },
      ...['core', 'catalog', 'client', 'react'].map((name) => ({ find: new RegExp(`^@refold/${name}$`), replacement: sourceOf(name) })),
    ],
  },
  build: {
    target: 'es2024',
    // light-dark() stays as it is: what draws on a canvas asks for the colour that it stands for.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    // `npx vite apps/web` beside a running `refold serve`, which answers nobody but its own pages.
    proxy: Object.fromEntries(['/api', '/ws', '/graphql', '/openapi.json'].map((path) => [path, { target: server, ws: true, changeOrigin: true, headers: { origin: server } }])),
  },
});
