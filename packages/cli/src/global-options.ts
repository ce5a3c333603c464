/** Flags that every command takes. */
import { durationMs } from './duration.ts';
import { isSet, textOf, usage } from './options.ts';
import type { OptionDefinition, Options } from './options.ts';
import type { OutputMode, TimeForm } from './output.ts';

export const globalOptions: readonly OptionDefinition[] = [
  { flags: '--store <url>', doc: 'log to work on, sqlite:PATH or postgres://HOST/DATABASE?log=NAME; default: the nearest .refold/ upward' },
  { flags: '--server <url>', doc: 'ask a running server instead of opening a log' },
  { flags: '--config <file>', doc: 'configuration file' },
  { flags: '--issue <key>', doc: 'issue of what is written; of what is listed' },
  { flags: '--session <key>', doc: 'session of what is written; of what is listed' },
  { flags: '--json', doc: 'one JSON document, the contract' },
  { flags: '--jsonl', doc: 'one JSON record per line' },
  { flags: '--plain', doc: 'tab-separated, one record per line' },
  { flags: '--time <form>', doc: 'clock, iso or relative', choices: ['clock', 'iso', 'relative'] },
  { flags: '--tz <zone>', doc: 'zone of times in text, for example Europe/Berlin; default UTC' },
  { flags: '--dialect <name>', doc: "events in JSON in a document's form", choices: ['canonical', 'jira', 'agentLightning', 'orchestration', 'job', 'cloudevents'] },
  { flags: '--naming <name>', doc: 'keys in JSON: camel or snake', choices: ['camel', 'snake'] },
  { flags: '--raw', doc: 'print event text as it is, escapes included' },
  { flags: '-q, --quiet', doc: 'data and errors only' },
  { flags: '-v, --verbose', doc: 'say more; again for more still' },
  { flags: '--no-color', doc: 'no colour' },
  { flags: '--no-pager', doc: 'no pager' },
  { flags: '--no-progress', doc: 'no progress' },
  { flags: '--progress <form>', doc: 'json: progress as JSON lines on stderr', choices: ['json', 'text'] },
  { flags: '--no-input', doc: 'never ask; in this release nothing does' },
  { flags: '--timeout <duration>', doc: 'limit for one answer, for example 30s' },
];

export interface Globals {
  readonly store: string | undefined;
  readonly server: string | undefined;
  readonly config: string | undefined;
  readonly issue: string | undefined;
  readonly session: string | undefined;
  readonly mode: OutputMode;
  readonly time: TimeForm | undefined;
  readonly timeZone: string | undefined;
  readonly dialect: string;
  readonly naming: string;
  readonly raw: boolean;
  readonly quiet: boolean;
  readonly verbose: number;
  readonly colour: boolean;
  readonly pager: boolean;
  readonly progress: 'text' | 'json' | 'none';
  readonly timeoutMs: number | undefined;
}

/** @throws LogError BAD_REQUEST when two output modes are asked for. */
export function readGlobals(options: Options): Globals {
  const modes = (['json', 'jsonl', 'plain'] as const).filter((mode) => isSet(options, mode));
  if (modes.length > 1) throw usage(`Choose one of ${modes.map((mode) => `--${mode}`).join(', ')}.`, 'output');
  const timeout = textOf(options, 'timeout');
  return {
    store: textOf(options, 'store'),
    server: textOf(options, 'server'),
    config: textOf(options, 'config'),
    issue: textOf(options, 'issue'),
    session: textOf(options, 'session'),
    mode: modes[0] ?? 'text',
    // The parser has checked the choice.
    time: textOf(options, 'time') as TimeForm | undefined,
    timeZone: timeZoneOf(textOf(options, 'tz')),
    dialect: textOf(options, 'dialect') ?? 'canonical',
    naming: textOf(options, 'naming') ?? 'camel',
    raw: isSet(options, 'raw'),
    quiet: isSet(options, 'quiet'),
    verbose: typeof options.verbose === 'number' ? options.verbose : 0,
    colour: options.color !== false,
    pager: options.pager !== false,
    progress: options.progress === false ? 'none' : options.progress === 'json' ? 'json' : 'text',
    timeoutMs: timeout === undefined ? undefined : durationMs(timeout, '--timeout'),
  };
}

/** @throws LogError BAD_REQUEST `zone`. */
function timeZoneOf(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw usage(`There is no time zone "${name}".`, 'zone', '--tz Europe/Berlin or UTC');
  }
}
