/** What is left of an event whose payload was erased: by whom, when and why that was done, where it is on record, and what still holds. */
import type { EventEnvelope, JsonObject } from '@refold/client';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { placeHref } from '../../places.ts';
import { useAsk } from '../../refold.ts';
import { Instant } from '../../ui/instant.tsx';
import { Facts } from '../../ui/section.tsx';
import { oneLine } from '../../ui/visible-text.ts';

/** Newest first; an erasure further back than so many is looked for in the log's own stream by hand. */
const erasuresMax = 200;

export function ErasedPayload({ event }: { readonly event: EventEnvelope }): ReactElement {
  const erasures = useAsk('queryEvents', { type: 'payload.erased', order: 'desc', limit: erasuresMax });
  const erasure = erasures.data?.items.find(({ data }) => isAbout(data, event));
  return (
    <div className="flex flex-col gap-2">
      <p>The payload was erased. Its place, times, tags and hash are still there, and the chain and the tree still verify with them.</p>
      {erasure !== undefined && (
        <Facts
          facts={[
            ['Erased', <Instant key="at" at={erasure.occurredAt} as="whole" />],
            ['By', oneLine(`${erasure.actor.type}:${erasure.actor.id}`, 120)],
            ['Why', oneLine(textOf(erasure.data['reason']), 400)],
            ...(textOf(erasure.data['approver']) === '' ? [] : [['Approved by', oneLine(textOf(erasure.data['approver']), 120)] as const]),
            ...(textOf(erasure.data['request_ref']) === '' ? [] : [['Asked for in', oneLine(textOf(erasure.data['request_ref']), 120)] as const]),
            [
              'On record at',
              <Link key="place" to={placeHref(erasure, erasure.revision, 'events')} className="link">
                <code>{oneLine(`${erasure.streamType}/${erasure.streamId}@${erasure.revision}`, 120)}</code>
              </Link>,
            ],
          ]}
        />
      )}
      {erasures.data !== undefined && erasure === undefined && <p className="text-text-2">Who asked for it, and why, is not on record in this log.</p>}
    </div>
  );
}

/** A target names what was erased by event, by position, or by stream. */
function isAbout({ targets }: JsonObject, { id, position, streamType, streamId }: EventEnvelope): boolean {
  const known = new Set<unknown>([id, position, `${streamType}/${streamId}`]);
  return Array.isArray(targets) && targets.some((target) => typeof target === 'object' && target !== null && Object.values(target).some((value) => known.has(value)));
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
