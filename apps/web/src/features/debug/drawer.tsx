/** Below the panes: a console that evaluates and goes places, every change of truth of an expression, and notes. It never writes to the log. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import type { OutputOf } from '@refold/client';
import { amount } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Input } from '../../ui/field.tsx';
import { Instant } from '../../ui/instant.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import type { ConsoleLine, DebugModel } from './debug-model.ts';
import { drawers } from './debug-search.ts';
import type { Drawer as DrawerName } from './debug-search.ts';
import { runConsoleLine } from './console-commands.ts';
import { Notes } from './notes.tsx';

interface DrawerProps {
  readonly model: DebugModel;
  readonly shown: DrawerName | null;
  readonly onShow: (drawer: DrawerName | null) => void;
  /** What the flips are asked about. */
  readonly expression: string;
  readonly onExpression: (expression: string) => void;
  readonly consoleBox: { current: HTMLInputElement | null };
}

const names = { console: 'Console', flips: 'Flips', notes: 'Notes' } as const;

export function Drawer({ model, shown, onShow, expression, onExpression, consoleBox }: DrawerProps): ReactElement {
  const notes = useStoreValue(model.session, (value) => value.notes.length);
  return (
    <section aria-label="Drawer" className={classNames('flex shrink-0 flex-col border-t border-line', shown === null ? 'h-8' : 'h-60')}>
      <div className="flex h-8 shrink-0 items-center bg-surface-2 px-1">
        {drawers.map((name) => (
          <button key={name} type="button" aria-expanded={shown === name} onClick={() => onShow(shown === name ? null : name)} className={classNames('relative h-8 px-3', shown === name ? 'font-medium text-text after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-accent' : 'text-text-2 hover:text-text')}>
            {names[name]}
            {name === 'notes' && notes > 0 && <span className="figures ms-1.5 text-small text-text-2">{amount(notes)}</span>}
          </button>
        ))}
      </div>
      {shown === 'console' && <Console model={model} box={consoleBox} />}
      {shown === 'flips' && <Flips key={expression} model={model} expression={expression} onExpression={onExpression} />}
      {shown === 'notes' && <Notes model={model} />}
    </section>
  );
}

function Console({ model, box }: { readonly model: DebugModel; readonly box: { current: HTMLInputElement | null } }): ReactElement {
  const items = useStoreValue(model.lines, (value) => value.items);
  const [text, setText] = useState('');
  const [back, setBack] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  // A newer browser answers with a promise, which is no way to end an effect.
  useEffect(() => void list.current?.scrollTo({ top: list.current.scrollHeight }), [items]);
  const asked = items.filter(({ kind }) => kind === 'asked');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    setText('');
    setBack(0);
    void runConsoleLine(model, text.trim());
  };
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls takes the focus, so that its keys reach it */}
      <ol ref={list} aria-live="polite" aria-label="Console" tabIndex={0} className="m-0 min-h-0 flex-1 list-none overflow-auto px-3 py-1 font-mono text-mono">
        {items.length === 0 && <li className="text-text-2">CEL at the cursor, for example state.status; or /flips, /first, /count, /diff, /who, /go. /help says more.</li>}
        {items.map((line) => <Line key={line.number} line={line} onGo={(revision) => model.cursor.jumpTo(revision)} />)}
      </ol>
      <form onSubmit={submit} className="flex shrink-0 items-center gap-2 border-t border-line px-3">
        <span aria-hidden className="text-text-2">›</span>
        <input ref={box} aria-label="Console line" value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => {
          const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
          if (step === 0) return;
          event.preventDefault();
          const next = Math.min(asked.length, Math.max(0, back + step));
          setBack(next);
          setText(next === 0 ? '' : asked[asked.length - next]!.text);
        }} className="h-8 min-w-0 flex-1 bg-transparent font-mono text-mono outline-none" spellCheck={false} autoComplete="off" />
      </form>
    </>
  );
}

const Line = ({ line: { kind, text, revision }, onGo }: { readonly line: ConsoleLine; readonly onGo: (revision: number) => void }): ReactElement => (
  <li className={classNames('foreign leading-5 whitespace-pre-wrap', kind === 'asked' && 'text-text-2', kind === 'error' && 'text-error', kind === 'log' && 'text-running')}>
    {kind === 'asked' ? '› ' : kind === 'error' ? '✗ ' : kind === 'log' ? '● ' : ''}
    {visibleText(text)}
    {revision !== undefined && <button type="button" className="link figures ms-2" onClick={() => onGo(revision)}>@{amount(revision)}</button>}
  </li>
);

type Flip = OutputOf<'flips'>['items'][number];

function Flips({ model, expression, onExpression }: { readonly model: DebugModel; readonly expression: string; readonly onExpression: (expression: string) => void }): ReactElement {
  const [text, setText] = useState(expression);
  const search = useMutation<OutputOf<'flips'>, Failure, string>({ mutationFn: (asked) => model.client.flips({ ...model.address, expression: asked }, { timeoutMs: 120_000 }) });
  const { mutate } = search;
  useEffect(() => {
    if (expression !== '') mutate(expression);
  }, [expression, mutate]);
  const found = search.data;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === expression) mutate(expression);
        else onExpression(text.trim());
      }} className="flex shrink-0 items-center gap-2 border-b border-line p-1.5">
        <Input aria-label="Expression whose truth is followed" placeholder="state.status == 'failed'" value={text} onChange={(event) => setText(event.target.value)} className="flex-1 font-mono" />
        <Button type="submit" disabled={search.isPending}>{search.isPending ? 'Looking …' : 'Find flips'}</Button>
        {found !== undefined && <span className="figures text-text-2">{amount(found.summary.flips)} {found.summary.flips === 1 ? 'flip' : 'flips'} in {amount(found.summary.events)} events{found.summary.unknown > 0 ? `, ${amount(found.summary.unknown)} unknown` : ''}{found.truncated ? ', cut' : ''}</span>}
      </form>
      <ScrollRegion label="Flips" className="flex-1">
        {search.error !== null && <ErrorPane error={search.error} of="The search" />}
        {found === undefined && !search.isPending && search.error === null && <EmptyState title="When did it become true?">An expression of which every change of truth is listed, with what decided it.</EmptyState>}
        {found?.items.length === 0 && <EmptyState title="It never changed">{`It was ${String(found.summary.start)} throughout.`}</EmptyState>}
        <ul>{found?.items.map((flip) => <FlipRow key={`${flip.revision} ${flip.kind}`} flip={flip} onGo={(revision) => model.cursor.jumpTo(revision)} />)}</ul>
      </ScrollRegion>
    </div>
  );
}

const FlipRow = ({ flip, onGo }: { readonly flip: Flip; readonly onGo: (revision: number) => void }): ReactElement => (
  <li>
    <button type="button" onClick={() => onGo(flip.revision)} className="flex min-h-row w-full items-center gap-3 border-b border-line/40 px-3 text-start hover:bg-surface-2">
      <span className="figures w-20 shrink-0 text-end text-mono text-text-2">{amount(flip.revision)}</span>
      <Instant at={flip.at} as="precise" className="figures shrink-0 text-text-2" />
      <span className="shrink-0">{String(flip.from)} → <strong>{String(flip.to)}</strong></span>
      <span className="foreign shrink-0 font-medium">{visibleText(flip.type)}</span>
      <span className="foreign min-w-0 flex-1 truncate font-mono text-mono text-text-2">{visibleText(Object.entries(flip.values).map(([name, { before, after }]) => `${name}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`).join(', '))}</span>
    </button>
  </li>
);
