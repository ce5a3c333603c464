/** The filter as flags, the same on every command that lists or counts events; the operation says what they mean. */
import { durationMs } from './duration.ts';
import { given, isSet, listOf, textOf } from './options.ts';
import type { OptionDefinition, Options } from './options.ts';
import { addressOf, streamArgument } from './place-argument.ts';
import { instantOption } from './place-input.ts';
import type { Session } from './session.ts';

export const filterOptions: readonly OptionDefinition[] = [
  { flags: '--type <glob...>', doc: 'event types, aliases, globs (agent_run.*)' },
  { flags: '--category <name...>', doc: 'first part of the type' },
  { flags: '--stream <stream>', doc: 'one stream: type/id, a bare id, an issue key, latest' },
  { flags: '--entity <type/id>', doc: 'what the event is about' },
  { flags: '--chain <type/id>', doc: 'an entity and what refers to it' },
  { flags: '--phase <name>', doc: 'phase of the run' },
  { flags: '--agent <id>', doc: 'agent that worked' },
  { flags: '--actor <type:id>', doc: 'who acted; a bare id matches any kind of actor' },
  { flags: '--correlation <id>', doc: 'one conversation' },
  { flags: '--cause <event>', doc: 'what this event caused' },
  { flags: '--priority <p...>', doc: 'P0 to P3' },
  { flags: '--min-severity <level>', doc: 'WARN and above, for example' },
  { flags: '--trace <id>', doc: 'trace id' },
  { flags: '--from <instant>', doc: 'happened at or after' },
  { flags: '--to <instant>', doc: 'happened at or before' },
  { flags: '--since <duration>', doc: 'happened in the last 24h, 7d, 30m' },
  { flags: '--text <words>', doc: 'text in payload or metadata' },
  { flags: '--archived', doc: 'archived events too' },
];

/** @throws LogError BAD_REQUEST `duration`; NOT_FOUND, AMBIGUOUS_STREAM for a stream by another name than its address. */
export async function filterInput({ world, globals, connect }: Session, options: Options, expression?: string): Promise<Record<string, unknown>> {
  const stream = textOf(options, 'stream');
  const since = textOf(options, 'since');
  return given({
    type: listOf(options, 'type'),
    category: listOf(options, 'category'),
    stream: stream === undefined || stream.includes('/') ? stream : addressOf(await streamArgument(await connect(), stream)),
    entity: textOf(options, 'entity'),
    entityChain: textOf(options, 'chain'),
    issueKey: globals.issue,
    sessionId: globals.session,
    phase: textOf(options, 'phase'),
    agent: textOf(options, 'agent'),
    actor: textOf(options, 'actor'),
    correlationId: textOf(options, 'correlation'),
    causationId: textOf(options, 'cause'),
    priority: listOf(options, 'priority'),
    minSeverity: textOf(options, 'minSeverity'),
    traceId: textOf(options, 'trace'),
    from: instantOption(options, 'from') ?? (since === undefined ? undefined : new Date(world.now() - durationMs(since, '--since')).toISOString()),
    to: instantOption(options, 'to'),
    text: textOf(options, 'text'),
    includeArchived: isSet(options, 'archived') ? true : undefined,
    expression,
  });
}
