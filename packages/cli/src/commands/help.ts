/** The first screen, a command's help, or a topic. */
import { defineCommand, findCommand, wordsOfCommands } from '../command.ts';
import type { CommandEntry } from '../command.ts';
import { helpTopics, topicNames } from '../help-topics.ts';
import { usage } from '../options.ts';
import { commandHelp, firstScreen } from '../render/help-text.ts';
import { suggestion } from '../suggestion.ts';

export const help = defineCommand({
  arguments: [{ name: '[topic]', doc: 'a command, or places, expressions, output, exit-codes, configuration' }],
  options: [],
  examples: [
    ['refold help places', 'how a place in a stream is written'],
    ['refold help query', 'the same as refold query --help'],
  ],
  async run({ output }, { arguments: [topic], commands }) {
    const text = topic === undefined ? firstScreen(commands) : await helpFor(topic, commands);
    output.answer({ topic: topic ?? null, text }, () => text.trimEnd().split('\n').forEach((line) => output.line(line)));
  },
});

async function helpFor(topic: string, commands: readonly CommandEntry[]): Promise<string> {
  const text = helpTopics[topic];
  if (text !== undefined) return text;
  const entry = findCommand(commands, topic);
  if (entry === undefined) throw usage(`There is no help about "${topic}".`, 'topic', suggestion(topic, [...topicNames, ...wordsOfCommands(commands)], `refold help ${topicNames[0]}`));
  return commandHelp(entry, await entry.load());
}
