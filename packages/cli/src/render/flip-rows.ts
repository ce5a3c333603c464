/** Changes of truth as rows. */
import type { Flip } from '@refold/core';
import type { Output } from '../output.ts';
import { numberText } from './event-rows.ts';
import { inlineText } from './state-tree.ts';

export function printFlips(output: Output, flips: readonly Flip[]): void {
  output.table(flips, [
    { title: 'place', text: ({ revision }) => `@${numberText(output, revision)}`, style: () => 'bold' },
    { title: 'change', text: ({ kind, from, to }) => `${kind === 'first' ? 'first' : String(from)} -> ${String(to)}`, style: ({ to }) => (to === true ? 'green' : to === false ? 'red' : 'yellow') },
    { title: 'type', text: ({ type }) => type, style: () => 'cyan' },
    { title: 'values', text: (flip) => flip.error ?? valuesText(output, flip), fills: true },
  ]);
}

/** `coverage 81.2 -> 64.9`; `state.` goes without saying, and so does what looks the same (an object that changed inside). */
const valuesText = (output: Output, { values }: Flip): string =>
  Object.entries(values)
    .filter(([, { before, after }]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name, { before, after }]) => `${name.replace(/^state\./, '')} ${inlineText(output, before, 24)} -> ${inlineText(output, after, 24)}`)
    .join('   ');
