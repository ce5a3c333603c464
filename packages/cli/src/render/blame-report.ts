/** What went wrong first, the chain from it to what is asked about, and who else is suspected. */
import type { Blame, BlameEdge, BlameEvent, Suspect } from '@refold/core';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { cut } from '../terminal-text.ts';
import { numberText } from './event-rows.ts';
import { inlineText } from './state-tree.ts';

export function printBlame(output: Output, blame: Blame, stream: string): void {
  if (output.options.mode === 'plain') return printSuspectRows(output, blame);
  printValue(output, blame);
  const { target, targetReason, firstBad } = blame;
  if (firstBad === null) return printNothingBad(output, blame, stream);
  output.line(`${output.style('red', 'first bad')}  ${eventText(output, firstBad.event, stream, 11)}`);
  output.line(`  ${chainText(firstBad)}${firstBad.why === null ? '' : `, bad by ${firstBad.why}`}`);
  if (target !== null && targetReason !== null) output.line(`  asked about: @${numberText(output, target.revision)} ${target.type} (${targetWords[targetReason]})`);
  printChain(output, firstBad.chain, firstBad.hops, stream);
  const others = blame.suspects.slice(1);
  if (others.length > 0) output.line(output.style('dim', 'also suspected'));
  for (const suspect of others.slice(0, suspectsShown)) output.line(`  ${eventText(output, suspect.event, stream, 5 + chainText(suspect).length)}   ${output.style('dim', chainText(suspect))}`);
  if (others.length > suspectsShown) output.line(output.style('dim', `  and ${others.length - suspectsShown} more (--json)`));
}

/** No error decides where to begin; what failed on the way, without that, is the next best thing to look at. */
function printNothingBad(output: Output, { target, failures, failuresTotal }: Blame, stream: string): void {
  const where = `${output.safe(stream)}${target === null ? '' : ` up to @${numberText(output, target.revision)}`}`;
  if (failuresTotal === 0) return output.line(`${output.style('green', 'nothing bad')} in ${where}`);
  output.line(`${output.style('yellow', 'no error')} in ${where}; ${counted(failuresTotal, 'thing')} failed on the way`);
  for (const event of failures.slice(0, failuresShown)) output.line(`  ${eventText(output, event, stream, 2)}`);
  if (failuresTotal > failuresShown) output.line(output.style('dim', `  and ${numberText(output, failuresTotal - Math.min(failuresShown, failures.length))} more (--json)`));
}

const failuresShown = 10;
const suspectsShown = 5;

const targetWords: { readonly [reason in NonNullable<Blame['targetReason']>]: string } = {
  at_place: 'bad itself',
  stream_failed: 'the run failed',
  unresolved_error: 'an error nobody resolved',
  value: 'set the value',
  end: 'the newest event',
};

/** With --path: the leaves, who set them, and what stood there. */
function printValue(output: Output, { value }: Blame): void {
  if (value === null) return;
  output.table(value, [
    { title: 'path', text: ({ path }) => path },
    { title: 'value', text: (leaf) => (leaf.removed === true ? 'removed' : inlineText(output, leaf.value, 32)) },
    { title: 'set', text: ({ setBy }) => (setBy === null ? '-' : `set @${numberText(output, setBy.revision)} ${setBy.type}`) },
    { title: 'before', text: ({ before }) => `was ${inlineText(output, before, 24)}`, fills: true },
  ]);
}

/** From the first event of the chain to the last; both ends of a long one. */
function printChain(output: Output, chain: readonly BlameEdge[], hops: number, stream: string): void {
  const [first] = chain;
  if (first === undefined) return;
  output.line(`    ${eventText(output, first.from, stream, 4)}`);
  chain.forEach((edge, index) => {
    if (index > 0 && chain[index - 1]!.to.eventId !== edge.from.eventId) output.line(output.style('dim', `    ... ${counted(hops - chain.length, 'step')} left out`));
    const link = linkText(edge);
    output.line(`  > ${eventText(output, edge.to, stream, 4 + link.length)}${output.style('dim', output.safe(link))}`);
  });
}

function linkText({ kind, reason, detail, strength }: BlameEdge): string {
  if (kind === 'inferred') return `  (inferred, ${strength.toFixed(1)}: ${detail})`;
  return reason === 'cause' ? '  (recorded)' : `  (recorded: ${detail})`;
}

function chainText({ basis, hops, isConnected }: Suspect): string {
  const words = { recorded: 'recorded chain', inferred: 'inferred chain', divergence: 'first difference', expectation: 'expectation failed' }[basis];
  return `${words}, ${!isConnected ? 'nothing leads from it' : hops === 0 ? 'itself' : counted(hops, 'hop')}`;
}

/** An event of another stream says which. @param besides  Columns of the line that are taken. */
function eventText(output: Output, event: BlameEvent, stream: string, besides: number): string {
  const place = `${event.stream === stream ? '' : output.safe(event.stream)}@${numberText(output, event.revision)}`;
  const left = output.options.columns - besides - place.length - event.type.length - 3;
  return `${place} ${output.style('cyan', event.type)}${event.summary === null || left < summaryColumnsMin ? '' : `  ${cut(output.safe(event.summary), left)}`}`;
}

const summaryColumnsMin = 12;

function printSuspectRows(output: Output, { suspects }: Blame): void {
  output.table(suspects, [
    { title: 'stream', text: ({ event }) => event.stream },
    { title: 'revision', text: ({ event }) => String(event.revision) },
    { title: 'type', text: ({ event }) => event.type },
    { title: 'basis', text: ({ basis }) => basis },
    { title: 'hops', text: ({ hops }) => String(hops) },
    { title: 'summary', text: ({ event }) => event.summary ?? '' },
  ]);
}
