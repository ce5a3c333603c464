/** What a stream is, a replay has done, a filter counts: told again whenever the log moved it. */
import type { EventEnvelope, Position } from '@refold/core';
import { z } from 'zod';
import { defineStreamOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { followedEvents, patiently, revisionAt, stopOf } from './followed-stream.ts';
import { filterInput, wholeNumber } from './inputs.ts';
import { getReplay } from './replay-runs.ts';
import { replayRun } from './replay-shapes.ts';
import { epochInput } from './same-log.ts';
import { aboutOneStream, position, streamKey } from './shapes.ts';
import { stateAt, stateView } from './travel.ts';
import { stats } from './views.ts';

const afterPosition = wholeNumber.optional().meta({ description: 'Only what came after; default: how it stands now, then what comes.' });

export const followState = defineStreamOperation({
  name: 'followState',
  doc: 'Follows the state of a stream: as it stands now, then after every event.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, afterPosition, ...epochInput }),
  output: stateView.extend({ position }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/state/stream' },
  run: (context, { afterPosition: after, epoch: _epoch, ...address }) =>
    patiently(context, after, stopOf(context), async function* (seen) {
      const { revision } = await stateAt.run(context, { ...address });
      for await (const made of eventsAfter(context, address, revision, seen)) yield { ...(await stateAt.run(context, { ...address, revision: made.revision })), position: made.position };
    }),
});

export const followReplay = defineStreamOperation({
  name: 'followReplay',
  doc: 'Follows a replay: where it stands now, then after everything it writes down; ends with it.',
  scope: 'read',
  input: z.object({ id: z.string().min(1), afterPosition, ...epochInput }),
  output: replayRun.extend({ position }),
  http: { method: 'GET', path: '/replays/{id}/stream' },
  run: (context, { id, afterPosition: after }) =>
    patiently(context, after, stopOf(context), async function* (seen) {
      const address = { streamType: 'replay', streamId: id };
      await getReplay.run(context, { id });
      const { revision } = await stateAt.run(context, { ...address });
      for await (const made of eventsAfter(context, address, revision, seen)) {
        const run = await getReplay.run(context, { id });
        yield { ...run, position: made.position };
        if (run.status !== 'running') return;
      }
    }),
});

/** Those after a position; without one the newest event first, because it made the stream what it is. */
async function* eventsAfter(context: OperationContext, address: { readonly streamType: string; readonly streamId: string }, newest: number, after: number | undefined): AsyncGenerator<EventEnvelope> {
  yield* followedEvents(context, address, after === undefined ? newest - 1 : await revisionAt(context, address, after), stopOf(context));
}

const statsPauseMsMin = 1_000;
/** Counting again takes at most this part of the time. */
const statsShareMax = 0.1;

export const followStats = defineStreamOperation({
  name: 'followStats',
  doc: 'Follows the counts of what a filter asks for: now, then when the log has grown, at most once a second and for a tenth of the time.',
  scope: 'read',
  input: filterInput.extend({ bucket: z.enum(['minute', 'hour', 'day']).optional() }),
  output: z.looseObject({ ...(stats.output as z.ZodObject).shape, position }),
  http: { method: 'GET', path: '/events/stats/stream' },
  run: (context, input) => patiently(context, undefined, stopOf(context), (seen) => countsAfter(context, input, seen)),
});

async function* countsAfter(context: OperationContext, input: Parameters<typeof stats.run>[1], after = -1): AsyncGenerator<Awaited<ReturnType<typeof stats.run>> & { readonly position: Position }> {
  const { clock } = context.log.ports;
  const signal = stopOf(context);
  for (let seen = after; !signal.aborted; ) {
    const head = (await context.log.head()).position;
    if (head === seen) {
      context.onListening?.();
      await moved(context, seen);
      continue;
    }
    const began = clock.now();
    yield { ...(await stats.run(context, input)), position: (seen = head) };
    await clock.sleep(Math.max(statsPauseMsMin, (clock.now() - began) / statsShareMax), signal);
  }
}

async function moved(context: OperationContext, seen: number): Promise<void> {
  for await (const hint of context.log.driver.watch(seen, stopOf(context))) if (hint > seen) return;
}
