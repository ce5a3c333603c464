/** A trace that belongs to no session and no workflow (INTAKE.md section 4). */
import { defineAggregate } from '@refold/core';
import { partsOfARun } from './run.ts';
import type { RunState } from './run.ts';

export interface TraceFields {
  traceId: string;
}

export type TraceState = RunState<TraceFields>;

export const trace = defineAggregate<TraceFields>({
  type: 'trace',
  version: '1.0.0',
  doc: 'A trace of spans.',
  run: true,
  parts: partsOfARun,
  initial: (traceId) => ({ traceId }),
  events: {},
});
