/** One event whole: its envelope, its payload, what caused it. A large payload is a preview and a download. */
import type { EventEnvelope } from '@refold/client';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { placeHref } from '../../places.ts';
import { redactionMark } from '../../redaction-mark.tsx';
import { useAsk } from '../../refold.ts';
import { amount } from '../../times.ts';
import { buttonClass } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Instant } from '../../ui/instant.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { ErasedPayload } from './erased-payload.tsx';

export function EventCard({ id, onOpen }: { readonly id: string; readonly onOpen: (id: string) => void }): ReactElement {
  const event = useAsk('getEvent', { id });
  return (
    <Answered of="The event" asked={event}>
      {(answer) => <Card event={answer} onOpen={onOpen} />}
    </Answered>
  );
}

function Card({ event, onOpen }: { readonly event: EventEnvelope; readonly onOpen: (id: string) => void }): ReactElement {
  const address = `${event.streamType}/${event.streamId}@${event.revision}`;
  const cause = event.causationId;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Link to={placeHref(event, event.revision)} className={buttonClass('strong')}>
          Debug from here
        </Link>
        <CopyButton text={address} label="Copy address" />
      </div>
      <Facts
        facts={[
          ['Place', <code key="place">{oneLine(address, 160)}</code>],
          ['Position', amount(event.position)],
          ['Happened', <Instant key="happened" at={event.occurredAt} as="whole" />],
          ['Recorded', <Instant key="recorded" at={event.recordedAt} as="whole" />],
          ['Actor', oneLine(`${event.actor.type}:${event.actor.id}`, 120)],
          ...(event.agent === undefined ? [] : [['Agent', oneLine(event.agent, 120)] as const]),
          ...(event.phase === undefined ? [] : [['Phase', oneLine(event.phase, 120)] as const]),
          ...(event.issueKey === undefined ? [] : [['Issue', oneLine(event.issueKey, 120)] as const]),
          ['Severity, priority', `${event.severity.toLowerCase()}, ${event.priority}`],
          ['Schema', `${event.schemaVersion}`],
          [
            'Conversation',
            <Link key="conversation" to="/events" search={{ correlationId: event.correlationId }} className="link">
              <code>{oneLine(event.correlationId, 60)}</code>
            </Link>,
          ],
          ...(cause === undefined
            ? []
            : [
                [
                  'Caused by',
                  <button key="cause" type="button" className="link min-h-6 text-start" onClick={() => onOpen(cause)}>
                    <code>{oneLine(cause, 60)}</code>
                  </button>,
                ] as const,
              ]),
          ['Leaf', <code key="leaf">{event.hash.slice(0, 16)}…</code>],
        ]}
      />
      <Section title="Payload">{event.erased === true ? <ErasedPayload event={event} /> : <JsonTree value={event.data} label="Payload" openLevels={2} markOf={redactionMark} />}</Section>
      {Object.keys(event.metadata).length > 0 && (
        <Section title="Metadata">
          <JsonTree value={event.metadata} label="Metadata" openLevels={0} />
        </Section>
      )}
    </div>
  );
}
