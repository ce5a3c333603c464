/** The state of a stream at a place: stateAt; with --provenance who set what stands there (provenance); of all streams at an instant: systemState. */
import type { Json } from '@refold/core';
import { provenanceOf, stateAt } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { isSet, textOf, wholeNumberOf } from '../options.ts';
import { addressOf, placeArgument } from '../place-argument.ts';
import { placeInput } from '../place-input.ts';
import { numberText } from '../render/event-rows.ts';
import { bookkeepingKeys, isBookkeeping } from '../render/bookkeeping.ts';
import { inlineText, printTree } from '../render/state-tree.ts';
import { valueAt } from '../render/value-at.ts';
import { printSystemState } from './system-state.ts';

export const state = defineCommand({
  arguments: [
    { name: '<place>', doc: 'STREAM, STREAM@12, STREAM@2025-12-22T10:00:00Z, STREAM@~5, latest; @2025-12-22T10:00:00Z is every live stream then' },
    { name: '[time]', doc: 'an instant, the same as --at' },
  ],
  options: [
    { flags: '--at <instant>', doc: 'as it happened by then' },
    { flags: '--revision <n>', doc: 'after the nth event' },
    { flags: '--clock <which>', doc: 'what an instant cuts on', choices: ['happened', 'known'] },
    { flags: '--path <pointer>', doc: 'only what stands at this JSON pointer' },
    { flags: '--provenance', doc: 'which event set each value' },
    { flags: '--depth <n>', doc: 'open so many levels; default: an overview, one line per part' },
    { flags: '--no-snapshot', doc: 'fold every event, take no shortcut' },
    { flags: '--type <kind>', doc: 'of all streams: only this kind' },
    { flags: '--all', doc: 'of all streams: also those that had ended' },
    { flags: '--limit <n>', doc: 'of all streams: rows at most; default 100' },
    { flags: '--cursor <text>', doc: 'of all streams: go on from the page before' },
  ],
  examples: [
    ['refold state PROJ-123', 'how things stand'],
    ['refold state PROJ-123@2', 'after the second event'],
    ['refold state PROJ-123 --path /agentRuns --provenance', 'who set what'],
    ['refold state @2025-12-22T10:03:30Z', 'the whole system at one instant'],
  ],
  async run(session, { arguments: [text = '', time], options }) {
    const { output } = session;
    if (text.startsWith('@') && time === undefined) return await printSystemState(session, text.slice(1), options);
    const connection = await session.connect();
    const { place, ...stream } = await placeArgument(connection, text);
    const at = placeInput({ place, time, options });
    const path = textOf(options, 'path');
    if (isSet(options, 'provenance')) {
      const answer = await connection.call(provenanceOf, { ...stream, ...at, path: path ?? '' });
      const isPlain = output.options.mode === 'plain';
      return output.answer(answer, ({ items }) => {
        if (!isPlain) output.line(`${output.style('bold', output.safe(path ?? '/'))}   ${output.safe(addressOf(stream))}`);
        // What was never set says nothing about who set what.
        const told = isPlain || output.options.verbose > 0 ? items : items.filter((item) => item.removed === true || (!isUnset(item) && !isBookkeeping(item.path)));
        output.table(told, [
          { title: 'path', text: (item) => (isPlain ? item.path : item.path.slice((path ?? '').length) || item.path) },
          { title: 'value', text: (item) => (item.removed === true ? 'removed' : inlineText(output, item.value, 32)) },
          { title: 'set', text: (item) => (item.setBy === null ? '-' : `@${item.setBy.revision} ${item.setBy.type}`) },
          { title: 'before', text: (item) => (item.before === undefined || item.before === null ? '' : `was ${inlineText(output, item.before, 40)}`), fills: true },
        ]);
      });
    }
    const view = await connection.call(stateAt, { ...stream, ...at, ...(options.snapshot === false ? { useSnapshot: false } : {}) });
    const value = path === undefined || output.options.mode === 'json' || output.options.mode === 'jsonl' ? view.state : valueAt(view.state as Json, path);
    output.answer(view, () => {
      const head = `${addressOf(stream, view.revision)}${view.revision === view.head ? '' : ` of ${numberText(output, view.head)}`}`;
      output.line(`${output.style('bold', output.safe(head))}  ${view.asOf ?? 'before the first event'}`);
      printTree(output, value as Json, { depth: wholeNumberOf(options, 'depth', 1), ...(path === undefined ? { hidden: bookkeepingKeys } : { path }) });
    });
    if (view.stragglers > 0) output.note(`${view.stragglers} of these events were recorded later and claim an earlier time`);
    for (const warning of view.warnings) output.note(`refold: warning: ${output.safe(warning)}`);
    if (output.options.verbose > 0) output.note(`${view.eventsFolded} events folded${view.fromSnapshot === null ? '' : ` from the snapshot at ${view.fromSnapshot}`}; state hash ${view.stateHash}`);
  },
});

const isUnset = ({ value, before }: { readonly value?: Json; readonly before?: Json }): boolean =>
  (value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)) && (before === null || before === undefined);
