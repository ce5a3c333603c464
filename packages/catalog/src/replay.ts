/** A replay of recorded events, dry or real, on record itself. */
import { defineAggregate } from '@refold/core';
import type { EntityRef, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import type { Events } from './define.ts';
import { error, integer, json, object, oneOf, payload, reference, string, strings } from './payload.ts';
import { readChoice, readInteger, readObject, readReference, readText, shown, tail } from './read.ts';

export interface ReplayFields {
  status: 'absent' | 'running' | 'completed' | 'failed' | 'cancelled';
  mode: 'dry_run' | 'execute';
  purpose: string;
  target: EntityRef;
  replayed: number;
  skipped: number;
  failed: number;
  divergences: number;
  report: JsonObject | null;
  /** Things done again so far, and how many of those failed; `sequence` is where it stands. */
  stepsDone: number;
  stepsFailed: number;
  sequence: number | null;
}

export type ReplayState = State<ReplayFields>;

const modes = ['dry_run', 'execute'] as const;
const counts = ['replayed', 'skipped', 'failed', 'divergences'] as const;
const replayIs = machine<ReplayFields>('replay', (state) => state.status);

/** Where a replay stands, written as it goes; counted apart from the 128 of the model. */
const stepEvents: Events<ReplayFields> = {
  'replay.step_started': {
    doc: 'A costly effect is about to be done again; it will not be begun a second time.',
    schema: payload({ replay_of: string, sequence: integer }, { event_type: string }),
    policy: 'tolerate',
    effect: 'non-repeatable',
    summary: ({ data }) => `${shown(data['event_type'])} at ${shown(data['sequence'])} begun again`,
    evolve: (draft, { data }) => void (draft.sequence = readInteger(data['sequence']) ?? draft.sequence),
  },
  'replay.step_completed': {
    doc: 'An effect was done again.',
    schema: payload({ replay_of: string, sequence: integer }, { result: json, produced_event_ids: strings }),
    policy: 'tolerate',
    effect: 'non-repeatable',
    summary: ({ data }) => `Done again at ${shown(data['sequence'])}${tail(': ', data['result'])}`,
    evolve(draft, { data }) {
      draft.sequence = readInteger(data['sequence']) ?? draft.sequence;
      draft.stepsDone += 1;
    },
  },
  'replay.step_failed': {
    doc: 'Doing an effect again failed.',
    schema: payload({ replay_of: string, sequence: integer, error }),
    policy: 'tolerate',
    effect: 'non-repeatable',
    priority: 'P1',
    severity: 'ERROR',
    summary: ({ data }) => `Failed at ${shown(data['sequence'])}${tail(': ', data['error'])}`,
    evolve(draft, { data }) {
      draft.sequence = readInteger(data['sequence']) ?? draft.sequence;
      draft.stepsFailed += 1;
    },
  },
};

export const replayStepTypes: readonly string[] = Object.keys(stepEvents);

/** Events that steer a log or tell of a recovery; a replay never goes over them (K-049). Globs over types. */
export const replayControlTypes: readonly string[] = ['checkpoint.restored', 'recovery.*', 'replay.*', 'job.rerun'];

export const replay = defineAggregate<ReplayFields>({
  type: 'replay',
  version: '1.1.0',
  doc: 'A replay of recorded events.',
  terminal: ['completed', 'failed', 'cancelled'],
  parts: [anyStream],
  initial: () => ({ status: 'absent', mode: 'dry_run', purpose: '', target: { type: '', id: '' }, replayed: 0, skipped: 0, failed: 0, divergences: 0, report: null, stepsDone: 0, stepsFailed: 0, sequence: null }),
  events: spelled<ReplayFields>({
    'replay.started': {
      doc: 'Recorded events are gone through again.',
      ledger: ['X-027'],
      schema: payload(
        { mode: oneOf(...modes), purpose: oneOf('recovery', 'testing', 'analysis', 'debugging'), target: reference },
        { from_sequence: integer, to_sequence: integer, filter: object, params: object },
      ),
      transition: replayIs(['absent'], 'running'),
      effect: 'non-repeatable',
      priority: 'P1',
      refs: ({ target }) => [readReference(target)].flatMap((found) => found ?? []),
      summary: ({ data }) => `${data['mode'] === 'execute' ? 'Replay' : 'Dry replay'} of ${shown(readReference(data['target'])?.id)} for ${shown(data['purpose'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.mode = readChoice(data['mode'], modes) ?? draft.mode;
        draft.purpose = readText(data['purpose']) ?? draft.purpose;
        draft.target = readReference(data['target']) ?? draft.target;
      },
    },
    'replay.completed': {
      doc: 'The replay reached its end.',
      ledger: ['X-027'],
      schema: payload({ replayed: integer, skipped: integer, failed: integer, divergences: integer }, { report: object }),
      transition: replayIs(['running'], 'completed'),
      effect: 'non-repeatable',
      priority: 'P1',
      summary: ({ data }) => `Replay completed: ${counts.map((count) => `${shown(data[count])} ${count}`).join(', ')}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        for (const count of counts) draft[count] = readInteger(data[count]) ?? draft[count];
        draft.report = readObject(data['report']) ?? draft.report;
      },
    },
    'replay.failed': {
      doc: 'The replay could not go on.',
      ledger: ['X-027'],
      schema: payload({ error }, { at_sequence: integer, failed_precondition: string }),
      transition: replayIs(['running'], 'failed'),
      effect: 'non-repeatable',
      priority: 'P0',
      severity: 'ERROR',
      summary: ({ data }) => `Replay failed${tail(' at revision ', data['at_sequence'])}${tail(', precondition ', data['failed_precondition'])}${tail(': ', data['error'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    'replay.cancelled': {
      doc: 'Somebody stopped the replay.',
      ledger: ['X-027'],
      schema: payload({}, { reason: string, at_sequence: integer }),
      transition: replayIs(['running'], 'cancelled'),
      effect: 'non-repeatable',
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Replay cancelled${tail(' at revision ', data['at_sequence'])}${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
    ...stepEvents,
  }),
});
