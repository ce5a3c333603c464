/** The event that began it, and how it led to the failure; recorded edges and supposed ones are told apart. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { placeHref } from '../../../places.ts';
import { counted } from '../../../times.ts';
import { buttonClass } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { Instant } from '../../../ui/instant.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { visibleText } from '../../../ui/visible-text.ts';
import type { BadEvent, FirstBad } from '../first-bad.ts';
import { storyMessages } from './messages.ts';

interface CalloutProps {
  readonly bad: FirstBad;
  readonly streamType: string;
  readonly streamId: string;
}

export function FirstBadCallout({ bad, streamType, streamId }: CalloutProps): ReactElement {
  const { event, chain, basis } = bad;
  return (
    <section aria-label={storyMessages.firstBad} className="rounded border border-error">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
        <StatusGlyph tone="error" className="mt-1" />
        <div className="min-w-0 flex-1">
          <h2 className="text-text-2">
            {storyMessages.firstBad} · <Instant at={event.at} as="precise" /> · <span className="figures">@{event.revision}</span> · {basis === 'inferred' ? storyMessages.inferred : storyMessages.recorded}
          </h2>
          <p className="foreign text-title font-semibold">{visibleText(event.summary)}</p>
        </div>
        <Link to={placeHref(placeOf(event, streamType, streamId), event.revision)} className={buttonClass('strong')}>
          {storyMessages.openThere}
        </Link>
      </div>
      {chain.length > 0 && (
        <details className="border-t border-line px-4 py-2">
          <summary className="text-text-2">{storyMessages.chain(counted(chain.length, 'hop'))}</summary>
          <ol className="mt-2 flex flex-col gap-1">
            {chain.map(({ kind, detail, to }) => (
              <li key={to.eventId} className={classNames('ms-1 flex flex-wrap items-baseline gap-x-3 ps-3', kind === 'inferred' ? 'border-s border-dashed border-text-2' : 'border-s border-text-2')}>
                <span className="text-text-2">
                  {visibleText(detail)} ({kind === 'inferred' ? storyMessages.inferred : storyMessages.recorded})
                </span>
                <Link to={placeHref(placeOf(to, streamType, streamId), to.revision)} className="foreign min-w-0 hover:underline">
                  {visibleText(to.summary)}
                </Link>
                <span className="text-mono text-text-2 figures">@{to.revision}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

/** The chain may lead through other streams. */
function placeOf({ stream }: BadEvent, streamType: string, streamId: string): { readonly streamType: string; readonly streamId: string } {
  const slash = stream.indexOf('/');
  return slash <= 0 ? { streamType, streamId } : { streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1) };
}
