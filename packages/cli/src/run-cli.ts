/**
 * One command line from its words to its exit code. The command's file is loaded when its word is known, and the one place
 * where an error becomes a message is here.
 */
import { isLogError } from '@refold/core';
import { commandTable } from './command-table.ts';
import { findCommand, wordsOfCommands } from './command.ts';
import { createSession } from './create-session.ts';
import { readGlobals } from './global-options.ts';
import type { Globals } from './global-options.ts';
import { usage } from './options.ts';
import { createOutput } from './output.ts';
import type { Output } from './output.ts';
import { createPager } from './pager.ts';
import { parseArguments, splitVerb } from './parse-arguments.ts';
import { quoted } from './quoted.ts';
import { commandHelp, firstScreen } from './render/help-text.ts';
import type { Session } from './session.ts';
import { suggestion } from './suggestion.ts';
import { version } from './version.ts';
import { interrupted } from './world.ts';
import type { World } from './world.ts';

/** @returns the exit code; it is never thrown. */
export async function runCli(args: readonly string[], world: World): Promise<number> {
  // Until the flags are parsed, an error is shown the way the words ask for.
  let output = outputFor(world, readGlobals({ json: args.includes('--json'), verbose: args.includes('-v') ? 1 : 0, color: !args.includes('--no-color') }));
  try {
    const { verb, rest } = splitVerb(args);
    if (verb === undefined) return bare(rest, world);
    const entry = findCommand(commandTable, verb);
    if (entry === undefined) throw usage(`There is no command "${verb}".`, 'unknown_command', suggestion(verb, wordsOfCommands(commandTable), 'refold help'));
    const definition = await entry.load();
    const invocation = parseArguments(verb, definition, rest);
    if (invocation === null) {
      world.stdout.write(commandHelp(entry, definition));
      return 0;
    }
    const globals = readGlobals(invocation.options);
    const pager = createPager(world, globals);
    output = outputFor({ ...world, stdout: pager.sink }, globals, await viewFor(globals));
    const exitCode = await runIn(world, globals, output, (session) => definition.run(session, { ...invocation, commands: commandTable }), () => {
      // What was acknowledged stays, and the same command goes on from there.
      if (definition.resumes === true) output.hint(`refold ${args.map(quoted).join(' ')}`);
    });
    await pager.close();
    return exitCode;
  } catch (error) {
    return output.error(error);
  }
}

async function runIn(world: World, globals: Globals, output: Output, run: (session: Session) => Promise<number | void>, onInterrupt: () => void): Promise<number> {
  const session = createSession(world, globals, output);
  try {
    return (await run(session)) ?? 0;
  } catch (error) {
    if (!world.signal.aborted || isLogError(error)) return output.error(error);
    output.note('refold: interrupted');
    onInterrupt();
    return typeof world.signal.reason === 'number' ? world.signal.reason : interrupted;
  } finally {
    await session.close();
  }
}

function bare(rest: readonly string[], world: World): number {
  const [flag] = rest;
  if (flag === '--version' || flag === '-V') world.stdout.write(`${version}\n`);
  else if (flag === undefined || flag === '--help' || flag === '-h') world.stdout.write(firstScreen(commandTable));
  else throw usage(`A command is missing after ${rest.join(' ')}.`, 'missing_command', 'refold help');
  return 0;
}

/** Another spelling is loaded only when somebody asks for it. */
const viewFor = async (globals: Globals): Promise<((value: unknown) => unknown) | undefined> =>
  globals.dialect === 'canonical' && globals.naming === 'camel' ? undefined : (await import('./spelling.ts')).createView(globals);

const outputFor = (world: World, globals: Globals, view?: (value: unknown) => unknown): Output =>
  createOutput({
    mode: globals.mode,
    time: globals.time,
    colour: globals.colour && world.stdoutIsTerminal && (world.env['NO_COLOR'] ?? '') === '',
    quiet: globals.quiet,
    verbose: globals.verbose,
    raw: globals.raw,
    columns: world.stdoutIsTerminal && globals.mode === 'text' ? world.columns : Infinity,
    stdout: world.stdout,
    stderr: world.stderr,
    now: world.now,
    ...(globals.timeZone === undefined ? {} : { timeZone: globals.timeZone }),
    ...(view === undefined ? {} : { view }),
  });

