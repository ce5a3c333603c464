/** One event, whole: getEvent or the event at a place; with --causes and --effects also what is around it (traceEvent). */
import { traceEvent } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { wholeNumberOf } from '../options.ts';
import { eventArgument } from '../place-argument.ts';
import { printEffects } from '../render/cause-tree.ts';
import { eventColumns, printEvent } from '../render/event-rows.ts';

export const show = defineCommand({
  arguments: [{ name: '<event>', doc: 'id of an event, or a place: STREAM@12, PROJ-123, latest' }],
  options: [
    { flags: '--causes <n>', doc: 'so many causes before it' },
    { flags: '--effects <n>', doc: 'what it caused, so many levels' },
  ],
  examples: [
    ['refold show PROJ-123@3', 'the third event of an issue'],
    ['refold show latest --causes 5', 'the newest event of the newest run, and what led to it'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const connection = await session.connect();
    const event = await eventArgument(connection, text);
    const [causes, effects] = [wholeNumberOf(options, 'causes', 1), wholeNumberOf(options, 'effects', 1)];
    if (causes === undefined && effects === undefined) return output.answer(event, () => printEvent(output, event, connection.registry));

    const tree = await connection.call(traceEvent, { id: event.id, direction: causes === undefined ? 'down' : effects === undefined ? 'up' : 'both', depth: Math.max(causes ?? 0, effects ?? 0) });
    output.answer(tree, () => {
      const before = tree.causes.slice(0, causes ?? 0).toReversed();
      output.table(before, eventColumns(output, connection.registry, before));
      printEvent(output, event, connection.registry);
      if (effects !== undefined) printEffects(output, tree.effects, connection.registry);
    });
  },
});
