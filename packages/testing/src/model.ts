/**
 * The contract as a program, as plain as it can be said: one array of events, every answer a filter over it. Slow and
 * obvious. Random commands run against a driver and against this model, and the answers must be the same.
 */
import { matchesQuery } from '@refold/core';
import type { AppendResult, Check, Commit, NewEvent, ReadRequest } from '@refold/core';

/** A stored event without what the engine chooses (time). */
export interface ModelEvent extends NewEvent {
  readonly position: number;
  readonly revision: number;
  readonly commit: string;
  readonly index: number;
  readonly forgotten: boolean;
}

/** An answer without what the engine chooses: time, wording, and which of several matches it names. */
export type ModelAnswer =
  | { readonly kind: 'receipt'; readonly duplicate: boolean; readonly first: number; readonly last: number; readonly revisions: readonly (readonly [string, number])[] }
  | { readonly kind: 'conflict'; readonly head: number; readonly failed: readonly { readonly check: number; readonly actual: number | null }[] }
  | { readonly kind: 'refused'; readonly reason: string };

type ModelReceipt = Extract<ModelAnswer, { readonly kind: 'receipt' }>;

export interface LogModel {
  append(commit: Commit): ModelAnswer;
  read(request: ReadRequest): readonly ModelEvent[];
  forget(positions: readonly number[]): number;
  kvPut(key: string, value: string | null, expect: 'absent' | 'current' | 'stale'): boolean;
  kvGet(key: string): string | null;
  readonly head: number;
}

export function createLogModel(): LogModel {
  let events: readonly ModelEvent[] = [];
  const commits = new Map<string, { readonly digest: string; readonly receipt: ModelReceipt }>();
  const values = new Map<string, string>();
  const revision = (stream: string): number => events.filter((event) => event.stream === stream).length;

  return {
    append(commit) {
      const known = commits.get(commit.id);
      if (known !== undefined) return known.digest === String(commit.digest) ? { ...known.receipt, duplicate: true } : { kind: 'refused', reason: 'commit-reused' };
      if (commit.events.some(({ id }) => events.some((event) => event.id === id))) return { kind: 'refused', reason: 'event-id-taken' };
      const failed = (commit.checks ?? []).flatMap((check, index) => judge(check, index, events, revision));
      if (failed.length > 0) return { kind: 'conflict', head: events.length, failed };
      const first = events.length + 1;
      for (const [index, event] of commit.events.entries()) {
        events = [...events, { ...event, position: events.length + 1, revision: revision(event.stream) + 1, commit: commit.id, index, forgotten: false }];
      }
      const revisions = [...new Set(commit.events.map((event) => event.stream))].toSorted().map((stream) => [stream, revision(stream)] as const);
      const receipt: ModelReceipt = { kind: 'receipt', duplicate: false, first, last: events.length, revisions };
      commits.set(commit.id, { digest: String(commit.digest), receipt });
      return receipt;
    },
    read(request) {
      const placeOf = (event: ModelEvent): number => (request.stream === undefined ? event.position : event.revision);
      const matching = events
        .filter((event) => request.stream === undefined || event.stream === request.stream)
        .filter((event) => request.query === undefined || matchesQuery(request.query, event))
        .filter((event) => request.ids === undefined || request.ids.includes(event.id))
        .filter((event) => request.commits === undefined || request.commits.includes(event.commit))
        .filter((event) => placeOf(event) > (request.after ?? 0) && placeOf(event) <= (request.upTo ?? Infinity));
      const ordered = request.direction === 'backward' ? matching.toReversed() : matching;
      return ordered.slice(0, request.limit).map((event) => (request.bodies === false ? { ...event, body: new Uint8Array() } : event));
    },
    forget(positions) {
      const dropped = events.filter((event) => positions.includes(event.position) && !event.forgotten);
      events = events.map((event) => (dropped.includes(event) ? { ...event, body: new Uint8Array(), forgotten: true } : event));
      return dropped.length;
    },
    kvPut(key, value, expect) {
      const isThere = values.has(key);
      if (expect === 'stale' || (expect === 'absent') === isThere) return false;
      if (value === null) values.delete(key);
      else values.set(key, value);
      return true;
    },
    kvGet: (key) => values.get(key) ?? null,
    get head() {
      return events.length;
    },
  };
}

/** What of a driver's answer the contract fixes. */
export function modelAnswer(result: AppendResult | undefined): ModelAnswer {
  if (result === undefined) return { kind: 'refused', reason: 'no answer' };
  if (result.ok) {
    const { duplicate, first, last } = result;
    return { kind: 'receipt', duplicate, first, last, revisions: [...result.revisions].toSorted(([left], [right]) => (left < right ? -1 : 1)) };
  }
  if (result.reason !== 'conflict') return { kind: 'refused', reason: result.reason };
  return { kind: 'conflict', head: result.head, failed: result.failed.map(({ check, actual }) => ({ check, actual: actual ?? null })) };
}

type Judgement = { readonly check: number; readonly actual: number | null };

function judge(check: Check, index: number, events: readonly ModelEvent[], revision: (stream: string) => number): readonly Judgement[] {
  const found = (holds: boolean, actual: number | null): readonly Judgement[] => (holds ? [] : [{ check: index, actual }]);
  switch (check.kind) {
    case 'stream': {
      const actual = revision(check.stream);
      const holds = check.expect === 'none' ? actual === 0 : check.expect === 'exists' ? actual > 0 : actual === check.expect;
      return found(holds, actual);
    }
    case 'query':
      return found(!events.some((event) => event.position > check.after && matchesQuery(check.query, event)), null);
    case 'head':
      return found(events.length === check.at, events.length);
  }
}
