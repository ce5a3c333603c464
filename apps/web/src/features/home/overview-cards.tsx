import type { OutputOf } from '@refold/client';
import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { runsHref } from '../../places.ts';
import { amount, duration } from '../../times.ts';
import { useNow } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import type { Tone } from '../../ui/status-glyph.tsx';
import type { Run } from '../runs/index.ts';
import { homeMessages } from './messages.ts';
import type { Standing } from './standing.ts';

interface OverviewProps {
  readonly standing: Standing<Run>;
  readonly lastVisitAt: string | null;
  readonly alerts: OutputOf<'orchestratorHealth'>['firingAlerts'];
}

export function OverviewCards({ standing, lastVisitAt, alerts }: OverviewProps): ReactElement {
  const { cards } = homeMessages;
  const isNew = ({ lastEventAt }: Run): boolean => lastVisitAt !== null && lastEventAt !== null && lastEventAt > lastVisitAt;
  const fresh = standing.failed.filter(isNew).length;
  return (
    <section aria-label={homeMessages.overview} className="grid grid-cols-2 gap-3 px-4 column:grid-cols-4">
      <Card title={cards.failed} count={standing.failed.length} tone={standing.failed.length > 0 ? 'error' : 'ok'} href={runsHref({ status: 'failed' })}>
        {lastVisitAt === null ? homeMessages.inAll : fresh === 0 ? homeMessages.noneNew : homeMessages.newSince(amount(fresh))}
      </Card>
      <Card title={cards.waiting} count={standing.waiting.length} tone={standing.waiting.length > 0 ? 'warn' : 'quiet'} href={runsHref({ status: statuses(standing.waiting) })}>
        <Silence runs={standing.waiting} />
      </Card>
      <Card title={cards.running} count={standing.running.length} tone={standing.running.length > 0 ? 'running' : 'quiet'} href={runsHref({ status: statuses(standing.running) })}>
        <Silence runs={standing.running} />
      </Card>
      <Card title={cards.alerts} count={alerts.length} tone={alerts.length > 0 ? 'critical' : 'quiet'}>
        {alerts[0]?.summary ?? alerts[0]?.name ?? homeMessages.noAlerts}
      </Card>
    </section>
  );
}

const statuses = (runs: readonly Run[]): readonly string[] => [...new Set(runs.map(({ status }) => status))];

/** What is under way and says nothing is what a person has to look at. */
function Silence({ runs }: { readonly runs: readonly Run[] }): ReactNode {
  const now = useNow();
  const times = runs.flatMap(({ lastEventAt }) => (lastEventAt === null ? [] : [Date.parse(lastEventAt)]));
  return times.length === 0 ? homeMessages.none : homeMessages.quietest(duration(Math.max(0, now - Math.min(...times))));
}

interface CardProps {
  readonly title: string;
  readonly count: number;
  readonly tone: Tone;
  readonly href?: string;
  readonly children: ReactNode;
}

function Card({ title, count, tone, href, children }: CardProps): ReactElement {
  const inside = (
    <>
      <span className="flex items-center gap-2 text-text-2">
        <StatusGlyph tone={tone} />
        {title}
      </span>
      <span className="text-figure leading-8 font-semibold figures">{amount(count)}</span>
      <span className="foreign truncate text-text-2">{children}</span>
    </>
  );
  const look = 'flex min-w-0 flex-col rounded border border-line bg-surface-1 px-3 py-2';
  return href === undefined ? <div className={look}>{inside}</div> : <Link to={href} className={`${look} hover:bg-surface-2`}>{inside}</Link>;
}
