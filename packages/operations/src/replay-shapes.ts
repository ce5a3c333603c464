/** The shapes of replays on the wire. */
import { z } from 'zod';
import { count, entityRef, event, instant, json, jsonObject, revision, state } from './shapes.ts';

export const purpose = z.enum(['recovery', 'testing', 'analysis', 'debugging']);
const mode = z.enum(['dry_run', 'execute']);
const action = z.enum(['applied', 'executed', 'skipped', 'compared', 'failed', 'would_apply', 'would_execute', 'would_skip', 'would_compare']);
const sequence = count.meta({ description: 'A revision; along a chain, a position.' });

const replayDivergence = z
  .object({ atRevision: revision.nullable(), eventId: z.string().nullable(), path: z.string().nullable(), expected: json.nullable(), actual: json.nullable(), reason: z.enum(['EVENT_MISSING', 'EVENT_EXTRA', 'TYPE_DIFFERS', 'DATA_DIFFERS']) })
  .meta({ id: 'ReplayDivergence' });

export const replayReport = z
  .object({
    replayId: z.string(),
    mode,
    purpose,
    status: z.enum(['completed', 'failed', 'cancelled']),
    target: entityRef,
    fromSequence: sequence,
    toSequence: sequence,
    replayed: count,
    skipped: count,
    failed: count,
    divergences: z.array(replayDivergence),
    preconditions: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().nullable() })),
    summary: z.array(z.object({ action, reason: z.string().nullable(), effect: z.string(), type: z.string(), count })).meta({ description: 'How many events of each type had each outcome.' }),
    steps: z.array(
      z.object({
        event,
        action,
        reason: z.string().nullable().meta({ description: 'Why it was skipped; of a step that failed, the message.' }),
        result: json.nullable(),
        producedEventIds: z.array(z.string()),
        divergence: replayDivergence.nullable(),
        durationMs: z.number().nonnegative(),
      }),
    ),
    stepsTotal: count,
    finalState: state.nullable(),
    finalStateHash: z.string().nullable(),
    startedAt: instant,
    endedAt: instant,
  })
  .meta({ id: 'ReplayReport' });

export const replayRun = z
  .object({
    replayId: z.string(),
    status: z.enum(['running', 'completed', 'failed', 'cancelled']).meta({ description: 'running: it runs, or whoever ran it is gone; run again under its id, it goes on.' }),
    mode,
    purpose: z.string(),
    target: entityRef,
    replayed: count,
    skipped: count,
    failed: count,
    divergences: count,
    stepsDone: count.meta({ description: 'Effects that were done again so far.' }),
    stepsFailed: count,
    sequence: sequence.nullable().meta({ description: 'Where it stands.' }),
    startedAt: instant.nullable(),
    lastEventAt: instant.nullable(),
    report: jsonObject.nullable().meta({ description: 'Counts by action and reason, and the first divergences, once it has ended.' }),
  })
  .meta({ id: 'ReplayRun' });

export const recordedStep = z
  .object({
    sequence: sequence.nullable(),
    eventId: z.string(),
    action: z.enum(['begun', 'executed', 'failed']).meta({ description: 'begun: a costly effect is about to be done; without an end after it, nobody knows whether it was.' }),
    result: json.nullable(),
    error: z.string().nullable(),
    producedEventIds: z.array(z.string()),
    at: instant,
  })
  .meta({ id: 'RecordedReplayStep' });
