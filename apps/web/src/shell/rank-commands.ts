/** Commands that hold the words that were typed, those that begin with them first. Pure. */
export interface Command {
  readonly name: string;
  readonly group: string;
  readonly keys: string | null;
  readonly run: () => void;
}

export function rankCommands(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return commands;
  return commands
    .map((command) => ({ command, rank: rankOf(`${command.name} ${command.group}`.toLowerCase(), words) }))
    .filter(({ rank }) => rank < Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}

/** 0: it begins with the first word. Each word that only stands inside of another costs more than one that begins one. */
function rankOf(text: string, words: readonly string[]): number {
  let rank = text.startsWith(words[0]!) ? 0 : 1;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === -1) return Number.POSITIVE_INFINITY;
    rank += ` ${text}`.includes(` ${word}`) ? 0 : 10;
  }
  return rank;
}
