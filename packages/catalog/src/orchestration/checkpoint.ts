/**
 * Checkpoints: places a run can be set back to (K-027, K-052).
 *
 * A fold sees one event after the other and cannot look back, so `checkpoint.created` keeps a copy of what a restore brings
 * back, beside the checkpoint. `checkpoint.restored` then is an ordinary step. What a restore cannot undo (commits, pull
 * requests, the tracker, documents) and what tells the story (checkpoints, errors, decisions, runs, restores) stays.
 * Setting back to a revision that has no checkpoint takes the newest checkpoint before it, and the log is told.
 */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent, Refusal } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { integer, payload, string } from '../payload.ts';
import { readInteger, readText, shown, tail } from '../read.ts';
import { listFact } from '../run-parts/keep.ts';
import type { CheckpointState, WorkFields, WorkRules } from './work.ts';

export function checkpointEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const checkpoint = machine<S>('checkpoint', (state, event) => (getOwn(state.checkpoints, checkpointId(event)) === undefined ? 'absent' : 'available'));
  const entity = partOf('checkpoint', 'checkpoint_id');
  const { policy } = rules;

  return {
    'checkpoint.created': {
      doc: 'A place was marked that the run can be set back to.',
      ledger: ['A-060'],
      aliases: { jira: 'CheckpointCreated' },
      schema: payload({ checkpoint_id: string }, { label: string, reason: string, state_hash: string }),
      transition: checkpoint(['absent'], 'available'),
      refuse: rules.mayStart,
      policy,
      priority: 'P1',
      entity,
      timeline: { landmark: true },
      fillWithId: ['checkpoint_id'],
      summary: ({ data }) => `Checkpoint ${shown(data['checkpoint_id'])} created${tail(': ', data['label'] ?? data['reason'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        rules.onStart(draft, event);
        const id = checkpointId(event);
        setOwn(draft.checkpoints, id, {
          id,
          label: readText(event.data['label']),
          sequence: event.revision,
          stateHash: readText(event.data['state_hash']) ?? '',
          createdAt: event.occurredAt,
          restoredCount: 0,
          saved: copyOf(draft, rules.restorable),
        });
      },
    },
    'checkpoint.restored': {
      doc: 'The run was set back to a checkpoint; nothing is erased, work goes on from there.',
      ledger: ['A-061', 'K-052'],
      aliases: { jira: 'CheckpointRestored' },
      schema: payload({ checkpoint_id: string, restored_sequence: integer }, { state_hash: string, reason: string }),
      transition: checkpoint(['available'], 'available'),
      refuse: withoutCheckpointThere,
      policy,
      effect: 'non-repeatable',
      priority: 'P0',
      severity: 'WARN',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Set back to checkpoint ${shown(data['checkpoint_id'])} at revision ${shown(data['restored_sequence'])}${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        const source = sourceOf(draft, event);
        if (status === null || source === null) return;
        setBack(draft, source);
        const named = getOwn(draft.checkpoints, checkpointId(event));
        if (named !== undefined) named.restoredCount += 1;
        listFact(draft.restores, draft.totals.restores, { checkpointId: checkpointId(event), restoredSequence: restoredSequence(event, source), atRevision: event.revision, at: event.occurredAt });
      },
    },
  };
}

const checkpointId = (event: FoldEvent): string => partId(event, 'checkpoint', 'checkpoint_id');

/** A list that is set back takes its figures along: what was done since does not count any more. */
const copyOf = (state: WorkFields, keys: readonly string[]): { [key: string]: unknown } => structuredClone({ ...only(state, keys), totals: only(state.totals, keys) });

const only = (holder: object, keys: readonly string[]): object => Object.fromEntries(Object.entries(holder).filter(([key]) => keys.includes(key)));

function setBack(draft: WorkFields, source: CheckpointState): void {
  const { totals, ...saved } = structuredClone(source.saved);
  Object.assign(draft, saved);
  Object.assign(draft.totals, totals);
}

const restoredSequence = (event: FoldEvent, source: CheckpointState): number => readInteger(event.data['restored_sequence']) ?? source.sequence;

/** The named checkpoint, when it stands at the revision asked for; else the newest checkpoint at or before it; else the named one. */
function sourceOf(state: WorkFields, event: FoldEvent): CheckpointState | null {
  const named = getOwn(state.checkpoints, checkpointId(event)) ?? null;
  const wanted = readInteger(event.data['restored_sequence']);
  if (wanted === null || named?.sequence === wanted) return named;
  const earlier = Object.values(state.checkpoints).filter(({ sequence }) => sequence <= wanted);
  return earlier.reduce<CheckpointState | null>((newest, candidate) => (newest === null || candidate.sequence > newest.sequence ? candidate : newest), null) ?? named;
}

function withoutCheckpointThere(state: WorkFields, event: FoldEvent): Refusal | null {
  const wanted = readInteger(event.data['restored_sequence']);
  const source = sourceOf(state, event);
  if (source === null || wanted === null || source.sequence === wanted) return null;
  return { code: 'MISSING_PREDECESSOR', detail: `no checkpoint stands at revision ${wanted}; the state of ${source.id} (revision ${source.sequence}) was taken` };
}
