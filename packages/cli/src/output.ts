/**
 * What a command prints. Data goes to stdout, everything else to stderr. Four modes of one answer: text for people, `--plain`
 * for cut and awk, `--json` exactly the operation's output, `--jsonl` one record per line as it comes.
 */
import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { LogError } from '@refold/core';
import { hintFor } from './command-hints.ts';
import { exitCodes } from './exit-codes.ts';
import { cut, printable, widthOf } from './terminal-text.ts';

export type OutputMode = 'text' | 'plain' | 'json' | 'jsonl';
export type TimeForm = 'clock' | 'iso' | 'relative';
type Style = 'dim' | 'bold' | 'red' | 'green' | 'yellow' | 'cyan';

export interface OutputOptions {
  readonly mode: OutputMode;
  /** What was asked for; without it relative on a terminal, ISO in a pipe. */
  readonly time?: TimeForm | undefined;
  readonly colour: boolean;
  readonly quiet: boolean;
  readonly verbose: number;
  /** Print event text as it is. */
  readonly raw: boolean;
  /** IANA name; times in text are shown in it. Default: UTC. */
  readonly timeZone?: string;
  /** The spelling of answers that was asked for (--dialect, --naming). */
  readonly view?: (value: unknown) => unknown;
  /** Columns of the terminal; Infinity in a pipe (nothing is cut there). */
  readonly columns: number;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly now: () => number;
}

export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  readonly style?: (row: T) => Style | null;
  /** Numbers stand to the right. */
  readonly align?: 'right';
  /** Takes what is left of the line; at most one column, the last. */
  readonly fills?: boolean;
  /** Left out, the last of them first, where a line would be too long for the terminal. */
  readonly isOptional?: boolean;
}

export interface Output {
  readonly options: OutputOptions;
  /** One answer: JSON in the JSON modes, else what `text` prints. */
  answer<T>(value: T, text: (value: T) => void): void;
  /** One record of a stream of them. */
  record<T>(value: T, text: (value: T) => void): void;
  line(text?: string): void;
  /** Rows in aligned columns. `header` names the columns where the values do not speak for themselves. */
  table<T>(rows: readonly T[], columns: readonly Column<T>[], options?: { readonly header?: boolean }): void;
  /** Message for people on stderr; silent with --quiet. */
  note(text: string): void;
  hint(text: string): void;
  error(error: unknown): number;
  style(style: Style, text: string): string;
  /** Event text, safe for a terminal. */
  safe(text: string): string;
  /** An instant on its own: how long ago it was, on a terminal. */
  instant(instant: string | null): string;
  /** An instant beside others of the same run: by the clock, on a terminal. */
  moment(instant: string | null): string;
}

export function createOutput(options: OutputOptions): Output {
  const { mode, stdout, stderr, view = (value: unknown) => value } = options;
  const isTerminal = options.columns !== Infinity;
  const write = (text: string): void => void stdout.write(`${text}\n`);
  const style = (name: Style, text: string): string => (options.colour ? styleText(name, text, { validateStream: false }) : text);
  const safe = (text: string): string => (options.raw ? text : printable(text));

  const output: Output = {
    options,
    answer(value, text) {
      if (mode === 'json') write(JSON.stringify(view(value), null, 2));
      else if (mode === 'jsonl') write(JSON.stringify(view(value)));
      else text(value);
    },
    record(value, text) {
      if (mode === 'json' || mode === 'jsonl') write(JSON.stringify(view(value)));
      else text(value);
    },
    line: (text = '') => write(text),
    table(rows, columns, { header = false } = {}) {
      const plain = mode === 'plain';
      const cellsOf = (kept: readonly Column<(typeof rows)[number]>[]): string[][] => rows.map((row) => kept.map((column) => safe(column.text(row))));
      if (plain) {
        if (options.verbose > 0) write(columns.map(({ title }) => title).join('\t'));
        for (const row of cellsOf(columns)) write(row.join('\t'));
        return;
      }
      if (rows.length === 0) return;
      const shown = fitting(columns, cellsOf(columns), header, options.columns);
      const lines = header ? [shown.map(({ column }) => column.title), ...rows.map((row) => shown.map(({ column }) => safe(column.text(row))))] : rows.map((row) => shown.map(({ column }) => safe(column.text(row))));
      const left = Math.max(options.columns - shown.reduce((sum, { width, column }) => sum + (column.fills === true ? 0 : width + 2), 0), fillLeast);
      lines.forEach((line, index) => {
        const isHeader = header && index === 0;
        const cells = line.map((text, at) => {
          const { column, width } = shown[at]!;
          const space = ' '.repeat(Math.max(width - widthOf(text), 0));
          const padded = column.fills === true ? cut(text, left) : column.align === 'right' ? space + text : text + space;
          const named = isHeader ? ('dim' as const) : (column.style?.(rows[header ? index - 1 : index]!) ?? null);
          return named === null ? padded : style(named, padded);
        });
        write(cells.join('  ').trimEnd());
      });
    },
    note: (text) => {
      if (!options.quiet) stderr.write(`${text}\n`);
    },
    hint: (text) => {
      if (!options.quiet) stderr.write(`${style('dim', 'try:')} ${text}\n`);
    },
    error(error) {
      const known = error instanceof LogError ? error : unexpected(error);
      if (mode === 'json' || mode === 'jsonl') stderr.write(`${JSON.stringify({ code: known.code, detail: known.message, details: known.details, hint: known.hint ?? null, retryable: known.retryable })}\n`);
      else {
        stderr.write(`${style('red', 'refold: error')} ${known.code}: ${safe(known.message)}\n`);
        const hint = hintFor(known);
        const details = detailsText(known, options.verbose > 0, hint ?? '');
        if (details !== '') stderr.write(`  ${style('dim', safe(details))}\n`);
        if (options.verbose > 0 && known.cause !== undefined) stderr.write(`${known.cause instanceof Error ? (known.cause.stack ?? known.cause.message) : JSON.stringify(known.cause)}\n`);
        if (hint !== null) stderr.write(`${style('dim', 'try:')} ${safe(hint)}\n`);
      }
      return exitCodes[known.code];
    },
    style,
    safe,
    instant: (instant) => (instant === null ? '-' : timeText(instant, options.time ?? (isTerminal ? 'relative' : 'iso'), options)),
    moment: (instant) => (instant === null ? '-' : timeText(instant, options.time ?? (isTerminal ? 'clock' : 'iso'), options)),
  };
  return output;
}

/** Fewest columns that are worth filling. */
const fillLeast = 20;

/** The columns that have room, with their widths. */
function fitting<T>(columns: readonly Column<T>[], cells: readonly (readonly string[])[], header: boolean, terminal: number): readonly { readonly column: Column<T>; readonly width: number }[] {
  let kept = columns.map((column, index) => ({ column, width: column.fills === true ? 0 : cells.reduce((width, row) => Math.max(width, widthOf(row[index]!)), header ? column.title.length : 0) })).filter(({ column, width }) => width > 0 || column.fills === true);
  const needed = (): number => kept.reduce((sum, { column, width }) => sum + 2 + (column.fills === true ? fillLeast : width), -2);
  while (needed() > terminal) {
    const dropped = kept.findLast(({ column }) => column.isOptional === true);
    if (dropped === undefined) break;
    kept = kept.filter((one) => one !== dropped);
  }
  return kept;
}

/** A fault of ours: an id goes with it, so that a report can be told from another. */
function unexpected(cause: unknown): LogError {
  return new LogError('INTERNAL', 'Something went wrong inside Refold.', { details: { requestId: randomUUID() }, cause, hint: 'Run again with -v for the cause, and report it.' });
}

/** `pointer /data/name   line 3`: what is short enough for a line. The reason is a word for programs; lists that the hint names are not told twice. */
function detailsText({ details }: LogError, isVerbose: boolean, hint: string): string {
  const isShort = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return Object.entries(details)
    .filter(([name, value]) => (name !== 'reason' || isVerbose) && (isShort(value) || (Array.isArray(value) && value.length > 0 && value.every(isShort) && !hint.includes(value.join(', ')))))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('   ');
}

function timeText(instant: string, time: TimeForm, { now, timeZone }: OutputOptions): string {
  if (time === 'relative') return relativeText(Math.round((now() - Date.parse(instant)) / 1_000));
  if (timeZone === undefined) return time === 'iso' ? instant : instant.slice(11, 23);
  // The Swedish form is the one that sorts.
  const local = new Date(instant).toLocaleString('sv-SE', { timeZone, timeZoneName: 'longOffset', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }).replace(',', '.');
  return time === 'iso' ? local : local.slice(11, 23);
}

function relativeText(seconds: number): string {
  const size = Math.abs(seconds);
  const text = size < 60 ? `${size}s` : size < 3_600 ? `${Math.round(size / 60)}m` : size < 86_400 ? `${Math.round(size / 3_600)}h` : `${Math.round(size / 86_400)}d`;
  return seconds >= 0 ? `${text} ago` : `in ${text}`;
}

/** 1,204,113. By hand: the first use of a locale costs more than a small command. */
export function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const text = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** `1 run`, `1,204 runs` */
export const counted = (value: number, word: string): string => `${grouped(value)} ${word}${value === 1 ? '' : 's'}`;
