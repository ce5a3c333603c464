/** A command line into an invocation, by commander; what is wrong with it becomes BAD_REQUEST like any other bad input. */
import { Command, CommanderError, Option } from 'commander';
import type { CommandDefinition, Invocation } from './command.ts';
import { globalOptions } from './global-options.ts';
import { usage } from './options.ts';
import type { OptionDefinition } from './options.ts';

/**
 * The word that names the command, and the rest. Global flags may stand before it.
 */
export function splitVerb(args: readonly string[]): { readonly verb: string | undefined; readonly rest: readonly string[] } {
  const takesValue = new Set(globalOptions.filter(({ flags }) => flags.includes('<')).flatMap(({ flags }) => flags.split(/[ ,]+/).filter((part) => part.startsWith('-'))));
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (!word.startsWith('-')) {
      const older = olderNames[`${word} ${args[index + 1]}`];
      const words = older === undefined ? 1 : 2;
      return { verb: older ?? word, rest: [...args.slice(0, index), ...args.slice(index + words)] };
    }
    if (takesValue.has(word)) index++;
  }
  return { verb: undefined, rest: args };
}

/** Names of two words that the documents and older releases use, and the command that does it now. */
const olderNames: { readonly [words: string]: string } = { 'debug serve': 'serve', 'job rerun': 'rerun', 'job compare': 'compare' };

/** @throws LogError BAD_REQUEST with the nearest flag; `null` means that help was asked for. */
export function parseArguments(calledAs: string, definition: CommandDefinition, args: readonly string[]): Omit<Invocation, 'commands'> | null {
  const command = commanderOf(calledAs, definition);
  let isHelp = false;
  command.configureOutput({ writeErr: () => {}, writeOut: () => (isHelp = true) });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (isHelp) return null;
    if (!(error instanceof CommanderError)) throw error;
    throw usage(sentence(error.message), reasonOf(error.code), `refold ${calledAs} --help`);
  }
  return { arguments: command.args, options: command.opts(), calledAs };
}

function commanderOf(calledAs: string, definition: CommandDefinition): Command {
  const command = new Command(calledAs).exitOverride().showSuggestionAfterError().allowExcessArguments(false);
  for (const { name, doc, choices } of definition.arguments) {
    const argument = command.createArgument(name, doc);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const option of allOptions(definition)) command.addOption(optionOf(option));
  return command;
}

/** The command's own flags, then the global ones that it does not redefine. */
export function allOptions({ options }: CommandDefinition): readonly OptionDefinition[] {
  const own = new Set(options.map(({ flags }) => longFlag(flags)));
  return [...options, ...globalOptions.filter(({ flags }) => !own.has(longFlag(flags)))];
}

export const longFlag = (flags: string): string => /--[a-z][a-z-]*/.exec(flags)![0];

function optionOf({ flags, doc, choices, isVerbatim }: OptionDefinition): Option {
  const option = new Option(flags, doc);
  if (flags.includes('--verbose')) return option.argParser((_, before: number | undefined) => (before ?? 0) + 1).default(0);
  if (flags.includes('...')) {
    // One value per flag, so that a positional argument may follow.
    const single = new Option(flags.replace('...', ''), doc);
    return single.argParser((value, before: readonly string[] | undefined) => [...(before ?? []), ...(isVerbatim === true ? [value] : value.split(','))]);
  }
  return choices === undefined ? option : option.choices(choices);
}

const sentence = (message: string): string => {
  const text = message
    .replace(/^error: /, '')
    .replace(/^[Cc]ommand-argument value '(.*)' is invalid for argument '(.*)'\./, '"$1" is no $2.')
    .replaceAll('\n', ' ')
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;
};

const reasonOf = (code: string): string => code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
