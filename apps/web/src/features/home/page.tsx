/** What failed, what stands still, what runs, what fires: what a person needs first in the morning. An empty log says how to begin. */
import { useOrchestratorHealth } from '@refold/react';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { useLogGrowth } from '../../live.ts';
import { prefer, preferences } from '../../preferences.ts';
import { useAsk } from '../../refold.ts';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { FailureGroups } from './failure-table.tsx';
import { FirstEvent } from './first-event.tsx';
import { LogStrip } from './log-strip.tsx';
import { homeMessages } from './messages.ts';
import { OverviewCards } from './overview-cards.tsx';
import { UnderWay } from './under-way.tsx';
import { standingOf } from './standing.ts';

/** How many runs are looked at; the list of runs has all of them. */
const runsMax = 500;

export function HomePage(): ReactElement {
  const { data, error, refetch } = useAsk('listRuns', { limit: runsMax });
  const info = useAsk('systemInfo', {});
  const { health } = useOrchestratorHealth();
  const lastVisitAt = useLastVisit();
  useLogGrowth({}, ['listRuns', 'systemInfo', 'stats']);

  const isEmpty = info.data?.events === 0 && (data === undefined || data.items.length === 0);
  if (isEmpty)
    return (
      <PageFrame title={homeMessages.title}>
        <FirstEvent />
      </PageFrame>
    );
  const standing = data === undefined ? null : standingOf(data.items);
  return (
    <PageFrame title={homeMessages.title}>
      {error !== null && <ErrorPane error={error} of={homeMessages.groups} onRetry={() => void refetch()} />}
      {standing === null && error === null && <Skeleton rows={14} />}
      {standing !== null && (
        <div className="flex flex-col gap-5 py-4">
          <OverviewCards standing={standing} lastVisitAt={lastVisitAt} alerts={health?.firingAlerts ?? []} />
          <FailureGroups runs={standing.failed} />
          <UnderWay runs={[...standing.running, ...standing.waiting]} />
          <PaneBoundary of={homeMessages.health}>
            <LogStrip health={health} info={info.data ?? null} />
          </PaneBoundary>
        </div>
      )}
    </PageFrame>
  );
}

/** @returns when the page was looked at before this time; it counts as looked at when it is left. */
function useLastVisit(): string | null {
  const [before] = useState(() => preferences().lastVisitAt);
  useEffect(() => {
    const leave = (): void => prefer({ lastVisitAt: new Date().toISOString() });
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
  return before;
}
