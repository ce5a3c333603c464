/** A job as it goes, for who watches it: its status with the event that made it (document 004), and its log lines. */
import { reconstruct } from '@refold/core';
import type { EventEnvelope, Position, State } from '@refold/core';
import { job } from '@refold/catalog';
import type { JobState } from '@refold/catalog';
import { z } from 'zod';
import { defineStreamOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { followedEvents, patiently, revisionAt, stopOf } from './followed-stream.ts';
import { wholeNumber } from './inputs.ts';
import { isAsSevere, jobLogLine, leastLevel, lineOf } from './job-logs.ts';
import type { JobLogLine } from './job-logs.ts';
import { jobAddress } from './job-work.ts';
import { epochInput } from './same-log.ts';
import { event, instant, position } from './shapes.ts';
import { travelParts } from './travel-parts.ts';
import { workAt } from './work-objects.ts';

const id = z.string().min(1).meta({ description: 'Id of the job.' });
const afterPosition = wholeNumber.optional();

const jobUpdate = z
  .object({
    jobId: z.string(),
    status: z.enum(['pending', 'running', 'paused', 'completed', 'failed', 'cancelled']),
    currentStep: z.string().nullable(),
    progress: z.number().min(0).max(1).nullable(),
    timestamp: instant.meta({ description: 'When the event happened.' }),
    events: z.array(event).meta({ description: 'What made this update.' }),
    position,
  })
  .meta({ id: 'JobUpdate' });

export type JobUpdate = z.infer<typeof jobUpdate>;

/** A failed job may be resumed; so long it is waited for. */
const terminalGraceMs = 5_000;

export const followJob = defineStreamOperation({
  name: 'followJob',
  doc: 'Follows a job: how it stands now, then an update for every event of it; ends soon after the job does.',
  scope: 'read',
  streamsOf: ({ id: of }: { readonly id: string }) => [`job/${of}`],
  input: z.object({ id, afterPosition: afterPosition.meta({ description: 'Only what came after; default: the newest event, then what comes.' }), ...epochInput }),
  output: jobUpdate,
  http: { method: 'GET', path: '/jobs/{id}/stream' },
  run: (context, { id: of, afterPosition: after }) => patiently(context, after, stopOf(context), (seen) => updatesOf(context, of, seen)),
});

async function* updatesOf(context: OperationContext, id: string, after: Position | undefined): AsyncGenerator<JobUpdate> {
  const { log } = context;
  const { revision: newest } = await workAt(context, jobAddress(id));
  const from = after === undefined ? newest - 1 : await revisionAt(context, jobAddress(id), after);
  // Its own copy: it goes on by changing it.
  let state = context.log.fold.copy(await stateOf(context, id, from));
  const stop = new AbortController();
  const events = followedEvents(context, jobAddress(id), from, AbortSignal.any([stop.signal, stopOf(context)]));
  try {
    for (;;) {
      const next = events.next();
      const isOver = state.revision >= newest && terminal.has(state['status'] as string);
      const step = isOver ? await withinGrace(context, next) : await next;
      if (step === null || step.done === true) return;
      state = log.fold.evolveDraft(state, step.value);
      yield updateFrom(state, step.value);
    }
  } finally {
    stop.abort();
  }
}

const stateOf = async (context: OperationContext, id: string, revision: number): Promise<State> =>
  revision === 0 ? context.log.fold.initial('job', id) : (await reconstruct(travelParts(context), jobAddress(id), { kind: 'revision', revision })).state;

const terminal: ReadonlySet<string> = new Set(job.terminal);

/** null: nothing came in time. */
async function withinGrace<T>({ log }: OperationContext, next: Promise<T>): Promise<T | null> {
  const done = new AbortController();
  try {
    return await Promise.race([next, log.ports.clock.sleep(terminalGraceMs, done.signal).then(() => null)]);
  } finally {
    done.abort();
  }
}

function updateFrom(state: State, made: EventEnvelope): JobUpdate {
  // A stream of this type is folded by this aggregate.
  const { jobId, status, currentStep, progress } = state as unknown as JobState;
  return { jobId, status: status === 'absent' ? 'pending' : status, currentStep, progress, timestamp: made.occurredAt, events: [made as z.infer<typeof event>], position: made.position };
}

export const followJobLogs = defineStreamOperation({
  name: 'followJobLogs',
  doc: 'Follows the log lines of a job: all of them, or those after a line or a position, then as they come.',
  scope: 'read',
  input: z.object({ id, afterLine: wholeNumber.optional(), level: leastLevel, afterPosition, ...epochInput }),
  output: jobLogLine.extend({ jobId: z.string(), traceId: z.string().nullable() }),
  http: { method: 'GET', path: '/jobs/{id}/logs/stream' },
  run: (context, { id: of, afterLine = 0, level, afterPosition: after }) => patiently(context, after, stopOf(context), (seen) => linesOf(context, of, { afterLine, level }, seen)),
});

export type FollowedLine = JobLogLine & { readonly jobId: string; readonly traceId: string | null };

interface WantedLines {
  readonly afterLine: number;
  readonly level: JobLogLine['level'] | undefined;
}

async function* linesOf(context: OperationContext, id: string, { afterLine, level }: WantedLines, after: Position | undefined): AsyncGenerator<FollowedLine> {
  await workAt(context, jobAddress(id));
  const address = { streamType: 'job_log', streamId: id };
  const from = after === undefined ? afterLine : Math.max(afterLine, await revisionAt(context, address, after));
  for await (const made of followedEvents(context, address, from, stopOf(context))) {
    const line = lineOf(made);
    if (line !== null && isAsSevere(line, level)) yield { jobId: id, ...line, traceId: made.trace?.traceId ?? null };
  }
}
