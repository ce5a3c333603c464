/** Every change of truth of an expression over a stream: flips. */
import { LogError, parsePlaceSuffix } from '@refold/core';
import { flipsOf } from '@refold/operations';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { given, isSet, textOf, usage } from '../options.ts';
import { counted } from '../output.ts';
import { revisionAt, streamArgument, suffixIn } from '../place-argument.ts';
import type { StreamArgument } from '../place-argument.ts';
import { printFlips } from '../render/flip-rows.ts';

export const flipsCommand = defineCommand({
  arguments: [
    { name: '<expression>', doc: 'CEL that is true or false: state is the state after an event, previous the one before it, event the event' },
    { name: '<stream>', doc: 'type/id, a bare id, an issue key, latest' },
  ],
  options: [
    { flags: '--from <place>', doc: 'begin at this place of the stream: 12, an instant, ~10, first-bad' },
    { flags: '--to <place>', doc: 'end with this place' },
    { flags: '--first', doc: 'only the first change' },
    { flags: '--last', doc: 'only the last change' },
    { flags: '--exit-code', doc: 'exit 1 when it is never true' },
  ],
  examples: [
    ["refold flips 'state.status == \"failed\"' PROJ-123", 'when it failed'],
    ["refold flips 'size(state.agentRuns) > 0' PROJ-123 --first", 'the first agent'],
  ],
  async run(session, { arguments: [expression = '', text = ''], options }) {
    const { output } = session;
    const [isFirst, isLast] = [isSet(options, 'first'), isSet(options, 'last')];
    if (isFirst && isLast) throw usage('Choose one of --first and --last.');
    const connection = await session.connect();
    const stream = await streamArgument(connection, text).catch((error: unknown) => {
      throw isExpression(text) ? usage('The expression comes first, then the stream.', 'usage', `refold flips '${text}' ${expression}`) : error;
    });
    const startedMs = session.world.now();
    const found = await connection.call(flipsOf, { ...stream, expression, ...given({ after: await boundOf(connection, stream, textOf(options, 'from'), 'after'), upTo: await boundOf(connection, stream, textOf(options, 'to'), 'upTo') }) });
    const elapsedMs = session.world.now() - startedMs;

    const changes = found.items.filter(({ kind }) => kind === 'flip' || kind === 'first');
    const items = isFirst ? changes.slice(0, 1) : isLast ? changes.slice(-1) : found.items;
    if (output.options.mode === 'jsonl') for (const item of items) output.record(item, () => {});
    else output.answer({ ...found, items }, () => printFlips(output, items));
    const { events, flips, unknown, firstError, start } = found.summary;
    output.note(`${counted(flips, 'flip')}${found.items.length === 0 && start !== 'unknown' ? ` (${start} all the way)` : ''}, ${counted(events, 'event')}, ${elapsedMs} ms${unknown > 0 ? `; not known at ${counted(unknown, 'event')} (${output.safe(firstError ?? '')})` : ''}`);
    if (found.truncated) output.hint(`there are more; go on with --from ${items.at(-1)?.revision ?? 0}`);
    return isSet(options, 'exitCode') && start !== true && !found.items.some(({ to }) => to === true) ? 1 : 0;
  },
});

/** No name of a stream that anybody gave by hand looks like this. */
const isExpression = (text: string): boolean => /[=<>()!&|"\s]/.test(text);

/** `after` is exclusive: a range from the 12th event begins after the 11th. From an instant, what happened after it counts. */
async function boundOf(connection: Connection, stream: StreamArgument, text: string | undefined, side: 'after' | 'upTo'): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const suffix = await suffixIn(connection, stream, text.replace(/^@/, ''));
  const place = parsePlaceSuffix(suffix);
  const revision = await revisionAt(connection, stream, suffix);
  if (place.kind === 'revision' && revision === 0 && side === 'upTo') throw new LogError('BAD_REQUEST', 'A range that ends before the first event is empty.', { details: { reason: 'range' }, hint: 'Give a later --to.' });
  return side === 'upTo' || place.kind === 'instant' ? revision : Math.max(revision - 1, 0);
}
