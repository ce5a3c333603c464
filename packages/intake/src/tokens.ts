/**
 * Tokens in one shape, whoever counted them: `input` is everything read, cache included. Anthropic's `input_tokens` leaves
 * the cache out. Source: INTAKE.md, section 2.
 */
import type { JsonObject } from '@refold/core';
import { numberIn } from './json-shape.ts';

export interface Tokens {
  readonly input: number;
  readonly input_cache_read: number;
  readonly input_cache_write: number;
  readonly output: number;
}

export function anthropicTokens(usage: JsonObject | undefined): (Tokens & JsonObject) | undefined {
  if (usage === undefined || (numberIn(usage.input_tokens) === undefined && numberIn(usage.output_tokens) === undefined)) return undefined;
  const cacheRead = numberIn(usage.cache_read_input_tokens) ?? 0;
  const cacheWrite = numberIn(usage.cache_creation_input_tokens) ?? 0;
  return {
    input: (numberIn(usage.input_tokens) ?? 0) + cacheRead + cacheWrite,
    input_cache_read: cacheRead,
    input_cache_write: cacheWrite,
    output: numberIn(usage.output_tokens) ?? 0,
  };
}
