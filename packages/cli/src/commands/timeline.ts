/** What ran when and for how long, in lanes: timeline. */
import { lodAxes } from '@refold/core';
import type { TimelineRow } from '@refold/core';
import { timeline } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { filterInput, filterOptions } from '../filter-options.ts';
import { given, isSet, listOf, usage, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import { streamArgument } from '../place-argument.ts';
import { printLanes } from '../render/lanes.ts';
import { printLod, printMarks } from './timeline-overview.ts';

export const timelineCommand = defineCommand({
  arguments: [{ name: '[stream]', doc: 'type/id, an issue key, latest; default: what the filter says' }],
  options: [
    ...filterOptions,
    { flags: '--lanes <name...>', doc: 'only these lanes: phase, agent_run, tool_call, ...' },
    { flags: '--points', doc: 'also what has no duration' },
    { flags: '--longest <n>', doc: 'only so many spans, those that took longest; default 40 in text' },
    { flags: '--width <n>', doc: 'columns of the bars; default: what there is room for, up to 40' },
    { flags: '--rows <n>', doc: 'rows at most; with --lod at least, and at most about twice as many' },
    { flags: '--lod', doc: 'how many events of which family stand where, at any length' },
    { flags: '--axis <which>', doc: 'with --lod: what is counted along; default revision', choices: lodAxes },
    { flags: '--marks', doc: 'phases, checkpoints, gaps, silences, the life of the stream' },
    { flags: '--window <from..to>', doc: 'with --lod and --marks: only this part of the axis' },
  ],
  examples: [
    ['refold timeline PROJ-123', 'where the time of a run went'],
    ['refold timeline PROJ-123 --lanes agent_run --width 60', 'only its agents, wider'],
    ['refold timeline PROJ-123 --longest 5', 'the five things that took longest'],
    ['refold timeline PROJ-123 --lod --axis time', 'when how much happened'],
    ['refold timeline PROJ-123 --marks', 'what to find the way by'],
  ],
  async run(session, { arguments: [stream], options }) {
    const { output } = session;
    const connection = await session.connect();
    if (isSet(options, 'lod') || isSet(options, 'marks')) {
      if (stream === undefined) throw usage('Which stream?', 'stream', 'refold timeline STREAM --lod');
      const address = await streamArgument(connection, stream);
      return isSet(options, 'lod') ? await printLod(session, connection, address, options) : await printMarks(session, connection, address, options);
    }
    const [longest, rowsMost] = [wholeNumberOf(options, 'longest', 1), wholeNumberOf(options, 'rows', 1)];
    const input = { ...(await filterInput(session, options)), ...(stream === undefined ? {} : await streamArgument(connection, stream)), ...given({ lanes: listOf(options, 'lanes'), rows: rowsMost }) };
    const answer = await connection.call(timeline, input);
    const { spans, points } = Object.groupBy(answer.rows, ({ kind }) => (kind === 'span' ? ('spans' as const) : ('points' as const))) as { spans?: TimelineRow[]; points?: TimelineRow[] };
    const wantsPoints = isSet(options, 'points') || spans === undefined || output.options.mode === 'plain';
    const shown = wantsPoints && longest === undefined ? answer.rows : longestOf(spans ?? [], longest ?? spansShown);
    const width = wholeNumberOf(options, 'width', 10) ?? Math.min(Math.max(output.options.columns - wordsWidth, 10), barsWidth);
    output.answer(answer, () => printLanes(output, shown, width));
    const left = [
      ...(shown.length < (spans?.length ?? 0) ? [`the ${shown.length} longest of ${counted(spans!.length, 'span')}, more with --longest`] : [counted(shown.length, 'row')]),
      ...(wantsPoints || points === undefined ? [] : [`${counted(points.length, 'point')} not shown (--points)`]),
      ...(answer.truncated ? ['cut, more with --rows'] : []),
    ];
    output.note(left.join('; '));
  },
});

const spansShown = 40;
const barsWidth = 40;
/** What the other columns of a line take, about. */
const wordsWidth = 72;

/** What is still open counts as longest: nobody knows how long it takes. The order of time is kept. */
function longestOf(spans: readonly TimelineRow[], most: number): readonly TimelineRow[] {
  if (spans.length <= most) return spans;
  const durationOf = ({ at, until }: TimelineRow): number => (until === null ? Infinity : Date.parse(until) - Date.parse(at));
  const chosen = new Set(spans.toSorted((a, b) => durationOf(b) - durationOf(a)).slice(0, most));
  return spans.filter((span) => chosen.has(span));
}
