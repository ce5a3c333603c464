/** What was under way at a place: openAt. */
import { openAt } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { counted } from '../output.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { numberText } from '../render/event-rows.ts';
import { printOpenWork } from '../render/open-work.ts';

export const open = defineCommand({
  arguments: [
    { name: '<place>', doc: 'STREAM@2025-12-22T12:00:00Z, STREAM@12, STREAM, latest' },
    { name: '[time]', doc: 'an instant, the same as --at' },
  ],
  options: [
    { flags: '--at <instant>', doc: 'as it happened by then' },
    { flags: '--revision <n>', doc: 'after the nth event' },
    { flags: '--clock <which>', doc: 'what an instant cuts on', choices: ['happened', 'known'] },
  ],
  examples: [
    ['refold open PROJ-123@4', 'what had begun and not ended after the fourth event'],
    ['refold open PROJ-123 2025-12-22T10:03:30Z', 'the same, by the clock'],
  ],
  async run(session, { arguments: [text = '', time], options }) {
    const { output } = session;
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const answer = await connection.call(openAt, { ...stream, ...placeInput({ place, time, options }) });
    output.answer(answer, ({ revision, head, asOf, items }) => {
      if (output.options.mode !== 'plain') output.line(`${output.style('bold', output.safe(addressOf(stream, revision)))}${revision === head ? '' : ` of ${numberText(output, head)}`}  ${asOf ?? 'before the first event'}`);
      printOpenWork(output, items, asOf);
    });
    output.note(answer.items.length === 0 ? 'nothing was under way' : `${counted(answer.items.length, 'thing')} under way`);
  },
});
