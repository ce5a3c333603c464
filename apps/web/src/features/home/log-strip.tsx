/** How the log itself is: what comes in, where it is kept, how far it was verified. */
import type { OutputOf } from '@refold/client';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { useAsk } from '../../refold.ts';
import { toneOf } from '../../status.ts';
import { amount } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { Instant, useNow } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { hourlyCounts } from './hourly-counts.ts';
import { homeMessages } from './messages.ts';
import { Section } from './section.tsx';

interface LogStripProps {
  readonly health: OutputOf<'orchestratorHealth'> | null;
  readonly info: OutputOf<'systemInfo'> | null;
}

export function LogStrip({ health, info }: LogStripProps): ReactElement {
  const { facts, states } = homeMessages;
  const verifiedAt = health?.integrity.lastVerifiedAt ?? null;
  return (
    <Section title={homeMessages.health} facts={health === null ? undefined : <StatusGlyph tone={health.state === 'HEALTHY' ? 'ok' : health.state === 'DEGRADED' ? 'warn' : toneOf('unhealthy')} word={[states[health.state], ...health.causes].join(', ')} showsWord />}>
      <div className="grid gap-4 px-4 column:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] content-start gap-x-6 gap-y-0.5">
          <Fact name={facts.store}>{info === null ? '–' : <span className="foreign">{info.store}</span>}</Fact>
          <Fact name={facts.durability}>{info === null ? '–' : String(info.engine['durability'] ?? homeMessages.none)}</Fact>
          <Fact name={facts.events}>{amount(health?.eventsTotal ?? info?.events)}</Fact>
          <Fact name={facts.rate}>{amount(health?.eventsPerMinute)}</Fact>
          <Fact name={facts.append}>{health === null || health.publishP95Ms === 0 ? '–' : `${amount(health.publishP95Ms)} ms`}</Fact>
          <Fact name={facts.lag}>{amount(health?.projectionLag)}</Fact>
          <Fact name={facts.verified}>{verifiedAt === null ? homeMessages.never : <Instant at={verifiedAt} />}</Fact>
          <Fact name={facts.since}><Instant at={info?.startedAt} /></Fact>
        </dl>
        <EventsPerHour />
      </div>
    </Section>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement => (
  <>
    <dt className="text-text-2">{name}</dt>
    <dd className="min-w-0 figures">{children}</dd>
  </>
);

const dayMs = 86_400_000;
const hourMs = 3_600_000;

function EventsPerHour(): ReactElement {
  const [asTable, setAsTable] = useState(false);
  const hour = Math.floor(useNow() / hourMs) * hourMs;
  const { data } = useAsk('stats', { from: new Date(hour + hourMs - dayMs).toISOString(), bucket: 'hour' }, { keepsLast: true });
  const hours = hourlyCounts(data?.buckets ?? [], hour);
  const most = Math.max(1, ...hours.map(({ count }) => count));
  return (
    <figure className="min-w-0">
      <figcaption className="flex min-h-7 items-center gap-2 text-text-2">
        {homeMessages.perHour}
        {data !== undefined && data.total > 0 && (
          <Button kind="quiet" className="ms-auto" onClick={() => setAsTable(!asTable)}>
            {asTable ? homeMessages.asChart : homeMessages.asTable}
          </Button>
        )}
      </figcaption>
      {asTable ? (
        <div className="max-h-48 overflow-auto" tabIndex={-1}>
          <Table label={homeMessages.perHour} head={<><HeadCell>{homeMessages.hour}</HeadCell><HeadCell align="end">{homeMessages.events}</HeadCell></>}>
            {hours.map(({ start, count }) => (
              <Row key={start}>
                <Cell><Instant at={start} /></Cell>
                <Cell align="end">{amount(count)}</Cell>
              </Row>
            ))}
          </Table>
        </div>
      ) : data?.total === 0 ? (
        <p className="text-text-2">{homeMessages.noEventsLately}</p>
      ) : (
        <svg role="img" aria-label={`${homeMessages.perHour}: ${amount(data?.total)}`} viewBox="0 0 240 56" preserveAspectRatio="none" className="h-24 w-full border-b border-line">
          {hours.map(({ start, count }, index) => (
            <rect key={start} x={index * 10 + 1} width={8} y={56 - (count / most) * 54} height={(count / most) * 54} className="fill-neutral" />
          ))}
        </svg>
      )}
    </figure>
  );
}
