/**
 * What passes between a run and the world: timers, signals, updates, child runs, and the notes it leaves for itself.
 *
 * A child is known by its run id, which it has only from being started; that the run asked for it is a marker. The same holds
 * for what the server answers to a signal or a cancellation that the run sent.
 */
import type { Json, JsonObject } from '@refold/core';
import { known, objectIn, wordIn } from '../json-shape.ts';
import type { Attributes } from './attributes.ts';
import { runIdIn } from './history.ts';
import { codeOf, errorOf, eventAt, fact, runAddress, runLinks } from './mapping.ts';
import type { Mapping, Mappings } from './mapping.ts';
import { decoded } from './payload.ts';

const timerMappings: Mappings = {
  TimerStarted: (attributes, event, { partNames }) => fact('timer.started', { timer_id: partNames.get(event.id), duration: attributes.text('startToFireTimeout') }),
  TimerFired: timerEnded('timer.fired'),
  TimerCanceled: timerEnded('timer.cancelled'),
};

const signalMappings: Mappings = {
  WorkflowExecutionSignaled: (attributes) => fact('signal.received', { name: attributes.text('signalName') ?? 'unknown', input: attributes.values('input') }),
  SignalExternalWorkflowExecutionInitiated: (attributes) =>
    fact(
      'signal.sent',
      { name: attributes.text('signalName') ?? 'unknown', input: attributes.values('input'), run: runAddress(attributes.peek('workflowExecution')) },
      { refs: runLinks({ signalled: runIdIn(attributes.peek('workflowExecution')) }) },
    ),
};

const updateMappings: Mappings = {
  WorkflowExecutionUpdateAccepted(attributes, event) {
    const request = attributes.inside('acceptedRequest');
    const input = objectIn(request.input) ?? {};
    return fact('update.accepted', { update_id: updateIdIn(request) ?? event.id, name: wordIn(input.name), input: shown(input.args) });
  },
  WorkflowExecutionUpdateCompleted(attributes, event, history) {
    const accepted = objectIn(eventAt(history, attributes, 'acceptedEventId')?.attributes.acceptedRequest) ?? {};
    const outcome = attributes.inside('outcome');
    const failure = objectIn(outcome.failure);
    return fact('update.completed', {
      update_id: wordIn(attributes.inside('meta').updateId) ?? updateIdIn(accepted) ?? event.id,
      name: wordIn(objectIn(accepted.input)?.name),
      output: shown(outcome.success),
      error: failure === undefined ? undefined : errorOf(failure, { message: 'The update failed.', code: 'FAILED' }),
    });
  },
  WorkflowExecutionUpdateRejected(attributes, event) {
    const request = attributes.inside('rejectedRequest');
    const error = errorOf(attributes.inside('failure'), { message: 'The update was turned down.', code: 'REJECTED' });
    return fact('update.rejected', { update_id: updateIdIn(request) ?? attributes.text('protocolInstanceId') ?? event.id, name: wordIn(objectIn(request.input)?.name), error });
  },
};

const childMappings: Mappings = {
  StartChildWorkflowExecutionInitiated: marker,
  ChildWorkflowExecutionStarted: (attributes) => fact('child_run.started', child(attributes)),
  ChildWorkflowExecutionCompleted: (attributes) => fact('child_run.completed', { ...child(attributes), output: attributes.value('result') }),
  ChildWorkflowExecutionFailed: childFailed('FAILED', 'The child run failed.'),
  ChildWorkflowExecutionTimedOut: childFailed('TIMED_OUT', 'The child run ran out of time.'),
  ChildWorkflowExecutionCanceled: childFailed('CANCELED', 'The child run was cancelled.'),
  ChildWorkflowExecutionTerminated: childFailed('TERMINATED', 'The child run was terminated.'),
  // It never ran, so it has no run id; the workflow id is all that names it.
  StartChildWorkflowExecutionFailed(attributes) {
    const names = { run: runAddress({ workflowId: attributes.peek('workflowId') ?? null }) ?? 'workflow/unknown', name: attributes.name('workflowType') };
    const error = { message: 'The child run could not be started.', code: codeOf(attributes.text('cause') ?? 'FAILED') };
    return fact('child_run.failed', { ...names, error }, { missingStart: fact('child_run.started', names) });
  },
};

const noteMappings: Mappings = {
  MarkerRecorded: (attributes) => fact('marker.recorded', { name: attributes.text('markerName') ?? 'unknown', details: attributes.decoded('details') }),
  ...Object.fromEntries(
    [
      'UpsertWorkflowSearchAttributes',
      'WorkflowPropertiesModified',
      'WorkflowPropertiesModifiedExternally',
      'ActivityPropertiesModifiedExternally',
      'WorkflowExecutionOptionsUpdated',
      'WorkflowExecutionUpdateAdmitted',
      'WorkflowExecutionCancelRequested',
      'RequestCancelExternalWorkflowExecutionInitiated',
      'RequestCancelExternalWorkflowExecutionFailed',
      'ExternalWorkflowExecutionCancelRequested',
      'ExternalWorkflowExecutionSignaled',
      'SignalExternalWorkflowExecutionFailed',
    ].map((type) => [type, marker]),
  ),
};

export const exchangeMappings: Mappings = { ...timerMappings, ...signalMappings, ...updateMappings, ...childMappings, ...noteMappings };

/** A note of the event's own name with all its attributes, payloads decoded. */
function marker(attributes: Attributes, { type, attributes: all }: Parameters<Mapping>[1]): ReturnType<Mapping> {
  const details = Object.keys(all).filter((key) => !isLink(key)).map((key) => [key, attributes.decoded(key)] as const);
  return fact('marker.recorded', { name: type, details: known(Object.fromEntries(details)) });
}

/** Ids of other events of the history say nothing outside it; they are in `causationId` and in the rest. */
const isLink = (key: string): boolean => key.endsWith('EventId');

function timerEnded(type: string): Mapping {
  return (attributes, _event, history) => {
    const started = eventAt(history, attributes, 'startedEventId');
    return fact(type, { timer_id: history.partNames.get(started?.id ?? '') ?? wordIn(attributes.peek('timerId')) ?? 'unknown' });
  };
}

const updateIdIn = (request: JsonObject): string | undefined => wordIn(objectIn(request.meta)?.updateId);

/** Payloads decoded for reading; the attribute itself stays in the rest, because only a part of it is taken over. */
const shown = (value: Json | undefined): Json | undefined => (value === undefined || value === null ? undefined : decoded(value, new Map(), ''));

const child = (attributes: Attributes): { readonly run: string; readonly name: string | undefined } => ({
  run: runAddress(attributes.peek('workflowExecution')) ?? 'workflow/unknown',
  name: attributes.name('workflowType'),
});

function childFailed(code: string, message: string): Mapping {
  return (attributes) => fact('child_run.failed', { ...child(attributes), error: errorOf(attributes.inside('failure'), { message, code }), details: attributes.decoded('details') });
}
