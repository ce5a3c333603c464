/** The plainest verification there is: makes every leaf again and compares. What the product's verify must find, this finds. */
import type { Linker, Position, Recorded } from '@refold/core';

/** A head that was seen earlier and written down elsewhere. */
export interface RememberedHead {
  readonly position: Position;
  readonly leaf: Uint8Array;
}

/** Every place where positions, revisions, links or leaves are not what they must be; empty when all is well. */
export function chainFaults(events: readonly Recorded[], linker: Linker, remembered?: RememberedHead): readonly string[] {
  const faults: string[] = [];
  const tips = new Map<string, { readonly revision: number; readonly leaf: Uint8Array }>();
  for (const [index, event] of events.entries()) {
    const tip = tips.get(event.stream);
    const { leaf = new Uint8Array(), previousLeaf, ...placed } = event;
    if (event.position !== index + 1) faults.push(`position ${event.position} stands at place ${index + 1}`);
    if (event.revision !== (tip?.revision ?? 0) + 1) faults.push(`position ${event.position}: revision ${event.revision} follows ${tip?.revision ?? 0}`);
    if (!isSame(previousLeaf, tip?.leaf)) faults.push(`position ${event.position}: the previous leaf is another`);
    if (!isSame(leaf, linker.link(placed, tip?.leaf ?? null))) faults.push(`position ${event.position}: the leaf does not follow from the event`);
    tips.set(event.stream, { revision: event.revision, leaf });
  }
  if (remembered !== undefined && !isSame(events[remembered.position - 1]?.leaf, remembered.leaf)) faults.push(`the remembered head at ${remembered.position} is not there`);
  return faults;
}

function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return Buffer.compare(left ?? new Uint8Array(), right ?? new Uint8Array()) === 0;
}
