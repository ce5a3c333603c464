/** Makes events and commits with ids from a seed. What a case does not name is chosen here and means nothing. */
import type { Check, Commit, IdSource, NewEvent } from '@refold/core';
import { createSeededIds } from '../seeded-ids.ts';
import { nodeHasher } from '../test-ports.ts';

export type EventParts = Partial<Omit<NewEvent, 'body'>> & { readonly body?: Uint8Array | string };

export interface Traffic extends IdSource {
  event(parts?: EventParts): NewEvent;
  /** A commit of these events (default: one event). Checks may be left out. */
  commit(events?: readonly EventParts[], checks?: readonly Check[]): Commit;
  /** `count` commits of one event each, in one stream. */
  commits(count: number, stream?: string): readonly Commit[];
}

export function createTraffic(seed: number): Traffic {
  const ids = createSeededIds(seed);
  let count = 0;

  const event = (parts: EventParts = {}): NewEvent => {
    count += 1;
    const { body = `{"n":${count}}` } = parts;
    return {
      id: parts.id ?? ids.uuid(),
      stream: parts.stream ?? 'job/1',
      type: parts.type ?? 'job.noted',
      tags: parts.tags ?? [],
      body: typeof body === 'string' ? bytesOf(body) : body,
    };
  };
  const commit = (events: readonly EventParts[] = [{}], checks?: readonly Check[]): Commit => commitOf(ids.uuid(), events.map(event), checks);

  return {
    uuid: () => ids.uuid(),
    event,
    commit,
    commits: (howMany, stream = 'job/1') => Array.from({ length: howMany }, () => commit([{ stream }])),
  };
}

/** A commit with the digest that belongs to its content. */
export function commitOf(id: string, events: readonly NewEvent[], checks?: readonly Check[]): Commit {
  // The suite hands over empty commits too, to see them refused.
  return { id, digest: digestOf(events), events: events as Commit['events'], ...(checks !== undefined && { checks }) };
}

export function digestOf(events: readonly NewEvent[]): Uint8Array {
  const parts = events.flatMap((event) => [bytesOf(JSON.stringify([event.id, event.stream, event.type])), nodeHasher.sha256(event.body)]);
  return nodeHasher.sha256(Buffer.concat(parts));
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
