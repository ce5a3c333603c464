/** What goes between a test and its child processes, one JSON text per line. Bytes travel as base64. */
import type { AppendResult, Commit } from '@refold/core';

export type WorkerRequest =
  | { readonly do: 'append'; readonly commits: readonly WireCommit[] }
  /** Appends, waits for the acknowledgement, and kills itself instead of passing it on. */
  | { readonly do: 'append-then-die'; readonly commits: readonly WireCommit[] }
  /** Appends commits made from the seed, one after the other, without end; each acknowledgement is a `progress`. */
  | { readonly do: 'load'; readonly seed: number; readonly stream: string }
  | { readonly do: 'head' }
  /** Answers with the first position that the watch yields. */
  | { readonly do: 'watch'; readonly after: number }
  | { readonly do: 'close' };

export type WorkerReply =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

export interface WireCommit extends Omit<Commit, 'digest' | 'events'> {
  readonly digest: string;
  readonly events: readonly (Omit<Commit['events'][number], 'body'> & { readonly body: string })[];
}
export type WireResult = Exclude<AppendResult, { ok: true }> | (Omit<Extract<AppendResult, { ok: true }>, 'revisions'> & { readonly revisions: readonly [string, number][] });

export function packCommit(commit: Commit): WireCommit {
  return { ...commit, digest: toBase64(commit.digest), events: commit.events.map((event) => ({ ...event, body: toBase64(event.body) })) };
}

export function unpackCommit(commit: WireCommit): Commit {
  const events = commit.events.map((event) => ({ ...event, body: fromBase64(event.body) }));
  return { ...commit, digest: fromBase64(commit.digest), events: events as unknown as Commit['events'] };
}

export function packResult(result: AppendResult): WireResult {
  return result.ok ? { ...result, revisions: [...result.revisions] } : result;
}

export function unpackResult(result: WireResult): AppendResult {
  return result.ok ? { ...result, revisions: new Map(result.revisions) } : result;
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
