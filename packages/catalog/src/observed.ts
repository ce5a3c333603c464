/**
 * What is only observed: a case of a process, an object-centric log, an issue of a tracker that no orchestration works on.
 * They take what `observation.ts` describes and have no events of their own (INTAKE.md sections 4, 14, 16).
 */
import { defineAggregate, definePart } from '@refold/core';
import type { AggregateDefinition, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { spelled } from './define.ts';
import { initialObservation, observationEvents, observationTotals } from './run-parts/observation.ts';
import type { ObservationFields } from './run-parts/observation.ts';

export interface ObservedFields {
  /** Name of the case, the log or the issue. */
  name: string;
}

export type ObservedState = State<ObservedFields & ObservationFields>;

const observation = definePart<ObservationFields>({
  name: 'observation',
  version: '1.2.0',
  initial: () => ({ ...initialObservation(), totals: observationTotals() }),
  events: spelled(observationEvents<ObservationFields>()),
});

const observed = (type: string, doc: string): AggregateDefinition<ObservedFields> =>
  defineAggregate<ObservedFields>({ type, version: '1.0.0', doc, parts: [observation, anyStream], initial: (name) => ({ name }), events: {} });

export const processCase = observed('case', 'A case of a business process.');
export const objectLog = observed('log', 'An object-centric log of activities.');
export const issue = observed('issue', 'An issue of a tracker.');
