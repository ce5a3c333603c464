/**
 * Did the same come of it? An outcome on record is not done again; it is compared with what the handler of its cause produced
 * now. They are matched by the recorded cause, else by entity and type; ids, times, hashes and durations may differ.
 */
import { diff } from '../fold/diff.ts';
import type { EventEnvelope, Json, JsonObject } from '../log/event.ts';
import { createNormalForm, defaultIgnoreRules, noOwnNames } from '../travel/ignore-rules.ts';
import type { ReplayDivergence } from './report.ts';

/** What came of doing an event again. */
export interface ProducedEvent {
  readonly id: string;
  /** Id of the original event that was done again. */
  readonly replayOf: string;
  readonly type: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly data: JsonObject;
}

export interface OutcomeComparison {
  /** Notes what a handler produced, and that this event was done again. */
  add(done: EventEnvelope, produced: readonly ProducedEvent[]): void;
  /** null when what would have led to this outcome was not done again. */
  compare(recorded: EventEnvelope): { readonly divergence: ReplayDivergence | null } | null;
  /** What was produced and is not on record. */
  extras(): readonly ReplayDivergence[];
}

export function createOutcomeComparison(): OutcomeComparison {
  const done = new Map<string, EventEnvelope>();
  const open = new Set<ProducedEvent>();

  /** The recorded cause says it best; an importer may not know it, then the same entity must do. */
  function match(recorded: EventEnvelope): ProducedEvent | null {
    const candidates = [...open].filter((event) => (isCausedByDone(recorded) ? event.replayOf === recorded.causationId : isSameEntity(event, recorded)));
    return candidates.find(({ type }) => type === recorded.type) ?? candidates.find((event) => isSameEntity(event, recorded)) ?? null;
  }

  const isCausedByDone = ({ causationId }: EventEnvelope): boolean => causationId !== undefined && done.has(causationId);
  const isAboutDone = (recorded: EventEnvelope): boolean => isCausedByDone(recorded) || (recorded.causationId === undefined && [...done.values()].some((event) => isSameEntity(event, recorded)));

  return {
    add(event, produced) {
      done.set(event.id, event);
      // Doing it again may tell the beginning again; that is the event itself and no outcome.
      for (const one of produced) if (one.type !== event.type || !isSameEntity(one, event)) open.add(one);
    },
    compare(recorded) {
      const found = match(recorded);
      if (found === null) return isAboutDone(recorded) ? { divergence: { ...whereOf(recorded), path: null, expected: recorded.type, actual: null, reason: 'EVENT_MISSING' } } : null;
      open.delete(found);
      if (found.type !== recorded.type) return { divergence: { ...whereOf(recorded), path: null, expected: recorded.type, actual: found.type, reason: 'TYPE_DIFFERS' } };
      return { divergence: firstDifference(recorded, found.data) };
    },
    extras: () => [...open].map(({ id, type }) => ({ atRevision: null, eventId: id, path: null, expected: null, actual: type, reason: 'EVENT_EXTRA' })),
  };
}

const isSameEntity = (a: Pick<ProducedEvent, 'entityType' | 'entityId'>, b: Pick<ProducedEvent, 'entityType' | 'entityId'>): boolean => a.entityType === b.entityType && a.entityId === b.entityId;

const whereOf = ({ revision, id }: EventEnvelope): Pick<ReplayDivergence, 'atRevision' | 'eventId'> => ({ atRevision: revision, eventId: id });

const normalForm = createNormalForm(defaultIgnoreRules, noOwnNames);

function firstDifference(recorded: EventEnvelope, data: JsonObject): ReplayDivergence | null {
  const [was, is]: readonly [Json, Json] = [normalForm.of(recorded.data, recorded.type), normalForm.of(data, recorded.type)];
  const [patch] = diff(was, is);
  return patch === undefined ? null : { ...whereOf(recorded), path: patch.path, expected: patch.before, actual: patch.after, reason: 'DATA_DIFFERS' };
}
