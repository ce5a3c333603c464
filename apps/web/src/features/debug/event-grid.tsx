/** The events of a run as a grid: the debugger's left pane, and the list of the events tab. */
import { memo, useCallback, useEffect, useRef, useState } from 'react';
import type { MouseEvent, ReactElement } from 'react';
import { useStoreValue } from '../../ui/external-store.ts';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { Button } from '../../ui/button.tsx';
import { ContextMenu } from '../../ui/context-menu.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import type { MenuItem } from '../../ui/menu.tsx';
import { useRowHeight } from '../../ui/row-height.ts';
import { ScaledList } from '../../ui/scaled-list.tsx';
import type { ScaledListHandle } from '../../ui/scaled-list.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { classNames } from '../../ui/class-names.ts';
import { familyOf } from '../../families.ts';
import { usePreferences } from '../../preferences.ts';
import { toneOfSeverity } from '../../status.ts';
import { amount, brief, duration, preciseTime } from '../../times.ts';
import type { ExternalStore } from '../../ui/external-store.ts';
import { FamilyGlyph } from './family-glyph.tsx';
import { debugMessages } from './messages.ts';
import type { EventRow, RowSource } from './row-source.ts';

interface EventGridProps {
  readonly rows: RowSource;
  /** Where the reader stands; events after it are told apart. Absent: a list without a cursor. */
  readonly cursor?: ExternalStore<{ readonly revision: number }>;
  /** Types at which a run stops. */
  readonly stopsAt?: ReadonlySet<string>;
  readonly onOpen: (revision: number) => void;
  readonly onActive?: (revision: number | null) => void;
  readonly onBreakpoint?: (row: EventRow) => void;
  /** What can be done with a row, by its context menu. */
  readonly menuOf?: (row: EventRow) => readonly (readonly MenuItem[])[];
  readonly onClearFilter?: () => void;
  readonly label?: string;
}

/** The list follows the cursor when that rests: whoever scrubs looks at the state. */
const followsAfterMs = 120;

export function EventGrid({ rows, cursor, stopsAt, onOpen, onActive, onBreakpoint, menuOf, onClearFilter, label = debugMessages.events }: EventGridProps): ReactElement {
  const list = useRef<ScaledListHandle>(null);
  const rowHeight = useRowHeight();
  const { count, version, isFiltered, isBusy, error } = useStoreValue(rows, (value) => value);
  const here = useStoreValue(cursor ?? nowhere, (value) => value.revision);
  const [active, setActive] = useState(-1);
  const { clock } = usePreferences();
  const [clockShown, setClockShown] = useState(false);
  const [menu, setMenu] = useState<{ readonly row: EventRow; readonly x: number; readonly y: number } | null>(null);
  const openMenu = (event: MouseEvent): void => {
    const under = (event.target as Element).closest<HTMLElement>('[data-revision]') ?? document.getElementById(`events-${active}`)?.querySelector<HTMLElement>('[data-revision]');
    const row = under === null || under === undefined ? undefined : rows.row(rows.indexOf(Number(under.dataset['revision'])));
    if (menuOf === undefined || row === undefined || under === null || under === undefined) return;
    event.preventDefault();
    // A key has no place of its own: the menu opens at its row.
    const { left, bottom } = under.getBoundingClientRect();
    const isKey = event.button !== 2 && event.detail === 0;
    setMenu({ row, x: isKey ? left + 24 : event.clientX, y: isKey ? bottom : event.clientY });
  };

  const activate = useCallback(
    (row: number) => {
      setActive(row);
      onActive?.(rows.revisionAt(row));
    },
    [rows, onActive],
  );

  useEffect(() => {
    if (cursor === undefined || count === 0) return;
    const place = rows.indexOf(here);
    const row = Math.min(count - 1, here > 0 && rows.revisionAt(place) !== here ? Math.max(0, place - 1) : place);
    const timer = setTimeout(() => {
      setActive(row);
      list.current?.show(row);
    }, rows.row(row) === undefined ? followsAfterMs : 0);
    return () => clearTimeout(timer);
  }, [rows, cursor, here, count]);

  const see = useCallback((from: number, to: number) => rows.see(from, to), [rows]);
  const renderRow = (index: number): ReactElement => {
    const row = rows.row(index);
    if (row === undefined) return <PendingRow revision={rows.revisionAt(index)} />;
    const before = rows.row(index - 1);
    return (
      <Row
        row={row}
        timeText={clockShown || before === undefined ? preciseTime(row.occurredAt, clock) : deltaText(Date.parse(row.occurredAt) - Date.parse(before.occurredAt))}
        isCurrent={cursor !== undefined && row.revision === here}
        isLater={cursor !== undefined && row.revision > here}
        isActive={index === active}
        stops={stopsAt?.has(row.type) ?? false}
        onOpen={onOpen}
        onBreakpoint={onBreakpoint}
      />
    );
  };

  return (
    <div className="flex min-h-0 flex-1 flex-col" data-version={version} onContextMenu={openMenu}>
      <div className="flex h-6 shrink-0 items-center border-b border-line bg-surface-2 text-small text-text-2" aria-hidden>
        <span className="w-6" />
        <span className="w-[60px] pe-2 text-end">#</span>
        <button type="button" tabIndex={-1} className="w-[80px] pe-2 text-end hover:text-text" onClick={() => setClockShown((shown) => !shown)}>
          {clockShown ? 'time ▾' : 'after ▾'}
        </button>
        <span className="w-5" />
        <span className="flex-1">event</span>
      </div>
      {error !== null && error !== undefined && <ErrorPane error={error as Failure} of={debugMessages.events} onRetry={rows.retry} />}
      {count === 0 && !isBusy && isFiltered ? (
        <EmptyState title={debugMessages.noRows} actions={onClearFilter === undefined ? undefined : <Button onClick={onClearFilter}>{debugMessages.clear}</Button>}>
          {null}
        </EmptyState>
      ) : (
        <ScaledList handle={list} id="events" label={label} rowCount={count} rowHeight={rowHeight} columnCount={5} active={active} current={cursor === undefined ? -1 : rows.indexOf(here)} onActive={activate} onOpen={(index) => {
          const revision = rows.revisionAt(index);
          if (revision !== null) onOpen(revision);
        }} onSee={see} renderRow={renderRow} />
      )}
      {menuOf !== undefined && menu !== null && <ContextMenu at={menu} groups={menuOf(menu.row)} onClose={() => setMenu(null)} />}
    </div>
  );
}

const nowhere: ExternalStore<{ readonly revision: number }> = { get: () => atNowhere, set: () => undefined, subscribe: () => () => undefined };
const atNowhere = { revision: 0 };

const deltaText = (ms: number): string => (ms === 0 ? '·' : ms > 0 ? `+${duration(ms)}` : duration(ms));

interface RowProps {
  readonly row: EventRow;
  readonly timeText: string;
  readonly isCurrent: boolean;
  readonly isLater: boolean;
  readonly isActive: boolean;
  readonly stops: boolean;
  readonly onOpen: (revision: number) => void;
  readonly onBreakpoint: ((row: EventRow) => void) | undefined;
}

const Row = memo(function Row({ row, timeText, isCurrent, isLater, isActive, stops, onOpen, onBreakpoint }: RowProps): ReactElement {
  const tone = toneOfSeverity(row.severity);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the keys of rows stand on the grid
    <div
      data-revision={row.revision}
      className={classNames(
        'flex h-full cursor-default items-center border-b border-line/60 whitespace-nowrap',
        isCurrent ? 'bg-accent/12 inset-shadow-[2px_0_0_var(--accent)]' : isLater ? 'bg-surface-2 text-text-2 hover:bg-surface-3' : 'hover:bg-surface-2',
        isActive && 'outline-1 -outline-offset-1 outline-text-2',
      )}
      onClick={() => onOpen(row.revision)}
    >
      <span role="gridcell" className="w-6 shrink-0 text-center">
        <button type="button" tabIndex={-1} aria-label={`${stops ? 'Remove the breakpoint' : 'Stop'} at ${row.type}`} className={classNames('size-6 align-middle', stops ? 'text-accent' : 'text-transparent hover:text-text-2')} onClick={(event) => {
          event.stopPropagation();
          onBreakpoint?.(row);
        }}>
          ●
        </button>
      </span>
      <span role="gridcell" className="figures w-[60px] shrink-0 pe-2 text-end text-mono text-text-2">{amount(row.revision)}</span>
      <span role="gridcell" className="figures w-[80px] shrink-0 pe-2 text-end text-small text-text-2">
        <time dateTime={row.occurredAt}>{timeText}</time>
      </span>
      <span role="gridcell" className="flex w-5 shrink-0 items-center">
        <FamilyGlyph family={familyOf(row.category)} label={row.category} />
      </span>
      <span role="gridcell" className="foreign flex min-w-0 flex-1 items-baseline gap-2 overflow-hidden">
        <span className="shrink-0 font-medium">{visibleText(row.type)}</span>
        <span className="min-w-0 truncate text-text-2" title={visibleText(row.summary)}>{visibleText(row.summary)}</span>
      </span>
      <span role="gridcell" className="flex shrink-0 items-center gap-1.5 ps-2 pe-2 text-small text-text-2">
        {row.tokens !== null && row.tokens > 0 && <span title={`${amount(row.tokens)} tokens`}>{brief(row.tokens)} tok</span>}
        {row.durationMs !== null && <span>{duration(row.durationMs)}</span>}
        {tone !== 'quiet' && <StatusGlyph tone={tone} word={row.severity.toLowerCase()} />}
        {row.isUnknownType && <StatusGlyph tone="unknown" word="unknown type" />}
        {row.isErased && <span>erased</span>}
      </span>
    </div>
  );
});

const PendingRow = ({ revision }: { readonly revision: number | null }): ReactElement => (
  <div className="flex h-full items-center border-b border-line/60">
    <span role="gridcell" className="figures w-[84px] shrink-0 pe-2 text-end text-mono text-text-2">{amount(revision)}</span>
    <span role="gridcell" aria-label="loading" className="late ms-[84px] h-2 w-40 rounded bg-surface-3" />
  </div>
);
