/** What happened, for somebody who was not there: the first bad event with its chain, what the run consists of, and one line per significant event. */
import type { OutputOf } from '@refold/client';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { placeHref, streamHref } from '../../../places.ts';
import { useAsk } from '../../../refold.ts';
import { toneOf, toneOfSeverity, wordOf } from '../../../status.ts';
import { amount, counted, duration } from '../../../times.ts';
import { classNames } from '../../../ui/class-names.ts';
import { ErrorPane } from '../../../ui/error-pane.tsx';
import { Instant } from '../../../ui/instant.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { visibleText } from '../../../ui/visible-text.ts';
import { firstBadIn } from '../first-bad.ts';
import type { StreamTabProps } from '../tab-props.ts';
import { FirstBadCallout } from './first-bad-callout.tsx';
import { storyMessages } from './messages.ts';
import { RunParts } from './run-parts.tsx';
import { sectionsOf } from './sections.ts';
import type { StorySection } from './sections.ts';
import { significantTypes } from './significant-types.ts';

const linesMax = 1_000;

export function StoryTab({ streamType, streamId, stream }: StreamTabProps): ReactElement {
  const rows = useAsk('streamRows', { streamType, streamId, type: significantTypes, limit: linesMax });
  const marks = useAsk('marks', { streamType, streamId, limit: 2_000 });
  const blame = useAsk('blame', { streamType, streamId });
  const bad = blame.data === undefined ? null : firstBadIn(blame.data);
  const onChain = new Set(bad?.chain.flatMap(({ from, to }) => [from.eventId, to.eventId]) ?? []);
  if (rows.error !== null) return <ErrorPane error={rows.error} of={storyMessages.of} onRetry={() => void rows.refetch()} />;
  if (rows.data === undefined) return <Skeleton rows={16} />;

  const lines = rows.data.rows.map(lineOf);
  const spans = (marks.data?.items ?? []).filter(({ kind }) => kind === 'phase' || kind === 'turn' || kind === 'step');
  return (
    <div className="mx-auto flex max-w-[1180px] flex-col gap-6 p-4">
      {bad !== null && <FirstBadCallout bad={bad} streamType={streamType} streamId={streamId} />}
      <RunParts state={stream.state} />
      <section aria-label={storyMessages.narrative} className="flex flex-col gap-4">
        <h2 className="font-semibold">{storyMessages.narrative}</h2>
        {lines.length === 0 && <p className="text-text-2">{storyMessages.nothing}</p>}
        {sectionsOf(lines, spans).map((section) => (
          <Passage key={section.lines[0]!.revision} section={section} onChain={onChain} firstBadId={bad?.event.eventId ?? null} streamType={streamType} streamId={streamId} />
        ))}
        {rows.data.next !== null && (
          <p className="text-text-2">
            {storyMessages.more(amount(linesMax))}{' '}
            <Link to={streamHref({ streamType, streamId }, 'events')} className="link">
              {storyMessages.all}
            </Link>
          </p>
        )}
      </section>
    </div>
  );
}

interface Line {
  readonly revision: number;
  readonly at: string;
  readonly severity: string;
  readonly type: string;
  readonly summary: string;
  readonly id: string;
}

const lineOf = ([revision, at, , severity, type, summary, , , , , id]: OutputOf<'streamRows'>['rows'][number]): Line => ({ revision, at, severity, type, summary, id });

interface PassageProps {
  readonly section: StorySection<Line>;
  readonly onChain: ReadonlySet<string>;
  readonly firstBadId: string | null;
  readonly streamType: string;
  readonly streamId: string;
}

function Passage({ section: { span, lines }, onChain, firstBadId, streamType, streamId }: PassageProps): ReactElement {
  return (
    <section className="break-inside-avoid-page">
      {span !== null && (
        <h3 className="mb-1 flex flex-wrap items-center gap-x-3 border-b border-line pb-1 font-medium">
          <StatusGlyph tone={toneOf(span.status)} word={wordOf(span.status)} />
          <span className="foreign">{visibleText(span.label)}</span>
          <span className="text-text-2 figures">
            {span.until === null ? counted(lines.length, 'line') : duration(Date.parse(span.until) - Date.parse(span.at))}
          </span>
        </h3>
      )}
      <ol>
        {lines.map((line) => {
          const tone = toneOfSeverity(line.severity);
          return (
            <li key={line.id} className={classNames('relative flex min-h-row items-baseline gap-3 rounded px-2 py-0.5 hover:bg-surface-2', onChain.has(line.id) && 'border-s-2 border-error ps-1.5')}>
              <Instant at={line.at} className="w-[88px] shrink-0 text-end text-text-2 figures" />
              <span className="flex w-3 shrink-0 self-center">{tone !== 'quiet' && <StatusGlyph tone={tone} word={line.severity.toLowerCase()} />}</span>
              <Link to={placeHref({ streamType, streamId }, line.revision)} className="foreign min-w-0 after:absolute after:inset-0 hover:underline" title={line.type}>
                {visibleText(line.summary)}
              </Link>
              {line.id === firstBadId && <span className="shrink-0 rounded bg-surface-3 px-1.5 font-medium">{storyMessages.firstBad}</span>}
              <span className="ms-auto shrink-0 text-mono text-text-2 figures">@{line.revision}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
