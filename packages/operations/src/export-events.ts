/**
 * The log, or what a filter leaves of it, in order of position, up to the head at the time of the call: what is appended meanwhile is
 * not in it. Every event is held against its leaf first, because an export is what others judge by. Whoever lost it half-way goes on
 * after the position of the last event that he has.
 */
import { parseFilter } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { z } from 'zod';
import { defineBatchedStream } from './define.ts';
import type { OperationContext } from './define.ts';
import { createFewAtOnce } from './few-at-once.ts';
import { filterInput } from './inputs.ts';
import { epochInput } from './same-log.ts';
import { selectEvents } from './select-events.ts';
import { event } from './shapes.ts';

const exportsUnderWay = createFewAtOnce({ reason: 'exports', limitOf: (log) => log.limits.exportsMax, hint: 'Wait for one to end.' });

export const exportEvents = defineBatchedStream({
  name: 'exportEvents',
  doc: 'The log, or what a filter leaves of it, one event per line, up to where it is now; it goes on after a position.',
  scope: 'audit',
  input: filterInput.extend({ ...epochInput, format: z.literal('jsonl').optional().meta({ description: 'jsonl: one event per line; in which form says the dialect.' }) }),
  output: event,
  http: { method: 'GET', path: '/export', attachment: 'events.jsonl', isFile: true },
  async *batches(context, { format: _lines, epoch: _epoch, ...rest }: ExportInput) {
    const filter = parseFilter(rest);
    const turn = exportsUnderWay.enter(context.log);
    try {
      yield* eventsUpToNow(context, filter);
    } finally {
      turn.done();
    }
  },
});

async function* eventsUpToNow(context: OperationContext, filter: ReturnType<typeof parseFilter>): AsyncGenerator<readonly EventEnvelope[]> {
  const { position: end } = await context.log.head();
  const { batches, residue } = await selectEvents(context, filter, { isProven: true });
  for await (const batch of batches) {
    const wanted = batch.filter((one) => one.position <= end && (residue === null || residue(one)));
    if (wanted.length > 0) yield wanted;
    if ((batch.at(-1)?.position ?? 0) >= end) return;
  }
}

interface ExportInput {
  readonly format?: 'jsonl' | undefined;
  readonly epoch?: string | undefined;
  readonly [filter: string]: unknown;
}
