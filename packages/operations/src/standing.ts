/**
 * Which streams of a kind stand in a status that somebody watches (jobs that run, alerts that fire), kept between questions: the
 * first looks at every stream of the kind, the next ones only at those that got events since.
 */
import { LogError, reconstruct, summariseState } from '@refold/core';
import type { Log, Position, State } from '@refold/core';
import type { OperationContext } from './define.ts';
import { streamsOf } from './places.ts';
import { travelParts } from './travel-parts.ts';

interface Kept {
  readonly found: Map<string, State>;
  /** Position up to which the log was looked at. */
  seen: Position;
  /** One at a time: two readers would look at the same streams twice. */
  turn: Promise<unknown>;
}

/** States kept of one kind, those found longest ago go first. */
const standingMax = 10_000;
const keptOf = new WeakMap<Log, Map<string, Kept>>();

/** The streams of a kind whose status is one of these, by address. */
export async function standingIn(context: OperationContext, type: string, statuses: readonly string[]): Promise<ReadonlyMap<string, State>> {
  const kinds = keptOf.get(context.log) ?? new Map<string, Kept>();
  keptOf.set(context.log, kinds);
  const question = `${type} ${statuses.join(' ')}`;
  const kept = kinds.get(question) ?? { found: new Map<string, State>(), seen: 0, turn: Promise.resolve() };
  kinds.set(question, kept);
  const look = async (): Promise<void> => await catchUp(context, type, new Set(statuses), kept);
  const turn = kept.turn.then(look, look);
  kept.turn = turn;
  await turn;
  return kept.found;
}

async function catchUp(context: OperationContext, type: string, statuses: ReadonlySet<string>, kept: Kept): Promise<void> {
  const { position: head } = await context.log.head();
  if (head <= kept.seen) return;
  for (const stream of await changedStreams(context, type, kept.seen)) {
    context.signal?.throwIfAborted();
    const state = await newestOf(context, stream);
    kept.found.delete(stream);
    if (state === null || !statuses.has(summariseState(state).status)) continue;
    if (kept.found.size >= standingMax) kept.found.delete(kept.found.keys().next().value!);
    kept.found.set(stream, state);
  }
  kept.seen = head;
}

async function changedStreams({ log, signal }: OperationContext, type: string, seen: Position): Promise<Iterable<string>> {
  const streams = new Set<string>();
  if (seen === 0) for await (const { stream } of streamsOf(log, `${type}/`)) streams.add(stream);
  else {
    const aggregate = log.registry.aggregate(type);
    const types = [aggregate, ...(aggregate?.parts ?? [])].flatMap((part) => Object.keys(part?.events ?? {}));
    for await (const page of log.driver.read({ after: seen, query: { items: [{ types }] }, bodies: false }, signal)) for (const { stream } of page.events) if (stream.startsWith(`${type}/`)) streams.add(stream);
  }
  return streams;
}

/** null for a stream that cannot be folded: it must not hide the others. */
async function newestOf(context: OperationContext, stream: string): Promise<State | null> {
  try {
    return (await reconstruct(travelParts(context), { streamType: stream.slice(0, stream.indexOf('/')), streamId: stream.slice(stream.indexOf('/') + 1) }, { kind: 'end' })).state;
  } catch (error) {
    if (!(error instanceof LogError) || context.signal?.aborted === true) throw error;
    return null;
  }
}
