/** The log lines of a job: a stream of their own, so that they do not bloat the job's history. A line's number is its revision there. */
import { decideJobLines } from '@refold/catalog';
import { parsePage } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { wholeNumber } from './inputs.ts';
import { jobAddress } from './job-work.ts';
import { count, instant, position } from './shapes.ts';
import { carryOut, commandInSession, workAt, workDone } from './work-objects.ts';

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
/** Whether a line is told to who asked for this level and the more severe ones. */
export const isAsSevere = (line: JobLogLine, least: JobLogLine['level'] = 'TRACE'): boolean => levels.indexOf(line.level) >= levels.indexOf(least);
export const leastLevel = z.enum(levels).optional().meta({ description: 'This one and the more severe ones.' });

const id = z.string().min(1).meta({ description: 'Id of the job.' });
const line = { level: z.enum(levels), message: z.string(), step: z.string().optional(), source: z.string().optional() };

export const jobLogLine = z.object({ line: count, level: z.enum(levels), message: z.string(), step: z.string().nullable(), source: z.string().nullable(), at: instant, eventId: z.string(), position });
export type JobLogLine = z.infer<typeof jobLogLine>;

/** null for an event that is no line. */
export function lineOf({ type, revision, data, occurredAt, id: eventId, position: at }: EventEnvelope): JobLogLine | null {
  if (type !== 'job.log_appended') return null;
  // Its schema says so.
  const { level, message, step, source } = data as unknown as Pick<JobLogLine, 'level' | 'message'> & { readonly step?: string; readonly source?: string };
  return { line: revision, level, message, step: step ?? null, source: source ?? null, at: occurredAt, eventId, position: at };
}

export const appendJobLogs = defineOperation({
  name: 'appendJobLogs',
  doc: 'Writes lines to the log of a job, all or none.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, lines: z.array(z.object(line)).min(1), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/logs', status: 201 },
  run: async (context, input) => {
    await workAt(context, jobAddress(input.id));
    return await carryOut(context, { ...input, address: { streamType: 'job_log', streamId: input.id }, target: 'either', decide: () => decideJobLines(input.lines) });
  },
});

export const jobLogs = defineOperation({
  name: 'jobLogs',
  doc: 'The log lines of a job, in order, after a line.',
  scope: 'read',
  input: z.object({ id, afterLine: wholeNumber.default(0), level: leastLevel, limit: z.union([z.number(), z.string()]).optional().meta({ description: 'Lines at most, 1 to 1,000; default 100.' }) }),
  output: z.object({
    jobId: z.string(),
    items: z.array(jobLogLine),
    next: count.nullable().meta({ description: 'Ask on after this line; null when these were the last.' }),
  }),
  http: { method: 'GET', path: '/jobs/{id}/logs' },
  run: async (context, { id: jobId, afterLine, level, limit: asked }) => {
    await workAt(context, jobAddress(jobId));
    const { limit } = parsePage(asked === undefined ? {} : { limit: asked }, { limits: context.log.limits });
    const items: JobLogLine[] = [];
    for await (const page of context.log.events({ stream: `job_log/${jobId}`, after: afterLine }, context.signal))
      for (const event of page.events) {
        const entry = lineOf(event);
        if (entry === null) continue;
        if (items.length === limit) return { jobId, items, next: items.at(-1)!.line };
        if (isAsSevere(entry, level)) items.push(entry);
      }
    return { jobId, items, next: null };
  },
});
