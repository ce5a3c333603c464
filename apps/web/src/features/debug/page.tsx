/** The time-travel debugger of one stream: header, transport, scrubber, events, state, inspector, drawer. */
import { useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { addressOf, streamHref } from '../../places.ts';
import type { StreamTab } from '../../places.ts';
import { refold } from '../../refold.ts';
import { ShortcutScope } from '../../shortcuts/shortcut-scope.tsx';
import { toneOf, wordOf } from '../../status.ts';
import { amount } from '../../times.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Splitter } from '../../ui/splitter.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { TabLinks } from '../../ui/tabs.tsx';
import { classNames } from '../../ui/class-names.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { debugKeys } from './debug-keys.ts';
import { baseOf, createDebugModel } from './debug-model.ts';
import type { Address, CutClock, DebugModel } from './debug-model.ts';
import { filterNames, filterOf, readSearch } from './debug-search.ts';
import type { Drawer as DrawerName, Filter, Pane } from './debug-search.ts';
import { Drawer } from './drawer.tsx';
import { EventGrid } from './event-grid.tsx';
import { FilesPane } from './files-pane.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ForkDialog } from './fork-dialog.tsx';
import { Inspector } from './inspector.tsx';
import { debugMessages } from './messages.ts';
import type { EventRow } from './row-source.ts';
import { rowMenu } from './row-menu.ts';
import { Scrubber } from './scrubber.tsx';
import { DiffPane, StatePane, WatchPane } from './state-pane.tsx';
import { TransportBar } from './transport-bar.tsx';
import type { Grain } from './transport-bar.tsx';
import { useAddress } from './use-address.ts';
import { useIsWide } from './use-media.ts';

const threePanes = 1_180;
const twoPanes = 820;

/** The other views of the stream, as its page lists them. */
export interface StreamView {
  readonly tab: StreamTab;
  readonly title: string;
  readonly isFor?: (streamType: string) => boolean;
}

const noViews: readonly StreamView[] = [];

interface DebugPageProps {
  readonly views?: readonly StreamView[];
  /** Chips that tell how far the run can be relied on; shown once its first place is. */
  readonly standing?: (address: Address, events: number) => ReactNode;
}

export function DebugPage({ views = noViews, standing }: DebugPageProps): ReactElement {
  const { streamType = '', streamId = '' } = useParams({ strict: false }) as { readonly [name: string]: string | undefined };
  const address = useMemo(() => ({ streamType, streamId }), [streamType, streamId]);
  const [parameters, change] = useSearch();
  const search = useMemo(() => readSearch(parameters), [parameters]);
  const [model, setModel] = useState<DebugModel | null>(null);
  const open = useEffectEvent(() => createDebugModel(refold, address, search, (ds) => change({ ds }, { replaces: true })));

  useEffect(() => {
    const opened = open();
    // oxlint-disable-next-line react/set-state-in-effect -- opened with the page and closed with it
    setModel(opened);
    return () => {
      opened.close();
      setModel(null);
    };
  }, [address]);

  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-hidden">
      {model === null ? <Skeleton rows={16} /> : <Debugger key={`${streamType}/${streamId}`} model={model} search={search} change={change} views={views} standing={standing} />}
    </div>
  );
}

/** The same among the tabs of a stream. */
export const DebugTab = (_stream: Address): ReactElement => <DebugPage />;

interface DebuggerProps {
  readonly model: DebugModel;
  readonly search: ReturnType<typeof readSearch>;
  readonly change: ReturnType<typeof useSearch>[1];
  readonly views: readonly StreamView[];
  readonly standing: DebugPageProps['standing'];
}

function Debugger({ model, search, change, views, standing }: DebuggerProps): ReactElement {
  const { address, facts, cursor, rows, session } = model;
  const error = useStoreValue(facts, (value) => value.error);
  const breakpoints = useStoreValue(session, (value) => value.breakpoints);
  const spoken = useStoreValue(model.notice, (value) => value.spoken);
  const isThree = useIsWide(threePanes);
  const isTwo = useIsWide(twoPanes);
  const [grain, setGrain] = useState<Grain>('event');
  const [isLog, setIsLog] = useState(false);
  /** The revision whose what-if is open; null = none. */
  const [forked, setForked] = useState<number | null>(null);
  const setForks = useCallback((isOpen: boolean) => setForked(isOpen ? model.cursor.get().revision : null), [model]);
  const [expression, setExpression] = useState('');
  const placeBox = useRef<HTMLInputElement>(null);
  const consoleBox = useRef<HTMLInputElement>(null);
  const region = useRef<HTMLDivElement>(null);
  const event = useStoreValue(model.place, (value) => value.answer?.event ?? null);
  useAddress(model, search.at, change);

  const pane: Pane = search.pane ?? 'state';
  const drawer = search.drawer ?? null;
  const setPane = useCallback((next: Pane) => change({ pane: next === 'state' ? undefined : next }, { replaces: true }), [change]);
  const setDrawer = useCallback(
    (next: DrawerName | null) => {
      change({ drawer: next ?? undefined }, { replaces: true });
      if (next === 'console') setTimeout(() => consoleBox.current?.focus(), 50);
      if (next === null) region.current?.focus();
    },
    [change],
  );
  const setBase = useCallback(
    (base: string) => {
      model.place.set({ base: baseOf(base) });
      change({ base: base === 'previous' ? undefined : base }, { replaces: true });
    },
    [model, change],
  );
  const clock = search.clock ?? 'happened';
  const setClock = useCallback(
    (next: CutClock) => {
      model.place.set({ clock: next });
      change({ clock: next === 'known' ? 'known' : undefined }, { replaces: true });
    },
    [model, change],
  );
  const filter = useMemo(() => filterOf(search), [search]);
  const setFilter = useCallback((next: Filter) => change(Object.fromEntries(filterNames.map((name) => [name, next[name]])), { replaces: true }), [change]);
  useEffect(() => rows.setFilter(filter), [rows, filter]);
  const showFlips = useCallback(
    (asked: string) => {
      setExpression(asked);
      setDrawer('flips');
    },
    [setDrawer],
  );

  // The keys act from the beginning: nobody has to click first.
  useEffect(() => region.current?.focus(), []);

  const stopsAt = useMemo(() => new Set(breakpoints.flatMap(({ eventType, enabled }) => (enabled && eventType !== null ? [eventType] : []))), [breakpoints]);
  const toggleBreakpoint = useCallback(
    (row: EventRow) => {
      const known = session.get().breakpoints.find(({ eventType, condition }) => eventType === row.type && condition === null);
      void (known === undefined ? session.addBreakpoint({ eventType: row.type }) : session.removeBreakpoint(known.id));
    },
    [session],
  );

  const menuOf = (row: EventRow) =>
    rowMenu(row, {
      model,
      stops: stopsAt.has(row.type),
      onBase: setBase,
      onBreakpoint: toggleBreakpoint,
      onExclude: (type) => setFilter({ ...filter, where: [...(filter.where === undefined ? [] : [`(${filter.where})`]), `event.type != ${JSON.stringify(type)}`].join(' && ') }),
      onFork: (revision) => {
        cursor.jumpTo(revision);
        setForked(revision);
      },
    });

  // oxlint-disable-next-line react/refs -- read when a key is pressed, not while rendering
  const keys = debugKeys({
    model, pane, drawer, onPane: setPane, onDrawer: setDrawer, onBase: setBase,
    onFork: () => setForks(true),
    onClock: () => setClock(clock === 'known' ? 'happened' : 'known'),
    focusPlace: () => placeBox.current?.focus(),
    focusList: () => document.querySelector<HTMLElement>('[role=grid][aria-label="Events"]')?.focus(),
    focusBreakpoint: () => {
      if (!isThree) setPane('inspector');
      setTimeout(() => document.querySelector<HTMLElement>('[data-testid=breakpoint]')?.focus(), 50);
    },
  });

  if (error !== null && error !== undefined) return <ErrorPane error={error as Failure} of={`${address.streamType}/${address.streamId}`} onRetry={() => location.reload()} />;

  const events = (
    <PaneBoundary of={debugMessages.events}>
      <FilterBar rows={rows} filter={filter} onFilter={setFilter} />
      <EventGrid rows={rows} cursor={cursor} stopsAt={stopsAt} onOpen={cursor.jumpTo} onBreakpoint={toggleBreakpoint} menuOf={menuOf} onClearFilter={() => setFilter({})} />
    </PaneBoundary>
  );
  const shownPane = pane === 'inspector' && isThree ? 'state' : pane;
  const centre = (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <PaneTabs model={model} pane={shownPane} onPane={setPane} withInspector={!isThree} />
      <PaneBoundary of={shownPane} resetKey={shownPane}>
        {shownPane === 'state' && <StatePane model={model} />}
        {shownPane === 'diff' && <DiffPane model={model} onBase={setBase} />}
        {shownPane === 'watch' && <WatchPane model={model} onFlips={showFlips} />}
        {shownPane === 'inspector' && <Inspector model={model} onFork={() => setForks(true)} />}
        {shownPane === 'files' && <FilesPane model={model} />}
      </PaneBoundary>
    </div>
  );
  const inspector = (
    <PaneBoundary of={debugMessages.inspector}>
      <Inspector model={model} onFork={() => setForks(true)} />
    </PaneBoundary>
  );

  return (
    <ShortcutScope name={debugMessages.scope} bindings={keys} className="flex min-h-0 flex-1 flex-col">
      <div ref={region} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        <Header model={model} views={views} standing={standing} />
        <TransportBar model={model} grain={grain} onGrain={setGrain} placeBox={placeBox} onLeave={() => region.current?.focus()} isLog={isLog} onLog={setIsLog} clock={clock} onClock={setClock} />
        <PaneBoundary of={debugMessages.scrubber}>
          <Scrubber model={model} isLog={isLog} />
        </PaneBoundary>
        {isThree ? (
          <Splitter name="debug.events" initial={400} min={280} max={900} start={events} end={<Splitter name="debug.inspector" initial={422} min={320} max={800} sized="end" start={centre} end={inspector} />} />
        ) : isTwo ? (
          <Splitter name="debug.events" initial={360} min={280} max={700} start={events} end={centre} />
        ) : (
          <div className="flex min-h-0 flex-1 flex-col">
            <div className="flex min-h-0 flex-1 flex-col">{events}</div>
            <div className="flex min-h-0 flex-1 flex-col border-t-2 border-line">{centre}</div>
          </div>
        )}
        <PaneBoundary of="The drawer" resetKey={drawer ?? ''}>
          <Drawer model={model} shown={drawer} onShow={setDrawer} expression={expression} onExpression={setExpression} consoleBox={consoleBox} />
        </PaneBoundary>
        <p role="status" className="sr-only">{spoken}</p>
      </div>
      {event !== null && event.revision === forked && <ForkDialog model={model} event={event} onClose={() => setForks(false)} />}
    </ShortcutScope>
  );
}

function PaneTabs({ model, pane, onPane, withInspector }: { readonly model: DebugModel; readonly pane: Pane; readonly onPane: (pane: Pane) => void; readonly withInspector: boolean }): ReactElement {
  const counts = useStoreValue(model.place, (value) => value.answer?.counts ?? null);
  const watches = useStoreValue(model.session, (value) => value.watches.length);
  const changes = counts === null ? 0 : counts.added + counts.removed + counts.changed;
  const shown: readonly (readonly [Pane, string, number])[] = [['state', debugMessages.state, 0], ['diff', debugMessages.diff, changes], ['watch', debugMessages.watch, watches], ['files', debugMessages.files, 0], ...(withInspector ? [['inspector', debugMessages.inspector, 0] as const] : [])];
  return (
    <div role="tablist" aria-label="Panes" className="flex h-8 shrink-0 border-b border-line bg-surface-2">
      {shown.map(([value, label, count]) => (
        <button key={value} type="button" role="tab" aria-selected={pane === value} onClick={() => onPane(value)} className={classNames('relative inline-flex h-8 items-center gap-1.5 px-3', pane === value ? 'font-medium text-text after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-accent' : 'text-text-2 hover:text-text')}>
          {label}
          {count > 0 && <span className="figures text-small text-text-2">{amount(count)}</span>}
        </button>
      ))}
    </div>
  );
}

function Header({ model, views, standing }: Pick<DebuggerProps, 'model' | 'views' | 'standing'>): ReactElement {
  const { address, cursor, facts } = model;
  const { status, firstBad, isBlaming, isPlaced, connection } = useStoreValue(facts, (value) => value);
  const head = useStoreValue(cursor, (value) => value.head);
  const name = `${address.streamType}/${address.streamId}`;
  return (
    <header className="flex h-10 shrink-0 items-center gap-3 overflow-hidden border-b border-line ps-3">
      {status !== null && <StatusGlyph tone={toneOf(status)} word={wordOf(status)} showsWord className="font-medium" />}
      <h1 className="foreign min-w-0 truncate text-title font-semibold" title={visibleText(name)}>{visibleText(name)}</h1>
      <CopyButton text={addressOf(address)} label="Copy address" />
      <span className="figures whitespace-nowrap text-text-2 max-column:hidden">{amount(head)} events</span>
      {firstBad !== null ? (
        <button type="button" onClick={() => cursor.jumpTo(firstBad.revision)} title={visibleText(firstBad.summary)} className="inline-flex h-6 items-center gap-1.5 rounded border border-line bg-surface-2 px-2 whitespace-nowrap hover:bg-surface-3">
          <StatusGlyph tone="error" />
          {debugMessages.firstBad} <span className="figures">@{amount(firstBad.revision)}</span>
          <span className="text-text-2 max-column:hidden">recorded{firstBad.hops > 0 ? `, ${firstBad.hops} ${firstBad.hops === 1 ? 'hop' : 'hops'}` : ''}</span>
        </button>
      ) : (
        isBlaming && <span className="late whitespace-nowrap text-text-2">{debugMessages.lookingForFirstBad} …</span>
      )}
      {connection === 'reconnecting' && <span role="status"><StatusGlyph tone="warn" word="reconnecting; what is shown stays" showsWord /></span>}
      {isPlaced && standing !== undefined && <div className="flex gap-2 max-column:hidden">{standing(address, head)}</div>}
      <span className="flex-1" />
      <div className="-mb-px self-end max-column:hidden">
        <TabLinks label="Views of this stream" tabs={views.filter(({ isFor }) => isFor?.(address.streamType) ?? true).map(({ tab, title }) => ({ href: streamHref(address, tab), label: title, isCurrent: tab === 'debug' }))} />
      </div>
    </header>
  );
}
