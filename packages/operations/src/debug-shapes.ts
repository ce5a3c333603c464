/** The shapes of debug sessions on the wire. */
import { z } from 'zod';
import { count, event, instant, json, patch, revision, state } from './shapes.ts';

const debugState = z.enum(['idle', 'running', 'paused', 'stepping', 'completed', 'stopped', 'error']);

export const breakpoint = z
  .object({
    id: z.string(),
    eventType: z.string().nullable(),
    condition: z.string().nullable(),
    path: z.string().nullable(),
    flip: z.string().nullable(),
    invariant: z.string().nullable(),
    anomaly: z.boolean(),
    nth: count.nullable(),
    log: z.string().nullable(),
    enabled: z.boolean(),
    hits: count.meta({ description: 'How often a run stopped, or logged, because of it.' }),
    notEvaluated: count.meta({ description: 'Places where the condition could not be evaluated: no match.' }),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'Breakpoint' });

export const watch = z.object({ id: z.string(), expression: z.string(), value: json, error: z.string().nullable() }).meta({ id: 'Watch' });

export const note = z.object({ id: z.string(), revision, text: z.string().meta({ description: 'Empty where the place alone is remembered.' }) }).meta({ id: 'DebugNote' });

export const debugInfo = z
  .object({
    sessionId: z.string(),
    state: debugState,
    aggregateId: z.string(),
    streamType: z.string(),
    fromRevision: revision,
    revision,
    total: revision,
    currentEvent: event.nullable(),
    currentState: state.nullable(),
    breakpoints: z.array(breakpoint),
    watches: z.array(watch),
    notes: z.array(note),
    startedAt: instant,
    error: z.string().nullable(),
  })
  .meta({ id: 'DebugInfo' });

export const debugStop = z
  .object({
    state: debugState,
    reason: z.string().meta({ description: 'step, breakpoint, place, paused, stopped; else why there was nowhere to go: start, end, no_cause, no_effect, no_answer, other_stream.' }),
    moved: z.boolean(),
    revision,
    event: event.nullable(),
    breakpointIds: z.array(z.string()),
    logs: z.array(z.object({ breakpointId: z.string(), revision, eventId: z.string(), text: z.string() })),
    outsideEventId: z.string().optional(),
  })
  .meta({ id: 'DebugStop' });

export const debugTimelineEntry = z
  .object({
    index: count,
    eventId: z.string(),
    eventType: z.string(),
    revision,
    visitedAt: instant,
    breakpointIds: z.array(z.string()),
    watches: z.record(z.string(), json).meta({ description: 'Expression to value; null where it could not be evaluated.' }),
    changes: z.array(patch),
  })
  .meta({ id: 'DebugTimelineEntry' });
