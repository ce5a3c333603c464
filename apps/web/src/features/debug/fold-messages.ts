/** What page and fold worker say to each other. Answers are bounded: a page is sent rows and lines, never a whole state. */
import type { EventEnvelope, Json } from '@refold/core';
import type { FoldFailure } from './fold-stretch.ts';
import type { TreeView } from './state-tree.ts';

/** What the changes are taken against: the event before, a revision of this run, or a place of any run as it is written (`type/id@revision`). */
export type DiffBase = 'previous' | number | `${string}/${string}`;

export interface PlaceQuestion {
  readonly revision: number;
  readonly base: DiffBase;
  readonly open: readonly string[];
  readonly search: string;
  readonly from: number;
  readonly to: number;
  readonly expressions: readonly string[];
}

/** One change, as text that fits a line; `from` and `to` are cut. */
export interface ChangeLine {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface ExpressionValue {
  readonly expression: string;
  readonly value: Json;
  readonly previous: Json;
  readonly error: string | null;
}

export interface PlaceAnswer {
  readonly revision: number;
  readonly base: DiffBase;
  readonly event: EventEnvelope | null;
  readonly tree: TreeView;
  readonly changes: readonly ChangeLine[];
  /** null where nobody can tell: at the beginning of what is known here. */
  readonly counts: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  readonly values: readonly ExpressionValue[];
  readonly failure: FoldFailure | null;
  /** What the fold has to say of the event at the revision. */
  readonly anomalies: readonly { readonly code: string; readonly detail: string }[];
  readonly status: string | null;
}

export interface SettersAnswer {
  /** The revision that set each value; null: before `since`. */
  readonly setBy: readonly (number | null)[];
  readonly since: number;
}

export interface WorkerFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly details?: { readonly [name: string]: unknown };
}

export type Question =
  | { readonly is: 'open'; readonly streamType: string; readonly streamId: string; readonly url: string }
  | { readonly is: 'head'; readonly head: number }
  | { readonly is: 'place'; readonly place: PlaceQuestion }
  | { readonly is: 'setters'; readonly revision: number; readonly pointers: readonly string[] }
  | { readonly is: 'value'; readonly revision: number; readonly pointer: string }
  | { readonly is: 'evaluate'; readonly revision: number; readonly expression: string }
  | { readonly is: 'skip'; readonly revision: number };

export interface AnswerOf {
  readonly open: null;
  readonly head: null;
  readonly place: PlaceAnswer;
  readonly setters: SettersAnswer;
  /** The whole value, as JSON, at most `valueCharactersMax` of it. */
  readonly value: { readonly json: string; readonly isWhole: boolean };
  readonly evaluate: ExpressionValue;
  readonly skip: null;
}

export type Asked = { readonly number: number; readonly question: Question };
export type Answered = { readonly number: number; readonly answer: unknown } | { readonly number: number; readonly failure: WorkerFailure };
