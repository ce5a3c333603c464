/** Recorded events again: replayEvents as a plan or, confirmed, for real; and the replays on record. */
import { LogError } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { parseInput, replayEvents, runReplay } from '@refold/operations';
import type { ReplayAnswer } from '@refold/operations';
import { timeOrderedIds } from '@refold/sdk';
import { actorGiven, actorOption } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { handlersIn } from '../handlers-argument.ts';
import { given, isSet, listOf, textOf, usage, wholeNumberOf } from '../options.ts';
import type { OptionDefinition, Options } from '../options.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import { quoted } from '../quoted.ts';
import { printReplay, printSteps } from '../render/replay-report.ts';
import type { Session } from '../session.ts';
import { recordVerbs, runRecordVerb } from './replay-record.ts';
import type { RecordVerb } from './replay-record.ts';

const options: readonly OptionDefinition[] = [
  { flags: '--from <n>', doc: 'first revision; of a chain, position' },
  { flags: '--to <n>', doc: 'last one; default the newest' },
  { flags: '--correlation <id>', doc: 'a chain of events instead of a stream' },
  { flags: '--filter <expression>', doc: 'only events for which it holds', isVerbatim: true },
  { flags: '--purpose <word>', doc: 'what it is for', choices: ['recovery', 'testing', 'analysis', 'debugging'] },
  { flags: '--allow <type...>', doc: 'costly types that may happen again' },
  { flags: '--precondition <condition...>', doc: 'stream_unchanged, chain_valid, state_matches (these by default), git_sha_matches, handler_available, checkpoint_exists, or an expression', isVerbatim: true },
  { flags: '--param <key=value...>', doc: 'kept on record beside it', isVerbatim: true },
  { flags: '--stop-on-error', doc: 'the first failure ends it (the default, unless configured otherwise)' },
  { flags: '--keep-going', doc: 'failures are counted and end nothing' },
  { flags: '--steps', doc: 'every event, one line each' },
  { flags: '--execute', doc: 'do it; needs --confirm, and --handlers for whatever shall happen' },
  { flags: '--confirm <stream>', doc: 'the address of what is replayed, type/id' },
  { flags: '--handlers <module>', doc: 'who does it: a module with functions by event type' },
  { flags: '--replay-id <id>', doc: 'name of the execution; under the name of one that was left off, it goes on' },
  { flags: '-n, --dry-run', doc: 'show the plan, do nothing: the default' },
  { flags: '--status <word>', doc: 'for list: only those', choices: ['running', 'completed', 'failed', 'cancelled'] },
  { flags: '--reason <text>', doc: 'for cancel: why' },
  { flags: '--limit <n>', doc: 'for list and steps: at most so many' },
  actorOption,
];

export const replay = defineCommand({
  arguments: [
    { name: '[stream]', doc: 'type/id, a bare id, an issue key, latest; or list, show, steps, cancel' },
    { name: '[replay]', doc: 'id of a replay, for show, steps and cancel' },
  ],
  options,
  examples: [
    ['refold replay PROJ-123 --from 2', 'what would happen again, and what must not'],
    ['refold replay PROJ-123 --execute --confirm orchestration/PROJ-123 --handlers handlers.mjs', 'do it, by handlers of yours'],
    ['refold replay list', 'the replays on record, newest first'],
  ],
  async run(session, { arguments: [target, id, ...rest], options: asked }) {
    if (isRecordVerb(target)) return await runRecordVerb(session, target, id, asked);
    if (id !== undefined || rest.length > 0) throw usage(`"${id}" is one word too many.`, 'excess_arguments', 'refold replay STREAM');
    return await replayOne(session, target, asked);
  },
});

const isRecordVerb = (word: string | undefined): word is RecordVerb => recordVerbs.some((verb) => verb === word);

async function replayOne(session: Session, text: string | undefined, asked: Options): Promise<number> {
  const { output, world } = session;
  const isExecution = isSet(asked, 'execute') || (!isSet(asked, 'dryRun') && !session.config().config.event_sourcing.replay.default_dry_run.cli);
  if (isSet(asked, 'execute') && isSet(asked, 'dryRun')) throw usage('--execute and --dry-run exclude each other.', 'dry_run', 'Leave one of them out.');
  const connection = await session.connect(await handlersIn(world, asked));
  if (textOf(asked, 'handlers') !== undefined && connection.local === null) throw usage('Handlers run where the log is opened.', 'handlers', 'Start that server with them: refold serve --handlers MODULE');
  const target = await targetOf(connection, text, asked);
  const replayId = textOf(asked, 'replayId') ?? (isExecution ? newId(session) : undefined);
  const input = { ...target.fields, ...inputOf(session, asked), dryRun: !isExecution, ...given({ replayId }) };
  const report = isExecution ? await execute(session, connection, input, { replayId: replayId!, words: [target.word, ...wordsOf(asked), '--execute', '--confirm', target.address, '--replay-id', replayId!] }) : await connection.call(replayEvents, input);

  output.answer(report, () => (isSet(asked, 'steps') && output.options.mode === 'text' ? printSteps(output, report.steps) : printReplay(output, report)));
  if (isExecution) output.hint(`refold replay show ${report.replayId}${report.status === 'completed' ? '' : `     refold replay steps ${report.replayId}`}`);
  else {
    output.note('nothing executed.');
    output.hint(`refold replay ${[target.word, ...wordsOf(asked)].map(quoted).join(' ')} --execute --confirm ${quoted(target.address)}`);
  }
  if (!isExecution) return report.preconditions.every(({ ok }) => ok) ? 0 : preconditionExit;
  return report.status === 'completed' ? 0 : 1;
}

/** A plan that could not be executed as things stand. */
const preconditionExit = 7;

interface Target {
  readonly fields: JsonObject;
  /** What a person types for it. */
  readonly word: string;
  readonly address: string;
}

async function targetOf(connection: Connection, text: string | undefined, asked: Options): Promise<Target> {
  const correlationId = textOf(asked, 'correlation');
  if ((text === undefined) === (correlationId === undefined)) throw usage('A replay is of a stream, or of a chain.', 'target', 'refold replay STREAM, or refold replay --correlation ID');
  if (correlationId !== undefined) return { fields: { correlationId }, word: `--correlation=${correlationId}`, address: `correlation/${correlationId}` };
  const stream = await streamArgument(connection, text!);
  return { fields: { ...stream }, word: addressOf(stream), address: addressOf(stream) };
}

function inputOf({ world }: Session, asked: Options): JsonObject {
  const stopOnError = isSet(asked, 'keepGoing') ? false : isSet(asked, 'stopOnError') ? true : undefined;
  return given({
    fromSequence: wholeNumberOf(asked, 'from', 1),
    toSequence: wholeNumberOf(asked, 'to', 1),
    filter: textOf(asked, 'filter'),
    purpose: textOf(asked, 'purpose'),
    allowTypes: listOf(asked, 'allow'),
    preconditions: listOf(asked, 'precondition'),
    params: paramsOf(listOf(asked, 'param')),
    confirm: textOf(asked, 'confirm'),
    stopOnError,
    stepLimit: isSet(asked, 'steps') ? everyStep : undefined,
    actor: actorGiven(world, asked),
  });
}

/** No replay has more. */
const everyStep = 200_000;

function paramsOf(pairs: readonly string[] | undefined): JsonObject | undefined {
  if (pairs === undefined) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw usage(`--param takes key=value, not "${pair}".`, 'param', '--param ticket=OPS-7');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

const newId = ({ world: { ports: { ids = timeOrderedIds } = {} } }: Session): string => ids.uuid();

/** Its name is told before it begins, so that one that was killed can be gone on with; `words` are the line that does. */
async function execute(session: Session, connection: Connection, input: JsonObject, { replayId, words }: { readonly replayId: string; readonly words: readonly string[] }): Promise<ReplayAnswer> {
  const { output, world } = session;
  output.note(`replay ${replayId}`);
  const progress = session.progress('replay');
  let done = 0;
  try {
    if (connection.local === null) return await connection.call(replayEvents, input);
    return await runReplay(connection.local, parseInput(replayEvents, input), ({ action, event }) => progress.update({ done: ++done, unit: 'events', note: `@${event.revision} ${action}` }));
  } catch (error) {
    const isLeftOff = world.signal.aborted || (error instanceof LogError && error.code === 'QUERY_TIMEOUT');
    if (isLeftOff) output.hint(connection.local === null ? `refold replay show ${replayId}` : `refold replay ${words.map(quoted).join(' ')}`);
    throw error;
  } finally {
    progress.end();
  }
}

/** The flags again, as they were given; those that make it an execution are added by whoever prints them. */
function wordsOf(asked: Options): readonly string[] {
  const left = new Set(['execute', 'confirm', 'replayId', 'correlation', 'dryRun', 'steps']);
  return options.flatMap(({ flags }) => {
    const flag = /--[a-z-]+/.exec(flags)![0];
    const name = flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = asked[name];
    if (left.has(name) || value === undefined) return [];
    if (value === true) return [flag];
    return (Array.isArray(value) ? value : [value]).flatMap((one) => [flag, String(one)]);
  });
}
