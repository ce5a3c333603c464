/** `state @INSTANT`: every live stream at one instant: systemState. */
import { systemState } from '@refold/operations';
import type { SystemRow } from '@refold/operations';
import { given, isSet, textOf, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted } from '../output.ts';
import { addressOf } from '../place-argument.ts';
import { instantArgument } from '../place-input.ts';
import type { Session } from '../session.ts';

/** @param at  What stands behind the @; nothing, `now` and `end` are the newest. */
export async function printSystemState(session: Session, at: string, options: Options): Promise<void> {
  const { output } = session;
  const isPlain = output.options.mode === 'plain';
  const instant = at === '' || at === 'now' || at === 'end' ? undefined : instantArgument(at);
  const clock = textOf(options, 'clock') === 'known' ? { recordedAt: instant } : { at: instant };
  const connection = await session.connect();
  const answer = await connection.call(systemState, given({ ...clock, type: textOf(options, 'type'), all: isSet(options, 'all') ? true : undefined, limit: wholeNumberOf(options, 'limit', 1), cursor: textOf(options, 'cursor') }));
  output.answer(answer, ({ items }) =>
    output.table(items, [
      { title: 'status', text: (row) => output.safe(row.status), style: (row) => (row.status === 'failed' ? 'red' : row.isLive ? 'yellow' : 'green') },
      { title: 'stream', text: (row) => output.safe(addressOf(row, row.revision)), style: () => 'bold' },
      { title: 'since', text: (row) => output.instant(row.since), style: () => 'dim', isOptional: true },
      { title: 'last', text: (row) => output.instant(row.lastEvent?.at ?? null), style: () => 'dim' },
      { title: 'late', text: (row) => (isPlain ? String(row.stragglers) : row.stragglers === 0 ? '' : `${row.stragglers} late`), align: 'right' },
      { title: 'event', text: (row) => row.lastEvent?.type ?? '' },
      { title: 'what', text: (row) => output.safe(whatOf(row)), fills: true },
    ]),
  );
  output.note(`${counted(answer.items.length, 'stream')} of ${answer.scanned} looked at${answer.stragglers > 0 ? `; ${counted(answer.stragglers, 'event')} of them told late` : ''}${answer.nextCursor === null ? '' : `; more with --cursor ${answer.nextCursor}`}`);
}

const whatOf = ({ currentPhase, activeAgents }: SystemRow): string => [...(currentPhase === null ? [] : [`phase ${currentPhase}`]), ...(activeAgents.length === 0 ? [] : [`agents ${activeAgents.join(', ')}`])].join('; ');
