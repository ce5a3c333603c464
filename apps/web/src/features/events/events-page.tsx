/** Every event of the log: filtered by chips, words and one expression, the newest first, with what is new a press away. */
import { useEvents } from '@refold/react';
import { ArrowDown, ArrowUp, Download } from 'lucide-react';
import { useCallback } from 'react';
import type { ReactElement } from 'react';
import { download } from '../../download.ts';
import { useAsk } from '../../refold.ts';
import { formatSearch, oneOf } from '../../search-parameters.ts';
import { amount, counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { BusyBar, Skeleton } from '../../ui/skeleton.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { inCauseOrder } from './cause-tree.ts';
import { EventCard } from './event-card.tsx';
import { EventLines, dialects } from './event-lines.tsx';
import { activeFilters, filterOf, withFilter } from './event-filters.ts';
import { EventList } from './event-list.tsx';
import { eventsIn, useEventPages } from './event-pages.ts';
import { FilterBar } from './filter-bar.tsx';
import { Histogram } from './histogram.tsx';
import { NothingFound } from './nothing-found.tsx';

export function EventsPage(): ReactElement {
  const [search, change] = useSearch();
  const filters = activeFilters(search);
  const filter = filterOf(filters);
  const order = oneOf(search, 'order') === 'asc' ? 'asc' : 'desc';
  const view = viewOf(oneOf(search, 'view'));
  const isJson = view !== 'rows' && view !== 'tree';
  const selected = oneOf(search, 'sel');
  const pages = useEventPages(filter, order);
  const stats = useAsk('stats', { ...filter, bucket: 'minute' }, { keepsLast: true });
  const seen = useAsk('stats', { bucket: 'minute' });
  const events = eventsIn(pages.data);
  const { fetchNextPage, refetch, isFetchingNextPage, hasNextPage } = pages;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const shown = events.find(({ id }) => id === selected);
  const refresh = (): void => {
    void refetch();
    void stats.refetch();
  };
  return (
    <PageFrame
      title="Events"
      scrolls={false}
      facts={stats.data !== undefined && <span className="figures text-text-2">{counted(stats.data.total, 'event')}</span>}
      actions={
        <>
          <NewEvents key={JSON.stringify(filter)} filter={filter} newest={Math.max(0, ...events.map(({ position }) => position))} onShow={refresh} />
          <Field label="Form of the list" hidesLabel>
            {(ties) => (
              <Select {...ties} value={view} onChange={({ target }) => change({ view: target.value === 'rows' ? undefined : target.value }, { replaces: true })}>
                <option value="rows">Rows</option>
                <option value="tree">By cause</option>
                {dialects.map(([dialect, name]) => (
                  <option key={dialect} value={dialect}>JSON, {name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Button icon={<Download size={14} aria-hidden />} onClick={() => download(`/api/v1/export${formatSearch({ ...filter, ...(isJson ? { dialect: view } : {}) })}`, 'events.jsonl')}>
            Export
          </Button>
          <Button icon={order === 'desc' ? <ArrowDown size={14} aria-hidden /> : <ArrowUp size={14} aria-hidden />} onClick={() => change({ order: order === 'desc' ? 'asc' : undefined })}>
            {order === 'desc' ? 'Newest first' : 'Oldest first'}
          </Button>
        </>
      }
      bar={<FilterBar search={search} change={change} seen={seen.data} fields={[...new Set(events.slice(0, 50).flatMap(({ data }) => Object.keys(data)))]} />}
    >
      <Histogram stats={stats.data} onNarrow={(from, to) => change({ from, to })} />
      <BusyBar isBusy={pages.isPlaceholderData} />
      <PaneBoundary of="The events" resetKey={JSON.stringify(filter)}>
        {pages.error !== null && events.length === 0 ? (
          <ErrorPane error={pages.error} of="The events" onRetry={() => void refetch()} />
        ) : pages.data === undefined ? (
          <Skeleton rows={16} />
        ) : events.length === 0 ? (
          <NothingFound filters={filters} search={search} change={change} />
        ) : isJson ? (
          <EventLines filter={filter} order={order} dialect={view} />
        ) : (
          <EventList rows={view === 'tree' ? inCauseOrder(events) : events.map((event) => ({ event, depth: 0 }))} selected={selected} onSelect={(id) => change({ sel: id }, { replaces: true })} onFilter={({ type }) => change(withFilter(search, { field: 'type', value: type }))} hasMore={hasNextPage} onMore={more} />
        )}
      </PaneBoundary>
      <Dialog isOpen={selected !== null} onClose={() => change({ sel: undefined }, { replaces: true })} place="side" isModal={false} title={oneLine(shown?.type ?? 'Event', 80)}>
        {selected !== null && (
          <PaneBoundary of="The event" resetKey={selected}>
            <EventCard key={selected} id={selected} onOpen={(id) => change({ sel: id })} />
          </PaneBoundary>
        )}
      </Dialog>
    </PageFrame>
  );
}

const viewOf = (text: string | null): string => (text === 'tree' || dialects.some(([dialect]) => dialect === text) ? text! : 'rows');

interface NewEventsProps {
  readonly filter: { readonly [name: string]: string | readonly string[] };
  /** Newest position in the list. */
  readonly newest: number;
  readonly onShow: () => void;
}

/** What has come since is counted and kept back: a list never moves under the reader. */
function NewEvents({ filter, newest, onShow }: NewEventsProps): ReactElement | null {
  const { events, dropped } = useEvents(filter);
  const fresh = dropped + events.filter(({ position }) => position > newest).length;
  if (fresh === 0) return null;
  return (
    <Button kind="strong" onClick={onShow}>
      {amount(fresh)} new
    </Button>
  );
}
