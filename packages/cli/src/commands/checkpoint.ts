/** Places a run can be set back to: listCheckpoints, createCheckpoint, restoreCheckpoint. */
import { createCheckpoint, listCheckpoints, restoreCheckpoint } from '@refold/operations';
import { actorGiven, actorOption } from '../actor-argument.ts';
import { defineCommand } from '../command.ts';
import type { Connection } from '../connection.ts';
import { given, isSet, textOf, usage } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import type { StreamArgument } from '../place-argument.ts';
import { numberText } from '../render/event-rows.ts';
import { printPatches } from '../render/patch-rows.ts';
import type { Session } from '../session.ts';

export const checkpoint = defineCommand({
  arguments: [
    { name: '<verb>', doc: 'what to do', choices: ['list', 'create', 'restore'] },
    { name: '<stream>', doc: 'type/id, a bare id, an issue key, latest' },
    { name: '[checkpoint]', doc: 'id: of the new one, or of the one to restore; latest is the newest' },
  ],
  options: [
    { flags: '--label <text>', doc: 'what the new one is called' },
    { flags: '--reason <text>', doc: 'why' },
    { flags: '-n, --dry-run', doc: 'for restore: show what would change and what would stay, write nothing' },
    actorOption,
  ],
  examples: [
    ['refold checkpoint create PROJ-123 cp-1 --label "before the rewrite"', 'mark where it stands'],
    ['refold checkpoint list PROJ-123', 'what there is'],
    ['refold checkpoint restore PROJ-123 latest -n', 'what setting it back would change'],
  ],
  async run(session, { arguments: [verb, text = '', id], options }) {
    const connection = await session.connect();
    const stream = await streamArgument(connection, text);
    if (verb === 'list') return await list(session, connection, stream);
    if (verb === 'create') return await create(session, connection, stream, id, options);
    if (id === undefined) throw usage('Which checkpoint to restore is missing.', 'usage', `refold checkpoint restore ${addressOf(stream)} ID`);
    return await restore(session, connection, stream, id, options);
  },
});

async function list({ output }: Session, connection: Connection, stream: StreamArgument): Promise<void> {
  const answer = await connection.call(listCheckpoints, stream);
  output.answer(answer, ({ items }) =>
    output.table(items, [
      { title: 'place', text: ({ sequence }) => `@${numberText(output, sequence)}`, align: 'right' },
      { title: 'checkpoint', text: ({ id }) => id, style: () => 'bold' },
      { title: 'created', text: ({ createdAt }) => output.instant(createdAt), style: () => 'dim' },
      { title: 'restored', text: ({ restoredCount }) => (restoredCount === 0 ? '' : `restored ${restoredCount}x`), isOptional: true },
      { title: 'snapshot', text: ({ hasSnapshot }) => (hasSnapshot ? 'snapshot' : ''), isOptional: true },
      { title: 'label', text: ({ label }) => label ?? '', fills: true },
    ]),
  );
  output.note(`${counted(answer.items.length, 'checkpoint')} of ${output.safe(addressOf(stream, answer.revision))}`);
}

async function create({ output, world, globals }: Session, connection: Connection, stream: StreamArgument, id: string | undefined, options: Options): Promise<void> {
  if (isSet(options, 'dryRun')) throw usage('A checkpoint changes nothing, so there is nothing to show beforehand.', 'dry_run', 'Leave out --dry-run.');
  const made = await connection.call(createCheckpoint, { ...stream, actor: actorGiven(world, options), ...given({ sessionId: globals.session ?? world.env['REFOLD_SESSION_ID'], checkpointId: id, label: textOf(options, 'label'), reason: textOf(options, 'reason') }) });
  output.answer(made, () => output.line(`${output.safe(made.id)}  ${output.safe(addressOf(stream, made.sequence))}${made.label === null ? '' : `  ${output.safe(made.label)}`}`));
  output.hint(`refold checkpoint restore ${addressOf(stream)} ${made.id} -n`);
}

async function restore({ output, world, globals }: Session, connection: Connection, stream: StreamArgument, asked: string, options: Options): Promise<number> {
  const checkpointId = asked === 'latest' ? await newestOf(connection, stream) : asked;
  const answer = await connection.call(restoreCheckpoint, { ...stream, checkpointId, actor: actorGiven(world, options), dryRun: isSet(options, 'dryRun'), ...given({ sessionId: globals.session ?? world.env['REFOLD_SESSION_ID'], reason: textOf(options, 'reason') }) });
  output.answer(answer, ({ dryRun, restoredSequence, changes, stays, refused, event }) => {
    if (output.options.mode !== 'plain') output.line(`${dryRun ? 'would set' : 'set'} ${output.safe(addressOf(stream))} back to ${output.safe(checkpointId)} at @${numberText(output, restoredSequence)}${event === null ? '' : `, as @${numberText(output, event.revision)}`}`);
    printPatches(output, changes);
    if (output.options.mode === 'plain') return;
    if (stays.length > 0) output.line(`stays: ${stays.map(({ field, count }) => `${output.safe(field)} ${count}`).join(', ')}`);
    if (refused !== null) output.line(`${output.style('red', 'refused')}  ${output.safe(refused)}`);
  });
  if (answer.dryRun) output.note('nothing written.');
  else output.hint(`refold replay ${addressOf(stream)} --from ${answer.restoredSequence + 1}`);
  return answer.dryRun && answer.refused !== null ? refusedExit : 0;
}

/** The rules would not take it. */
const refusedExit = 5;

async function newestOf(connection: Connection, stream: StreamArgument): Promise<string> {
  const newest = (await connection.call(listCheckpoints, stream)).items.at(-1);
  if (newest === undefined) throw usage(`${addressOf(stream)} has no checkpoint.`, 'no_checkpoint', `refold checkpoint create ${addressOf(stream)}`);
  return newest.id;
}
