/** Lists runs, the newest in the log first: listRuns. */
import { listRuns } from '@refold/operations';
import type { RunRow } from '@refold/operations';
import { defineCommand } from '../command.ts';
import { durationMs } from '../duration.ts';
import { given, isSet, textOf, wholeNumberOf } from '../options.ts';
import { counted } from '../output.ts';
import type { Column, Output } from '../output.ts';
import { addressOf } from '../place-argument.ts';
import { spanText } from '../render/duration-text.ts';

const runsShown = 20;

const bad = new Set(['failed', 'cancelled', 'aborted', 'blocked']);

export const runs = defineCommand({
  arguments: [],
  options: [
    { flags: '--failed', doc: 'only failed ones' },
    { flags: '--status <word>', doc: 'only those with this status' },
    { flags: '--type <kind>', doc: 'orchestration, session, job, workflow, ...' },
    { flags: '--since <duration>', doc: 'active in the last 24h, 7d' },
    { flags: '--limit <n>', doc: `runs at most; default ${runsShown}` },
    { flags: '--exit-code', doc: 'exit 1 when there is none' },
  ],
  examples: [
    ['refold runs', 'what there is'],
    ['refold runs --failed --since 24h', 'what went wrong since yesterday'],
  ],
  async run(session, { options }) {
    const { output, world } = session;
    const connection = await session.connect();
    const since = textOf(options, 'since');
    const limit = wholeNumberOf(options, 'limit', 1) ?? runsShown;
    const status = isSet(options, 'failed') ? 'failed' : textOf(options, 'status');
    const answer = await connection.call(
      listRuns,
      given({ status, type: textOf(options, 'type'), since: since === undefined ? undefined : new Date(world.now() - durationMs(since, '--since')).toISOString(), limit }),
    );
    if (output.options.mode === 'jsonl') for (const run of answer.items) output.record(run, () => {});
    else output.answer(answer, ({ items }) => output.table(items, columnsOf(output)));
    output.note(`${counted(answer.items.length, 'run')}${answer.items.length === limit ? ', the newest; --limit asks for more' : ''}`);
    const [first] = answer.items;
    if (first === undefined && status === undefined && since === undefined) output.hint('refold import auto FILE     refold append --help');
    return isSet(options, 'exitCode') && first === undefined ? 1 : 0;
  },
});

function columnsOf(output: Output): readonly Column<RunRow>[] {
  const isPlain = output.options.mode === 'plain';
  const figure = (value: number, word: string): string => (isPlain ? String(value) : value === 0 ? '' : counted(value, word));
  return [
    { title: 'status', text: (run) => run.status, style: (run) => (bad.has(run.status) ? 'red' : run.status === 'completed' ? 'green' : 'yellow') },
    { title: 'stream', text: (run) => addressOf(run), style: () => 'bold' },
    { title: 'started', text: (run) => output.instant(run.startedAt), style: () => 'dim' },
    isPlain ? { title: 'last', text: (run) => run.lastEventAt ?? '' } : { title: 'took', text: (run) => spanText(run.startedAt, run.lastEventAt), align: 'right' },
    { title: 'failures', text: (run) => figure(run.failures, 'failure'), align: 'right', style: () => 'red', isOptional: true },
    { title: 'agents', text: (run) => figure(run.agents, 'agent'), align: 'right', isOptional: true },
    { title: 'events', text: (run) => figure(run.revision, 'event'), align: 'right', isOptional: true },
    ...(isPlain ? [{ title: 'last failure', text: (run: RunRow) => (run.lastFailure === null ? '' : `@${run.lastFailure.revision} ${run.lastFailure.type}: ${run.lastFailure.summary}`) }] : []),
    { title: isPlain ? 'title' : 'what', text: (run) => (isPlain ? (run.title ?? '') : whatText(run)), fills: true },
  ];
}

/** Of a failed run why it failed, of any other what it was for. */
const whatText = ({ status, title, lastFailure }: RunRow): string => (bad.has(status) && lastFailure !== null ? `${lastFailure.summary}${title === null ? '' : ` (${title})`}` : (title ?? ''));
