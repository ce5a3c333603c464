/** The events of a stream, whatever their number: the grid of the debugger without its cursor, and a card beside it for a closer look. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { refold } from '../../../refold.ts';
import { oneOf } from '../../../search-parameters.ts';
import { ShortcutScope } from '../../../shortcuts/shortcut-scope.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { PaneBoundary } from '../../../ui/error-pane.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { useSearch } from '../../../use-search.ts';
import { EventGrid, FilterBar, createRowSource, filterOf, readSearch } from '../../debug/index.ts';
import type { Filter, RowSource } from '../../debug/index.ts';
import { EventCard } from '../../events/index.ts';
import type { StreamTabProps } from '../tab-props.ts';
import { eventsTabMessages } from './messages.ts';

export function EventsTab({ streamType, streamId, head }: StreamTabProps): ReactElement {
  const rows = useRows(streamType, streamId, head);
  return rows === null ? <Skeleton rows={16} /> : <Events rows={rows} />;
}

/** One source per stream; it grows with the stream and is given back with the tab. */
function useRows(streamType: string, streamId: string, head: number): RowSource | null {
  const [rows, setRows] = useState<RowSource | null>(null);
  useEffect(() => {
    const source = createRowSource(refold, { streamType, streamId });
    // oxlint-disable-next-line react/set-state-in-effect -- opened with the tab and closed with it
    setRows(source);
    return () => source.close();
  }, [streamType, streamId]);
  useEffect(() => rows?.grow(head), [rows, head]);
  return rows;
}

const none: Filter = {};

function Events({ rows }: { readonly rows: RowSource }): ReactElement {
  const [search, change] = useSearch();
  const filter = filterOf(readSearch(search));
  const key = JSON.stringify(filter);
  useEffect(() => rows.setFilter(JSON.parse(key) as Filter), [rows, key]);
  const selected = oneOf(search, 'sel');
  const setFilter = (next: Filter): void => change({ type: undefined, agent: undefined, minSeverity: undefined, text: undefined, where: undefined, ...next });
  const open = (id: string | undefined): void => change({ sel: id }, { replaces: selected !== null });
  // A row is known by its revision; its id is in the page of rows that is shown.
  const openRevision = (revision: number): void => open(rows.row(rows.indexOf(revision))?.id);
  return (
    <ShortcutScope name={eventsTabMessages.scope} bindings={[{ keys: 'Escape', says: eventsTabMessages.close, run: () => open(undefined), isActive: selected !== null }]} className="flex min-h-0 flex-1 flex-col">
      <FilterBar rows={rows} filter={filter} onFilter={setFilter} />
      <EventGrid rows={rows} onOpen={openRevision} onClearFilter={() => setFilter(none)} />
      <Dialog isOpen={selected !== null} onClose={() => open(undefined)} title={eventsTabMessages.card} place="side" isModal={false}>
        <PaneBoundary of={eventsTabMessages.card} resetKey={selected ?? ''}>
          {selected !== null && <EventCard id={selected} onOpen={open} />}
        </PaneBoundary>
      </Dialog>
    </ShortcutScope>
  );
}
