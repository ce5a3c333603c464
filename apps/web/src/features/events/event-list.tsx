/** Events as rows, as many in the page as are seen. j and k walk them; the reader's place stays where it is when new ones come. */
import type { EventEnvelope, Json } from '@refold/client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { ReactElement } from 'react';
import { familyOf } from '../../families.ts';
import { ShortcutScope } from '../../shortcuts/shortcut-scope.tsx';
import { toneOfSeverity } from '../../status.ts';
import { amount } from '../../times.ts';
import { Instant } from '../../ui/instant.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import type { TreeRow } from './cause-tree.ts';

interface EventListProps {
  readonly rows: readonly TreeRow<EventEnvelope>[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  readonly onFilter: (event: EventEnvelope) => void;
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

const rowPixels = 28;
const levelPixels = 12;
/** Deeper ones stand at this level, with their number. */
const levelsMax = 8;

export function EventList({ rows: listed, selected, onSelect, onFilter, hasMore, onMore }: EventListProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const events = useMemo(() => listed.map(({ event }) => event), [listed]);
  const rows = useVirtualizer({ count: events.length, getScrollElement: () => box.current, estimateSize: () => rowPixels, overscan: 20 });
  const shown = rows.getVirtualItems();
  const isNearEnd = (shown.at(-1)?.index ?? 0) >= events.length - 40;
  useEffect(() => {
    if (isNearEnd && hasMore) onMore();
  }, [isNearEnd, hasMore, onMore]);

  const at = events.findIndex(({ id }) => id === selected);
  const go = (index: number): void => {
    const to = Math.min(Math.max(0, index), events.length - 1);
    const event = events[to];
    if (event === undefined) return;
    onSelect(event.id);
    rows.scrollToIndex(to, { align: 'auto' });
  };
  const bindings = [
    { keys: 'j | Down', says: 'Next event', run: () => go(at + 1) },
    { keys: 'k | Up', says: 'Event before', run: () => go(at - 1) },
    { keys: 'J', says: 'Ten further', run: () => go(at + 10) },
    { keys: 'K', says: 'Ten back', run: () => go(at - 10) },
    { keys: 'Home', says: 'First event', run: () => go(0) },
    { keys: 'End', says: 'Last event that is loaded', run: () => go(events.length - 1) },
    { keys: 'f', says: 'Only events of this type', run: () => events[at] !== undefined && onFilter(events[at]) },
  ];
  return (
    <ShortcutScope name="Lists" bindings={bindings} className="flex min-h-0 flex-1 flex-col">
      <div ref={box} tabIndex={0} role="grid" aria-label="Events" aria-rowcount={events.length} className="min-h-0 flex-1 overflow-auto">
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const { event, depth } = listed[index]!;
            return (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys of the list stand on its scope
              <div key={event.id} role="row" aria-rowindex={index + 1} aria-selected={event.id === selected} onClick={() => onSelect(event.id)} className="absolute inset-x-0 flex cursor-default items-center gap-3 border-b border-line px-4 hover:bg-surface-2 aria-selected:bg-surface-3" style={{ top: start, height: rowPixels }}>
                <span role="gridcell" className="figures hidden w-14 shrink-0 text-end text-text-2 narrow:inline">{amount(event.position)}</span>
                <span role="gridcell" className="figures w-32 shrink-0 whitespace-nowrap text-text-2">
                  <Instant at={event.occurredAt} />
                </span>
                <span role="gridcell" className="flex min-w-0 flex-1 items-center gap-2 narrow:flex-none narrow:basis-64">
                  {depth > 0 && (
                    <span className="shrink-0 text-text-2" style={{ paddingInlineStart: Math.min(depth, levelsMax) * levelPixels - levelPixels }}>
                      <span aria-hidden>{depth > levelsMax ? `└${depth}` : '└'}</span>
                      <span className="sr-only">caused, level {depth}</span>
                    </span>
                  )}
                  <span aria-hidden className={`size-2 shrink-0 rounded-full ${dots[familyOf(event.type)]}`} />
                  <span className="foreign truncate font-mono text-mono">{oneLine(event.type, 80)}</span>
                  {marked.has(event.severity) && <StatusGlyph tone={toneOfSeverity(event.severity)} word={event.severity.toLowerCase()} />}
                </span>
                <span role="gridcell" className="foreign hidden min-w-0 flex-1 truncate narrow:inline">
                  {event.erased === true ? <span className="text-text-2">payload erased</span> : summaryOf(event)}
                </span>
                <span role="gridcell" className="foreign hidden w-40 shrink-0 truncate text-text-2 wide:inline">{oneLine(event.agent ?? `${event.actor.type}:${event.actor.id}`, 40)}</span>
                <span role="gridcell" className="foreign hidden w-64 shrink-0 truncate text-end text-text-2 column:inline">{oneLine(`${event.streamType}/${event.streamId}@${event.revision}`, 80)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </ShortcutScope>
  );
}

const marked: ReadonlySet<string> = new Set(['WARN', 'ERROR', 'CRITICAL', 'FATAL']);

/** What a person would read first: the first text or figure of the payload that says something. */
function summaryOf({ data }: EventEnvelope): string {
  for (const name of ['summary', 'message', 'title', 'reason', 'description', 'text', 'prompt', 'tool_name', 'tool', 'name', 'step', 'content'])
    if (Object.hasOwn(data, name) && typeof data[name] === 'string' && data[name] !== '') return oneLine(data[name], 200);
  // A change of one field says what it was and what it is.
  if (Object.hasOwn(data, 'after')) return `${written(data['before'])} → ${written(data['after'])}`;
  const first = Object.entries(data).find(([, value]) => typeof value === 'string' || typeof value === 'number');
  return first === undefined ? '' : oneLine(`${first[0]}: ${written(first[1])}`, 200);
}

const written = (value: Json | undefined): string => (value === undefined || value === null ? 'nothing' : typeof value === 'string' ? oneLine(value, 160) : oneLine(JSON.stringify(value), 160));

/** Written out: the classes are found in the sources. */
const dots = { flow: 'bg-flow', agent: 'bg-agent', model: 'bg-model', effect: 'bg-effect', quality: 'bg-quality', neutral: 'bg-neutral' } as const;
