/**
 * The port of full-text search: a consumer puts texts in, a question gets positions out. What is found is literal text
 * without regard to case, never a query language (bad-input B8); an engine may find too much, and `containsText` decides.
 */
import type { Position } from '../log/driver.ts';

export interface SearchEntry {
  readonly position: Position;
  /** `searchableText` of the event. */
  readonly text: string;
}

export interface SearchOptions {
  /** Exclusive: positions above it forward, below it backward. */
  readonly after?: Position;
  readonly limit?: number;
  /** Default "forward". */
  readonly direction?: 'forward' | 'backward';
}

export interface SearchIndex {
  /** Position up to which the index is complete; 0 = empty. */
  cursor(): Promise<Position>;
  /** Adds texts and moves the cursor, in one step: killed in between, neither happened. Adding a position again replaces it. */
  add(entries: readonly SearchEntry[], cursor: Position): Promise<void>;
  /** Positions whose text contains `text`, in order of `direction`. */
  search(text: string, options?: SearchOptions): Promise<readonly Position[]>;
  /** Empties the index, so that it is built again from the log. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
