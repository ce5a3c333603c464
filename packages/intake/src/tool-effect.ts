/**
 * What doing a tool call again would do. The table is configuration (`intake.tools`); a tool that it does not name is
 * `unknown`, which a replay treats like a write: one that does too little can be corrected, one that does too much cannot.
 * A shell command that only reads counts as a read. Source: INTAKE.md, section 3.
 */
import type { Json } from '@refold/core';
import { objectIn, textIn } from './json-shape.ts';

export type ToolEffect = 'read' | 'write' | 'exec' | 'delegate' | 'unknown';

export interface ToolTable {
  readonly tools: { readonly [tool: string]: ToolEffect };
  /** Beginnings of shell commands that only read. */
  readonly readingCommands: readonly string[];
}

const named = (effect: ToolEffect, tools: readonly string[]): { readonly [tool: string]: ToolEffect } => Object.fromEntries(tools.map((tool) => [tool, effect]));

export const defaultToolTable: ToolTable = {
  tools: {
    ...named('read', ['Read', 'Glob', 'Grep', 'LS', 'WebFetch', 'WebSearch', 'TaskOutput', 'NotebookRead', 'TodoRead']),
    ...named('write', ['Edit', 'Write', 'MultiEdit', 'NotebookEdit', 'TodoWrite']),
    ...named('exec', ['Bash', 'shell', 'PowerShell']),
    ...named('delegate', ['Task', 'Agent', 'handoff']),
  },
  readingCommands: ['ls', 'cat', 'head', 'tail', 'wc', 'pwd', 'which', 'grep', 'rg', 'stat', 'du', 'df', 'git status', 'git diff', 'git log', 'git show', 'git blame', 'git rev-parse'],
};

export function toolEffect(tool: string, input: Json | undefined, table: ToolTable = defaultToolTable): ToolEffect {
  const effect = Object.hasOwn(table.tools, tool) ? table.tools[tool]! : 'unknown';
  return effect === 'exec' && onlyReads(textIn(objectIn(input)?.command), table) ? 'read' : effect;
}

/** What could write besides the command itself: redirection, substitution, a second line, a background job, an output option. */
const couldWrite = /[>`\n&]|\$\(|<\(|--output|--pre\b/;
const harmless = /2>&1|[12]?>\s?\/dev\/null|&&/g;

/** Every part of a pipe or a list must begin with a reading command. */
function onlyReads(command: string | undefined, table: ToolTable): boolean {
  if (command === undefined || couldWrite.test(command.replaceAll(harmless, ''))) return false;
  return command.split(/&&|\|\||[;|]/).every((part) => {
    const words = part.trim();
    return table.readingCommands.some((reading) => words === reading || words.startsWith(`${reading} `));
  });
}
