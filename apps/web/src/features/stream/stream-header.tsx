/** What a stream is and how it stands: status, name, times, counters, and three chips that lead to the evidence behind them. */
import { useMutation } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { Bug } from 'lucide-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { addressOf, firstBad, placeHref, streamHref } from '../../places.ts';
import { download } from '../../download.ts';
import { asLogError, refold, useAsk } from '../../refold.ts';
import { formatSearch } from '../../search-parameters.ts';
import { hasEnded, toneOf, wordOf } from '../../status.ts';
import { amount, counted, duration } from '../../times.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Chip, chipClass } from '../../ui/chip.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Instant } from '../../ui/instant.tsx';
import { Menu } from '../../ui/menu.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { firstBadIn } from './first-bad.ts';
import { streamMessages } from './messages.ts';
import { spanOf, textOf, titleOf } from './run-title.ts';
import type { StreamTabProps } from './tab-props.ts';
import { tabViews } from './tabs.ts';

export function StreamHeader({ streamType, streamId, stream }: Omit<StreamTabProps, 'head'>): ReactElement {
  const { state } = stream;
  const status = textOf(state, 'status');
  const title = titleOf(state);
  const address = { streamType, streamId };
  const { startedAt, endedAt } = spanOf(state);
  const canDebug = tabViews.some(({ tab }) => tab === 'debug');
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-1.5 border-b border-line px-4 py-2">
      <div className="flex min-w-0 flex-col">
        <div className="flex min-w-0 items-center gap-2.5">
          {status !== null && <StatusGlyph tone={toneOf(status)} word={wordOf(status)} showsWord className="font-semibold" />}
          <h1 className="foreign min-w-0 truncate text-title leading-5 font-semibold">{visibleText(title ?? streamId)}</h1>
        </div>
        <div className="flex min-w-0 items-center gap-1 text-text-2">
          <code className="foreign truncate">{visibleText(addressOf(address))}</code>
          <CopyButton text={addressOf(address)} label={streamMessages.copyAddress} />
        </div>
      </div>
      <dl className="hidden gap-5 wide:flex">
        <Fact name={streamMessages.fact.started} value={<Instant at={startedAt} />} />
        <Fact name={streamMessages.fact.lasted} value={startedAt === null || endedAt === null || !hasEnded(status) ? streamMessages.fact.goesOn : duration(Date.parse(endedAt) - Date.parse(startedAt))} />
      </dl>
      <div className="ms-auto flex min-w-0 flex-wrap items-center gap-2">
        <FirstBadChip streamType={streamType} streamId={streamId} canDebug={canDebug} />
        <CoverageChip streamType={streamType} streamId={streamId} />
        <IntegrityChip address={`${streamType}/${streamId}`} />
        <span className="text-text-2 figures">{counted(stream.events, 'event')}</span>
        <Actions streamType={streamType} streamId={streamId} />
        {canDebug && (
          <Link to={streamHref(address, 'debug')} className={buttonClass()}>
            <Bug size={14} aria-hidden />
            {streamMessages.debug}
          </Link>
        )}
      </div>
    </header>
  );
}

/** What one does with a run as a whole, each on the page that is for it. */
function Actions({ streamType, streamId }: OfStream): ReactElement {
  const router = useRouter();
  const address = `${streamType}/${streamId}`;
  const go = (href: string) => (): void => void router.navigate({ href });
  const { actions } = streamMessages;
  return (
    <Menu
      align="end"
      trigger={<Button>{streamMessages.actionsOf}</Button>}
      groups={[
        [
          { label: actions.compare, onChoose: go(`/compare${formatSearch({ a: address })}`) },
          { label: actions.replay, onChoose: go(`/replays${formatSearch({ plan: address })}`) },
          ...(streamType === 'job' ? [{ label: actions.rerun, onChoose: go(`/jobs${formatSearch({ sel: streamId })}`) }] : []),
        ],
        [{ label: actions.export, onChoose: () => download(`/api/v1/export${formatSearch({ streamType, streamId })}`, `${streamType}-${streamId}.jsonl`) }],
      ]}
    />
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: ReactElement | string }): ReactElement => (
  <div className="flex flex-col">
    <dt className="text-small text-text-2">{name}</dt>
    <dd className="figures">{value}</dd>
  </div>
);

interface OfStream {
  readonly streamType: string;
  readonly streamId: string;
}

function FirstBadChip({ streamType, streamId, canDebug }: OfStream & { readonly canDebug: boolean }): ReactElement | null {
  const { data, isPending } = useAsk('blame', { streamType, streamId });
  if (isPending) return <Chip tone="waiting">{streamMessages.looking}</Chip>;
  if (data === undefined) return null;
  const found = firstBadIn(data);
  if (found === null) return <Chip tone="ok">{streamMessages.nothingBad}</Chip>;
  const [type = streamType, ...id] = found.event.stream === '' ? [streamType, streamId] : found.event.stream.split('/');
  const place = { streamType: type, streamId: id.join('/') };
  return (
    <Link to={canDebug ? placeHref(place, place.streamId === streamId ? firstBad : found.event.revision) : streamHref(place, 'story')} title={visibleText(found.event.summary)} className={`${chipClass} hover:bg-surface-3`}>
      <StatusGlyph tone="error" />
      {streamMessages.firstBadAt(amount(found.event.revision))}
    </Link>
  );
}

/** @param isAsked  false: not before it is wanted; looked at when the chip first shows. */
export function CoverageChip({ streamType, streamId, isAsked = true }: OfStream & { readonly isAsked?: boolean }): ReactElement | null {
  const [isWanted, setIsWanted] = useState(isAsked);
  const { data, isFetching } = useAsk('coverage', { streamType, streamId }, { enabled: isWanted });
  if (!isWanted)
    return (
      <button type="button" title={streamMessages.coverageTitle} onClick={() => setIsWanted(true)} className={`${chipClass} hover:bg-surface-3`}>
        <StatusGlyph tone="unknown" />
        {streamMessages.coverageUnasked}
      </button>
    );
  if (data === undefined) return isAsked || !isFetching ? null : <Chip tone="waiting">{streamMessages.looking}</Chip>;
  return (
    <Link to={streamHref({ streamType, streamId }, 'audit')} title={streamMessages.coverageTitle} className={`${chipClass} hover:bg-surface-3`}>
      <StatusGlyph tone={data.complete ? 'ok' : 'warn'} />
      {data.complete ? streamMessages.complete : streamMessages.gaps(amount(data.gaps))}
    </Link>
  );
}

/** Verifying reads every byte of the stream, so that it is done when it is wanted. */
export function IntegrityChip({ address }: { readonly address: string }): ReactElement {
  const verification = useMutation({ mutationFn: () => refold.verifyLog({ stream: address }), mutationKey: ['verifyLog', address] });
  const { data, error, isPending } = verification;
  if (isPending) return <Chip tone="waiting">{streamMessages.verifying}</Chip>;
  if (data?.ok === false) return <Chip tone="tampered" title={visibleText(data.findings[0]?.detail ?? '')}>{streamMessages.brokenAt(amount(data.findings[0]?.revision ?? data.firstBadPosition))}</Chip>;
  if (data !== undefined) return <Chip tone="ok">{streamMessages.verified(amount(data.checked))}</Chip>;
  return (
    <button type="button" title={error === null ? streamMessages.verify : asLogError(error).message} onClick={() => verification.mutate()} className={`${chipClass} hover:bg-surface-3`}>
      <StatusGlyph tone={error === null ? 'unknown' : 'error'} />
      {streamMessages.notVerified}
    </button>
  );
}
