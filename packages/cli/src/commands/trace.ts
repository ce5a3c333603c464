/** What caused an event, up to the first, and what it caused: traceEvent. */
import { traceEvent } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { eventArgument } from '../place-argument.ts';
import { printCauseTree } from '../render/cause-tree.ts';

export const trace = defineCommand({
  arguments: [{ name: '<event>', doc: 'id of an event, or a place' }],
  options: [
    { flags: '--down', doc: 'also what it caused' },
    { flags: '--depth <n>', doc: 'so many steps' },
  ],
  examples: [
    ['refold trace PROJ-123@3', 'from the first cause down to this event'],
    ['refold trace PROJ-123@1 --down', 'and everything that followed from it'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const connection = await session.connect();
    const event = await eventArgument(connection, text);
    const tree = await connection.call(traceEvent, { id: event.id, direction: isSet(options, 'down') ? 'both' : 'up', ...given({ depth: wholeNumberOf(options, 'depth', 1) }) });
    output.answer(tree, () => {
      printCauseTree(output, tree, connection.registry);
    });
    for (const { eventId, causationId } of tree.dangling) output.note(`the cause ${causationId} of ${eventId} is not in this log`);
    output.note(`${counted(tree.causes.length, 'cause')}${tree.truncated ? '; cut, more with --depth' : ''}`);
  },
});
