/** The log lines of a job, in a stream of their own so that they do not bloat the job's history. */
import { defineAggregate } from '@refold/core';
import type { Severity, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { spelled } from './define.ts';
import { integer, oneOf, payload, string } from './payload.ts';
import { readChoice, shown, tail } from './read.ts';

export interface JobLogFields {
  jobId: string;
  lineCount: number;
  lastLevel: Severity | null;
}

export type JobLogState = State<JobLogFields>;

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

export const jobLog = defineAggregate<JobLogFields>({
  type: 'job_log',
  version: '1.0.0',
  doc: 'The log lines of a job.',
  parts: [anyStream],
  initial: (jobId) => ({ jobId, lineCount: 0, lastLevel: null }),
  events: spelled<JobLogFields>({
    'job.log_appended': {
      doc: 'A worker wrote a line.',
      ledger: ['X-027'],
      aliases: { job: 'JobLogAppended' },
      schema: payload({ level: oneOf(...levels), message: string }, { step: string, source: string, line: integer }),
      policy: 'tolerate',
      effect: 'outcome',
      severity: 'DEBUG',
      summary: ({ data }) => `${shown(data['level'])}${tail(' ', data['source'])}: ${shown(data['message'])}`,
      evolve(draft, { data }) {
        draft.lineCount += 1;
        draft.lastLevel = readChoice(data['level'], levels) ?? draft.lastLevel;
      },
    },
  }),
});
