/** Every command line that the README, the tutorial and the how-tos show works as it stands and prints what they say. */
import { readFileSync, readdirSync } from 'node:fs';
import { startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commandsOf, needsDatabase, openTerminal, reads, root } from './document-commands.ts';
import type { DocumentTerminal } from './document-commands.ts';

const documents = ['README.md', 'packages/cli/README.md', ...['docs/tutorial', 'docs/how-to'].flatMap((folder) => readdirSync(root + folder).map((name) => `${folder}/${name}`))];

describe.each(documents.filter((path) => commandsOf(path).length > 0))('%s', (path) => {
  const commands = commandsOf(path);
  const reason = needsDatabase(commands) ? whyNoPostgres() : null;
  let terminal: DocumentTerminal;
  let server: PostgresServer | null = null;
  beforeAll(async () => {
    if (needsDatabase(commands) && reason === null) server = await startPostgres();
    terminal = openTerminal(server);
  }, 60_000);
  beforeEach((context) => {
    if (reason !== null) context.skip(reason);
  });
  afterAll(async () => {
    await terminal.close();
    await server?.stop();
  }, 30_000);

  test.each(commands)('line $line: $text', async (command) => {
    const { exitCode, lines } = await terminal.run(command);
    expect({ exitCode, lines }).toMatchObject({ exitCode: command.exitCode });
    // The whole output is shown where it is not what the document says.
    if (command.prints !== null && !reads(lines, command.prints)) expect(lines).toEqual(command.prints);
  });
});

describe('what a document says is printed', () => {
  test('is compared line by line, and three dots stand for any lines', () => {
    expect([reads(['a', 'b'], ['a', 'b']), reads(['a', 'x', 'b'], ['a', '...', 'b']), reads(['a', 'b'], ['...']), reads([], [])]).toEqual([true, true, true, true]);
    expect([reads(['a', 'b'], ['a']), reads(['a'], ['a', 'b']), reads(['a', 'b'], ['...', 'a'])]).toEqual([false, false, false]);
  });

  test('is said of commands in every document but that of the client', () => {
    expect(documents.filter((path) => commandsOf(path).length === 0)).toEqual(['docs/how-to/use-the-client.md']);
  });

  test('the code of the how-tos is the examples that the tests run', () => {
    const [sample] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${root}docs/how-to/define-an-aggregate.md`, 'utf8'))!.slice(1);
    expect(readFileSync(`${root}examples/counter.ts`, 'utf8')).toContain(sample!);
    const [module] = /```js\n([\s\S]*?)```/.exec(readFileSync(`${root}docs/how-to/recover-a-run.md`, 'utf8'))!.slice(1);
    expect(readFileSync(`${root}examples/replay-handlers.mjs`, 'utf8')).toBe(module);
  });
});
