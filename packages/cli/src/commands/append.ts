/** Writes one event from flags, or a batch from lines: appendEvents; with --dry-run validateEvents. */
import { LogError } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { appendEvents, validateEvents } from '@refold/operations';
import { actorOf } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import { given, isSet, textOf, usage } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf } from '../place-argument.ts';
import { exactInstant } from '../place-input.ts';
import { atLine, batchLines, jsonArgument, readBytesOrStdin } from '../read-input.ts';
import type { Session } from '../session.ts';
import { createEventReader } from '../spelling.ts';

interface Batch {
  readonly events: readonly JsonObject[];
  /** Line of each event in the input; empty when the event comes from flags. */
  readonly lines: readonly number[];
}

export const append = defineCommand({
  arguments: [{ name: '[type]', doc: 'event type or any alias of it' }],
  options: [
    { flags: '--stream <type/id>', doc: 'stream to write to; default: what the type and the issue say' },
    { flags: '--data <json>', doc: 'payload: JSON, @FILE or -' },
    { flags: '--actor <type:id>', doc: 'who acted, type:id or type:id:model; default REFOLD_ACTOR, else (not for a batch) this user' },
    { flags: '--cause <event>', doc: 'id of the event that directly caused it' },
    { flags: '--correlation <id>', doc: 'conversation it belongs to' },
    { flags: '--expected-revision <n>', doc: 'revision last seen, any, none or exists' },
    { flags: '--key <id>', doc: 'idempotency key: sent twice, written once' },
    { flags: '--at <instant>', doc: 'when it happened; default now' },
    { flags: '--phase <name>', doc: 'phase of the run' },
    { flags: '--priority <p>', doc: 'P0 to P3' },
    { flags: '--batch <file>', doc: 'events as JSON lines or one array, from a file or -; all or none' },
    { flags: '-n, --dry-run', doc: 'check, write nothing' },
  ],
  examples: [
    ["refold append job.created --stream job/42 --data '{\"name\":\"nightly\"}'", 'one event'],
    ["refold log AgentSpawned --issue PROJ-123 --data '{\"agent_name\":\"planner\",\"agent_model\":\"m\",\"assigned_task\":\"plan\"}' --actor system:orchestrator", 'by the name a document gave it'],
    ['refold append --batch events.jsonl --dry-run', 'check a file, write nothing'],
  ],
  async run(session, { arguments: [type], options }) {
    const file = textOf(options, 'batch');
    if ((type === undefined) === (file === undefined)) throw usage('append takes an event type, or --batch FILE.', 'usage', 'refold append --help');
    const actor = textOf(options, 'actor') ?? session.world.env['REFOLD_ACTOR'];
    const batch: Batch = file === undefined ? { events: [await eventOf(session, type!, options)], lines: [] } : withActor(await readBatch(session, file), actor);
    if (isSet(options, 'dryRun')) return await check(session, batch, textOf(options, 'key'));

    const { output, world } = session;
    const connection = await session.connect();
    const startedAt = world.now();
    const receipt = await connection
      .call(appendEvents, { events: batch.events, ...given({ expectedRevision: expectedRevisionOf(options), commitId: textOf(options, 'key') }) })
      .catch((error: unknown) => {
        throw withLine(error, batch);
      });
    output.answer(receipt, ({ events, duplicate }) => {
      for (const event of events) output.line(`${output.safe(addressOf(event, event.revision))}  ${event.type}  ${event.id}  ${duplicate ? 'already present' : `${world.now() - startedAt} ms`}`);
    });
    for (const warning of receipt.warnings) output.note(`refold: warning: ${output.safe(warning)}`);
    const last = receipt.events.at(-1)!;
    if (world.stderrIsTerminal) output.hint(`refold state ${addressOf(last)}     refold trace ${last.id}`);
  },
});

async function eventOf({ world, globals }: Session, type: string, options: Options): Promise<JsonObject> {
  const stream = textOf(options, 'stream');
  const [data, at] = [textOf(options, 'data'), textOf(options, 'at')];
  return {
    type,
    data: data === undefined ? {} : await jsonArgument(world, data, '--data'),
    actor: actorOf(textOf(options, 'actor') ?? world.env['REFOLD_ACTOR']),
    ...(stream === undefined ? {} : splitStream(stream)),
    ...given({
      causationId: textOf(options, 'cause'),
      correlationId: textOf(options, 'correlation'),
      occurredAt: at === undefined ? undefined : exactInstant(at),
      phase: textOf(options, 'phase'),
      priority: textOf(options, 'priority'),
      issueKey: globals.issue ?? world.env['REFOLD_ISSUE_KEY'],
      sessionId: globals.session ?? world.env['REFOLD_SESSION_ID'],
    }),
  };
}

/** The log judges the address; here it is only cut. An issue key alone means its orchestration. */
function splitStream(text: string): { readonly streamType: string; readonly streamId: string } {
  const slash = text.indexOf('/');
  return slash < 0 ? { streamType: 'orchestration', streamId: text } : { streamType: text.slice(0, slash), streamId: text.slice(slash + 1) };
}

function expectedRevisionOf(options: Options): number | string | undefined {
  const text = textOf(options, 'expectedRevision');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Lines in our own form or in one of the documents'. @throws LogError with the line. */
async function readBatch(session: Session, file: string): Promise<Batch> {
  const lines = batchLines(await readBytesOrStdin(session.world, file));
  const read = createEventReader((await session.connect()).registry);
  const events = lines.map(({ line, value }) => {
    try {
      return read(value).input as unknown as JsonObject;
    } catch (error) {
      throw atLine(error, line);
    }
  });
  return { events, lines: lines.map(({ line }) => line) };
}

/** Who acted, for the lines that do not say; it must have been said, the user of this machine wrote no file of events. */
const withActor = (batch: Batch, actor: string | undefined): Batch => (actor === undefined || actor === '' ? batch : { ...batch, events: batch.events.map((event) => (event['actor'] === undefined ? { ...event, actor: actorOf(actor) } : event)) });

/** What the log says about the event at an index is about a line of the file. */
function withLine(error: unknown, { lines }: Batch): unknown {
  if (!(error instanceof LogError) || lines.length === 0) return error;
  const index = error.details.index ?? indexIn(error.details.pointer);
  const line = index === undefined ? undefined : lines[index];
  if (line === undefined) return error;
  return atLine(error, line);
}

function indexIn(pointer: string | undefined): number | undefined {
  const match = /^\/events\/(\d+)/.exec(pointer ?? '');
  return match === null ? undefined : Number(match[1]);
}

async function check(session: Session, { events, lines }: Batch, commitId: string | undefined): Promise<number> {
  const { output } = session;
  const connection = await session.connect();
  const answer = await connection.call(validateEvents, { events, ...given({ commitId }) });
  output.answer(answer, ({ results }) => {
    for (const { index, violations } of results)
      for (const { code, detail, pointer } of violations) output.line(`${lines[index] === undefined ? '' : `line ${lines[index]}  `}${code}  ${output.safe(detail)}${pointer === null ? '' : `  ${pointer}`}`);
    if (answer.ok) output.line(`${counted(results.length, 'event')} would be taken`);
  });
  output.note('nothing written.');
  return answer.ok ? 0 : 5;
}
