/** Replays on record: list them, look at one, call one off. */
import { cancelReplay, getReplay, listReplays, replaySteps } from '@refold/operations';
import { actorGiven } from '../actor-argument.ts';
import { given, textOf, usage, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { numberText } from '../render/event-rows.ts';
import type { Session } from '../session.ts';

export const recordVerbs = ['list', 'show', 'steps', 'cancel'] as const;
export type RecordVerb = (typeof recordVerbs)[number];

type ReplayRun = Awaited<ReturnType<typeof getReplay.run>>;

export async function runRecordVerb(session: Session, verb: RecordVerb, id: string | undefined, options: Options): Promise<number> {
  const { output, world } = session;
  const connection = await session.connect();
  const limit = wholeNumberOf(options, 'limit', 1);
  if (verb === 'list') {
    const answer = await connection.call(listReplays, given({ status: textOf(options, 'status'), limit }));
    output.answer(answer, ({ items }) => printRuns(output, items));
    output.note(counted(answer.items.length, 'replay'));
    return 0;
  }
  if (id === undefined) throw usage(`Which replay to ${verb} is missing.`, 'usage', `refold replay ${verb} ID; refold replay list shows the ids`);
  switch (verb) {
    case 'show': {
      const run = await connection.call(getReplay, { id });
      output.answer(run, () => printRun(output, run));
      if (run.status === 'running' && run.mode === 'execute') output.hint(`refold replay ${targetText(run)} --execute --confirm ${targetText(run)} --replay-id ${id}     refold replay cancel ${id}`);
      return 0;
    }
    case 'steps': {
      const answer = await connection.call(replaySteps, { id, ...given({ limit }) });
      output.answer(answer, ({ items }) =>
        output.table(items, [
          { title: 'sequence', text: ({ sequence }) => (sequence === null ? '-' : `@${numberText(output, sequence)}`), align: 'right' },
          { title: 'action', text: ({ action }) => action, style: ({ action }) => (action === 'failed' ? 'red' : action === 'executed' ? 'green' : 'yellow') },
          { title: 'event', text: ({ eventId }) => eventId, style: () => 'dim', isOptional: true },
          { title: 'result', text: ({ result, error }) => error ?? (result === null ? '' : JSON.stringify(result)), fills: true },
        ]),
      );
      output.note(`${counted(answer.items.length, 'step')}${answer.nextCursor === null ? '' : '; there are more (--limit)'}`);
      return 0;
    }
    case 'cancel': {
      const run = await connection.call(cancelReplay, { id, actor: actorGiven(world, options), ...given({ reason: textOf(options, 'reason') }) });
      output.answer(run, () => printRun(output, run));
      return 0;
    }
  }
}

const targetText = ({ target }: ReplayRun): string => `${target.type}/${target.id}`;

const statusStyle = ({ status }: ReplayRun): 'red' | 'green' | 'yellow' => (status === 'completed' ? 'green' : status === 'running' ? 'yellow' : 'red');

function printRuns(output: Output, runs: readonly ReplayRun[]): void {
  output.table(runs, [
    { title: 'status', text: ({ status }) => status, style: statusStyle },
    { title: 'replay', text: ({ replayId }) => replayId, style: () => 'bold' },
    { title: 'mode', text: ({ mode }) => mode },
    { title: 'target', text: targetText },
    { title: 'started', text: ({ startedAt }) => output.instant(startedAt), style: () => 'dim', isOptional: true },
    { title: 'done', text: (run) => countsText(run), fills: true },
  ]);
}

const countsText = ({ status, mode, stepsDone, replayed, skipped, failed, divergences }: ReplayRun): string =>
  status === 'completed' ? `${replayed} ${mode === 'dry_run' ? 'would be ' : ''}replayed, ${skipped} skipped, ${failed} failed${divergences === 0 ? '' : `, ${divergences} differ`}` : `${stepsDone} done`;

function printRun(output: Output, run: ReplayRun): void {
  output.line(`${output.style(statusStyle(run), run.status)}  ${run.replayId}  ${run.mode} of ${output.safe(targetText(run))} for ${output.safe(run.purpose)}`);
  output.line(`  ${countsText(run)}${run.sequence === null ? '' : `, stands at ${numberText(output, run.sequence)}`}   began ${output.instant(run.startedAt)}`);
}
