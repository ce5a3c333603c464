/**
 * What a command is: its words, its flags, its examples as data, and one function that turns them into an operation's input
 * and prints the answer. Help, completion and the parser are all made from the data.
 */
import type { OptionDefinition, Options } from './options.ts';
import type { Session } from './session.ts';

export interface Invocation {
  readonly arguments: readonly string[];
  readonly options: Options;
  /** The word it was called by: the command's name or an alias. */
  readonly calledAs: string;
  /** Every command there is, for help and completion. */
  readonly commands: readonly CommandEntry[];
}

export interface CommandDefinition {
  /** `<needed>`, `[left out]`, `[many...]`, in order. */
  readonly arguments: readonly { readonly name: string; readonly doc: string; readonly choices?: readonly string[] }[];
  readonly options: readonly OptionDefinition[];
  /** Command lines that work as they stand, with what each is for. */
  readonly examples: readonly (readonly [line: string, doc: string])[];
  /** After Ctrl-C the same command line goes on where it was. */
  readonly resumes?: true;
  /** @returns the exit code; nothing = 0. */
  run(session: Session, invocation: Invocation): Promise<number | void>;
}

export const defineCommand = (command: CommandDefinition): CommandDefinition => command;

/** A command as the first screen shows it; the rest is loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: 'Set up and run' | 'Write' | 'Read' | 'Time machine' | 'Act' | 'Prove and keep' | 'Everything else';
  readonly doc: string;
  load(): Promise<CommandDefinition>;
}

export const findCommand = (commands: readonly CommandEntry[], word: string): CommandEntry | undefined => commands.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);

export const wordsOfCommands = (commands: readonly CommandEntry[]): readonly string[] => commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
