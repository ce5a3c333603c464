/** Runs side by side: compareRuns. */
import { compareRuns } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet } from '../options.ts';
import type { Column, Output } from '../output.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import { durationText } from '../render/duration-text.ts';
import { numberText } from '../render/event-rows.ts';
import { inlineText } from '../render/state-tree.ts';

type Comparison = Awaited<ReturnType<typeof compareRuns.run>>;

export const compare = defineCommand({
  arguments: [{ name: '<runs...>', doc: 'two or more; or one job, beside what it was run again as' }],
  options: [{ flags: '--exit-code', doc: 'exit 1 when they differ' }],
  examples: [
    ['refold compare PROJ-123 job/7', 'status, duration, steps, and where they part'],
    ['refold job compare job/7 job/7 PROJ-123', 'the name that document 004 has for it'],
  ],
  async run(session, { arguments: texts, options }) {
    const { output } = session;
    const connection = await session.connect();
    const ids: string[] = [];
    for (const text of texts) ids.push(addressOf(await streamArgument(connection, text)));
    const comparison = await connection.call(compareRuns, { ids });
    output.answer(comparison, () => printComparison(output, comparison));
    const { divergences, results, parameters } = comparison;
    const [other] = divergences;
    if (other !== undefined && !other.equal) output.hint(`refold divergence ${other.run} ${other.against}`);
    const isEqual = parameters.length === 0 && results === 'equal' && divergences.every(({ equal }) => equal);
    return isSet(options, 'exitCode') && !isEqual ? 1 : 0;
  },
});

/** What is told of each run, one column per run. */
interface Row {
  readonly title: string;
  readonly values: readonly string[];
}

function printComparison(output: Output, { runs, parameters, steps, results, divergences }: Comparison): void {
  const rows: Row[] = [
    { title: '', values: runs.map((run) => addressOf(run)) },
    { title: 'status', values: runs.map(({ status }) => status) },
    { title: 'duration', values: runs.map(({ durationMs }) => (durationMs === null ? '-' : durationText(durationMs))) },
    { title: 'events', values: runs.map(({ revision }) => numberText(output, revision)) },
    ...parameters.map(({ path, values }) => ({ title: path, values: values.map((value) => inlineText(output, value, 30)) })),
    ...steps.map(({ name, runs: each }) => ({ title: name, values: each.map((step) => (step === null ? '-' : `${step.status}${step.durationMs === null ? '' : ` ${durationText(step.durationMs)}`}`)) })),
    ...(results === 'equal' ? [] : [{ title: 'result', values: runs.map(({ result }) => inlineText(output, result, 30)) }]),
  ];
  output.table(rows, [{ title: 'what', text: ({ title }) => title, style: () => 'dim' }, ...runs.map((_, index): Column<Row> => ({ title: `run ${index + 1}`, text: ({ values }) => values[index]!, style: ({ title }) => (title === '' ? 'bold' : null) }))]);
  if (output.options.mode === 'plain') return;
  for (const { run, against, equal, first, later } of divergences) {
    if (equal || first === null) output.line(`${output.safe(run)} goes as ${output.safe(against)} does`);
    else {
      const at = first.run?.revision ?? first.atRevision;
      output.line(`${output.style('red', 'first difference')}   ${output.safe(run)}${at === null ? '' : `@${numberText(output, at)}`}   ${first.kind}   ${output.safe(first.run?.type ?? first.reference?.type ?? '')}${first.path === null ? '' : `   ${output.safe(first.path)}`}${later === 0 ? '' : `   and ${later} later`}`);
    }
  }
}
