/** The first bad event of a run and how it led to the end; with --path, who set a value: blame. */
import { blameOf } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, textOf } from '../options.ts';
import { addressOf, placeArgument, streamArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { printBlame } from '../render/blame-report.ts';

export const blameCommand = defineCommand({
  arguments: [{ name: '<place>', doc: 'the run, or the bad event in it: PROJ-123, PROJ-123@48, latest:failed' }],
  options: [
    { flags: '--path <pointer>', doc: 'who set this value of the state, and what led to that' },
    { flags: '--against <stream>', doc: 'a run that worked: the first difference from it is the first suspect' },
    { flags: '--expect <expression>', doc: 'CEL that should hold at every event: where it first does not is the first suspect' },
    { flags: '--clock <which>', doc: 'what an instant cuts on', choices: ['happened', 'known'] },
    { flags: '--exit-code', doc: 'exit 1 when something is bad' },
  ],
  examples: [
    ['refold blame PROJ-123', 'what went wrong first'],
    ['refold blame PROJ-123 --path /lastError', 'who set this value'],
    ["refold blame PROJ-123 --expect 'size(state.gaps) == 0'", 'by your own idea of good'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const against = textOf(options, 'against');
    const answer = await connection.call(blameOf, {
      ...stream,
      ...placeInput({ place, options }),
      ...given({ path: textOf(options, 'path'), expect: textOf(options, 'expect'), against: against === undefined ? undefined : addressOf(await streamArgument(connection, against)) }),
    });
    output.answer(answer, () => printBlame(output, answer, addressOf(stream)));
    if (answer.truncated) output.note('not every cause was looked at: the chain is long');
    const { firstBad, target, failures } = answer;
    if (firstBad !== null && firstBad.event.stream === addressOf(stream)) {
      const { revision } = firstBad.event;
      const compared = target === null || target.revision === revision ? `@${revision}` : `@${target.revision}`;
      output.hint(`refold debug ${addressOf(stream, revision)}     refold diff ${addressOf(stream, Math.max(revision - 1, 0))} ${compared}`);
    }
    const [failure] = failures;
    if (firstBad === null && failure !== undefined) output.hint(`refold blame ${addressOf(stream, failure.revision)}     refold debug ${addressOf(stream, failure.revision)}`);
    return isSet(options, 'exitCode') && firstBad !== null ? 1 : 0;
  },
});
