/**
 * The log's own acts, in the log: what it refused, archived, deleted, erased, holds back, repaired, and which keys sign it.
 * None of these events carries the payload it speaks of. The types of documents and model come first, then the control
 * events that TRUST.md names (sections 4, 7, 8, 12, 14).
 */
import { defineAggregate, getOwn, setOwn } from '@refold/core';
import type { FoldEvent, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { spelled } from './define.ts';
import type { Events } from './define.ts';
import { error, instant, integer, json, number, object, objects, payload, reference, string, strings } from './payload.ts';
import { readId, readInteger, readObject, readObjects, readReference, readText, shown, tail } from './read.ts';
import { replayStepTypes } from './replay.ts';

export interface StoreFields {
  archivedCount: number;
  deletedCount: number;
  erasedCount: number;
  restoredCount: number;
  snapshotFailures: number;
  validationFailures: number;
  schemas: Record<string, string>;
  migrations: number;
  /** Legal holds in force, by id. */
  holds: Record<string, { scope: JsonObject; placedAt: string }>;
  /** The newest key that signs tree heads. */
  signingKey: string | null;
  tailRepairs: number;
  clockSteps: number;
  secretsFound: number;
}

export type StoreState = State<StoreFields>;

const act = { policy: 'tolerate', effect: 'non-repeatable', priority: 'P0' } as const;
const silentAct = { ...act, broadcast: false } as const;

/** Named by the model. */
const modelEvents: Events<StoreFields> = {
  'validation.failed': {
    doc: 'An event was refused; what it carried is not kept.',
    ledger: ['X-027', 'C-005'],
    schema: payload({ rejected_type: string, errors: objects }, { rejected_stream: reference, sample_hash: string }),
    ...act,
    priority: 'P1',
    severity: 'WARN',
    summary: ({ data }) => `${shown(data['rejected_type'])} refused${tail(': ', readObjects(data['errors'])[0]?.['message'] ?? readObjects(data['errors'])[0]?.['code'])}`,
    evolve: (draft) => void (draft.validationFailures += 1),
  },
  'payload.erased': {
    doc: 'Payloads were erased; their leaves stay, so chain and tree still verify.',
    ledger: ['X-027', 'K-031'],
    schema: payload({ targets: objects, reason: string }, { request_ref: string, approver: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `${readObjects(data['targets']).length} payloads erased: ${shown(data['reason'])}`,
    evolve(draft, { data }) {
      draft.erasedCount += readObjects(data['targets']).reduce((sum, target) => sum + (readInteger(target['count']) ?? 1), 0);
    },
  },
  'store.events_archived': {
    doc: 'Events were moved to archive segments.',
    ledger: ['X-027'],
    schema: payload({ policy: string, cutoff: instant, count: integer, segments: objects, target: string }),
    ...silentAct,
    summary: ({ data }) => `${shown(data['count'])} events archived to ${shown(data['target'])}`,
    evolve: (draft, event) => void (draft.archivedCount += countOf(event)),
  },
  'store.events_deleted': {
    doc: 'Archived events were removed for good; tombstones keep their leaf hashes.',
    ledger: ['X-027', 'K-031'],
    schema: payload({ policy: string, cutoff: instant, count: integer, tombstone_file: string, tombstone_sha256: string }, { approved_by: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `${shown(data['count'])} events deleted by policy ${shown(data['policy'])}`,
    evolve: (draft, event) => void (draft.deletedCount += countOf(event)),
  },
  'store.snapshot_failed': {
    doc: 'A snapshot could not be made; states are folded without it.',
    ledger: ['X-027'],
    schema: payload({ stream: reference, revision: integer, error }),
    ...silentAct,
    priority: 'P1',
    severity: 'ERROR',
    summary: ({ data }) => `Snapshot of ${addressOf(data['stream'])} failed${tail(': ', data['error'])}`,
    evolve: (draft) => void (draft.snapshotFailures += 1),
  },
  'store.schema_registered': {
    doc: 'A payload shape was made known.',
    ledger: ['X-027'],
    schema: payload({ event_type: string, schema_version: string, compatibility: string }, { diff: object }),
    ...silentAct,
    summary: ({ data }) => `Schema ${shown(data['event_type'])} ${shown(data['schema_version'])} registered`,
    evolve({ schemas }, { data }) {
      const [type, version] = [readText(data['event_type']), readText(data['schema_version'])];
      if (type !== null && version !== null) setOwn(schemas, type, version);
    },
  },
  'store.migrated': {
    doc: 'The log was copied from another one; the old one stays.',
    ledger: ['X-027', 'K-037'],
    schema: payload({ from_store: string, to_store: string, events: integer, lineage_root: string }, { upcasters: strings }),
    ...silentAct,
    summary: ({ data }) => `${shown(data['events'])} events migrated from ${shown(data['from_store'])}`,
    evolve: (draft) => void (draft.migrations += 1),
  },
};

/** Named by TRUST.md; counted apart from the 128. */
const controlEvents: Events<StoreFields> = {
  'store.hold_placed': {
    doc: 'Events in this scope must not be deleted or erased.',
    schema: payload({ id: string, scope: object }, { reason: string, until: instant }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Hold ${shown(data['id'])} placed${tail(': ', data['reason'])}`,
    evolve(draft, event) {
      setOwn(draft.holds, readId(event.data['id']) ?? event.id, { scope: readObject(event.data['scope']) ?? {}, placedAt: event.occurredAt });
    },
  },
  'store.hold_released': {
    doc: 'A hold no longer binds.',
    schema: payload({ id: string }, { reason: string, approver: string }),
    refuse: ({ holds }, event) =>
      getOwn(holds, readId(event.data['id']) ?? '') === undefined ? { code: 'MISSING_PREDECESSOR', detail: `hold ${shown(event.data['id'])} was never placed` } : null,
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Hold ${shown(data['id'])} released${tail(': ', data['reason'])}`,
    evolve: ({ holds }, { data }) => void delete holds[readId(data['id']) ?? ''],
  },
  'store.erasure_deferred': {
    doc: 'An erasure has to wait because a hold covers what is to be erased.',
    schema: payload({}, { targets: objects, holds: strings, request_ref: string, due: instant, reason: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Erasure deferred${tail(' until ', data['due'])}${tail(': ', data['reason'])}`,
  },
  'store.key_rotated': {
    doc: 'Another key signs the tree heads from here on.',
    schema: payload({}, { new_vkey: string, old_vkey: string, reason: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Signing key rotated${tail(' to ', data['new_vkey'])}`,
    evolve(draft, { data }) {
      draft.signingKey = readText(data['new_vkey']) ?? draft.signingKey;
    },
  },
  'store.key_revoked': {
    doc: 'A key is no longer trusted past a certain size of the log.',
    schema: payload({}, { vkey: string, last_trusted_size: integer, reason: string }),
    ...silentAct,
    severity: 'ERROR',
    summary: ({ data }) => `Signing key revoked${tail(', trusted up to size ', data['last_trusted_size'])}`,
  },
  'store.head_anchored': {
    doc: 'A signed tree head was copied to a place out of reach.',
    schema: payload({ size: integer, root: string }, { target: string, reference: string }),
    ...silentAct,
    summary: ({ data }) => `Tree head of size ${shown(data['size'])} anchored${tail(' at ', data['target'])}`,
  },
  'store.policy_changed': {
    doc: 'The rules for keeping and deleting changed.',
    schema: payload({ policy: string }, { version: json, before: json, after: json, reason: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Policy ${shown(data['policy'])} changed${tail(': ', data['reason'])}`,
  },
  'store.events_restored': {
    doc: 'Archived events can be read again; what was erased stays erased.',
    schema: payload({ count: integer }, { segments: json, withheld: integer }),
    ...silentAct,
    summary: ({ data }) => `${shown(data['count'])} events restored from the archive`,
    evolve: (draft, event) => void (draft.restoredCount += countOf(event)),
  },
  'store.tail_repaired': {
    doc: 'A torn end of the log file, never acknowledged, was cut off and put in quarantine.',
    schema: payload({}, { file: string, bytes: integer, lines: integer, quarantine: string, sha256: string }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Torn tail repaired${tail(': bytes ', data['bytes'])}${tail(' of ', data['file'])}`,
    evolve: (draft) => void (draft.tailRepairs += 1),
  },
  'store.clock_stepped': {
    doc: 'The clock of the machine went back; recorded times did not.',
    schema: payload({}, { from: instant, to: instant, step_ms: number }),
    ...silentAct,
    severity: 'WARN',
    summary: ({ data }) => `Clock stepped back${tail(' by ms ', data['step_ms'])}`,
    evolve: (draft) => void (draft.clockSteps += 1),
  },
  'store.secret_found': {
    doc: 'A rescan found what looks like a secret in a payload.',
    schema: payload({}, { rule: string, event_id: string, pointer: string, count: integer }),
    ...silentAct,
    severity: 'ERROR',
    summary: ({ data }) => `Secret found${tail(' by rule ', data['rule'])}${tail(' in event ', data['event_id'])}`,
    evolve: (draft, { data }) => void (draft.secretsFound += readInteger(data['count']) ?? 1),
  },
};

export const controlEventTypes: readonly string[] = [...Object.keys(controlEvents), 'automation.rule_failed', 'automation.loop_stopped', ...replayStepTypes];

export const store = defineAggregate<StoreFields>({
  type: 'store',
  version: '1.0.0',
  doc: "The log's own acts.",
  parts: [anyStream],
  initial: () => ({
    archivedCount: 0,
    deletedCount: 0,
    erasedCount: 0,
    restoredCount: 0,
    snapshotFailures: 0,
    validationFailures: 0,
    schemas: {},
    migrations: 0,
    holds: {},
    signingKey: null,
    tailRepairs: 0,
    clockSteps: 0,
    secretsFound: 0,
  }),
  streamIdOf: ({ entityId }) => entityId ?? 'log',
  events: spelled({ ...modelEvents, ...controlEvents }),
});

const countOf = ({ data }: FoldEvent): number => readInteger(data['count']) ?? 0;

function addressOf(value: unknown): string {
  const found = readReference(value);
  return found === null ? '?' : `${found.type}/${found.id}`;
}
