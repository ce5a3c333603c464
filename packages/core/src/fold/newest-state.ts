/** The state of a stream at its newest event, or at a revision: from the nearest snapshot, then event by event. */
import type { LogDriver, Revision } from '../log/driver.ts';
import { envelopeOf, splitAddress } from '../log/record.ts';
import type { State } from './aggregate.ts';
import type { Fold } from './fold.ts';
import type { Snapshots } from './snapshot.ts';

export interface StateParts {
  readonly driver: Pick<LogDriver, 'read'>;
  readonly fold: Fold;
  readonly snapshots: Snapshots;
  /** Lets others have their turn, after every page of a long history. */
  readonly turn?: () => Promise<void>;
  /** A state of the stream to go on from, which is used up; undefined: the nearest snapshot. */
  readonly older?: State | undefined;
}

/** The caller owns the state. @throws LogError INCOMPLETE_HISTORY, FOLD_FAILED as the fold. */
export async function newestState({ driver, fold, snapshots, turn, older }: StateParts, address: string, upTo: Revision = Number.MAX_SAFE_INTEGER): Promise<State> {
  const { type, id } = splitAddress(address);
  let state = older ?? (await snapshots.load(address, upTo))?.state ?? fold.initial(type, id);
  for await (const page of driver.read({ stream: address, after: state.revision, upTo })) {
    for (const record of page.events) state = fold.evolveDraft(state, envelopeOf(record));
    await turn?.();
  }
  return state;
}
