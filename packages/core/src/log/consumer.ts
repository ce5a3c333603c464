/**
 * A consumer reads the log in order from its cursor and does something with what it reads. Its cursor is saved with
 * compare-and-set after the work, so killing it at any point loses nothing; what it does must be idempotent, so that
 * repeating the page after a kill changes nothing. It stops when the log's epoch changed: its past may be gone.
 */
import { LogError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from './bytes.ts';
import type { LogDriver, Page, Position } from './driver.ts';
import type { Lease } from './lease.ts';

export interface Consumer {
  /** Works through everything up to the head at the time of the call. Returns the new cursor. */
  catchUp(signal?: AbortSignal): Promise<Position>;
  /** Catches up, then goes on as the log grows, until the signal aborts; under a lease, while it holds it. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ConsumerOptions {
  /** Unique in the log; names the cursor. */
  readonly name: string;
  /** `false`: there was nothing to do for this page. */
  readonly handle: (page: Page) => Promise<boolean | void>;
  /** Default true. Without bodies a page is a list of places. */
  readonly bodies?: boolean;
  /** Events that are rather read again than passed by a save of the cursor, when there was nothing to do for them. Default 0. */
  readonly rereadEventsMax?: number;
  /** `run` works on one process at a time, of all that share the log and this lease. Default: on each, which repeats work and breaks nothing. */
  readonly lease?: Lease;
}

/** Where the cursors stand among the values of a log. */
export const cursorPrefix = 'cursor/';

interface Cursor {
  readonly position: Position;
  readonly epoch: string;
}

/** @throws LogError LOG_ROLLED_BACK from catchUp and run when the log's head or epoch went back under the cursor. */
export function createConsumer(driver: Pick<LogDriver, 'read' | 'head' | 'watch' | 'kvGet' | 'kvPut'>, options: ConsumerOptions): Consumer {
  const key = cursorPrefix + options.name;
  const { rereadEventsMax = 0 } = options;

  async function catchUp(signal?: AbortSignal): Promise<Position> {
    const stored = await driver.kvGet(key);
    const head = await driver.head();
    let rev: number | 'absent' = stored?.rev ?? 'absent';
    let { position, epoch }: Cursor = stored === null ? { position: 0, epoch: head.epoch } : (JSON.parse(decodeUtf8(stored.value)) as Cursor);
    if (epoch !== head.epoch || position > head.position) throw rolledBack(options.name, position, head.position);

    let savedPosition = position;
    for await (const page of driver.read({ after: position, bodies: options.bodies ?? true }, signal)) {
      const last = page.events.at(-1);
      if (last === undefined) break;
      const isIdle = (await options.handle(page)) === false;
      position = last.position;
      if (isIdle && position - savedPosition < rereadEventsMax) continue;
      savedPosition = position;
      const saved = await driver.kvPut(key, encodeUtf8(JSON.stringify({ position, epoch } satisfies Cursor)), rev);
      // Another process does the same work and is ahead; it is idempotent, so nothing is wrong, and he goes on.
      if (saved === 'conflict') return position;
      rev = saved;
    }
    return position;
  }

  async function runHere(signal: AbortSignal): Promise<void> {
    try {
      let position = await catchUp(signal);
      for await (const hint of driver.watch(position, signal)) if (hint > position) position = await catchUp(signal);
    } catch (error) {
      // Being stopped is how it ends; the engine says so by throwing out of its read.
      if (!signal.aborted) throw error;
    }
  }

  return { catchUp, run: (signal) => options.lease?.hold(runHere, signal) ?? runHere(signal) };
}

const rolledBack = (name: string, cursor: Position, head: Position): LogError =>
  new LogError('LOG_ROLLED_BACK', `Consumer ${name} stood at ${cursor}; the log's head is ${head} and its epoch changed.`, {
    details: { cursor, head },
    hint: 'Find out what was restored, then reset the consumer.',
  });
