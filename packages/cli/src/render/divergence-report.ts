/** The first difference of two runs: what each of them has there, and what stands around it. */
import type { DivergenceReport, DivergenceSide, Json, StateDivergenceReport } from '@refold/core';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { numberText } from './event-rows.ts';
import { inlineText } from './state-tree.ts';

type Shown = Omit<DivergenceReport, 'rules'>;

export function printDivergence(output: Output, report: Shown): void {
  const { first } = report;
  if (output.options.mode === 'plain') return printRow(output, report);
  if (first === null) return output.line(`${output.style('green', 'no difference')}   ${counted(report.compared.equal, 'event')} equal${report.states === 'equal' ? ', states equal' : ''}`);
  output.line(`${output.style('red', 'first difference')}   A ${placeText(output, first.run)}   B ${placeText(output, first.reference)}   ${first.kind}`);
  printSide(output, 'A', first.run, first.actual, first.path);
  printSide(output, 'B', first.reference, first.expected, first.path);
  if (report.later > 0) output.line(`  ${report.truncated ? 'at least ' : ''}${counted(report.later, 'later difference')}; ${report.later === 1 ? 'it' : 'they'} may follow from this one`);
  printContext(output, 'A', report.context.run, first.run);
  printContext(output, 'B', report.context.reference, first.reference);
}

/** What is kept beside what the log says, where they differ first. */
export function printStateDivergence(output: Output, { first, differences, paths }: StateDivergenceReport): void {
  if (output.options.mode === 'plain') return paths.forEach((path) => output.line(output.safe(path)));
  if (first === null) return output.line(`${output.style('green', 'no difference')}   the state is what the log says`);
  output.line(`${output.style('red', 'first difference')}   ${output.safe(first.path ?? '')}   of ${differences}`);
  output.line(`  kept  ${inlineText(output, first.expected)}`);
  output.line(`  log   ${inlineText(output, first.actual)}`);
  if (first.run !== null) output.line(`        set by ${placeText(output, first.run)}  ${output.style('cyan', first.run.type)}`);
}

const placeText = (output: Output, side: DivergenceSide | null): string => (side === null ? '-' : `@${numberText(output, side.revision)}`);

function printSide(output: Output, name: string, side: DivergenceSide | null, value: Json, path: string | null): void {
  const where = side === null ? (path === null ? 'nothing here' : 'state') : `${output.style('cyan', side.type)}  ${output.style('dim', output.safe(side.place))}`;
  output.line(`  ${name}  ${where}`);
  if (path !== null) output.line(`     ${output.safe(path)}  ${inlineText(output, value)}`);
}

function printContext(output: Output, name: string, sides: readonly DivergenceSide[], first: DivergenceSide | null): void {
  if (sides.length === 0) return;
  output.line(output.style('dim', `around it in ${name}`));
  for (const side of sides) output.line(`${side.eventId === first?.eventId ? '>' : ' '} @${numberText(output, side.revision)}  ${output.instant(side.at)}  ${output.style('cyan', side.type)}`);
}

/** One record: kind, reason, the revisions in both runs, the path, the values. */
function printRow(output: Output, { first }: Shown): void {
  if (first === null) return;
  const revisions = [first.run, first.reference].map((side) => (side === null ? '' : String(side.revision)));
  output.line([first.kind, first.reason, ...revisions, output.safe(first.path ?? ''), output.safe(JSON.stringify(first.actual)), output.safe(JSON.stringify(first.expected))].join('\t'));
}
