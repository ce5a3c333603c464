/** Does what somebody keeps agree with the log? A read model, a snapshot or an expectation against the fold of the events. */
import { isLogError } from '../errors.ts';
import { diff } from '../fold/diff.ts';
import type { Revision } from '../log/driver.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import type { Divergence } from './divergence.ts';
import { createNormalForm, exactRules, noOwnNames } from './ignore-rules.ts';
import { provenance } from './provenance.ts';
import type { ProvenanceEvent } from './provenance.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';

export interface StateDivergenceOptions {
  /** JSON pointers into the state, `*` for any text, that are not compared. */
  readonly ignore?: readonly string[];
}

export interface StateDivergenceReport {
  readonly equal: boolean;
  /** `eventId` and `atRevision` name the event that set the value that differs. */
  readonly first: Divergence | null;
  /** Every path that differs, at most 1,000. */
  readonly paths: readonly string[];
  readonly differences: number;
}

/**
 * Compares a state that somebody keeps (a read model, a snapshot, an expectation) with the fold of the log.
 *
 * @throws LogError as `reconstruct` and `provenance`.
 */
export async function stateDivergence(parts: TravelParts, address: StreamAddress, place: Place, expected: unknown, options: StateDivergenceOptions = {}): Promise<StateDivergenceReport> {
  // Snapshots are something that is kept, too: the log alone is what is compared with.
  const { state, revision } = await reconstruct(parts, address, place, { useSnapshots: false });
  const form = createNormalForm({ ...exactRules, pointers: options.ignore ?? [] }, noOwnNames);
  const patches = diff(form.of(expected, ''), form.of(state, ''));
  const [patch] = patches;
  if (patch === undefined) return { equal: true, first: null, paths: [], differences: 0 };
  const setBy = await lastSetter(parts, address, revision, patch.path);
  const run = setBy === null ? null : { eventId: setBy.eventId, revision: setBy.revision, type: setBy.type, at: setBy.occurredAt, place: address.streamType };
  return {
    equal: false,
    first: { atRevision: setBy?.revision ?? null, eventId: setBy?.eventId ?? null, path: patch.path, expected: patch.before, actual: patch.after, reason: 'STATE_DIFFERS', kind: 'state', run, reference: null },
    paths: patches.slice(0, 1_000).map(({ path }) => path),
    differences: patches.length,
  };
}

/** The newest event that set something at or below a path; null when nothing was ever there. */
async function lastSetter(parts: TravelParts, address: StreamAddress, revision: Revision, path: string): Promise<ProvenanceEvent | null> {
  try {
    const answers = await provenance(parts, address, { kind: 'revision', revision }, path);
    return answers.map(({ setBy }) => setBy).reduce((newest, setBy) => (setBy !== null && (newest === null || setBy.revision > newest.revision) ? setBy : newest), null);
  } catch (error) {
    if (isLogError(error, 'NOT_FOUND')) return null;
    throw error;
  }
}
