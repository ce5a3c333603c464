/**
 * Tokens, in one shape: `input` is everything that was read, cache included. A model call is counted once: of several
 * records with one key (a message id, a model call id) the one with the largest output counts (INTAKE.md section 2).
 */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { isObject, readNumber } from '../read.ts';
import { factOf } from './keep.ts';
import type { Kept } from './keep.ts';
import type { Totals } from './totals.ts';

export interface Tokens {
  input: number;
  input_cache_read: number;
  input_cache_write: number;
  output: number;
  reasoning: number;
}

/** What one model call or message used. */
export interface UsageState extends Tokens, Kept {}

export interface TokenFields {
  /** Sum over all usage that was ever told, listed or not. */
  tokens: Tokens;
  /** What each of the newest model calls and messages used. */
  usage: Record<string, UsageState>;
  totals: Pick<Totals, 'usage'>;
}

export const noTokens = (): Tokens => ({ input: 0, input_cache_read: 0, input_cache_write: 0, output: 0, reasoning: 0 });

const tokenKinds = Object.keys(noTokens()) as readonly (keyof Tokens)[];

/** Counts what one record says was used under `key`; a record without figures changes nothing. */
export function countTokens(draft: TokenFields, key: string, value: unknown, event: FoldEvent): void {
  const told = readTokens(value);
  if (told === null) return;
  const isNew = getOwn(draft.usage, key) === undefined;
  const counted = factOf(draft, 'usage', key, event, newUsage);
  if (!isNew && told.output <= counted.output) return;
  for (const kind of tokenKinds) draft.tokens[kind] += told[kind] - counted[kind];
  Object.assign(counted, told);
}

const newUsage = (_key: string, event: FoldEvent): UsageState => ({ ...noTokens(), revision: event.revision });

/** The canonical shape, or Anthropic's, whose `input_tokens` leaves the cache out. Null when there are no figures. */
export function readTokens(value: unknown): Tokens | null {
  if (!isObject(value)) return null;
  const figure = (key: string): number => Math.max(0, readNumber(value[key]) ?? 0);
  if (tokenKinds.some((kind) => readNumber(value[kind]) !== null))
    return { input: figure('input'), input_cache_read: figure('input_cache_read'), input_cache_write: figure('input_cache_write'), output: figure('output'), reasoning: figure('reasoning') };
  if (readNumber(value['input_tokens']) === null && readNumber(value['output_tokens']) === null) return null;
  const [read, written] = [figure('cache_read_input_tokens'), figure('cache_creation_input_tokens')];
  return { input: figure('input_tokens') + read + written, input_cache_read: read, input_cache_write: written, output: figure('output_tokens'), reasoning: figure('reasoning_tokens') };
}
