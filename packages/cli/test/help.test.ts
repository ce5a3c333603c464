/** Help is held against what the commands take and do: every example in it runs. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { wordsOfCommands } from '../src/command.ts';
import { globalOptions } from '../src/global-options.ts';
import { topicNames } from '../src/help-topics.ts';
import { allOptions, longFlag } from '../src/parse-arguments.ts';
import { consoleWithRun, fixture, testStore } from './console.ts';
import type { Console } from './console.ts';

const definitions = await Promise.all(commandTable.map(async (entry) => ({ entry, definition: await entry.load() })));
const examples = definitions.flatMap(({ definition }) => definition.examples.map(([line]) => line));

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
  console.write('events.jsonl', readFileSync(fixture('job-7.jsonl'), 'utf8'));
  console.write('handlers.mjs', "export const handlers = { 'phase.started': () => ({ result: 'done' }) };");
  console.write('kept.json', '{"status":"running"}');
  console.write('check.debug', 'c\nassert state.currentPhase == "CODE"\n');
  console.write('session.jsonl', `${JSON.stringify({ type: 'user', uuid: 'u1', parentUuid: null, sessionId: 'abc', timestamp: '2026-01-01T10:00:00.000Z', message: { role: 'user', content: 'hello' } })}\n`);
});
afterAll(() => console.close());

describe('Examples in help', () => {
  test.for(examples.filter((line) => !/^refold (?:init|serve)\b/.test(line)))('%s', async (line, context) => {
    if (testStore === 'postgres' && line.includes('--storage')) context.skip('its files are the database\'s');
    if (testStore !== 'sqlite' && line.includes('sqlite:')) context.skip('names SQLite');
    const { exitCode, stderr } = await console.run(line, { env: { REFOLD_SESSION_ID: 'sess-1' } });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  });

  test.each(examples.filter((line) => line.startsWith('refold init')))('%s', async (line) => {
    const { folder } = console;
    console.write('new/x', '');
    expect((await console.run(line, { cwd: `${folder}/new` })).exitCode).toBe(0);
  });

  test.each(examples.filter((line) => line.startsWith('refold serve')))('%s', async (line) => {
    const stop = new AbortController();
    // Any port, so that tests may run beside a server.
    const served = line.includes('--port') ? line : `${line} --port 0`;
    const { exitCode, stdout } = await console.run(served, { signal: stop.signal, onOutput: (text) => text.includes('Ctrl-C') && stop.abort(130) });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('http://127.0.0.1:') as string });
  });
});

describe('Help', () => {
  test('bare refold, -h, --help and help show one screen', async () => {
    const { stdout } = await console.run('');
    for (const line of ['-h', '--help', 'help']) expect((await console.run(line)).stdout).toBe(stdout);
    for (const { name } of commandTable) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(stdout.split('\n').length).toBeLessThan(68);
  });

  test.each(definitions)('$entry.name: examples first, every flag and argument with words', async ({ entry, definition }) => {
    const { stdout, exitCode } = await console.run(`${entry.name} --help`);
    expect(exitCode).toBe(0);
    expect(stdout).toBe((await console.run(`help ${entry.name}`)).stdout);
    expect(stdout.indexOf('Usage: ')).toBeGreaterThan(stdout.indexOf('Examples'));
    for (const { flags, doc } of allOptions(definition)) {
      expect(stdout).toContain(longFlag(flags));
      expect(doc).not.toBe('');
    }
    for (const { doc } of definition.arguments) expect(doc).not.toBe('');
  });

  test('no command redefines a global flag, and no flag stands twice', () => {
    const globals = new Set(globalOptions.map(({ flags }) => longFlag(flags)));
    for (const { definition } of definitions) {
      const own = definition.options.map(({ flags }) => longFlag(flags));
      expect(own.filter((flag) => globals.has(flag))).toEqual([]);
      expect(new Set(own).size).toBe(own.length);
    }
  });

  test.each(topicNames)('topic %s', async (topic) => {
    const { exitCode, stdout } = await console.run(`help ${topic}`);
    expect([exitCode, stdout.length > 200]).toEqual([0, true]);
  });

  test('the topic on exit codes names every exit code', async () => {
    const { stdout } = await console.run('help exit-codes');
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
  });

  test('an unknown topic gets the nearest one', async () => {
    const { exitCode, stderr } = await console.run('help placs');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean places?');
  });
});

describe('Completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s knows every command and flag', async (shell) => {
    const { exitCode, stdout } = await console.run(`completion ${shell}`);
    expect(exitCode).toBe(0);
    for (const word of wordsOfCommands(commandTable)) expect(stdout).toContain(word);
    for (const { definition } of definitions) for (const { flags } of allOptions(definition)) expect(stdout).toContain(shell === 'fish' ? longFlag(flags).slice(2) : longFlag(flags));
  });
});
