/**
 * The state at a place: the newest snapshot before it, then the events up to it. The same answer with and without
 * snapshots; only the time differs.
 */
import { LogError } from '../errors.ts';
import type { FoldEvent, State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import { withStateBefore } from '../fold/fold.ts';
import type { KeyframeIndex } from '../fold/keyframe-index.ts';
import type { Keyframes } from '../fold/keyframes.ts';
import type { IgnoredSnapshot, Snapshots } from '../fold/snapshot.ts';
import { stateHash } from '../fold/state-hash.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { instantMs } from '../log/instant.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { labelOf } from '../metering.ts';
import type { Meter } from '../metering.ts';
import type { Clock, Hasher } from '../ports.ts';
import type { ColumnIndex, StreamColumns } from './column-index.ts';
import { cutAt, stragglerPages } from './cut.ts';
import type { Cut } from './cut.ts';
import type { StreamReader } from './stream-reader.ts';
import type { TimeIndexes } from './time-index.ts';

/** What time travel works with. Only the first three are needed; the others make it faster, or tell more. */
export interface TravelParts {
  readonly reader: StreamReader;
  readonly fold: Fold;
  readonly hasher: Hasher;
  readonly snapshots?: Pick<Snapshots, 'load'>;
  /** Kept between questions, so that any place of a long stream is a short fold away. */
  readonly keyframes?: KeyframeIndex;
  /** Kept between questions, so that a second question by time reads only the events around the instant. */
  readonly timeIndexes?: TimeIndexes;
  /** Kept between questions, so that a question about what they hold reads no event. */
  readonly columns?: ColumnIndex;
  /** To say that an instant lies in the future, and to let others have their turn during a long scan. */
  readonly clock?: Pick<Clock, 'now' | 'turn'>;
  readonly meter?: Meter | undefined;
}

export interface ReconstructOptions {
  /** Default true. */
  readonly useSnapshots?: boolean;
}

/** A state and where it stands. The first eight fields are the wire's StateView. */
export interface Reconstruction {
  readonly streamType: string;
  readonly streamId: string;
  /** Last revision in the state; 0 = before the first event. */
  readonly revision: Revision;
  /** The instant that was asked for; by number, when the last event happened. */
  readonly asOf: Instant | null;
  readonly state: State;
  /** Taken when it is first read, as it costs as much as writing the state down: read it before you change the state. */
  readonly stateHash: string;
  /** Revision of the snapshot that it went on from. */
  readonly fromSnapshot: Revision | null;
  readonly eventsFolded: number;
  /** Newest revision of the stream. */
  readonly head: Revision;
  /** Events recorded after the clean prefix that had happened by the instant. Always 0 for a place by number. */
  readonly stragglers: number;
  readonly warnings: readonly string[];
}

/**
 * Folds a stream up to a place.
 *
 * @throws LogError NOT_FOUND {head}, HISTORY_DELETED, INCOMPLETE_HISTORY {expected, found}, and FOLD_FAILED {position, type,
 *         revision, state}: `state` is the one before the failing event.
 * Cost: one snapshot and the events after it; by time also one read of the stream, unless `timeIndexes` are kept.
 */
export async function reconstruct(parts: TravelParts, address: StreamAddress, place: Place, options: ReconstructOptions = {}): Promise<Reconstruction> {
  const cut = await cutAt(parts.reader, formatStreamAddress(address), place, parts.timeIndexes);
  return await reconstructCut(parts, address, cut, options);
}

/** Folds a place that was resolved before. */
export async function reconstructCut(parts: TravelParts, address: StreamAddress, cut: Cut, options: ReconstructOptions = {}): Promise<Reconstruction> {
  const ignored: IgnoredSnapshot[] = [];
  const began = parts.meter?.now() ?? 0;
  const frames = options.useSnapshots === false ? null : (parts.keyframes?.of(formatStreamAddress(address), cut.head) ?? null);
  const columns = parts.columns?.of(formatStreamAddress(address), cut.head) ?? null;
  const start = await startOf(parts, address, cut.prefix, frames, options, ignored);
  const [startRevision, startCount] = [start.revision, start.eventCount];
  const state = await foldCut(parts, address, start, cut, { frames, columns });
  const stragglers = state.eventCount - cut.prefix;
  tell(parts, address.streamType, { ms: (parts.meter?.now() ?? 0) - began, folded: state.eventCount - startCount, isFromKept: startRevision > 0 });
  let hash: string | undefined;
  return {
    streamType: address.streamType,
    streamId: address.streamId,
    revision: state.revision,
    asOf: cut.asOf ?? state.lastEventAt,
    state,
    get stateHash() {
      return (hash ??= stateHash(state, parts.hasher));
    },
    fromSnapshot: startRevision === 0 ? null : startRevision,
    eventsFolded: state.eventCount - startCount,
    head: cut.head,
    stragglers,
    warnings: [...futureWarning(parts, cut), ...ignored.map(({ revision, fault }) => `The snapshot at revision ${revision} was ignored (${fault}).`)],
  };
}

function tell({ meter, fold }: TravelParts, streamType: string, { ms, folded, isFromKept }: { readonly ms: number; readonly folded: number; readonly isFromKept: boolean }): void {
  if (meter === undefined) return;
  const labels = { stream_type: labelOf(streamType, (type) => fold.registry.aggregate(type) !== null) };
  meter.observe('reconstruct_duration_ms', {}, ms);
  meter.add('events_folded_total', labels, folded);
  meter.add(isFromKept ? 'snapshot_hits_total' : 'snapshot_misses_total', labels);
}

/** The newest state that is known at or before a place; a keyframe that is near saves the look at the stored snapshots. */
async function startOf(parts: TravelParts, address: StreamAddress, upTo: Revision, frames: Keyframes | null, options: ReconstructOptions, ignored: IgnoredSnapshot[]): Promise<State> {
  const near = frames?.revisionNear(upTo) ?? 0;
  const isNear = near > 0 && upTo - near <= frames!.distance;
  const wanted = parts.snapshots !== undefined && options.useSnapshots !== false && upTo > 0 && !isNear;
  const snapshot = wanted ? await parts.snapshots.load(formatStreamAddress(address), upTo, (fault) => ignored.push(fault)) : null;
  if (snapshot !== null && snapshot.state.revision >= near) return snapshot.state;
  return frames?.nearest(upTo) ?? parts.fold.initial(address.streamType, address.streamId);
}

/** What a fold of a prefix leaves on its way. */
interface Left {
  readonly frames: Keyframes | null;
  readonly columns: StreamColumns | null;
}

async function foldCut(parts: TravelParts, address: StreamAddress, start: State, cut: Cut, left: Left): Promise<State> {
  try {
    return await foldStragglers(parts, address, await foldPrefix(parts, address, start, cut.prefix, left), cut, Infinity);
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'FOLD_FAILED') throw error;
    const before = await stateBefore(parts, address, cut, error.details['revision'] as Revision);
    throw withStateBefore(error, () => before);
  }
}

async function foldPrefix({ reader, fold }: TravelParts, address: StreamAddress, start: State, upTo: Revision, left: Left | null = null): Promise<State> {
  let state = start;
  if (state.revision === 0) left?.columns?.begin(state);
  if (state.revision < upTo)
    for await (const page of reader.pages(formatStreamAddress(address), { after: state.revision, upTo }))
      for (const event of page) {
        state = fold.evolveDraft(state, event);
        left?.frames?.offer(state);
        left?.columns?.add(event, state);
      }
  if (state.revision !== upTo)
    throw new LogError('INCOMPLETE_HISTORY', `Revision ${state.revision + 1} of ${formatStreamAddress(address)} is missing.`, {
      details: { stream: formatStreamAddress(address), expected: state.revision + 1, found: null },
      hint: 'Verify the log; no state is guessed from an incomplete history.',
    });
  return state;
}

async function foldStragglers({ reader, fold }: TravelParts, address: StreamAddress, start: State, cut: Cut, before: Revision): Promise<State> {
  let state = start;
  for await (const page of stragglerPages(reader, formatStreamAddress(address), cut))
    for (const event of page) {
      if (event.revision >= before) return state;
      state = fold.evolveDraft(state, event, { cut: true });
    }
  return state;
}

/** The draft was spoilt by the failing event; what stood before it is folded anew, without that event and what follows. */
async function stateBefore(parts: TravelParts, address: StreamAddress, cut: Cut, failing: Revision): Promise<State> {
  const prefix = Math.min(cut.prefix, failing - 1);
  const state = await foldPrefix(parts, address, await startOf(parts, address, prefix, null, {}, []), prefix);
  return prefix < cut.prefix ? state : await foldStragglers(parts, address, state, cut, failing);
}

/** The events of a cut, oldest first, in pages: for what must look at each of them. */
export async function* eventsOf(reader: StreamReader, address: StreamAddress, cut: Cut): AsyncGenerator<readonly EventEnvelope[]> {
  const stream = formatStreamAddress(address);
  if (cut.prefix > 0) yield* reader.pages(stream, { upTo: cut.prefix });
  yield* stragglerPages(reader, stream, cut);
}

/** True where the fold may meet a hole: after the clean prefix. */
export const isStraggler = (cut: Cut, event: Pick<FoldEvent, 'revision'>): boolean => event.revision > cut.prefix;

function futureWarning({ clock }: TravelParts, { asOf }: Cut): readonly string[] {
  const ms = asOf === null ? null : instantMs(asOf);
  return clock !== undefined && ms !== null && ms > clock.now() ? ['The instant lies in the future; this is the state as of now.'] : [];
}
