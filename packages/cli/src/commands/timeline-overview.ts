/** A long stream at a glance: `timeline --lod` (counts by family along an axis) and `timeline --marks`. */
import { lodOf, marksOf } from '@refold/operations';
import type { Connection } from '../connection.ts';
import { filterInput } from '../filter-options.ts';
import { given, textOf, usage, wholeNumberOf } from '../options.ts';
import type { Options } from '../options.ts';
import { counted, grouped } from '../output.ts';
import type { StreamArgument } from '../place-argument.ts';
import { spanText } from '../render/duration-text.ts';
import { numberText } from '../render/event-rows.ts';
import type { Session } from '../session.ts';

const bucketsShown = 20;
const barWidth = 24;

export async function printLod(session: Session, connection: Connection, stream: StreamArgument, options: Options): Promise<void> {
  const { output } = session;
  const isPlain = output.options.mode === 'plain';
  const { from: _from, to: _to, ...filter } = await filterInput(session, options);
  const answer = await connection.call(lodOf, { ...filter, ...stream, ...windowOf(options), ...given({ axis: textOf(options, 'axis') }), px: wholeNumberOf(options, 'rows', 1) ?? bucketsShown });
  const most = Math.max(...answer.buckets.map(([count]) => count));
  const start = typeof answer.from === 'string' ? Date.parse(answer.from) : answer.from;
  const rows = answer.buckets.map(([count, topFamily, maxSeverity, firstRevision], index) => ({ at: start + index * answer.width, count, topFamily, maxSeverity, firstRevision }));
  output.answer(answer, () =>
    output.table(rows, [
      { title: 'from', text: ({ at }) => (answer.axis === 'time' ? output.instant(new Date(at).toISOString()) : isPlain || answer.axis === 'revision' ? String(at) : `${Math.floor(at / 1_000)} s`), align: 'right', style: () => 'dim' },
      { title: 'events', text: ({ count }) => (isPlain ? String(count) : grouped(count)), align: 'right' },
      ...(isPlain ? [] : [{ title: 'bar', text: ({ count }: { count: number }) => '='.repeat(most === 0 ? 0 : Math.ceil((count / most) * barWidth)).padEnd(barWidth), isOptional: true }]),
      { title: 'worst', text: ({ maxSeverity }) => maxSeverity ?? '', style: ({ maxSeverity }) => (maxSeverity === 'ERROR' || maxSeverity === 'FATAL' ? 'red' : null) },
      { title: 'first', text: ({ firstRevision }) => (firstRevision === null ? '' : `@${firstRevision}`) },
      { title: 'most', text: ({ topFamily }) => output.safe(topFamily ?? ''), fills: true },
    ], { header: true }),
  );
  output.note(`${counted(answer.events, 'event')}; ${grouped(answer.width)} ${answer.axis === 'revision' ? 'revisions' : 'ms'} a row`);
}

/** `--window 100..200`: what the axis counts, both ends inclusive, either may be left out. */
function windowOf(options: Options): { readonly from?: string; readonly to?: string } {
  const text = textOf(options, 'window');
  if (text === undefined) return {};
  const [from, to, ...more] = text.split('..');
  if (to === undefined || more.length > 0) throw usage('--window takes FROM..TO.', 'window', 'Write 100..200, or two instants with .. between them.');
  return { ...(from === '' ? {} : { from: from! }), ...(to === '' ? {} : { to }) };
}

export async function printMarks({ output }: Session, connection: Connection, stream: StreamArgument, options: Options): Promise<void> {
  const answer = await connection.call(marksOf, { ...stream, ...windowOf(options), ...given({ limit: wholeNumberOf(options, 'rows', 1) }) });
  output.answer(answer, ({ items }) =>
    output.table(items, [
      { title: 'at', text: ({ at }) => output.moment(at), style: () => 'dim' },
      { title: 'from', text: ({ from }) => `@${numberText(output, from)}`, align: 'right' },
      { title: 'to', text: ({ to }) => (to === null ? 'open' : `@${numberText(output, to)}`), align: 'right' },
      { title: 'took', text: ({ at, until }) => (until === null ? '' : spanText(at, until)), align: 'right', isOptional: true },
      { title: 'kind', text: ({ kind }) => output.safe(kind) },
      { title: 'status', text: ({ status }) => output.safe(status ?? ''), style: ({ status }) => (status === 'failed' ? 'red' : null) },
      { title: 'label', text: ({ label }) => output.safe(label), fills: true },
    ]),
  );
  output.note(answer.items.length < answer.total ? `${answer.items.length} of ${counted(answer.total, 'mark')}, more with --rows or --window` : counted(answer.total, 'mark'));
}
