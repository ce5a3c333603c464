/** What differs between two places, of one stream or of two: diffStates. */
import { diffStates } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, textOf } from '../options.ts';
import { addressOf, placeArgument, suffixIn } from '../place-argument.ts';
import { jsonPatch, patchCounts, printPatches } from '../render/patch-rows.ts';

export const diffCommand = defineCommand({
  arguments: [
    { name: '<from>', doc: 'a place' },
    { name: '[to]', doc: 'a place; @N means the same stream; default: the newest event. A stream alone: from start to end' },
  ],
  options: [
    { flags: '--path <pointer>', doc: 'only below this JSON pointer' },
    { flags: '--format <form>', doc: 'tree (default), patch (RFC 6902), stat', choices: ['tree', 'patch', 'stat'] },
    { flags: '--exit-code', doc: 'exit 1 when something differs' },
  ],
  examples: [
    ['refold diff PROJ-123@1 PROJ-123@3', 'what two events changed'],
    ['refold diff PROJ-123@start @end --format patch', 'the whole run as a JSON patch'],
  ],
  async run(session, { arguments: [first = '', second], options }) {
    const { output } = session;
    const connection = await session.connect();
    const asked = await placeArgument(connection, first);
    // A stream alone is asked about whole.
    const from = second === undefined && asked.place === undefined ? { ...asked, place: 'start' } : asked;
    const to = second === undefined ? { ...from, place: 'end' } : second.startsWith('@') ? { ...from, place: await suffixIn(connection, from, second.slice(1)) } : await placeArgument(connection, second);
    const isSame = from.streamType === to.streamType && from.streamId === to.streamId;
    const answer = await connection.call(diffStates, {
      streamType: from.streamType,
      streamId: from.streamId,
      ...given({ fromPlace: from.place, toPlace: to.place, path: textOf(options, 'path') }),
      ...(isSame ? {} : { againstType: to.streamType, againstId: to.streamId }),
    });
    const format = textOf(options, 'format') ?? 'tree';
    output.answer(answer, ({ patches }) => {
      if (format === 'patch') output.line(JSON.stringify(jsonPatch(patches), null, 2));
      else if (format === 'tree') printPatches(output, patches);
      else output.line(patchCounts(patches));
    });
    output.note(`${patchCounts(answer.patches)}   ${output.safe(addressOf(answer.from, answer.from.revision))} to ${output.safe(addressOf(answer.to, answer.to.revision))}`);
    return isSet(options, 'exitCode') && answer.patches.length > 0 ? 1 : 0;
  },
});
