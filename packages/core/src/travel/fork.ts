/**
 * What if? A copy of a history in memory with a few edits, folded with the same rules; nothing is stored.
 *
 * The variant keeps the base's revisions shifted by what was put in or left out before them, so without edits it is the base,
 * at any place. An edit that the rules forbid is left out and told in `rejected`; leniently it goes in, and the fold marks it
 * as it would mark it in a log. Recorded events are never left out because of an edit before them: those that the edits made
 * illegal are folded as anomalies and told in `consequences`.
 *
 * Cost: two folds, from the newest snapshot before the first edit. In memory: one page, two states.
 */
import { LogError } from '../errors.ts';
import type { Anomaly, FoldEvent, State } from '../fold/aggregate.ts';
import { diff } from '../fold/diff.ts';
import type { Patch } from '../fold/diff.ts';
import type { Fold } from '../fold/fold.ts';
import { stateHash } from '../fold/state-hash.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { validateEvent } from '../schema/validate.ts';
import { cutAt } from './cut.ts';
import type { Cut } from './cut.ts';
import { placeOfEdit, planEdits, withValueAt } from './edit.ts';
import type { Edit, EditPlan, NumberedEdit } from './edit.ts';
import { factsOf } from './facts.ts';
import { eventsOf, isStraggler, reconstruct, reconstructCut } from './reconstruct.ts';
import type { Reconstruction, TravelParts } from './reconstruct.ts';
import { insertedEvent, replacedEvent } from './what-if-event.ts';

export interface RejectedEdit {
  /** 0-based, in the list of edits. */
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

/** A recorded event that the fold took in the base and marked in the variant. */
export interface Consequence extends Anomaly {
  /** Where the event stands in the base; `revision` is where it stands in the variant. */
  readonly baseRevision: Revision;
}

export interface ForkResult {
  readonly base: Reconstruction;
  readonly variant: Reconstruction;
  /** From base to variant, without the bookkeeping (revision, last event, count). */
  readonly diff: readonly Patch[];
  readonly rejected: readonly RejectedEdit[];
  /** Edits that took effect by this place. */
  readonly applied: number;
  readonly consequences: readonly Consequence[];
}

export interface ForkOptions {
  /** Takes what the rules forbid. Default false. */
  readonly lenient?: boolean;
  /** Told of every event of the variant from the first edit on, under its revision there, in order. */
  readonly onEvent?: (event: FoldEvent) => void;
}

/**
 * Edits a history up to a place and compares. The same edits at a later place show what became of them.
 *
 * @throws LogError BAD_REQUEST `path` (bad-input A19) and `edit`; BAD_JSON and BAD_NUMBER for a payload that no log would take; as `reconstruct` for the place; FOLD_FAILED when a definition fails over an edit.
 */
export async function fork(parts: TravelParts, address: StreamAddress, place: Place, edits: readonly Edit[], options: ForkOptions = {}): Promise<ForkResult> {
  const plan = planEdits(edits);
  const cut = await cutAt(parts.reader, formatStreamAddress(address), place, parts.timeIndexes);
  const base = await reconstructCut(parts, address, cut);
  const run = await foldVariant(parts, address, cut, plan, options);
  const found = new Set([...run.applied, ...run.rejected.map(({ index }) => index)]);
  const notFound = edits.flatMap((edit, index) => (found.has(index) ? [] : [missing(edit, index, base)]));
  return {
    base,
    variant: {
      ...base,
      revision: run.state.revision,
      state: run.state,
      stateHash: stateHash(run.state, parts.hasher),
      fromSnapshot: run.startRevision === 0 ? null : run.startRevision,
      eventsFolded: run.state.eventCount - run.startCount,
      head: base.head + run.shift,
    },
    diff: diff(factsOf(base.state), factsOf(run.state)),
    rejected: [...run.rejected, ...notFound].toSorted((a, b) => a.index - b.index),
    applied: run.applied.size,
    consequences: consequencesOf(base.state, run),
  };
}

const missing = (edit: Edit, index: number, { revision }: Reconstruction): RejectedEdit => ({ index, code: 'NOT_FOUND', detail: `There is no event ${placeOfEdit(edit)} up to revision ${revision}.` });

interface VariantRun {
  state: State;
  readonly startRevision: Revision;
  readonly startCount: number;
  /** What the variant's revisions are ahead of the base's. */
  shift: number;
  readonly applied: Set<number>;
  readonly rejected: RejectedEdit[];
  /** Variant revision -> base revision, of recorded events after which the fold noted an anomaly. */
  readonly origin: Map<Revision, Revision>;
  readonly onEvent: (event: FoldEvent) => void;
}

async function foldVariant(parts: TravelParts, address: StreamAddress, cut: Cut, plan: EditPlan, { lenient = false, onEvent = () => {} }: ForkOptions): Promise<VariantRun> {
  const untouched = plan.count === 0 ? cut.prefix : Math.min(cut.prefix, plan.firstRevision - 1);
  const { state } = await reconstruct(parts, address, { kind: 'revision', revision: untouched });
  const run: VariantRun = { state, startRevision: state.revision, startCount: state.eventCount, shift: 0, applied: new Set(), rejected: [], origin: new Map(), onEvent };
  const editor = createEditor(parts.fold, run, lenient);

  if (untouched === 0) for (const insert of plan.atFront) editor.insert(insert, address, null);
  const rest = untouched === 0 ? eventsOf(parts.reader, address, cut) : eventsAfter(parts, address, cut, untouched);
  for await (const page of rest)
    for (const event of page) {
      const edits = plan.of(event);
      const options = { cut: isStraggler(cut, event) };
      const kept = edits.length === 0 ? event : editor.edited(event, edits);
      if (kept === null) run.shift--;
      else takeEvent(parts.fold, run, kept, { ...options, isRecorded: kept === event });
      for (const insert of edits) if (insert.edit.op === 'insert') editor.insert(insert, address, event);
    }
  return run;
}

async function* eventsAfter({ reader }: TravelParts, address: StreamAddress, cut: Cut, after: Revision): AsyncGenerator<readonly EventEnvelope[]> {
  if (after < cut.prefix) yield* reader.pages(formatStreamAddress(address), { after, upTo: cut.prefix });
  yield* eventsOf(reader, address, { ...cut, prefix: 0 });
}

function takeEvent(fold: Fold, run: VariantRun, event: FoldEvent, { cut, isRecorded }: { readonly cut: boolean; readonly isRecorded: boolean }): void {
  const before = run.state.anomalies.length;
  const baseRevision = event.revision;
  const placed = run.shift === 0 ? event : { ...event, revision: baseRevision + run.shift };
  run.state = fold.evolveDraft(run.state, placed, { cut });
  run.onEvent(placed);
  if (isRecorded && run.state.anomalies.length > before) run.origin.set(run.state.revision, baseRevision);
}

interface Editor {
  /** The event as the edits make it; null when it is left out. */
  edited(event: EventEnvelope, edits: readonly NumberedEdit[]): FoldEvent | null;
  insert(insert: NumberedEdit, address: StreamAddress, neighbour: EventEnvelope | null): void;
}

function createEditor(fold: Fold, run: VariantRun, lenient: boolean): Editor {
  const { registry } = fold;
  const reject = (index: number, code: string, detail: string): void => void run.rejected.push({ index, code, detail });

  /** Gates and transitions, as an append would apply them. What was wrong with the recorded event already is no fault of the edit. */
  function objection(candidate: FoldEvent, original: EventEnvelope | null): { readonly code: string; readonly detail: string } | null {
    const known = new Set(original === null ? [] : faultsOf(original).map(({ detail }) => detail));
    const fault = faultsOf(candidate).find(({ detail }) => !known.has(detail));
    if (fault !== undefined) return fault;
    const verdict = fold.judge(run.state, candidate);
    if (verdict.legal || verdict.policy === 'tolerate') return null;
    return original !== null && !fold.judge(run.state, original).legal ? null : verdict;
  }

  const faultsOf = (event: FoldEvent): readonly { readonly code: string; readonly detail: string }[] => validateEvent(event, registry, { mode: 'flag', unknownTypes: 'flag' });

  /** What cannot be an event at all stays out even leniently. */
  function admitted({ index }: NumberedEdit, make: () => FoldEvent, original: EventEnvelope | null): FoldEvent | null {
    try {
      const candidate = make();
      const fault = objection(candidate, original);
      if (fault !== null) reject(index, fault.code, fault.detail);
      return fault === null || lenient ? candidate : null;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      reject(index, error.code, error.message);
      return null;
    }
  }

  return {
    edited(event, edits) {
      let current: FoldEvent | null = event;
      for (const numbered of edits) {
        const { edit, index } = numbered;
        if (edit.op === 'insert') continue;
        const subject: FoldEvent | null = current;
        if (subject === null) {
          reject(index, 'NOT_FOUND', `Another edit leaves event ${edit.at} out.`);
          continue;
        }
        if (edit.op === 'omit') current = null;
        else {
          const made = admitted(numbered, () => (edit.op === 'set' ? { ...subject, data: withValueAt(subject.data, edit.pointer, edit.value) } : replacedEvent(fold, subject, edit.event)), event);
          if (made === null) continue;
          current = made;
        }
        run.applied.add(index);
      }
      return current;
    },
    insert(numbered, address, neighbour) {
      const { edit, index } = numbered;
      if (edit.op !== 'insert') return;
      const made = admitted(numbered, () => insertedEvent(fold, edit.event, { address, neighbour, index, revision: run.state.revision + 1 }), null);
      if (made === null) return;
      // A cut may have holes before the next event; the place after the newest one is always free in the variant.
      run.state = fold.evolveDraft(run.state, made);
      run.onEvent(made);
      run.shift++;
      run.applied.add(index);
    },
  };
}

function consequencesOf(base: State, { state, origin }: VariantRun): readonly Consequence[] {
  const known = new Set(base.anomalies.map(({ eventId, code }) => `${eventId} ${code}`));
  return state.anomalies.flatMap((anomaly) => {
    const baseRevision = origin.get(anomaly.revision);
    return baseRevision === undefined || known.has(`${anomaly.eventId} ${anomaly.code}`) ? [] : [{ ...anomaly, baseRevision }];
  });
}
