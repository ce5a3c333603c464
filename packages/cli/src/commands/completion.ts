/** Completion for a shell, made from the commands' own flags. */
import { defineCommand } from '../command.ts';
import { topicNames } from '../help-topics.ts';
import { allOptions } from '../parse-arguments.ts';

interface CompletedCommand {
  readonly words: readonly string[];
  readonly doc: string;
  readonly flags: readonly string[];
}

export const completion = defineCommand({
  arguments: [{ name: '<shell>', doc: 'which one', choices: ['bash', 'zsh', 'fish'] }],
  options: [],
  examples: [
    ['refold completion bash', 'for ~/.bashrc: source <(refold completion bash)'],
    ['refold completion fish', 'for ~/.config/fish/completions/refold.fish'],
  ],
  async run({ output }, { arguments: [shell], commands: entries }) {
    const commands = await Promise.all(
      entries.map(async ({ name, aliases = [], doc, load }) => ({ words: [name, ...aliases], doc, flags: allOptions(await load()).flatMap(({ flags }) => flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []) })),
    );
    const text = shell === 'bash' ? forBash(commands) : shell === 'zsh' ? forZsh(commands) : forFish(commands);
    output.answer({ shell, text }, () => text.trimEnd().split('\n').forEach((line) => output.line(line)));
  },
});

const wordsIn = (commands: readonly CompletedCommand[]): readonly string[] => commands.flatMap(({ words }) => words);

const cases = (commands: readonly CompletedCommand[], variable: string): string => commands.map(({ words, flags }) => `      ${words.join('|')}) ${variable}="${flags.join(' ')}" ;;`).join('\n');

const forBash = (commands: readonly CompletedCommand[]): string => `# refold completion for bash
_refold() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${wordsIn(commands).join(' ')}"
  elif [ "\${COMP_WORDS[1]}" = help ]; then
    words="${[...topicNames, ...wordsIn(commands)].join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${cases(commands, 'words')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _refold refold
`;

const forZsh = (commands: readonly CompletedCommand[]): string => `#compdef refold
# refold completion for zsh
_refold() {
  local flags=""
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.flatMap(({ words, doc }) => words.map((word) => `      '${word}:${doc.replaceAll(':', ' -').replaceAll("'", "'\\''")}'`)).join('\n')}
    )
    _describe command commands
  else
    case "$words[2]" in
${cases(commands, 'flags')}
    esac
    compadd -- \${=flags}
    _files
  fi
}
compdef _refold refold
`;

const forFish = (commands: readonly CompletedCommand[]): string =>
  [
    '# refold completion for fish',
    ...commands.flatMap(({ words, doc, flags }) => [
      ...words.map((word) => `complete -c refold -n __fish_use_subcommand -a ${word} -d '${doc.replaceAll("'", "\\'")}'`),
      ...flags.map((flag) => `complete -c refold -n '__fish_seen_subcommand_from ${words.join(' ')}' ${flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`}`),
    ]),
    '',
  ].join('\n');
