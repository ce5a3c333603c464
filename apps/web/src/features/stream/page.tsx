/** One stream: what it is and how it stands, then one of its views. */
import { useParams } from '@tanstack/react-router';
import { Suspense, lazy, useEffect } from 'react';
import type { ComponentType, ReactElement } from 'react';
import { useLogGrowth } from '../../live.ts';
import { streamHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TabLinks } from '../../ui/tabs.tsx';
import { classNames } from '../../ui/class-names.ts';
import { streamMessages } from './messages.ts';
import { StreamHeader } from './stream-header.tsx';
import type { StreamTabProps } from './tab-props.ts';
import { tabViews } from './tabs.ts';

const views = new Map<string, ComponentType<StreamTabProps>>(tabViews.map(({ tab, load }) => [tab, lazy(load)]));

/** Views that have panes of their own, each of which scrolls. */
const fillsThePage: ReadonlySet<string> = new Set(['events', 'timeline', 'state', 'debug', 'logs']);

export function StreamPage(): ReactElement {
  const { streamType = '', streamId = '', tab = 'story' } = useParams({ strict: false }) as { readonly [name: string]: string | undefined };
  const { data: stream, error, refetch } = useAsk('getStream', { streamType, streamId });
  const live = useLogGrowth({ streamType, streamId }, ['getStream', 'blame', 'coverage', 'timeline', 'marks', 'streamRows', 'stateAt']);
  const address = `${streamType}/${streamId}`;
  useEffect(() => {
    document.title = `${address} · Refold`;
  }, [address]);
  if (error !== null && stream === undefined) return <ErrorPane error={error} of={streamMessages.of} onRetry={() => void refetch()} />;
  const shown = tabViews.filter(({ isFor }) => isFor?.(streamType) ?? true);
  const View = shown.some((view) => view.tab === tab) ? views.get(tab) : undefined;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {stream === undefined ? <Skeleton rows={2} /> : <StreamHeader streamType={streamType} streamId={streamId} stream={stream} />}
      <TabLinks label={streamMessages.tabs} tabs={shown.map((view) => ({ href: streamHref({ streamType, streamId }, view.tab), label: view.title, isCurrent: view.tab === tab }))} />
      <div className={classNames('min-h-0 flex-1', fillsThePage.has(tab) ? 'flex flex-col overflow-hidden' : 'overflow-auto')}>
        <PaneBoundary of={tab} resetKey={`${address} ${tab}`}>
          {View === undefined ? (
            <EmptyState title={streamMessages.noTab} />
          ) : stream === undefined ? (
            <Skeleton rows={16} />
          ) : (
            <Suspense fallback={<Skeleton rows={16} />}>
              {/* oxlint-disable-next-line react/static-components -- made once, with the list of tabs */}
              <View key={address} streamType={streamType} streamId={streamId} stream={stream} head={Math.max(stream.revision, live.events.at(-1)?.revision ?? 0)} />
            </Suspense>
          )}
        </PaneBoundary>
      </div>
    </div>
  );
}
