/**
 * A replay on record: its own stream `replay/<id>` says that it began, each thing it did, and how it ended. The record is
 * what makes a replay resumable: after a crash the log itself tells what was done.
 *
 * A costly effect is written down before it is done (`replay.step_started`), under a commit id made of the original event's
 * id alone. A log takes a commit id once for ever, so of all replays that ever run over an event one gets to do it, and a
 * crash between the note and the effect leaves it undone rather than done twice. An idempotent effect needs no such note:
 * it is done again under the same key.
 */
import { isLogError } from '../errors.ts';
import { encodeUtf8, uuidFromDigest } from '../log/bytes.ts';
import type { AppendReceipt } from '../log/append.ts';
import type { ReadRequest, Revision } from '../log/driver.ts';
import type { Actor, EventEnvelope, EventInput, Json, JsonObject } from '../log/event.ts';
import type { Log } from '../log/log.ts';
import type { Hasher } from '../ports.ts';
import { canonicalText } from '../trust/canonical.ts';

export type ReplayLog = Pick<Log, 'append' | 'events'>;

export interface RecordParts {
  readonly log: ReplayLog;
  readonly hasher: Hasher;
  readonly replayId: string;
  readonly actor: Actor;
}

/** What an earlier attempt at this replay left behind. */
export interface ReplayProgress {
  /** Newest revision of the replay's stream. */
  revision: Revision;
  startedEvent: EventEnvelope | null;
  ended: EventEnvelope | null;
  /** Ids of original events whose costly effect was begun. */
  readonly begun: Set<string>;
  /** Original event's id -> what came of it. */
  readonly done: Map<string, { readonly result: Json | null; readonly producedEventIds: readonly string[] }>;
}

export interface ReplayRecord {
  readonly progress: ReplayProgress;
  start(payload: JsonObject): Promise<EventEnvelope>;
  /** False when some replay began this effect before. */
  begin(event: EventEnvelope, sequence: number): Promise<boolean>;
  /** Appends what a handler says has happened; the same outcome of the same event is appended once. */
  append(event: EventEnvelope, events: readonly EventInput[], causationId: string): Promise<readonly string[]>;
  /** What was appended, by id, in the log's order. */
  read(ids: readonly string[]): Promise<readonly EventEnvelope[]>;
  done(event: EventEnvelope, sequence: number, result: Json | null, producedEventIds: readonly string[]): Promise<void>;
  failed(event: EventEnvelope, sequence: number, message: string): Promise<void>;
  /** The event with which somebody cancelled this replay; null while nobody did. Whoever runs it asks before each effect. */
  cancellation(): Promise<EventEnvelope | null>;
  end(type: 'replay.completed' | 'replay.failed' | 'replay.cancelled', payload: JsonObject): Promise<void>;
}

/** Opens the record of a replay and reads how far it came. */
export async function openRecord(parts: RecordParts): Promise<ReplayRecord> {
  const { log, hasher, replayId, actor } = parts;
  const stream = `replay/${replayId}`;
  const progress = await readProgress(log, stream);
  const keyOf = (...words: readonly string[]): string => uuidFromDigest(hasher.sha256(encodeUtf8(`refold/replay/v1\n${words.join('\n')}`)));

  /** Whoever else writes to this stream runs the same replay; the check makes the slower one stop (REVISION_CONFLICT). */
  async function note(commitId: string, type: string, data: JsonObject, causationId?: string): Promise<AppendReceipt> {
    const receipt = await log.append({
      commitId,
      expectedRevision: progress.revision === 0 ? 'none' : progress.revision,
      events: [{ type, streamType: 'replay', streamId: replayId, actor, data, ...(causationId === undefined ? {} : { causationId }) }],
    });
    progress.revision = receipt.events[0]!.revision;
    return receipt;
  }

  async function cancellation(): Promise<EventEnvelope | null> {
    if (progress.ended?.type === 'replay.cancelled') return progress.ended;
    for await (const page of log.events({ stream, after: progress.revision }))
      for (const event of page.events) {
        // Anything else is another process that runs this replay, and the next note has to meet it.
        if (event.type !== 'replay.cancelled') return null;
        takeProgress(progress, event);
        return event;
      }
    return null;
  }

  /** What was under way when somebody cancelled is told after that: it happened. */
  async function noteEffect(...words: Parameters<typeof note>): Promise<void> {
    try {
      await note(...words);
    } catch (error) {
      if (!isLogError(error, 'REVISION_CONFLICT') || (await cancellation()) === null) throw error;
      await note(...words);
    }
  }

  async function found(request: Pick<ReadRequest, 'ids' | 'commits'>): Promise<readonly EventEnvelope[]> {
    const events: EventEnvelope[] = [];
    for await (const page of log.events(request)) events.push(...page.events);
    return events;
  }

  return {
    progress,
    async start(payload) {
      await note(keyOf('start', replayId), 'replay.started', payload);
      const begun = await readProgress(log, stream);
      progress.startedEvent = begun.startedEvent;
      return begun.startedEvent!;
    },
    async begin(event, sequence) {
      const { revision } = progress;
      try {
        const { duplicate } = await note(keyOf('begin', event.id), 'replay.step_started', { replay_of: event.id, sequence, event_type: event.type }, event.id);
        progress.begun.add(event.id);
        // Not ours, or ours with an answer that was lost: either way it may have been begun.
        return !duplicate;
      } catch (error) {
        if (!isLogError(error, 'DUPLICATE_ID')) throw error;
        progress.revision = revision;
        return false;
      }
    },
    async append(event, events, causationId) {
      if (events.length === 0) return [];
      const commitId = keyOf('produced', event.id, canonicalText(events.map(({ type, streamType = null, streamId = null, data }) => ({ type, streamType, streamId, data }))));
      try {
        const receipt = await log.append({ commitId, events: events.map((input) => produced(input, event, { replayId, actor, causationId })) });
        return receipt.events.map(({ id }) => id);
      } catch (error) {
        // Another replay of this event led to the very same; it stands in the log under that replay's name.
        if (!isLogError(error, 'DUPLICATE_ID') || error.details.reason !== 'commit') throw error;
        return (await found({ commits: [commitId] })).map(({ id }) => id);
      }
    },
    read: async (eventIds) => (eventIds.length === 0 ? [] : await found({ ids: eventIds })),
    async done(event, sequence, result, producedEventIds) {
      await noteEffect(keyOf('done', replayId, event.id), 'replay.step_completed', { replay_of: event.id, sequence, result, produced_event_ids: producedEventIds }, event.id);
      progress.done.set(event.id, { result, producedEventIds });
    },
    async failed(event, sequence, message) {
      await noteEffect(keyOf('failed', replayId, event.id, String(progress.revision)), 'replay.step_failed', { replay_of: event.id, sequence, error: { message } }, event.id);
    },
    cancellation,
    async end(type, payload) {
      await note(keyOf('end', replayId), type, payload, progress.startedEvent?.id);
    },
  };
}

/** What a handler produced, marked as a replay's; stream, issue and session are the original's unless it says otherwise. */
function produced(input: EventInput, event: EventEnvelope, { replayId, actor, causationId }: { readonly replayId: string; readonly actor: Actor; readonly causationId: string }): EventInput {
  const stream = input.streamType === undefined && input.streamId === undefined ? { streamType: event.streamType, streamId: event.streamId, ...present(event, 'issueKey'), ...present(event, 'sessionId') } : {};
  return { actor, causationId, ...stream, ...input, metadata: { ...input.metadata, replayId, replayOf: event.id } };
}

const present = <K extends 'issueKey' | 'sessionId'>(event: EventEnvelope, field: K): { readonly [field in K]?: string } => (event[field] === undefined ? {} : ({ [field]: event[field] } as { readonly [field in K]: string }));

async function readProgress(log: ReplayLog, stream: string): Promise<ReplayProgress> {
  const progress: ReplayProgress = { revision: 0, startedEvent: null, ended: null, begun: new Set(), done: new Map() };
  for await (const page of log.events({ stream })) for (const event of page.events) takeProgress(progress, event);
  return progress;
}

function takeProgress(progress: ReplayProgress, event: EventEnvelope): void {
  progress.revision = event.revision;
  const { replay_of: replayOf } = event.data;
  const of = typeof replayOf === 'string' ? replayOf : '';
  switch (event.type) {
    case 'replay.started':
      progress.startedEvent = event;
      break;
    case 'replay.step_started':
      progress.begun.add(of);
      break;
    case 'replay.step_completed':
      progress.done.set(of, { result: event.data['result'] ?? null, producedEventIds: (event.data['produced_event_ids'] as readonly string[] | undefined) ?? [] });
      break;
    case 'replay.completed':
    case 'replay.failed':
    case 'replay.cancelled':
      progress.ended = event;
      break;
  }
}
