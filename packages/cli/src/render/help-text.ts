/** Help: examples first, then arguments and flags; the first screen of a bare `refold`. */
import type { CommandDefinition, CommandEntry } from '../command.ts';
import { globalOptions } from '../global-options.ts';
import type { OptionDefinition } from '../options.ts';
import { longFlag } from '../parse-arguments.ts';

export function firstScreen(table: readonly CommandEntry[]): string {
  const width = Math.max(...table.map(({ name }) => name.length));
  const groups = [...new Set(table.map(({ group }) => group))];
  return [
    'refold: flight recorder and time machine for agent and job runs',
    '',
    'Start:  refold init            make a log here',
    '        refold import auto F   read a transcript',
    '        refold runs            what there is',
    '        refold serve           REST and live events on http://127.0.0.1:8012',
    ...groups.flatMap((group) => ['', group, ...table.filter((entry) => entry.group === group).map(({ name, aliases = [], doc }) => `  ${name.padEnd(width)}  ${doc}${aliases.length === 0 ? '' : ` (also: ${aliases.join(', ')})`}`)]),
    '',
    'refold COMMAND --help shows examples and flags. refold help TOPIC: places, expressions, output, exit-codes, configuration.',
    '',
  ].join('\n');
}

export function commandHelp(entry: CommandEntry, definition: CommandDefinition): string {
  const { name, aliases = [], doc } = entry;
  const own = new Set(definition.options.map(({ flags }) => longFlag(flags)));
  return [
    `refold ${name}: ${doc}${aliases.length === 0 ? '' : `   (also: ${aliases.join(', ')})`}`,
    '',
    'Examples',
    ...definition.examples.map(([line, what]) => `  ${line}\n      ${what}`),
    '',
    `Usage: refold ${[name, ...definition.arguments.map((argument) => argument.name), '[flags]'].join(' ')}`,
    ...definition.arguments.map((argument) => `  ${argument.name.padEnd(flagWidth)}  ${argument.doc}${argument.choices === undefined ? '' : `: ${argument.choices.join(', ')}`}`),
    ...(definition.options.length === 0 ? [] : ['', 'Flags', ...definition.options.map(optionLine)]),
    '',
    'Flags of every command',
    ...globalOptions.filter(({ flags }) => !own.has(longFlag(flags))).map(optionLine),
    '',
  ].join('\n');
}

const flagWidth = 26;

const optionLine = ({ flags, doc, choices }: OptionDefinition): string =>
  `  ${flags.replace('...', '').padEnd(flagWidth)}  ${doc}${flags.includes('...') ? ' (again or with commas for several)' : ''}${choices === undefined || doc.includes(choices[0]!) ? '' : `: ${choices.join(', ')}`}`;
