/** The state at the cursor as a tree, what the step changed, and what is watched. */
import { ChevronDown, ChevronRight, Eye, Search, X } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Input } from '../../ui/field.tsx';
import { useRowHeight } from '../../ui/row-height.ts';
import { ScaledList } from '../../ui/scaled-list.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { amount } from '../../times.ts';
import type { DebugModel } from './debug-model.ts';
import { isSuperseded } from './fold-client.ts';
import type { ChangeLine } from './fold-messages.ts';
import { debugMessages } from './messages.ts';
import type { TreeRow } from './state-tree.ts';
import { pointerText, watchExpressionOf } from './pointer-text.ts';

interface PaneProps {
  readonly model: DebugModel;
}

/** Who set what is asked once the cursor rests: the values are there before, and whoever steps or scrubs on needs the processor. */
const settersAfterMs = 200;

export function StatePane({ model }: PaneProps): ReactElement {
  const { place } = model;
  const answer = useStoreValue(place, (value) => value.answer);
  const error = useStoreValue(place, (value) => value.error);
  const open = useStoreValue(place, (value) => value.open);
  const search = useStoreValue(place, (value) => value.search);
  const path = useStoreValue(place, (value) => value.path);
  const [active, setActive] = useState(-1);
  const rowHeight = useRowHeight();
  const setters = useSetters(model, answer?.revision ?? null, answer?.tree.rows ?? none);

  const toggle = useCallback(
    (pointer: string) => {
      const next = new Set(place.get().open);
      if (!next.delete(pointer)) next.add(pointer);
      place.set({ open: next });
    },
    [place],
  );
  const rowAt = useCallback((index: number): TreeRow | undefined => place.get().answer?.tree.rows[index - place.get().from], [place]);
  const choose = useCallback(
    (index: number): void => {
      setActive(index);
      const row = rowAt(index);
      if (row !== undefined) place.set({ path: row.path });
    },
    [place, rowAt],
  );
  const acts = useMemo<RowActs>(
    () => ({
      onToggle: toggle,
      onPick: choose,
      onTravel: (revision) => model.cursor.jumpTo(revision),
      onWatch: (pointer) => void model.session.addWatch(watchExpressionOf(pointer)),
      onFind: (pointer) => void findSetter(model, pointer),
    }),
    [model, toggle, choose],
  );
  const see = useCallback((from: number, to: number) => {
    // Asked for generously, so that a small scroll needs no answer.
    const [start, end] = [Math.max(0, Math.floor(from / 50) * 50 - 50), Math.ceil(to / 50) * 50 + 50];
    place.set({ from: start, to: end });
  }, [place]);

  if (answer === null && error !== null) return <ErrorPane error={error as Failure} of={debugMessages.state} onRetry={() => place.set({ error: null })} />;
  if (answer === null) return <FirstFold />;
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it adds two keys to those of the grid within
    <div className="flex min-h-0 flex-1 flex-col" onKeyDown={(event) => {
      const row = rowAt(active);
      if (row === undefined || !row.isBranch) return;
      if ((event.key === 'ArrowRight' && !row.isOpen) || (event.key === 'ArrowLeft' && row.isOpen)) {
        toggle(row.path);
        event.preventDefault();
        event.stopPropagation();
      }
    }}>
      <div className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-2">
        <Search size={14} aria-hidden className="shrink-0 text-text-2" />
        <input aria-label={debugMessages.searchState} placeholder={debugMessages.searchState} value={search} onChange={(event) => place.set({ search: event.target.value, from: 0, to: 100 })} className="h-6 min-w-0 flex-1 bg-transparent outline-none" />
        {search === '' ? (
          path !== null && <code className="foreign min-w-0 max-w-[60%] truncate text-text-2" title={pointerText(path)}>{pointerText(path)}</code>
        ) : (
          <>
            <span className="text-text-2">{amount(answer.tree.total)} found{answer.tree.truncated ? ', there are more' : ''}</span>
            <IconButton label="Clear" icon={<X size={14} aria-hidden />} onClick={() => place.set({ search: '' })} />
          </>
        )}
      </div>
      {error !== null && <ErrorPane error={error as Failure} of={debugMessages.state} onRetry={() => place.set({ error: null })} />}
      {answer.failure !== null && <FoldFailure model={model} failure={answer.failure} />}
      {answer.anomalies.map(({ code, detail }) => (
        <p key={code + detail} className="foreign flex shrink-0 items-baseline gap-2 border-b border-line bg-surface-2 px-3 py-1">
          <StatusGlyph tone="warn" word="anomaly" className="self-center" /> <code>{code}</code> {visibleText(detail)}
        </p>
      ))}
      {answer.tree.total === 0 && <EmptyState title={search === '' ? 'Nothing has happened yet' : 'Nothing has these letters'}>{search === '' ? 'Step forward to the first event.' : 'Paths and values were looked through.'}</EmptyState>}
      <ScaledList
        id="state" label={debugMessages.state} rowCount={answer.tree.total} rowHeight={rowHeight} columnCount={3} active={active} onActive={choose}
        onOpen={(index) => {
          const row = rowAt(index);
          if (row?.isBranch === true) toggle(row.path);
          else if (row !== undefined) void model.session.addWatch(watchExpressionOf(row.path));
        }}
        onSee={see}
        renderRow={(index) => {
          const row = rowAt(index);
          return row === undefined ? null : <StateRow row={row} index={index} setBy={setters.get(row.path)} isActive={active === index} isOpenBranch={open.has(row.path)} acts={acts} />;
        }}
      />
      <ChangesHere changes={answer.changes} isBefore={answer.base === 'previous'} />
    </div>
  );
}

/** A long run that nobody looked at since the server began is folded once: whoever waits is told why. */
function FirstFold(): ReactElement {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), firstFoldMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      {isLong && <p role="status" className="px-3 py-2 text-text-2">The server folds this run for the first time. It does so once; the events can be read meanwhile.</p>}
      <Skeleton rows={12} />
    </>
  );
}

const firstFoldMs = 1_500;

/** What the step changed, without a click; as high as it is whatever changed, so that nothing jumps. */
const ChangesHere = ({ changes, isBefore }: { readonly changes: readonly ChangeLine[]; readonly isBefore: boolean }): ReactElement => (
  <section className="flex h-[124px] shrink-0 flex-col border-t border-line">
    <h3 className="flex h-7 shrink-0 items-center bg-surface-2 px-3 text-small font-semibold text-text-2">{isBefore ? 'Changed by this event' : 'Changed since the base'}</h3>
    <ScrollRegion label="Changes" className="flex-1">
      {changes.length === 0 && <p className="px-3 py-1 text-text-2">Nothing but bookkeeping.</p>}
      <ul>{changes.slice(0, changesShown).map((line) => <li key={line.op + line.path} className="h-6"><DiffRow line={line} isActive={false} /></li>)}</ul>
      {changes.length > changesShown && <p className="px-3 text-text-2">and {amount(changes.length - changesShown)} more in Diff</p>}
    </ScrollRegion>
  </section>
);

const changesShown = 50;

const none: readonly TreeRow[] = [];

type Setter = number | 'earlier' | undefined;

/** Which event set each leaf that is seen, as far as the stretch in memory tells. */
function useSetters(model: DebugModel, revision: number | null, rows: readonly TreeRow[]): ReadonlyMap<string, Setter> {
  const [known, setKnown] = useState<{ readonly key: string; readonly map: ReadonlyMap<string, Setter> }>({ key: '', map: new Map() });
  const pointers = useMemo(() => rows.filter(({ isBranch }) => !isBranch).map(({ path }) => path).slice(0, 200), [rows]);
  const key = `${revision} ${pointers.join('\n')}`;
  useEffect(() => {
    if (revision === null || pointers.length === 0) return;
    let isLeft = false;
    const timer = setTimeout(() => {
      model.fold.ask({ is: 'setters', revision, pointers }).then(
        ({ setBy, since }) => {
          if (!isLeft) setKnown({ key, map: new Map(pointers.map((pointer, index) => [pointer, setBy[index] ?? (since === 0 ? undefined : 'earlier')])) });
        },
        (error: unknown) => {
          // Who set a value is told or not; the values stand.
          if (!isSuperseded(error) && !isLeft) setKnown({ key, map: new Map() });
        },
      );
    }, settersAfterMs);
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [model, revision, pointers, key]);
  return known.map;
}

/** A value set before what is in memory: the server walks the history and says who it was. */
async function findSetter(model: DebugModel, pointer: string): Promise<void> {
  const { revision } = model.cursor.get();
  model.cursor.tell({ is: 'seek', what: `who set ${pointerText(pointer)}` });
  try {
    const { items } = await model.client.provenance({ ...model.address, revision, path: pointer }, { timeoutMs: 120_000 });
    const setBy = items[0]?.setBy ?? null;
    if (setBy === null) model.notice.set({ text: `${pointerText(pointer)} is as it was before the first event.` });
    else model.cursor.jumpTo(setBy.revision);
  } catch (error) {
    model.notice.set({ text: error instanceof Error ? error.message : String(error) });
  } finally {
    model.cursor.tell({ is: 'found' });
  }
}

const valueClass: { readonly [kind in TreeRow['kind']]: string } = { text: '', number: 'text-running', flag: 'text-running', nothing: 'text-text-2 italic', fields: 'text-text-2', list: 'text-text-2' };

interface RowActs {
  readonly onToggle: (path: string) => void;
  readonly onPick: (index: number) => void;
  readonly onTravel: (revision: number) => void;
  readonly onWatch: (path: string) => void;
  readonly onFind: (path: string) => void;
}

interface StateRowProps {
  readonly row: TreeRow;
  readonly index: number;
  readonly setBy: Setter;
  readonly isActive: boolean;
  readonly isOpenBranch: boolean;
  readonly acts: RowActs;
}

/** Every step brings new rows, most of which say what the old ones said. */
const saysTheSame = ({ row: was, ...before }: StateRowProps, { row: is, ...after }: StateRowProps): boolean => isShallowEqual(was, is) && isShallowEqual(before, after);

const isShallowEqual = <T extends object>(a: T, b: T): boolean => Object.entries(a).every(([name, value]) => value === b[name as keyof T]);

const StateRow = memo(function StateRow({ row, index, setBy, isActive, isOpenBranch, acts: { onToggle, onPick, onTravel, onWatch, onFind } }: StateRowProps): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the keys of rows stand on the grid
    <div
      className={classNames('group flex h-full items-center gap-2 border-b border-line/40 pe-2 whitespace-nowrap', row.change !== null && 'bg-warn/10 inset-shadow-[2px_0_0_var(--warn)]', isActive && 'outline-1 -outline-offset-1 outline-text-2', !isActive && 'hover:bg-surface-2')}
      onClick={() => {
        onPick(index);
        if (row.isBranch) onToggle(row.path);
      }}
    >
      <span role="gridcell" {...(row.isBranch ? { 'aria-expanded': row.isOpen } : {})} className="foreign flex min-w-0 shrink-0 items-center gap-1" style={{ paddingInlineStart: 8 + Math.min(row.depth, 24) * 14 }}>
        {row.isBranch ? isOpenBranch ? <ChevronDown size={14} aria-hidden className="shrink-0 text-text-2" /> : <ChevronRight size={14} aria-hidden className="shrink-0 text-text-2" /> : <span className="w-3.5" />}
        <span className="max-w-64 truncate" title={visibleText(row.path)}>{visibleText(row.label)}</span>
      </span>
      <span role="gridcell" className={classNames('foreign min-w-0 flex-1 truncate font-mono text-mono', valueClass[row.kind])} title={visibleText(row.text)}>
        {visibleText(row.text)}
        {row.before !== null && <span className="text-text-2"> was <s>{visibleText(row.before)}</s></span>}
      </span>
      <span role="gridcell" className="flex shrink-0 items-center gap-1.5 text-small text-text-2">
        {row.change !== null && <span className="text-text">{row.isBranch && row.changesInside > 0 ? `${row.changesInside} changed` : row.change}</span>}
        {!row.isBranch && (
          <button type="button" tabIndex={-1} aria-label={`Watch ${row.label}`} className="invisible size-6 group-hover:visible hover:text-text" onClick={(event) => {
            event.stopPropagation();
            onWatch(row.path);
          }}>
            <Eye size={13} aria-hidden className="mx-auto" />
          </button>
        )}
        {typeof setBy === 'number' && (
          <button type="button" className="link figures h-6 min-w-6" title="Travel to the event that set this value" onClick={(event) => {
            event.stopPropagation();
            onTravel(setBy);
          }}>
            set @{amount(setBy)}
          </button>
        )}
        {setBy === 'earlier' && (
          <button type="button" className="link h-6 min-w-6" title="Find the event that set this value" onClick={(event) => {
            event.stopPropagation();
            onFind(row.path);
          }}>
            set earlier
          </button>
        )}
      </span>
    </div>
  );
}, saysTheSame);

function FoldFailure({ model, failure }: PaneProps & { readonly failure: { readonly revision: number; readonly type: string; readonly message: string } }): ReactElement {
  const goOn = async (): Promise<void> => {
    await model.fold.ask({ is: 'skip', revision: failure.revision });
    model.place.set({ open: new Set(model.place.get().open), error: null });
  };
  return (
    <div role="alert" className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-surface-2 px-3 py-2">
      <StatusGlyph tone="error" word="fold failed" />
      <span className="foreign flex-1">{visibleText(failure.message)} This is the state before it.</span>
      <Button onClick={() => model.cursor.jumpTo(failure.revision)}>Event {amount(failure.revision)}</Button>
      <Button onClick={() => void goOn()}>Continue after it (this view only)</Button>
    </div>
  );
}

/* ---- Diff ---- */

const opWords = { add: 'added', remove: 'removed', replace: 'changed' } as const;
const opSigns = { add: '+', remove: '−', replace: '~' } as const;
const opTones = { add: 'text-ok', remove: 'text-error', replace: 'text-warn' } as const;

export function DiffPane({ model, onBase }: PaneProps & { readonly onBase: (base: string) => void }): ReactElement {
  const answer = useStoreValue(model.place, (value) => value.answer);
  const base = useStoreValue(model.place, (value) => value.base);
  const firstBad = useStoreValue(model.facts, (value) => value.firstBad);
  const marks = useStoreValue(model.facts, (value) => value.marks);
  const notes = useStoreValue(model.session, (value) => value.notes);
  const [words, setWords] = useState('');
  const [form, setForm] = useState<'unified' | 'split' | 'patch'>('unified');
  const [isOther, setIsOther] = useState(false);
  const [active, setActive] = useState(-1);
  const rowHeight = useRowHeight();
  const shown = useMemo(() => (answer?.changes ?? []).filter(({ path }) => path.toLowerCase().includes(words.toLowerCase())), [answer, words]);
  if (answer === null) return <Skeleton rows={8} />;
  const [phase, checkpoint] = ['phase', 'checkpoint'].map((wanted) => marks.findLast(({ kind, from }) => kind === wanted && from <= answer.revision));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-8 shrink-0 flex-wrap items-center gap-2 border-b border-line px-2">
        <label className="flex items-center gap-1.5 text-text-2">
          against
          <select aria-label="Base of the diff" value={isOther ? otherRun : String(base)} onChange={(event) => {
            setIsOther(event.target.value === otherRun);
            if (event.target.value !== otherRun) onBase(event.target.value);
          }} className="h-6 max-w-40 rounded border border-line bg-surface-1 px-1 text-text">
            <option value="previous">the event before</option>
            {phase !== undefined && <option value={String(Math.max(0, phase.from - 1))}>start of phase @{phase.from}</option>}
            <option value="0">the beginning</option>
            {firstBad !== null && <option value={String(Math.max(0, firstBad.revision - 1))}>before first bad @{firstBad.revision}</option>}
            {notes.map((note) => <option key={note.id} value={String(note.revision)}>{note.text === '' ? 'bookmark' : visibleText(note.text.slice(0, 24))} @{note.revision}</option>)}
            {checkpoint !== undefined && <option value={String(checkpoint.from)}>checkpoint @{checkpoint.from}</option>}
            {base !== 'previous' && <option value={String(base)}>{typeof base === 'number' ? `event @${base}` : visibleText(base)}</option>}
            <option value={otherRun}>a place of any run …</option>
          </select>
        </label>
        {isOther && (
          <form onSubmit={(event) => {
            event.preventDefault();
            const place = new FormData(event.currentTarget).get('place');
            if (typeof place !== 'string' || !place.includes('/')) return;
            onBase(place.trim());
            setIsOther(false);
          }}>
            <Input name="place" aria-label="Place of the base" placeholder="job/42@end, then Enter" className="w-48 font-mono" required pattern=".+/.+" autoComplete="off" />
          </form>
        )}
        {answer.counts !== null && (
          <span className="figures" aria-label={`${answer.counts.added} added, ${answer.counts.removed} removed, ${answer.counts.changed} changed`}>
            <span className="text-ok">+{answer.counts.added}</span> <span className="text-error">−{answer.counts.removed}</span> <span className="text-warn">~{answer.counts.changed}</span>
          </span>
        )}
        <input aria-label="Filter by path" placeholder="Filter by path" value={words} onChange={(event) => setWords(event.target.value)} className="h-6 w-24 min-w-0 flex-1 bg-transparent outline-none" />
        <div role="radiogroup" aria-label="Form of the diff" className="flex items-center overflow-hidden rounded border border-line">
          {(['unified', 'split', 'patch'] as const).map((one) => (
            <button key={one} type="button" role="radio" aria-checked={form === one} onClick={() => setForm(one)} className={classNames('h-6 px-2', form === one ? 'bg-surface-3 font-medium text-text' : 'bg-surface-1 text-text-2 hover:text-text')}>
              {one}
            </button>
          ))}
        </div>
      </div>
      {answer.counts === null ? (
        <EmptyState title="No state before this one">{answer.failure === null ? 'Nothing stands before the first event.' : 'The fold did not get here.'}</EmptyState>
      ) : shown.length === 0 ? (
        <EmptyState title="Nothing changed">{words === '' ? 'The state is the same on both sides, bookkeeping left out.' : 'No changed path has these letters.'}</EmptyState>
      ) : form === 'patch' ? (
        <ScrollRegion label="JSON Patch" className="flex-1">
          <pre className="foreign m-0 p-3 whitespace-pre-wrap">{patchText(shown)}</pre>
        </ScrollRegion>
      ) : (
        <ScaledList id="diff" label={debugMessages.diff} rowCount={shown.length} rowHeight={rowHeight} columnCount={3} active={active} onActive={setActive} onOpen={(index) => model.place.set({ path: shown[index]!.path })} renderRow={(index) => <div role="gridcell" className="h-full">{form === 'split' ? <SplitRow line={shown[index]!} isActive={index === active} /> : <DiffRow line={shown[index]!} isActive={index === active} />}</div>} />
      )}
    </div>
  );
}

const DiffRow = ({ line, isActive }: { readonly line: ChangeLine; readonly isActive: boolean }): ReactElement => (
  <div className={classNames('flex h-full items-center gap-2 border-b border-line/40 px-2 whitespace-nowrap hover:bg-surface-2', isActive && 'outline-1 -outline-offset-1 outline-text-2')}>
    <span className={classNames('w-4 shrink-0 text-center font-mono font-semibold', opTones[line.op])} title={opWords[line.op]}><span aria-hidden>{opSigns[line.op]}</span><span className="sr-only">{opWords[line.op]}</span></span>
    <code className="foreign max-w-[55%] shrink-0 truncate" title={pointerText(line.path)}>{pointerText(line.path)}</code>
    <span className="foreign min-w-0 flex-1 truncate font-mono text-mono">
      {line.op !== 'add' && <s className="text-text-2">{visibleText(line.before)}</s>}
      {line.op === 'replace' && ' → '}
      {line.op !== 'remove' && <span title={visibleText(line.after)}>{visibleText(line.after)}</span>}
    </span>
  </div>
);

/** What was on one side and what is on the other; where there was nothing, the side is empty. */
const SplitRow = ({ line: { op, path, before, after }, isActive }: { readonly line: ChangeLine; readonly isActive: boolean }): ReactElement => (
  <div className={classNames('grid h-full grid-cols-[minmax(0,4fr)_minmax(0,5fr)_minmax(0,5fr)] items-center border-b border-line/40 whitespace-nowrap hover:bg-surface-2', isActive && 'outline-1 -outline-offset-1 outline-text-2')}>
    <code className="foreign truncate px-2" title={pointerText(path)}>{pointerText(path)}</code>
    <span className={classNames('foreign h-full truncate border-s border-line px-2 font-mono text-mono leading-[var(--row)]', op === 'add' ? 'bg-surface-2' : 'bg-error/8')} title={visibleText(before)}>{visibleText(before)}</span>
    <span className={classNames('foreign h-full truncate border-s border-line px-2 font-mono text-mono leading-[var(--row)]', op === 'remove' ? 'bg-surface-2' : 'bg-ok/8')} title={visibleText(after)}>{visibleText(after)}</span>
  </div>
);

const otherRun = 'other';

const patchText = (lines: readonly ChangeLine[]): string => lines.map(({ op, path, after }) => visibleText(JSON.stringify(op === 'remove' ? { op, path } : { op, path, value: parsed(after) }))).join('\n');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/* ---- Watch ---- */

export function WatchPane({ model, onFlips }: PaneProps & { readonly onFlips: (expression: string) => void }): ReactElement {
  const watches = useStoreValue(model.session, (value) => value.watches);
  const failed = useStoreValue(model.session, (value) => value.error);
  const values = useStoreValue(model.place, (value) => value.answer?.values) ?? [];
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() !== '' && (await model.session.addWatch(text.trim()))) setText('');
    input.current?.focus();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <form onSubmit={(event) => void add(event)} className="flex shrink-0 items-center gap-2 border-b border-line p-1.5">
        <Input ref={input} aria-label="Expression to watch" placeholder="state.status, size(state.agentRuns), event.data…" value={text} onChange={(event) => setText(event.target.value)} className="flex-1 font-mono" />
        <Button type="submit">Watch</Button>
      </form>
      {failed !== null && failed !== undefined && <ErrorPane error={failed as Failure} of="The watch" />}
      {watches.length === 0 && <EmptyState title="Nothing is watched">Write an expression, or press w on a value of the state.</EmptyState>}
      <ul className="min-h-0 flex-1 overflow-auto">
        {watches.map(({ id, expression }) => {
          const found = values.find((value) => value.expression === expression);
          const changed = found !== undefined && found.error === null && JSON.stringify(found.value) !== JSON.stringify(found.previous);
          return (
            <li key={id} className={classNames('flex min-h-row items-center gap-2 border-b border-line/40 px-2', changed && 'bg-warn/10 inset-shadow-[2px_0_0_var(--warn)]')}>
              <code className="foreign min-w-0 flex-1 truncate" title={expression}>{visibleText(expression)}</code>
              <span className={classNames('foreign min-w-0 flex-1 truncate font-mono text-mono', found?.error !== null && 'text-text-2')} title={found?.error ?? undefined}>
                {found === undefined ? '…' : found.error === null ? visibleText(JSON.stringify(found.value).slice(0, 400)) : `not known here: ${found.error}`}
              </span>
              {changed && <span className="foreign max-w-[30%] shrink-0 truncate text-small text-text-2" title={visibleText(JSON.stringify(found.previous))}>changed, was <s>{visibleText(JSON.stringify(found.previous).slice(0, 60))}</s></span>}
              <Button kind="quiet" className="h-6" onClick={() => onFlips(expression)}>Flips</Button>
              <IconButton label={`Stop watching ${expression}`} icon={<X size={14} aria-hidden />} onClick={() => void model.session.removeWatch(id)} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
