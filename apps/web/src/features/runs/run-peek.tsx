/** One run beside the list: how it stands, its last failure and how far it came, without leaving the list. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { firstBad, placeHref, streamHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { toneOf, wordOf } from '../../status.ts';
import { amount, duration } from '../../times.ts';
import { buttonClass } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Instant } from '../../ui/instant.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { runsMessages } from './messages.ts';
import { addressOfRun } from './run-table.tsx';
import type { Run } from './run-table.tsx';

/** Newest events that are shown. */
const eventsShown = 12;

export function RunPeek({ run }: { readonly run: Run }): ReactElement {
  const { peek, columns } = runsMessages;
  const events = useAsk('queryEvents', { streamType: run.streamType, streamId: run.streamId, order: 'desc', limit: eventsShown });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Link to={streamHref(run)} className={buttonClass('strong')}>{peek.open}</Link>
        <Link to={run.lastFailure === null ? streamHref(run, 'debug') : placeHref(run, firstBad)} className={buttonClass()}>{run.lastFailure === null ? peek.debug : peek.firstBad}</Link>
        <CopyButton text={addressOfRun(run)} label={peek.copy} />
      </div>
      <Facts
        facts={[
          [columns.status, <StatusGlyph key="status" tone={toneOf(run.status)} word={wordOf(run.status)} showsWord />],
          [peek.address, <code key="address">{visibleText(addressOfRun(run))}</code>],
          [columns.started, <Instant key="started" at={run.startedAt} as="whole" />],
          [columns.last, <Instant key="last" at={run.lastEventAt} as="whole" />],
          [columns.lasted, run.startedAt === null || run.lastEventAt === null ? '–' : duration(Date.parse(run.lastEventAt) - Date.parse(run.startedAt))],
          ...(run.phases.length === 0 ? [] : [[columns.phases, run.phases.map(({ name, status }) => `${oneLine(name, 40)} ${wordOf(status)}`).join(', ')] as const]),
          [columns.tokens, amount(run.tokens)],
          [columns.agents, amount(run.agents)],
          [columns.events, amount(run.revision)],
          [columns.failures, amount(run.failures)],
        ]}
      />
      {run.lastFailure !== null && (
        <Section title={peek.lastFailure}>
          <p className="foreign">
            <code>{visibleText(run.lastFailure.type)}</code> {oneLine(run.lastFailure.summary, 400)}
          </p>
        </Section>
      )}
      <Section title={peek.newest}>
        <Answered of={peek.newest} asked={events} rows={eventsShown}>
          {({ items }) => (
            <ol>
              {items.map(({ id, revision, type, occurredAt }) => (
                <li key={id} className="flex min-h-row items-center gap-3 border-b border-line">
                  <Link to={placeHref(run, revision)} className="link figures flex min-h-6 w-14 shrink-0 items-center">@{revision}</Link>
                  <span className="foreign min-w-0 flex-1 truncate font-mono text-mono">{oneLine(type, 80)}</span>
                  <Instant at={occurredAt} />
                </li>
              ))}
            </ol>
          )}
        </Answered>
      </Section>
    </div>
  );
}
