/**
 * Keeps refusals on record, in the log itself (C-005), behind the caller's back: he gets his refusal at once, and whether it
 * could be recorded changes nothing for him. Refusals that come together share a commit; when more come than can be
 * written, the newest are left out rather than kept waiting in memory. A refused record is not recorded.
 */
import type { LogError } from '../errors.ts';
import type { AppendRequest } from './append.ts';
import type { EventInput } from './event.ts';

export interface RefusedAppend {
  readonly refusal: LogError;
  readonly request: AppendRequest;
}

/** What stands in the log for a refusal; null when this one is not worth a record. */
export type DescribeRefusal = (refused: RefusedAppend) => EventInput | null;

export interface RefusalRecorder {
  record(refused: RefusedAppend): void;
  /** Resolves when nothing is left to write. */
  idle(): Promise<void>;
}

const waitingMax = 100;

export function createRefusalRecorder(append: (request: AppendRequest) => Promise<unknown>, describe: DescribeRefusal): RefusalRecorder {
  let waiting: EventInput[] = [];
  let writing: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting;
      waiting = [];
      // The refusal was given already; a log that cannot take the record of it has worse troubles, and tells them elsewhere.
      await append({ events, validation: 'flag', transitions: 'flag', sanitize: true }).catch(() => undefined);
    }
    writing = null;
  }

  return {
    record(refused) {
      const event = waiting.length < waitingMax ? describe(refused) : null;
      if (event === null) return;
      waiting.push(event);
      writing ??= writeAll();
    },
    async idle() {
      await writing;
    },
  };
}
