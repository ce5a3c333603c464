/** What was not seen: a line per producer, then every kind of gap with examples. */
import type { Coverage, GapEvent } from '@refold/core';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { numberText } from './event-rows.ts';

interface GapKind {
  readonly word: string;
  readonly count: number;
  readonly lines: readonly string[];
}

export function printCoverage(output: Output, coverage: Coverage): void {
  const kinds = gapKinds(output, coverage).filter(({ count }) => count > 0);
  if (output.options.mode === 'plain') {
    for (const { word, count } of kinds) output.line(`${word}\t${count}`);
    return;
  }
  output.table(
    coverage.producers,
    [
      { title: 'producer', text: ({ producer }) => producer, style: () => 'bold' },
      { title: 'form', text: ({ formats }) => formats.join(', ') || '-' },
      { title: 'events', text: ({ events }) => numberText(output, events), align: 'right' },
      { title: 'concluded', text: ({ derived }) => numberText(output, derived), align: 'right' },
      { title: 'late', text: ({ late }) => numberText(output, late), align: 'right' },
      { title: 'flagged', text: ({ flagged }) => numberText(output, flagged), align: 'right' },
    ],
    { header: true },
  );
  if (coverage.complete) return output.line(`${output.style('green', 'no gap found')}   what no producer told is not known`);
  for (const { word, count, lines } of kinds) {
    output.line(`${output.style('yellow', numberText(output, count))}  ${word}`);
    for (const line of lines) output.line(`   ${output.safe(line)}`);
    if (lines.length > 0 && count > lines.length) output.line(output.style('dim', `   and ${numberText(output, count - lines.length)} more`));
  }
}

function gapKinds(output: Output, coverage: Coverage): readonly GapKind[] {
  const { startsWithoutEnd, endsWithoutStart, missingParents, missingCauses, missingRevisions, sequenceHoles, disagreements, clock, unknownTypes, agentsNotIntroduced } = coverage;
  const at = ({ revision, type, detail }: GapEvent): string => `@${numberText(output, revision)} ${type}  ${detail}`;
  const range = ({ from, to }: { readonly from: number; readonly to: number }): string => (from === to ? numberText(output, from) : `${numberText(output, from)} to ${numberText(output, to)}`);
  const step = ({ revision, ms }: { readonly revision: number; readonly ms: number }): string => `@${numberText(output, revision)} by ${numberText(output, ms)} ms`;
  return [
    { word: 'without an end', count: startsWithoutEnd.count, lines: startsWithoutEnd.items.map(at) },
    { word: 'without a beginning', count: endsWithoutStart.count, lines: endsWithoutStart.items.map(at) },
    { word: 'with a parent that is not here', count: missingParents.count, lines: missingParents.items.map(at) },
    { word: 'with a cause that is not here', count: missingCauses.count, lines: missingCauses.items.map(at) },
    { word: 'agents that nobody introduced', count: agentsNotIntroduced.length, lines: agentsNotIntroduced.slice(0, 5) },
    { word: 'ranges of revisions missing', count: missingRevisions.count, lines: missingRevisions.items.map(range) },
    { word: "holes in producers' numbers", count: sequenceHoles.count, lines: sequenceHoles.items.map(({ producer, ...hole }) => `${producer} ${range(hole)}`) },
    { word: 'told differently by two producers', count: disagreements.count, lines: disagreements.items.map(({ producer, otherProducer, differs }) => `${producer}, ${otherProducer ?? 'another stream'}: ${differs.join(' ')}`) },
    { word: 'steps back of a clock', count: clock.backwards.count, lines: clock.backwards.items.map(step) },
    { word: 'ahead of the log', count: clock.ahead.count, lines: clock.ahead.items.map(step) },
    { word: 'without a time of their own (inferred)', count: clock.inferred, lines: [] },
    { word: 'without any time', count: clock.unknown, lines: [] },
    { word: 'types that nobody declared', count: unknownTypes.length, lines: unknownTypes.slice(0, 5).map(({ type, count }) => `${type}  ${counted(count, 'event')}`) },
    { word: 'payloads erased', count: coverage.erased, lines: [] },
    ...Object.entries(coverage.anomalies).map(([code, count]) => ({ word: `marked by the fold: ${code}`, count, lines: [] })),
  ];
}
