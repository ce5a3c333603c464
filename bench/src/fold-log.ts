/** Folds a whole log, every stream's state in hand at once: what the product does with one stream, for all of them in one pass. */
import type { State } from '@refold/core';
import type { OpenedStore } from '@refold/sdk';

/** Returns how many streams there are. */
export async function foldLog({ log }: OpenedStore): Promise<number> {
  const states = new Map<string, State>();
  for await (const page of log.events({}))
    for (const event of page.events) {
      const address = `${event.streamType}/${event.streamId}`;
      states.set(address, log.fold.evolveDraft(states.get(address) ?? log.fold.initial(event.streamType, event.streamId), event));
    }
  return states.size;
}
