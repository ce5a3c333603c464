/** A piece of work between the event that it began and the event of how it ended. */
import { LogError } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { withContext } from './context.ts';
import type { WorkContext } from './context.ts';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';
import { addressOf } from './store-session.ts';
import type { StreamRef } from './store-session.ts';

export interface RecordOptions {
  /** Where it is recorded. Default: the default store. */
  readonly store?: Pick<EventStore, 'saveEvent'>;
  /** The stream it belongs to. Default: the orchestration of the issue in the context. */
  readonly stream?: StreamRef;
}

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
 *         the beginning cannot, and then the work is not run.
 */
export async function around<T>(options: RecordOptions, { began, ended, failed, inside = {} }: Course<T>, work: () => Promise<T> | T): Promise<T> {
  const id = await record(options, began);
  const context = { ...inside, causationId: id };
  let value: T;
  try {
    value = await withContext(context, work);
  } catch (error) {
    await withContext(context, () => recordFailure(options, failed(errorInfoOf(error), id), error));
    throw error;
  }
  await withContext(context, () => record(options, ended(value, id)));
  return value;
}

export const record = ({ store = eventStore, stream }: RecordOptions, told: Told): Promise<string> => store.saveEvent({ ...(stream === undefined ? {} : addressOf(stream)), ...told });

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
