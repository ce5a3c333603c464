/** Lanes of what began and ended: who worked when, what waited, what went on to the end. */
import type { ReactElement } from 'react';
import { useState } from 'react';
import { Link } from '@tanstack/react-router';
import { ZoomIn, ZoomOut } from 'lucide-react';
import { familyOf } from '../../../families.ts';
import type { Family } from '../../../families.ts';
import { streamHref } from '../../../places.ts';
import { useAsk } from '../../../refold.ts';
import { oneOf } from '../../../search-parameters.ts';
import { ShortcutScope } from '../../../shortcuts/shortcut-scope.tsx';
import { hasEnded, toneOf, wordOf } from '../../../status.ts';
import { amount, duration } from '../../../times.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { classNames } from '../../../ui/class-names.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPane } from '../../../ui/error-pane.tsx';
import { Select } from '../../../ui/field.tsx';
import { Instant, useNow } from '../../../ui/instant.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { StatusGlyph } from '../../../ui/status-glyph.tsx';
import { Cell, HeadCell, Row, Table } from '../../../ui/table.tsx';
import { oneLine, visibleText } from '../../../ui/visible-text.ts';
import { useSearch } from '../../../use-search.ts';
import type { StreamTabProps } from '../tab-props.ts';
import { textOf } from '../run-title.ts';
import { layoutTimeline } from './layout.ts';
import type { Bar, Lane, TimelineLayout, TimelineRow } from './layout.ts';
import { timelineMessages } from './messages.ts';

const rowsMax = 2_000;
const trackPx = 24;

export function TimelineTab({ streamType, streamId, stream }: StreamTabProps): ReactElement {
  const [search, change] = useSearch();
  const [asTable, setAsTable] = useState(false);
  const now = useNow();
  const { data, error, refetch } = useAsk('timeline', { stream: `${streamType}/${streamId}`, rows: rowsMax }, { keepsLast: true });
  if (error !== null) return <ErrorPane error={error} of={timelineMessages.of} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton rows={16} />;
  if (data.rows.length === 0) return <EmptyState title={timelineMessages.none} />;
  const zoom = zoomOf(oneOf(search, 'zoom'));
  const zoomTo = (next: number): void => change({ zoom: next <= 1 ? undefined : String(Math.min(zoomMax, next)) }, { replaces: true });
  const axis = oneOf(search, 'axis') === 'time' ? 'time' : 'active';
  const last = Date.parse(textOf(stream.state, 'lastEventAt') ?? data.rows.at(-1)!.at);
  const layout = layoutTimeline(data.rows.map(inItsLane), { axis, endsAt: hasEnded(textOf(stream.state, 'status')) || now - last > 3_600_000 ? last : now });
  return (
    <ShortcutScope
      name={timelineMessages.of}
      className="flex min-h-0 flex-1 flex-col"
      bindings={[
        { keys: '+', says: timelineMessages.zoomIn, run: () => zoomTo(zoom * 2) },
        { keys: '-', says: timelineMessages.zoomOut, run: () => zoomTo(zoom / 2) },
      ]}
    >
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-3 border-b border-line px-4 py-1">
        <label className="flex items-center gap-2 text-text-2">
          {timelineMessages.axis}
          <Select value={axis} onChange={(event) => change({ axis: event.target.value })} className="text-text">
            {(['active', 'time'] as const).map((value) => (
              <option key={value} value={value}>{timelineMessages.axes[value]}</option>
            ))}
          </Select>
        </label>
        <span className="flex items-center gap-1">
          <IconButton label={timelineMessages.zoomOut} keys="-" icon={<ZoomOut size={14} aria-hidden />} disabled={zoom <= 1} onClick={() => zoomTo(zoom / 2)} />
          <span className="figures w-8 text-center text-text-2">{zoom}×</span>
          <IconButton label={timelineMessages.zoomIn} keys="+" icon={<ZoomIn size={14} aria-hidden />} disabled={zoom >= zoomMax} onClick={() => zoomTo(zoom * 2)} />
        </span>
        {data.truncated && <span className="text-text-2">{timelineMessages.truncated(amount(data.rows.length))}</span>}
        <Button kind="quiet" className="ms-auto" onClick={() => setAsTable(!asTable)}>
          {asTable ? timelineMessages.asChart : timelineMessages.asTable}
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-auto">{asTable ? <AsTable rows={data.rows} /> : <Lanes layout={layout} zoom={zoom} streamType={streamType} streamId={streamId} />}</div>
    </ShortcutScope>
  );
}

const zoomMax = 32;

/** A power of two; the whole run where the address says nothing that can be meant. */
function zoomOf(text: string | null): number {
  const zoom = Number(text ?? 1);
  return Number.isInteger(Math.log2(zoom)) && zoom >= 1 && zoom <= zoomMax ? zoom : 1;
}

const agentIn = /^Agent (\S+) /;

/** An agent's runs have a lane of their own, called by the agent. */
const inItsLane = (row: TimelineRow): TimelineRow => (row.lane === 'agent_run' ? { ...row, lane: agentIn.exec(row.label)?.[1] ?? row.lane } : row);

const fills: { readonly [family in Family]: string } = { flow: 'bg-flow', agent: 'bg-agent', model: 'bg-model', effect: 'bg-effect', quality: 'bg-quality', neutral: 'bg-neutral' };

const isFailed = (status: string | null): boolean => ['error', 'critical'].includes(toneOf(status));

function Lanes({ layout: { lanes, ticks, cuts, lanesLeftOut }, zoom, streamType, streamId }: { readonly layout: TimelineLayout; readonly zoom: number; readonly streamType: string; readonly streamId: string }): ReactElement {
  return (
    <div role="group" aria-label={timelineMessages.label} className="grid min-w-[1020px] grid-cols-[112px_minmax(0,1fr)] column:grid-cols-[200px_minmax(0,1fr)] bg-surface-1 pe-4" style={{ width: `${zoom * 100}%` }}>
      <div className="sticky start-0 top-0 z-30 border-b border-line bg-surface-2" />
      <div className="sticky top-0 z-20 h-7 border-b border-line bg-surface-2">
        {ticks.map(({ at, instant }) => (
          <span key={at} className="absolute top-0 flex h-full items-center border-s border-line ps-1 text-small text-text-2" style={{ insetInlineStart: `${at * 100}%` }}>
            <Instant at={instant} />
          </span>
        ))}
      </div>
      {lanes.map((lane) => (
        <LaneRow key={lane.name} lane={lane} cuts={cuts} streamType={streamType} streamId={streamId} />
      ))}
      {lanesLeftOut > 0 && <p className="col-span-2 px-4 py-2 text-text-2">{timelineMessages.grouped(amount(lanesLeftOut))}</p>}
    </div>
  );
}

function LaneRow({ lane, cuts, streamType, streamId }: { readonly lane: Lane; readonly cuts: TimelineLayout['cuts']; readonly streamType: string; readonly streamId: string }): ReactElement {
  const height = lane.tracks * trackPx + 2;
  return (
    <>
      <div className="sticky start-0 z-10 flex items-center border-b border-line bg-surface-1 px-2 column:px-4" style={{ minHeight: height }}>
        <span className="foreign truncate" title={visibleText(lane.name)}>{visibleText(lane.name.replaceAll('_', ' '))}</span>
      </div>
      <div className="@container relative border-b border-line" style={{ minHeight: height }}>
        {cuts.map(({ at, ms }) => (
          <div key={at} title={timelineMessages.wait(duration(ms))} className="hatched absolute inset-y-0 w-2 -translate-x-1/2" style={{ insetInlineStart: `${at * 100}%` }} />
        ))}
        {lane.bars.map((bar) => (
          <BarLink key={bar.row.eventId} bar={bar} lane={lane.name} streamType={streamType} streamId={streamId} />
        ))}
      </div>
    </>
  );
}

function BarLink({ bar: { row, from, to, isOpen, track }, lane, streamType, streamId }: { readonly bar: Bar; readonly lane: string; readonly streamType: string; readonly streamId: string }): ReactElement {
  const lasted = row.until === null ? (isOpen ? timelineMessages.open : '') : duration(Date.parse(row.until) - Date.parse(row.at));
  const says = [visibleText(row.label), wordOfStatus(row.status), lasted].filter((text) => text !== '').join(' · ');
  const share = Math.max(0, Math.min(1, to) - from);
  const family = /^[a-z_]+$/.test(lane) ? familyOf(lane) : 'agent';
  return (
    <Link
      to={streamHref({ streamType, streamId }, 'events', { sel: row.eventId })}
      title={says}
      aria-label={says}
      // What can be pressed is larger than what is seen; at the end of the lane it reaches backwards.
      className={classNames('group absolute flex h-6 min-w-6 items-center', from > 0.97 && 'justify-end')}
      style={{ ...(from > 0.97 ? { insetInlineEnd: `${(1 - Math.min(1, to)) * 100}%` } : { insetInlineStart: `${from * 100}%`, width: `${share * 100}%` }), top: 1 + track * trackPx }}
    >
      <span
        className={classNames('h-3.5 min-w-1.5 rounded-[2px] group-hover:brightness-110', fills[family], isFailed(row.status) && 'border-b-[3px] border-error', isOpen && 'rounded-e-none border-e-2 border-dashed border-e-text')}
        style={{ width: `${share * 100}cqw` }}
      />
    </Link>
  );
}

const wordOfStatus = (status: string | null): string => (status === null ? '' : wordOf(status));

const AsTable = ({ rows }: { readonly rows: readonly TimelineRow[] }): ReactElement => (
  <Table
    label={timelineMessages.table}
    head={
      <>
        <HeadCell className="ps-4">{timelineMessages.columns.lane}</HeadCell>
        <HeadCell className="w-full">{timelineMessages.columns.what}</HeadCell>
        <HeadCell>{timelineMessages.columns.status}</HeadCell>
        <HeadCell>{timelineMessages.columns.from}</HeadCell>
        <HeadCell align="end">{timelineMessages.columns.lasted}</HeadCell>
      </>
    }
  >
    {rows.map((row) => (
      <Row key={row.eventId}>
        <Cell className="ps-4 text-text-2">{visibleText(row.lane)}</Cell>
        <Cell className="foreign max-w-0 truncate">{oneLine(row.label)}</Cell>
        <Cell>{row.status !== null && <StatusGlyph tone={toneOf(row.status)} word={wordOf(row.status)} showsWord />}</Cell>
        <Cell><Instant at={row.at} as="precise" /></Cell>
        <Cell align="end">{row.until === null ? (row.kind === 'span' ? timelineMessages.open : '–') : duration(Date.parse(row.until) - Date.parse(row.at))}</Cell>
      </Row>
    ))}
  </Table>
);
