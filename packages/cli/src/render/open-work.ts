/** What is under way, line by line: how it stands, for how long, since which event. */
import type { OpenWork } from '@refold/core';
import type { Output } from '../output.ts';
import { spanText } from './duration-text.ts';

/** @param asOf  The instant that durations count to; null where there is none. */
export function printOpenWork(output: Output, items: readonly OpenWork[], asOf: string | null, indent = '  '): void {
  const isPlain = output.options.mode === 'plain';
  output.table(items, [
    { title: 'status', text: ({ status }) => `${isPlain ? '' : indent}${status}`, style: ({ status }) => (status === 'blocked' || status === 'paused' ? 'yellow' : 'green') },
    { title: 'lane', text: ({ lane }) => lane },
    { title: 'since', text: ({ since }) => output.moment(since), style: () => 'dim' },
    { title: 'for', text: ({ since }) => spanText(since, asOf), align: 'right' },
    { title: 'set by', text: ({ setBy }) => (isPlain ? `@${setBy.revision} ${setBy.type}` : `@${setBy.revision}`) },
    { title: 'label', text: ({ label }) => label, fills: true },
  ]);
}
