/**
 * What has a start and an end: tool calls, model calls, steps, child runs. Producers tell them late, twice or by halves, so
 * a start never opens what has ended, and an end without a start makes the part it ends.
 */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { millisecondsBetween, readError, readId, readNumber } from '../read.ts';
import type { ErrorInfo } from '../read.ts';
import { addPart, dropEnded, movePart } from './keep.ts';
import type { Part } from './keep.ts';
import type { PartTotal } from './totals.ts';

export interface SpanState extends Part {
  id: string;
  status: 'running' | 'completed' | 'failed';
  /** Null when only the end was told. */
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  error: ErrorInfo | null;
  agent: string | null;
}

type SpanFamily = 'toolCalls' | 'modelCalls' | 'steps' | 'childRuns';

/** A state that keeps a family of spans. */
type SpanKeeper<Family extends SpanFamily, T extends SpanState> = { [family in Family]: Record<string, T> } & { totals: { [family in Family]: PartTotal } };

export const emptySpan = (id: string, event: FoldEvent): SpanState => ({
  id,
  status: 'running',
  revision: event.revision,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  error: null,
  agent: readId(event.data['agent_run_id']) ?? event.agent ?? null,
});

/** The span of this id, made with `create` when it is new. */
export function spanOf<Family extends SpanFamily, T extends SpanState>(draft: SpanKeeper<Family, T>, family: Family, id: string, event: FoldEvent, create: (id: string, event: FoldEvent) => T): T {
  const span = getOwn<T>(draft[family], id) ?? addPart<Family, T>(draft, family, id, create(id, event));
  span.revision = event.revision;
  return span;
}

export function startSpan<T extends SpanState>(span: T, event: FoldEvent): T {
  span.startedAt ??= event.occurredAt;
  return span;
}

/** Notes the end; `status` null = told before, only what is new is taken. The oldest ended spans may be dropped. */
export function endSpan<Family extends SpanFamily, T extends SpanState>(draft: SpanKeeper<Family, T>, family: Family, span: T, event: FoldEvent, status: string | null): T {
  const { data, occurredAt } = event;
  if (status !== null) {
    movePart<Family>(draft, family, span, status === 'failed' ? 'failed' : 'completed');
    span.endedAt = occurredAt;
  }
  span.durationMs = readNumber(data['duration_ms']) ?? span.durationMs ?? millisecondsBetween(span.startedAt, occurredAt);
  span.error = readError(data['error']) ?? span.error;
  dropEnded<Family, T>(draft, family);
  return span;
}
