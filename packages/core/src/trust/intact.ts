/**
 * One stored record against the leaf that was made of it: a bit that flipped at rest, or an edited row, shows here before
 * the event is served. It says nothing about order, gaps or a rewritten log; that is verify's work (trust/verify.ts).
 */
import { LogError } from '../errors.ts';
import type { Linker, Recorded } from '../log/driver.ts';
import { isEqual } from './proof.ts';

/**
 * @param record  With its body. One without a leaf was written by an engine that does not link, and passes.
 * @throws LogError INTEGRITY_VIOLATION `leaf` {position, stream, revision}.
 * Cost: three hashes, about as much as reading and decoding the event.
 */
export function assertIntact(record: Recorded, linker: Pick<Linker, 'link'>): void {
  if (record.leaf === undefined || isEqual(leafOf(record, linker), record.leaf)) return;
  throw damaged(record, 'it is not what its leaf was made of');
}

function leafOf(record: Recorded, linker: Pick<Linker, 'link'>): Uint8Array {
  try {
    return linker.link(record, record.previousLeaf ?? null);
  } catch (cause) {
    throw damaged(record, 'its body has not the form of one', cause);
  }
}

const damaged = ({ position, stream, revision }: Recorded, why: string, cause?: unknown): LogError =>
  new LogError('INTEGRITY_VIOLATION', `The event at position ${position} is damaged: ${why}.`, {
    details: { reason: 'leaf', position, stream, revision },
    hint: 'Run refold verify; restore the event from a backup or an archive.',
    cause,
  });
