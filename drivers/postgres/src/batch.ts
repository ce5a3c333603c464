/**
 * A staged batch as the parameters of `append_batch`: arrays of columns, and all bytes in one parameter that travels as it is. Numbers
 * and UUIDs are joined into array literals here; the client would quote each of them.
 */
import type { Position } from '@refold/core';
import type { Staged, StagedEvent } from './stage.ts';

export const labelKinds = { type: 0, tag: 1 } as const;
export type LabelKind = keyof typeof labelKinds;

/** Numbers of labels that this process knows, by `labelKey`. */
export interface LabelNumbers {
  get(key: string): number | undefined;
}

/** A type holds no U+0000 and neither does a tag. */
export const labelKey = (kind: LabelKind, name: string): string => `${labelKinds[kind]}${name}`;

export interface Batch {
  readonly values: readonly unknown[];
  /** Labels that travel by name, in the order in which the database gives back their numbers. */
  readonly newLabels: readonly string[];
}

const hashBytes = 32;

/** @param expectedHead  See `append_batch`; null when the caller holds the lock. */
export function packBatch(staged: Staged, labels: LabelNumbers, { expectedHead, channel }: { readonly expectedHead: Position | null; readonly channel: string }): Batch {
  const { commits, events, newStreams, recordedMs } = staged;
  const firstPosition = staged.head.position - events.length + 1;
  const records = packRecords(events);
  const postings = packPostings(events, firstPosition, labels);
  return {
    newLabels: postings.newLabels,
    values: [
      expectedHead,
      firstPosition,
      recordedMs,
      channel,
      commits.map(({ id }) => id),
      numbers(commits.map(({ first }) => first)),
      numbers(commits.map(({ last }) => last)),
      Buffer.concat(commits.map(({ digest }) => digest)),
      `{${events.map(({ event }) => event.id).join(',')}}`,
      numbers(events.map(({ stream }) => stream)),
      numbers(events.map(({ revision }) => revision)),
      numbers(events.map(({ place }) => place)),
      events.map(({ event }) => event.type),
      events.map(({ commit }) => commit),
      events.map(({ event }) => JSON.stringify(event.tags)),
      numbers(records.hashes),
      numbers(records.starts),
      numbers(records.lengths),
      records.bytes,
      numbers([...newStreams.values()]),
      [...newStreams.keys()],
      numbers(postings.newLabels.map((key) => Number(key[0]))),
      postings.newLabels.map((key) => key.slice(1)),
      numbers(postings.labels),
      numbers(postings.firsts),
      numbers(postings.lasts),
    ],
  };
}

const numbers = (values: readonly number[]): string => `{${values.join(',')}}`;

/** Leaf, leaf before, body of each event, one after the other; starts count from 1, as SQL does. */
function packRecords(events: readonly StagedEvent[]) {
  const parts: Uint8Array[] = [];
  const hashes: number[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  let start = 1;
  for (const { event, leaf, previousLeaf } of events) {
    if (leaf !== null) parts.push(leaf);
    if (previousLeaf !== null) parts.push(previousLeaf);
    parts.push(event.body);
    const hashCount = Number(leaf !== null) + Number(previousLeaf !== null);
    hashes.push(hashCount);
    starts.push(start);
    lengths.push(event.body.length);
    start += hashCount * hashBytes + event.body.length;
  }
  return { bytes: Buffer.concat(parts), hashes, starts, lengths };
}

/** Neighbouring events with one label are one row. A label that is not known by number is named by its place among the new ones, below zero. */
function packPostings(events: readonly StagedEvent[], firstPosition: Position, known: LabelNumbers) {
  const runs = new Map<string, { first: Position; last: Position }[]>();
  const add = (key: string, position: Position): void => {
    const own = runs.get(key);
    const run = own?.at(-1);
    if (own === undefined || run === undefined) runs.set(key, [{ first: position, last: position }]);
    else if (run.last === position - 1) run.last = position;
    else own.push({ first: position, last: position });
  };
  events.forEach(({ event }, index) => {
    add(labelKey('type', event.type), firstPosition + index);
    for (const tag of event.tags) add(labelKey('tag', tag), firstPosition + index);
  });

  const newLabels: string[] = [];
  const labels: number[] = [];
  const firsts: Position[] = [];
  const lasts: Position[] = [];
  for (const [key, own] of runs) {
    const label = known.get(key) ?? -newLabels.push(key);
    for (const { first, last } of own) {
      labels.push(label);
      firsts.push(first);
      lasts.push(last);
    }
  }
  return { newLabels, labels, firsts, lasts };
}
