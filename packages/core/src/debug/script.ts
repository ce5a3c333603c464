/**
 * The language of the debug prompt (CLI.md section 7), one command per line: read here, run by `run-script.ts`. A line of a
 * terminal and a line of a script in CI are the same thing. Empty lines and lines that begin with `#` say nothing.
 */
import { LogError } from '../errors.ts';
import type { Place } from '../log/place.ts';
import { parsePlaceSuffix } from '../log/place.ts';
import type { BreakpointInput } from './breakpoint.ts';

export type DebugCommand =
  | { readonly do: 'step' | 'stepBack'; readonly grain: string; readonly count: number }
  | { readonly do: 'resume' | 'reverse' | 'cause' | 'effects' | 'watches' | 'breaks' | 'restart' | 'quit' }
  | { readonly do: 'goTo' | 'runTo'; readonly place: Place }
  | { readonly do: 'break'; readonly input: BreakpointInput }
  | { readonly do: 'watch' | 'print' | 'flips' | 'first' | 'assert'; readonly expression: string }
  | { readonly do: 'delete' | 'off' | 'on'; readonly id: string }
  | { readonly do: 'state'; readonly pointer: string }
  | { readonly do: 'who'; readonly pointer: string }
  | { readonly do: 'diff'; readonly place: Place | null }
  | { readonly do: 'list'; readonly count: number }
  | { readonly do: 'export'; readonly file: string };

export interface ScriptLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  readonly command: DebugCommand;
}

/** Reads a whole script before anything of it runs. @throws LogError BAD_REQUEST `debug_command` {line}; BAD_TIMESTAMP `place`. */
export function parseScript(text: string): readonly ScriptLine[] {
  return text.split(/\r\n|\n|\r/).flatMap((raw, index) => {
    const line = index + 1;
    const command = atLine(line, () => parseCommand(raw));
    return command === null ? [] : [{ line, text: raw.trim(), command }];
  });
}

/** Reads one line; null when it says nothing. @throws as `parseScript`. */
export function parseCommand(raw: string): DebugCommand | null {
  const text = raw.trim();
  if (text === '' || text.startsWith('#')) return null;
  const { word: name, rest } = firstWord(text);
  const read = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (read === undefined) throw badCommand(`There is no command ${JSON.stringify(name.slice(0, 32))}.`, `There are ${Object.keys(commands).join(', ')}.`);
  return read(rest);
}

type ReadCommand = (rest: string) => DebugCommand;

const commands: { readonly [name: string]: ReadCommand } = {
  s: (rest) => ({ do: 'step', ...stride(rest) }),
  b: (rest) => ({ do: 'stepBack', ...stride(rest) }),
  c: alone({ do: 'resume' }),
  rc: alone({ do: 'reverse' }),
  g: (rest) => ({ do: 'goTo', place: placeIn(rest) }),
  until: (rest) => ({ do: 'runTo', place: placeIn(rest) }),
  restart: alone({ do: 'restart' }),
  break: (rest) => ({ do: 'break', input: whereOf(rest) }),
  log: readLogpoint,
  watch: (rest) => ({ do: 'watch', expression: needed(rest, 'an expression') }),
  watches: alone({ do: 'watches' }),
  breaks: alone({ do: 'breaks' }),
  del: (rest) => ({ do: 'delete', id: needed(rest, 'a number') }),
  off: (rest) => ({ do: 'off', id: needed(rest, 'a number') }),
  on: (rest) => ({ do: 'on', id: needed(rest, 'a number') }),
  p: (rest) => ({ do: 'print', expression: needed(rest, 'an expression') }),
  state: (pointer) => ({ do: 'state', pointer }),
  who: (rest) => ({ do: 'who', pointer: needed(rest, 'a JSON pointer') }),
  diff: (rest) => ({ do: 'diff', place: rest === '' ? null : placeIn(rest) }),
  l: (rest) => ({ do: 'list', count: rest === '' ? 5 : wholeNumber(rest) }),
  cause: alone({ do: 'cause' }),
  effects: alone({ do: 'effects' }),
  flips: (rest) => ({ do: 'flips', expression: needed(rest, 'an expression') }),
  first: (rest) => ({ do: 'first', expression: needed(rest, 'an expression') }),
  assert: (rest) => ({ do: 'assert', expression: needed(rest, 'an expression') }),
  export: (rest) => ({ do: 'export', file: needed(rest, 'a file name') }),
  q: alone({ do: 'quit' }),
};

function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const end = text.search(/\s/);
  return end < 0 ? { word: text, rest: '' } : { word: text.slice(0, end), rest: text.slice(end).trim() };
}

function alone(command: DebugCommand): ReadCommand {
  return (rest) => {
    if (rest !== '') throw badCommand(`This command stands alone; ${JSON.stringify(rest.slice(0, 64))} is too much.`, 'Leave out what follows it.');
    return command;
  };
}

/** `3`, `agent`, `agent 3`. */
function stride(rest: string): { readonly grain: string; readonly count: number } {
  const words = rest === '' ? [] : rest.split(/\s+/);
  if (words.length > 2) throw badCommand('A step has a size and a number.', 'Write s, s 3, s agent or s agent 3.');
  const grain = words[0] !== undefined && !/^\d+$/.test(words[0]) ? words.shift()! : 'event';
  return { grain, count: words[0] === undefined ? 1 : wholeNumber(words[0]) };
}

/** With or without the `@` that a place in an address has. */
const placeIn = (rest: string): Place => parsePlaceSuffix(needed(rest, 'a place').replace(/^@/, ''));

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw badCommand(`${JSON.stringify(text.slice(0, 32))} is no number here.`, 'Write a whole number from 1 on.');
  return Number(text);
}

function needed(rest: string, what: string): string {
  if (rest === '') throw badCommand(`The command needs ${what}.`, `Write ${what} behind it.`);
  return rest;
}

/** `TYPE-GLOB [if EXPR]`, `if EXPR`, `path /ptr [if EXPR]`, `flip EXPR`, `nth N <any of these>`. */
function whereOf(rest: string): BreakpointInput {
  const { word, rest: more } = firstWord(needed(rest, 'a place to stop at'));
  switch (word) {
    case 'if':
      return { condition: needed(more, 'an expression') };
    case 'flip':
      return { flip: needed(more, 'an expression') };
    case 'path': {
      const pointer = firstWord(needed(more, 'a JSON pointer'));
      return { path: pointer.word, ...conditionOf(pointer.rest) };
    }
    case 'nth': {
      const nth = firstWord(needed(more, 'a number'));
      return { ...whereOf(nth.rest), nth: wholeNumber(nth.word) };
    }
    default:
      return { eventType: word, ...conditionOf(more) };
  }
}

function conditionOf(rest: string): { readonly condition?: string } {
  if (rest === '') return {};
  const { word, rest: condition } = firstWord(rest);
  if (word !== 'if') throw badCommand(`Behind the place comes "if", not ${JSON.stringify(word.slice(0, 32))}.`, 'Write break TYPE if EXPRESSION.');
  return { condition: needed(condition, 'an expression') };
}

/** `log "text ${expr}" on <where>`; the text is a JSON string. */
function readLogpoint(rest: string): DebugCommand {
  const match = /^("(?:[^"\\]|\\.)*")\s+on\s+(.+)$/s.exec(rest);
  if (match === null) throw badCommand('A logpoint has a text in double quotes and a place.', 'Write log "text ${expression}" on TYPE.');
  return { do: 'break', input: { ...whereOf(match[2]!), log: textIn(match[1]!) } };
}

function textIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (cause) {
    throw badCommand('The text of the logpoint cannot be read.', 'Escape quotes and backslashes as in JSON.', cause);
  }
}

const badCommand = (message: string, hint: string, cause?: unknown): LogError => new LogError('BAD_REQUEST', message, { details: { reason: 'debug_command' }, hint, ...(cause === undefined ? {} : { cause }) });

function atLine<T>(line: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new LogError(error.code, `Line ${line}: ${error.message}`, { details: { ...error.details, line }, cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}
