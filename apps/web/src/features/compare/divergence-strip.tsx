/** Where two runs part, in one line: the server finds it, before anything is lined up here. */
import type { OutputOf } from '@refold/client';
import type { StreamAddress } from '@refold/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { placeHref } from '../../places.ts';
import { amount, counted } from '../../times.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine } from '../../ui/visible-text.ts';

const reasons: { readonly [reason: string]: string } = { EVENT_MISSING: 'A lacks this event', EVENT_EXTRA: 'only A has this event', TYPE_DIFFERS: 'another event stands here', DATA_DIFFERS: 'the payloads differ', STATE_DIFFERS: 'the states differ', OUTCOME_DIFFERS: 'the outcomes differ' };

export function DivergenceStrip({ a, b, found }: { readonly a: StreamAddress; readonly b: StreamAddress; readonly found: OutputOf<'divergence'> }): ReactElement {
  const { first, later, compared, truncated } = found;
  if (first === null)
    return (
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2" role="status">
        <StatusGlyph tone="ok" word={`No difference in ${counted(compared.equal, 'event')}`} showsWord className="font-medium" />
        <span className="text-text-2">{found.states === 'equal' ? 'The states are equal, too.' : 'States were not compared.'} Ids, times and durations do not count.</span>
      </div>
    );
  return (
    <div className="flex border-b border-line" role="status">
      <div aria-hidden className="hatched w-3 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-1 py-2 ps-2 pe-4">
      <div className="flex flex-wrap items-center gap-2">
        <strong>First divergence</strong>
        <Chip>{first.kind}</Chip>
        {first.run !== null && (
          <Link to={placeHref(a, first.run.revision)} className="link figures">
            A@{amount(first.run.revision)}
          </Link>
        )}
        {first.reference !== null && (
          <Link to={placeHref(b, first.reference.revision)} className="link figures">
            B@{amount(first.reference.revision)}
          </Link>
        )}
        <code className="foreign">{oneLine((first.run ?? first.reference)?.type ?? '', 80)}</code>
        <span>{reasons[first.reason] ?? first.reason}</span>
        {first.run !== null && (
          <Link to={placeHref(a, first.run.revision)} className={`${buttonClass()} ms-auto`}>
            Debug A there
          </Link>
        )}
      </div>
      {first.path !== null && (
        <p className="foreign font-mono text-mono">
          <span className="text-text-2">{oneLine(first.path, 120)}</span> A {written(first.actual)} <span className="text-text-2">·</span> B {written(first.expected)}
        </p>
      )}
      <p className="text-text-2">
        {counted(compared.equal, 'event')} equal{later > 0 && `, ${truncated ? 'at least ' : ''}${counted(later, 'further difference')}, which may follow from it`}. Ids, times and durations do not count.
      </p>
      </div>
    </div>
  );
}

const written = (value: unknown): string => (value === undefined || value === null ? 'nothing' : oneLine(JSON.stringify(value), 160));
