/**
 * Where an event lies in the layout of documents 000 and 001, and what its files say: `{YYYY-MM-DD}/{ISSUE}/events.jsonl`,
 * with `metadata.json` beside it and `index.json` for the day. Days are those of `recordedAt` in UTC, so that a file only ever
 * grows (K-076); an event without an issue is in the log alone (K-075). Pure: the same events give the same bytes.
 */
import type { EventEnvelope, Hasher } from '@refold/core';
import { encodeUtf8, hexOf, zeroHash } from '@refold/core';

export interface Partition {
  readonly day: string;
  readonly issue: string;
}

/** Null for an event without an issue. */
export function partitionOf({ recordedAt, issueKey }: EventEnvelope): Partition | null {
  return issueKey === undefined || issueKey === null ? null : { day: recordedAt.slice(0, 10), issue: issueKey };
}

/** The issue as the name of a folder; what could lead out of it, or be hidden, is encoded. */
export const issueFolder = (issue: string): string => (/^[A-Za-z0-9][\w.-]*$/.test(issue) ? issue : encodeURIComponent(issue).replaceAll('.', '%2E').replaceAll('*', '%2A'));

export const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** What `metadata.json` says of the `events.jsonl` beside it. Keys are spelled as the documents spell theirs. */
export interface IssueMetadata {
  readonly issue_key: string;
  readonly date: string;
  readonly events: number;
  readonly bytes: number;
  readonly first_position: number;
  readonly last_position: number;
  /** Of the issue's orchestration; null on a day on which it did nothing itself. */
  readonly first_revision: number | null;
  readonly last_revision: number | null;
  readonly first_occurred_at: string;
  readonly last_occurred_at: string;
  readonly types: { readonly [type: string]: number };
  readonly sessions: readonly string[];
  readonly snapshots: readonly number[];
  /** The day before on which the issue has a folder. */
  readonly previous_day: string | null;
  /** SHA-256 over the hash before (64 zeros at first) and the line: tells an edited copy. */
  readonly last_hash: string;
}

export const hashStart = zeroHash;

export function hashLine(previous: string, line: string, hasher: Hasher): string {
  return hexOf(hasher.sha256(encodeUtf8(previous + line)));
}

/** What the metadata says when one more event is in the file. */
export function withEvent(known: IssueMetadata | null, event: EventEnvelope, line: string, { issue, day }: Partition, previousDay: string | null, hasher: Hasher): IssueMetadata {
  const isOwn = event.streamType === 'orchestration' && event.streamId === issue;
  const { sessionId: session } = event;
  const sessions = new Set(known?.sessions);
  if (typeof session === 'string') sessions.add(session);
  return {
    issue_key: issue,
    date: day,
    events: (known?.events ?? 0) + 1,
    bytes: (known?.bytes ?? 0) + encodeUtf8(line).length + 1,
    first_position: known?.first_position ?? event.position,
    last_position: event.position,
    first_revision: known?.first_revision ?? (isOwn ? event.revision : null),
    last_revision: isOwn ? event.revision : (known?.last_revision ?? null),
    first_occurred_at: earliest(known?.first_occurred_at, event.occurredAt),
    last_occurred_at: latest(known?.last_occurred_at, event.occurredAt),
    types: { ...known?.types, [event.type]: (known?.types[event.type] ?? 0) + 1 },
    sessions: [...sessions],
    snapshots: known?.snapshots ?? [],
    previous_day: known === null ? previousDay : known.previous_day,
    last_hash: hashLine(known?.last_hash ?? hashStart, line, hasher),
  };
}

const earliest = (known: string | undefined, at: string): string => (known !== undefined && known <= at ? known : at);
const latest = (known: string | undefined, at: string): string => (known !== undefined && known >= at ? known : at);

/** `index.json` of a day, from the metadata of its issues. */
export function dayIndex(day: string, issues: readonly IssueMetadata[]): object {
  const rows = issues.toSorted((left, right) => (left.issue_key < right.issue_key ? -1 : 1));
  return {
    date: day,
    events: rows.reduce((sum, { events }) => sum + events, 0),
    issues: Object.fromEntries(rows.map(({ issue_key, events, types, first_occurred_at, last_occurred_at }) => [issue_key, { events, types, first_occurred_at, last_occurred_at }])),
  };
}
