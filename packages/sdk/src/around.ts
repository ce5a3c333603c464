/**
 * A piece of work between the event that it began and the event of how it ended. The work does not wait for the disk: it begins
 * when its beginning was judged and is on its way, since only weather can keep that out of the log now, and weather is told
 * when the work is over. The end is waited for, so that whoever waits for a piece of work has all of it in the log.
 */
import { LogError } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { withContext } from './context.ts';
import type { WorkContext } from './context.ts';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';
import { addressOf } from './store-session.ts';
import type { StreamRef } from './store-session.ts';
import type { AppendOptions } from './store-types.ts';

export interface RecordOptions {
  /** Where it is recorded. Default: the default store. */
  readonly store?: Pick<EventStore, 'saveEvent'>;
  /** The stream it belongs to. Default: the orchestration of the issue in the context. */
  readonly stream?: StreamRef;
  readonly durable?: Durable;
}

/**
 * Whether work waits until what was told before it is on disk. behind (default): it begins when that was judged and is on its way,
 * and its own end waits. each: not before.
 */
export type Durable = 'behind' | 'each';

/** An event without its surroundings. */
export interface Told {
  readonly type: string;
  readonly data: JsonObject;
}

/** What a payload keeps of something thrown. */
export type ErrorInfo = { readonly message: string; readonly code?: string };

interface Course<T> {
  readonly began: Told;
  /** @param id  Of the event that it began: it names the part that this is the end of. */
  readonly ended: (value: T, id: string) => Told;
  readonly failed: (error: ErrorInfo, id: string) => Told;
  /** What the work runs in, beside the event that it began as the cause of what it does. */
  readonly inside?: WorkContext;
}

/**
 * Records that work began, runs it, records how it ended. What is recorded inside names the beginning as its cause.
 *
 * @throws what the work throws, once its failure is recorded; AggregateError of both when that cannot be recorded; LogError when
 *         the beginning is refused, or cannot be recorded and `durable` is each: then the work is not run.
 */
export async function around<T>(options: RecordOptions, { began, ended, failed, inside = {} }: Course<T>, work: () => Promise<T> | T): Promise<T> {
  const { id, written } = await begin(options, began);
  const context = { ...inside, causationId: id };
  // What has no beginning in the log gets no end there.
  const end = (told: Told): Promise<string> => withContext(context, () => written.then(() => record(options, told)));
  let value: T;
  try {
    value = await withContext(context, work);
  } catch (error) {
    await onRecord(end(failed(errorInfoOf(error), id)), error);
    throw error;
  }
  await end(ended(value, id));
  return value;
}

/** @returns its id, once the work may begin; and when it is written. */
async function begin(options: RecordOptions, told: Told): Promise<{ readonly id: string; readonly written: Promise<string> }> {
  const queued = Promise.withResolvers<string>();
  const written = record(options, told, { onQueued: (events) => queued.resolve(events[0]!.id) });
  // Whoever waits for it hears of it; until then nobody does.
  written.catch(() => undefined);
  const id = await (options.durable === 'each' ? written : Promise.race([queued.promise, written]));
  return { id, written };
}

export async function record({ store = eventStore, stream }: RecordOptions, told: Told, options: AppendOptions = {}): Promise<string> {
  return await store.saveEvent({ ...(stream === undefined ? {} : addressOf(stream)), ...told }, options);
}

export const recordFailure = (options: RecordOptions, told: Told, failure: unknown): Promise<string> => onRecord(record(options, told), failure);

/** A failure that is not on record must not be taken for one that is, and must not be lost either. */
export async function onRecord<T>(recording: Promise<T>, failure: unknown): Promise<T> {
  return await recording.catch((error: unknown) => {
    throw new AggregateError([failure, error], 'A failure could not be recorded.', { cause: failure });
  });
}

export function errorInfoOf(thrown: unknown): ErrorInfo {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const code = thrown instanceof LogError ? thrown.code : (thrown as { readonly code?: unknown }).code;
  return { message: thrown.message, ...(typeof code === 'string' ? { code } : {}) };
}
