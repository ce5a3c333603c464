/** What there is to know of the event at the cursor: itself, its payload, what caused it and what it caused, and where runs stop. */
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { FormEvent, ReactElement, ReactNode } from 'react';
import type { EventEnvelope } from '@refold/client';
import { familyOf } from '../../families.ts';
import { addressOf, placeHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { toneOfSeverity } from '../../status.ts';
import { amount, duration } from '../../times.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import type { Failure } from '../../ui/error-pane.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { Input } from '../../ui/field.tsx';
import { Instant } from '../../ui/instant.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { X } from 'lucide-react';
import type { DebugModel } from './debug-model.ts';
import { FamilyGlyph } from './family-glyph.tsx';
import { JsonTree } from './json-tree.tsx';
import type { Breakpoint, BreakpointInput } from './session-store.ts';

export function Inspector({ model, onFork }: { readonly model: DebugModel; readonly onFork: () => void }): ReactElement {
  const event = useStoreValue(model.place, (value) => value.answer?.event ?? null);
  const isThere = useStoreValue(model.place, (value) => value.answer !== null);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ScrollRegion label="The event" className="flex-[4]">
        <PaneBoundary of="The event" resetKey={event?.id ?? ''}>
          {!isThere ? <Skeleton rows={8} /> : event === null ? <EmptyState title="Before the first event">Nothing has happened here.</EmptyState> : <EventCard event={event} onFork={onFork} />}
        </PaneBoundary>
      </ScrollRegion>
      <Section title="Causes and effects" className="flex-[3]">
        {event !== null && <Causality key={event.id} model={model} event={event} />}
      </Section>
      <Section title="Breakpoints" className="flex-[3]">
        <Breakpoints model={model} />
      </Section>
    </div>
  );
}

const Section = ({ title, className, children }: { readonly title: string; readonly className: string; readonly children: ReactNode }): ReactElement => (
  <section className={classNames('flex min-h-0 flex-col border-t border-line', className)}>
    <h3 className="flex h-7 shrink-0 items-center bg-surface-2 px-3 text-small font-semibold text-text-2">{title}</h3>
    <ScrollRegion label={title} className="flex-1">{children}</ScrollRegion>
  </section>
);

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement => (
  <>
    <dt className="text-text-2">{name}</dt>
    <dd className="foreign m-0 min-w-0">{children}</dd>
  </>
);

const delayShownMs = 2_000;

function EventCard({ event, onFork }: { readonly event: EventEnvelope; readonly onFork: () => void }): ReactElement {
  const category = event.type.split('.', 1)[0]!;
  const tone = toneOfSeverity(event.severity);
  const delay = Date.parse(event.recordedAt) - Date.parse(event.occurredAt);
  const address = addressOf(event, String(event.revision));
  const erased = event as EventEnvelope & { readonly erased?: boolean };
  const { trace } = event;
  return (
    <article>
      <header className="flex items-center gap-2 px-3 pt-2">
        <FamilyGlyph family={familyOf(category)} label={category} />
        <h2 className="foreign min-w-0 flex-1 truncate text-title font-semibold">{visibleText(event.type)}</h2>
        {tone !== 'quiet' && <StatusGlyph tone={tone} word={event.severity.toLowerCase()} showsWord />}
        <Button kind="quiet" className="h-6" onClick={onFork}>What if …</Button>
      </header>
      <dl className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-2 gap-y-0.5 px-3 py-2 leading-5">
        <Fact name="place">
          <span className="inline-flex max-w-full items-center"><code className="truncate">{visibleText(address)}</code><CopyButton text={address} label="Copy address" /></span>
        </Fact>
        <Fact name="actor">{visibleText(`${event.actor.type} ${event.actor.id}`)}{event.actor.model !== undefined && <span className="text-text-2"> · {visibleText(event.actor.model)}</span>}</Fact>
        {event.agent !== undefined && <Fact name="agent">{visibleText(event.agent)}</Fact>}
        <Fact name="occurred"><Instant at={event.occurredAt} as="whole" /></Fact>
        <Fact name="recorded"><Instant at={event.recordedAt} as="whole" />{Math.abs(delay) > delayShownMs && <span className="text-warn"> {delay > 0 ? `${duration(delay)} later` : `${duration(-delay)} before it happened`}</span>}</Fact>
        <Fact name="about">{visibleText(`${event.entityType}/${event.entityId}`)}</Fact>
        <Fact name="correlation"><code>{visibleText(event.correlationId)}</code></Fact>
        {trace !== undefined && <Fact name="trace"><code>{visibleText(`${trace.traceId}${trace.spanId === undefined ? '' : ` · ${trace.spanId}`}`)}</code></Fact>}
        <Fact name="priority">{event.priority} · schema {event.schemaVersion} · position {amount(event.position)}</Fact>
        <Fact name="leaf"><span className="inline-flex items-center"><code>{event.hash.slice(0, 16)}…</code><CopyButton text={event.hash} label="Copy leaf hash" /></span></Fact>
      </dl>
      <h3 className="flex h-7 items-center justify-between border-t border-line bg-surface-2 px-3 text-small font-semibold text-text-2">
        Payload <CopyButton text={JSON.stringify(event, null, 2)} label="Copy event as JSON" />
      </h3>
      {erased.erased === true ? <p className="px-3 py-2"><StatusGlyph tone="cancelled" word="erased" showsWord /> The payload was erased. That it was there, when and by whom, is still provable.</p> : <JsonTree value={event.data} label="Payload" />}
    </article>
  );
}

/** Relations are asked for once the cursor rests: a question per step would hold up the state of the next one. */
const relationsAfterMs = 200;

function Causality({ model, event }: { readonly model: DebugModel; readonly event: EventEnvelope }): ReactElement {
  const [rests, setRests] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), relationsAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const { data, error, refetch } = useAsk('traceEvent', { id: event.id, depth: 20 }, { keepsLast: false, enabled: rests });
  if (error !== null) return <ErrorPane error={error} of="Causes and effects" onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="late px-3 py-1 text-text-2">…</p>;
  const effects = data.effects.slice(0, effectsShown);
  return (
    <ul className="py-1">
      {data.causes.toReversed().map((cause, index) => <Relative key={cause.id} model={model} event={cause} depth={Math.min(index, 8)} word="caused" />)}
      <li className="px-3 leading-6 font-medium" style={{ paddingInlineStart: 12 + Math.min(data.causes.length, 8) * 12 }} aria-current="true">{visibleText(event.type)}</li>
      {data.dangling.map(({ causationId }) => <li key={causationId} className="px-3 leading-6 text-text-2">The recorded cause {causationId.slice(0, 13)}… is not in this log.</li>)}
      {effects.map((node) => <Relative key={node.event.id} model={model} event={node.event} depth={Math.min(data.causes.length + 1, 9)} word="effect" />)}
      {data.effects.length > effects.length && <li className="px-3 text-text-2">→ {amount(data.effects.length - effects.length)} more effects</li>}
      {data.causes.length === 0 && data.effects.length === 0 && data.dangling.length === 0 && <li className="px-3 text-text-2">No cause and no effect is recorded.</li>}
    </ul>
  );
}

const effectsShown = 20;

function Relative({ model, event, depth, word }: { readonly model: DebugModel; readonly event: EventEnvelope; readonly depth: number; readonly word: string }): ReactElement {
  const isHere = event.streamType === model.address.streamType && event.streamId === model.address.streamId;
  const text = `${event.type} ${oneLine(event.agent ?? event.entityId, 40)}`;
  const content = <><span className="min-w-0 flex-1 truncate">{visibleText(text)}</span><span className="figures text-text-2">{isHere ? `@${amount(event.revision)}` : visibleText(addressOf(event))}</span></>;
  const look = 'foreign flex min-h-6 w-full items-center gap-2 pe-3 text-start hover:bg-surface-2';
  return (
    <li title={word}>
      {isHere ? (
        <button type="button" className={look} style={{ paddingInlineStart: 12 + depth * 12 }} onClick={() => model.cursor.jumpTo(event.revision)}>{content}</button>
      ) : (
        <Link to={placeHref(event, event.revision)} className={look} style={{ paddingInlineStart: 12 + depth * 12 }}>{content}</Link>
      )}
    </li>
  );
}

/* ---- Breakpoints ---- */

const kinds = ['type', 'condition', 'path', 'flip', 'invariant', 'anomaly'] as const;
const kindWords = { type: 'event type', condition: 'CEL holds', path: 'value changes', flip: 'truth changes', invariant: 'ceases to hold', anomaly: 'fold anomaly' } as const;
const kindHints = { type: 'agent_run.failed, tool_call.*', condition: "event.severity == 'ERROR'", path: '/status', flip: "state.status == 'failed'", invariant: 'size(state.errors) == 0', anomaly: 'any type, or one: tool_call.*' } as const;

function inputOf(kind: (typeof kinds)[number], text: string): BreakpointInput | null {
  if (kind === 'anomaly') return { anomaly: true, ...(text === '' ? {} : { eventType: text }) };
  if (text === '') return null;
  return kind === 'type' ? { eventType: text } : { [kind]: text };
}

export function Breakpoints({ model }: { readonly model: DebugModel }): ReactElement {
  const { breakpoints, error, isExpired } = useStoreValue(model.session, (value) => value);
  const [kind, setKind] = useState<(typeof kinds)[number]>('type');
  const [text, setText] = useState('');
  const [nth, setNth] = useState('');
  const [log, setLog] = useState('');
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const asked = inputOf(kind, text.trim());
    if (asked === null) return;
    const input: BreakpointInput = {
      ...asked,
      ...(/^[1-9]\d{0,8}$/.test(nth) ? { nth: Number(nth) } : {}),
      ...(log.trim() === '' ? {} : { log }),
    };
    if (!(await model.session.addBreakpoint(input))) return;
    setText('');
    setNth('');
    setLog('');
  };
  return (
    <div>
      {isExpired && <p role="status" className="border-b border-line bg-surface-2 px-3 py-1"><StatusGlyph tone="warn" word="expired" /> The debug session of this address is gone; the server keeps one for a while only. A new one opens with the next breakpoint.</p>}
      <form onSubmit={(event) => void add(event)} className="flex flex-wrap items-center gap-1.5 p-2">
        <select aria-label="What stops" value={kind} onChange={(event) => setKind(event.target.value as typeof kind)} className="h-7 rounded border border-line bg-surface-1 px-1">
          {kinds.map((one) => <option key={one} value={one}>{kindWords[one]}</option>)}
        </select>
        <Input aria-label="Breakpoint" data-testid="breakpoint" placeholder={kindHints[kind]} value={text} onChange={(event) => setText(event.target.value)} className="min-w-28 flex-1 font-mono" />
        <Button type="submit">Add</Button>
        <Input aria-label="Only the nth place" placeholder="nth" value={nth} inputMode="numeric" onChange={(event) => setNth(event.target.value)} className="w-14" />
        <Input aria-label="Log instead of stopping" placeholder="log, not stop: took ${event.data.duration_ms}" value={log} onChange={(event) => setLog(event.target.value)} className="min-w-28 flex-1 font-mono" />
      </form>
      {error !== null && error !== undefined && <ErrorPane error={error as Failure} of="The debug session" />}
      <ul>
        {breakpoints.map((one) => (
          <li key={one.id} className="flex min-h-row items-center gap-2 border-t border-line/50 px-2">
            <input type="checkbox" aria-label={`Stop at ${textOf(one)}`} checked={one.enabled} onChange={(event) => void model.session.enable(one.id, event.target.checked)} className="size-4 accent-accent" />
            <code className={classNames('foreign min-w-0 flex-1 truncate', !one.enabled && 'text-text-2')} title={one.lastError ?? textOf(one)}>{visibleText(textOf(one))}</code>
            {one.log !== null && <span className="text-small text-text-2">logs</span>}
            {one.nth !== null && <span className="text-small text-text-2">nth {one.nth}</span>}
            {one.hits > 0 && <span className="figures text-small text-text-2">{amount(one.hits)} {one.hits === 1 ? 'hit' : 'hits'}</span>}
            {one.notEvaluated > 0 && <span className="text-small text-warn" title={one.lastError ?? undefined}>{amount(one.notEvaluated)} unknown</span>}
            <IconButton label={`Remove ${textOf(one)}`} icon={<X size={14} aria-hidden />} onClick={() => void model.session.removeBreakpoint(one.id)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const textOf = ({ eventType, condition, path, flip, invariant, anomaly }: Breakpoint): string =>
  [anomaly ? 'fold anomaly' : null, eventType, condition, path === null ? null : `${path} changes`, flip === null ? null : `flips: ${flip}`, invariant === null ? null : `ceases to hold: ${invariant}`].filter((part) => part !== null).join(' and ');
