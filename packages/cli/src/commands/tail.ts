/** Follows the end of the log: tailEvents. It ends with Ctrl-C, or after --limit events. */
import { tailEvents } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { filterInput, filterOptions } from '../filter-options.ts';
import { given, isSet, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { eventColumns } from '../render/event-rows.ts';

export const tail = defineCommand({
  arguments: [{ name: '[expression]', doc: 'CEL over the event' }],
  options: [
    ...filterOptions,
    { flags: '--after <position>', doc: 'begin after this position; default: the newest event' },
    { flags: '--from-start', doc: 'begin with the first event' },
    { flags: '--limit <n>', doc: 'end after so many events' },
  ],
  examples: [
    ['refold tail --from-start --limit 3 --jsonl', 'the first three, one per line'],
    ['refold tail --from-start --limit 1 --type "agent_run.*"', 'the first thing an agent did'],
  ],
  async run(session, { arguments: [expression], options }) {
    const { output, world } = session;
    const connection = await session.connect();
    const limit = wholeNumberOf(options, 'limit', 1) ?? Infinity;
    const input = { ...(await filterInput(session, options, expression)), ...given({ afterPosition: wholeNumberOf(options, 'after'), fromStart: isSet(options, 'fromStart') ? true : undefined }) };
    let events = 0;
    try {
      for await (const event of connection.stream(tailEvents, input)) {
        output.record(event, () => output.table([event], eventColumns(output, connection.registry, [])));
        if (++events >= limit) break;
      }
    } catch (error) {
      // Ctrl-C is how one stops following.
      if (!world.signal.aborted) throw error;
    }
    output.note(counted(events, 'event'));
  },
});
