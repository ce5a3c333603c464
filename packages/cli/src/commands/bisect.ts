/** Halves a history with a command of yours: it gets the state at a place, and says whether that is good. */
import { spawn } from 'node:child_process';
import { LogError, bisect } from '@refold/core';
import type { BisectVerdict, EventEnvelope, Revision, State } from '@refold/core';
import { stateAt, streamEvents } from '@refold/operations';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { textOf, usage } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, revisionAt, streamArgument, suffixIn } from '../place-argument.ts';
import type { StreamArgument } from '../place-argument.ts';
import { eventText } from '../render/debug-result.ts';
import { numberText } from '../render/event-rows.ts';
import type { World } from '../world.ts';

export const bisectCommand = defineCommand({
  arguments: [{ name: '<stream>', doc: 'type/id, a bare id, an issue key, latest' }],
  options: [
    { flags: '--run <command>', doc: 'asked by the shell at each place: the state as JSON on stdin, REFOLD_PLACE in the environment; exit 0 is good, 125 skips, up to 127 is bad' },
    { flags: '--good <place>', doc: 'a place that is good; default start' },
    { flags: '--bad <place>', doc: 'a later place that is bad; default end' },
  ],
  examples: [["refold bisect PROJ-123 --run '! grep -q gap-1'", 'the event that brought gap-1 in; for an expression, flips --first is quicker']],
  async run(session, { arguments: [text = ''], options }) {
    const { output, world } = session;
    const command = textOf(options, 'run');
    if (command === undefined) throw usage('A command to ask is missing.', 'missing_run', "refold bisect STREAM --run './check.sh'");
    const connection = await session.connect();
    const stream = await streamArgument(connection, text);
    const boundary = async (name: string, otherwise: string): Promise<Revision> => await revisionAt(connection, stream, await suffixIn(connection, stream, (textOf(options, name) ?? otherwise).replace(/^@/, '')));
    const progress = session.progress('probe');
    let probed = 0;
    const result = await bisect((revision) => probe(connection, world, stream, revision, command), {
      good: await boundary('good', 'start'),
      bad: await boundary('bad', 'end'),
      // A command that cannot run answers "bad" everywhere; asking both ends first finds it out.
      checkEnds: true,
      signal: world.signal,
      onProbe: ({ revision, verdict }, expected) => {
        progress.update({ done: ++probed, total: probed + expected, unit: 'probes', note: `@${revision} ${verdict}` });
        if (output.options.verbose > 0) output.note(`@${revision} ${verdict}`);
      },
    });
    progress.end();

    const event = result.firstBad === null ? null : await eventOf(connection, stream, result.firstBad);
    output.answer({ ...stream, ...result, event }, () => {
      if (output.options.mode === 'plain') for (const revision of result.candidates) output.line(String(revision));
      else if (event !== null) output.line(`${output.style('red', 'first bad')}: ${eventText(output, event, connection.registry, 'first bad: '.length)}`);
      else output.line(`first bad: one of ${counted(result.candidates.length, 'place')}, @${numberText(output, result.candidates[0]!)} to @${numberText(output, result.bad)}; those between were skipped`);
    });
    output.note(`${counted(result.probes.length, 'probe')}, ${result.skipped} skipped`);
    output.hint(`refold debug ${addressOf(stream, result.bad)}     refold diff ${addressOf(stream, result.good)} @${result.bad}`);
  },
});

async function probe(connection: Connection, world: World, stream: StreamArgument, revision: Revision, command: string): Promise<BisectVerdict> {
  const { state } = await connection.call(stateAt, { ...stream, revision });
  return verdictOf(await ask(world, command, state, addressOf(stream, revision)), command);
}

/** @returns the exit status; null when a signal ended it. */
function ask({ cwd, env, signal, stderr }: World, command: string, state: State, place: string): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  // What the command prints is for people: stdout is this command's answer alone.
  const child = spawn(command, { shell: true, cwd, env: { ...env, REFOLD_PLACE: place }, stdio: ['pipe', 'ignore', 'pipe'], signal });
  child.stderr.on('data', (text: Uint8Array) => stderr.write(new TextDecoder().decode(text)));
  // A command that does not read its input closes it early; that says nothing about the answer.
  child.stdin.on('error', () => {});
  child.on('error', reject).on('close', resolve);
  child.stdin.end(`${JSON.stringify(state)}\n`);
  return promise;
}

function verdictOf(status: number | null, command: string): BisectVerdict {
  if (status === 0) return 'good';
  if (status === 125) return 'skip';
  if (status !== null && status <= 127) return 'bad';
  throw new LogError('BAD_REQUEST', `The command was ended by a signal${status === null ? '' : ` (${status - 128})`}, which says neither good nor bad.`, { details: { reason: 'run', command, ...(status === null ? {} : { status }) }, hint: 'Exit 0 for good, 1 for bad, 125 to skip.' });
}

async function eventOf(connection: Connection, stream: StreamArgument, revision: Revision): Promise<EventEnvelope | null> {
  const { items } = await connection.call(streamEvents, { ...stream, fromRevision: revision, toRevision: revision });
  return items[0] ?? null;
}
