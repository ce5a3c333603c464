/** The files that a server speaks TLS with: refused before anything is opened. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeEach(() => {
  console = openConsole();
});
afterEach(() => console.close());

test.each([
  ['one without the other', 'serve --tls-cert cert.pem', {}],
  ['a file that is not there', 'serve --tls-cert cert.pem --tls-key key.pem', {}],
  ['what is no certificate', 'serve --tls-cert cert.pem --tls-key key.pem', { 'cert.pem': 'no PEM', 'key.pem': 'no PEM' }],
])('%s is refused, and says nothing of what the file holds', async (_, line, files: { readonly [name: string]: string }) => {
  for (const [name, content] of Object.entries(files)) console.write(name, content);
  const { exitCode, stderr } = await console.run(`${line} --port 0 --json`);
  expect([exitCode, stderr.includes('"reason":"tls"'), stderr.includes('no PEM"')]).toEqual([2, true, false]);
});

test('bad-input E12: without a certificate another address than this machine is refused', async () => {
  const { exitCode, stderr } = await console.run('serve --host 0.0.0.0 --port 0 --json');
  expect([exitCode === 0, stderr.includes('INSECURE_BIND')]).toEqual([false, true]);
});
