/** How a stream became what it is, one entry per event: stateHistory. */
import { stateHistory } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { given, isSet, textOf, wholeNumberOf } from '../options.ts';
import { addressOf, streamArgument } from '../place-argument.ts';
import { actorText } from '../render/event-rows.ts';
import { printPatchLines } from '../render/patch-rows.ts';

export const historyCommand = defineCommand({
  arguments: [{ name: '<stream>', doc: 'type/id, a bare id, an issue key, latest' }],
  options: [
    { flags: '--path <pointer>', doc: 'only what changed at this JSON pointer' },
    { flags: '--with-state', doc: 'the state after each event (JSON modes)' },
    { flags: '--after <n>', doc: 'go on after this revision' },
    { flags: '--limit <n>', doc: 'events at most; default 100' },
  ],
  examples: [
    ['refold history PROJ-123', 'every change, event by event'],
    ['refold history PROJ-123 --path /currentPhase', 'how the phase moved'],
  ],
  async run(session, { arguments: [text = ''], options }) {
    const { output } = session;
    const connection = await session.connect();
    const stream = await streamArgument(connection, text);
    const page = await connection.call(stateHistory, {
      ...stream,
      ...given({ path: textOf(options, 'path'), after: wholeNumberOf(options, 'after'), limit: wholeNumberOf(options, 'limit', 1), withState: isSet(options, 'withState') ? true : undefined }),
    });
    if (output.options.mode === 'jsonl') for (const entry of page.entries) output.record(entry, () => {});
    else
      output.answer(page, ({ entries }) => {
        for (const entry of entries) {
          const changes = Object.entries(entry.changes);
          if (output.options.mode === 'plain') {
            for (const [path, { before, after }] of changes) output.line([entry.revision, entry.at, entry.type, output.safe(path), JSON.stringify(before ?? null), JSON.stringify(after ?? null)].join('\t'));
            continue;
          }
          output.line(`${output.style('bold', `@${entry.revision}`)}  ${output.moment(entry.at)}  ${output.style('cyan', entry.type)}  ${output.safe(actorText(entry))}`);
          printPatchLines(output, changes.map(([path, { before, after }]) => ({ op: 'replace', path, before, after })), '  ');
        }
      });
    if (page.next !== null) output.hint(`refold history ${addressOf(stream)} --after ${page.next}`);
  },
});
