/** Events that did not happen, made whole from what an edit says and from the events around it. */
import type { FoldEvent } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import type { WhatIfEvent } from './edit.ts';

/** An edit by another type is about what that type is about; everything else stays. */
export function replacedEvent(fold: Fold, event: FoldEvent, edit: WhatIfEvent): FoldEvent {
  const type = fold.registry.canonicalName(edit.type) ?? edit.type;
  const { changes: _changes, erased: _erased, ...kept } = event;
  return { ...kept, ...aboutOf(fold, event.streamType, event.streamId, event.id, type, edit), ...structuredClone(edit), id: event.id, type };
}

export interface InsertPlace {
  readonly address: StreamAddress;
  readonly neighbour: EventEnvelope | null;
  readonly index: number;
  readonly revision: Revision;
}

/** When nobody says otherwise, the event happens at the moment of its neighbour, in the same conversation, and nobody acts. */
export function insertedEvent(fold: Fold, edit: WhatIfEvent, { address, neighbour, index, revision }: InsertPlace): FoldEvent {
  const { streamType, streamId } = address;
  const type = fold.registry.canonicalName(edit.type) ?? edit.type;
  const id = edit.id ?? `what-if:${index}`;
  const at = neighbour?.occurredAt ?? edit.occurredAt ?? '1970-01-01T00:00:00.000Z';
  const correlationId = neighbour?.correlationId ?? id;
  const definition = fold.registry.definitionIn(streamType, type);
  return {
    streamType,
    streamId,
    occurredAt: at,
    recordedAt: neighbour?.recordedAt ?? at,
    actor: { type: 'unknown', id: 'what-if' },
    correlationId,
    correlationChain: neighbour?.correlationChain ?? [correlationId],
    metadata: {},
    priority: definition?.priority ?? 'P2',
    severity: definition?.severity ?? 'INFO',
    ...aboutOf(fold, streamType, streamId, id, type, edit),
    ...structuredClone(edit),
    id,
    type,
    revision,
  };
}

function aboutOf({ registry }: Fold, streamType: string, streamId: string, id: string, type: string, { data }: WhatIfEvent): Pick<FoldEvent, 'entityType' | 'entityId' | 'schemaVersion'> {
  const definition = registry.definitionIn(streamType, type);
  const entity = definition?.entity?.({ data, streamId, streamType, id });
  return { entityType: entity?.type ?? streamType, entityId: entity?.id ?? streamId, schemaVersion: definition?.schemaVersion ?? '1.0.0' };
}
