/** What was not seen of a run: coverage. */
import { coverageOf } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { printCoverage } from '../render/coverage-report.ts';

export const coverageCommand = defineCommand({
  arguments: [{ name: '<stream>', doc: 'type/id, a bare id, an issue key, latest; or a place: what was not seen up to it' }],
  options: [
    { flags: '--items <n>', doc: 'examples of each kind of gap; default 100, in text 5' },
    { flags: '--clock <which>', doc: 'what an instant cuts on', choices: ['happened', 'known'] },
    { flags: '--exit-code', doc: 'exit 1 when there are gaps' },
  ],
  examples: [
    ['refold coverage PROJ-123', 'gaps of a run, by kind and by producer'],
    ['refold coverage latest --json', 'all of them, for a program'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const isText = output.options.mode === 'text' || output.options.mode === 'plain';
    const report = await connection.call(coverageOf, { ...stream, ...placeInput({ place, options }), ...given({ items: wholeNumberOf(options, 'items') ?? (isText ? 5 : undefined) }) });
    output.answer(report, () => printCoverage(output, report));
    output.note(`${counted(report.gaps, 'gap')} in ${counted(report.events, 'event')}   ${output.safe(addressOf(stream, report.revision))}`);
    return isSet(options, 'exitCode') && !report.complete ? 1 : 0;
  },
});
