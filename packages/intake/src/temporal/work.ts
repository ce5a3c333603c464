/**
 * What a run has done for it: activities and Nexus operations, which become tool calls, and its own workflow tasks, which
 * become steps of low importance. A call is known by its activity id, a step by the event that scheduled it.
 *
 * A workflow task counts from being scheduled; that a worker picked it up has no type of its own and is a marker.
 */
import { objectIn, textIn, wordIn } from '../json-shape.ts';
import type { Attributes } from './attributes.ts';
import type { History, HistoryEvent } from './history.ts';
import { codeOf, errorOf, eventAt, fact, runLinks } from './mapping.ts';
import type { MappedEvent, Mapping, Mappings } from './mapping.ts';

const activityMappings: Mappings = {
  ActivityTaskScheduled: (attributes, event, history) =>
    fact('tool_call.started', {
      tool_call_id: callOf(event, history),
      tool: attributes.name('activityType') ?? 'unknown',
      kind: 'activity',
      input: attributes.values('input'),
      task_queue: attributes.name('taskQueue'),
    }),
  ActivityTaskStarted: (attributes, _event, history) =>
    fact('tool_call.progressed', { ...named(attributes, history), note: 'started', attempt: attributes.count('attempt'), worker: attributes.text('identity') }),
  ActivityTaskCompleted: (attributes, _event, history) => fact('tool_call.completed', { ...named(attributes, history), output: attributes.value('result') }),
  ActivityTaskFailed: callFailed('FAILED', 'The activity failed.'),
  ActivityTaskTimedOut: callFailed('TIMED_OUT', 'The activity ran out of time.'),
  ActivityTaskCanceled: callCanceled('The activity was cancelled.'),
  ActivityTaskCancelRequested: cancelRequested,
};

const nexusMappings: Mappings = {
  NexusOperationScheduled: (attributes, event, history) =>
    fact('tool_call.started', {
      tool_call_id: callOf(event, history),
      tool: toolIn(event) ?? 'unknown',
      kind: 'nexus',
      input: attributes.value('input'),
      endpoint: attributes.text('endpoint'),
    }),
  NexusOperationStarted: (attributes, _event, history) =>
    fact('tool_call.progressed', { ...named(attributes, history), note: 'started', operation_id: attributes.text('operationId') }),
  NexusOperationCompleted: (attributes, _event, history) => fact('tool_call.completed', { ...named(attributes, history), output: attributes.value('result') }),
  NexusOperationFailed: callFailed('FAILED', 'The operation failed.'),
  NexusOperationTimedOut: callFailed('TIMED_OUT', 'The operation ran out of time.'),
  NexusOperationCanceled: callCanceled('The operation was cancelled.'),
  NexusOperationCancelRequested: cancelRequested,
  NexusOperationCancelRequestCompleted: cancelRequested,
  NexusOperationCancelRequestFailed: cancelRequested,
};

const taskMappings: Mappings = {
  WorkflowTaskScheduled: (attributes, { id }) => fact('step.started', { ...step(id), kind: 'workflow_task', attempt: attributes.count('attempt') }, { severity: 'DEBUG' }),
  WorkflowTaskStarted: (attributes, { type }) => fact('marker.recorded', { name: type, details: { step_id: stepOf(attributes).step_id } }, { severity: 'DEBUG' }),
  WorkflowTaskCompleted: (attributes) => fact('step.completed', { ...stepOf(attributes), worker: attributes.text('identity') }, { severity: 'DEBUG' }),
  WorkflowTaskFailed: (attributes) =>
    fact(
      'step.failed',
      { ...stepOf(attributes), error: errorOf(attributes.inside('failure'), { message: 'The workflow task failed.', code: codeOf(textIn(attributes.peek('cause')) ?? 'FAILED') }) },
      { refs: runLinks({ reset_of: wordIn(attributes.peek('baseRunId')) }) },
    ),
  WorkflowTaskTimedOut: (attributes) =>
    fact('step.failed', { ...stepOf(attributes), error: { message: 'The workflow task ran out of time.', code: codeOf(attributes.text('timeoutType') ?? 'TIMED_OUT') } }),
};

export const workMappings: Mappings = { ...activityMappings, ...nexusMappings, ...taskMappings };

function callFailed(code: string, message: string): Mapping {
  return (attributes, _event, history) => fact('tool_call.failed', { ...named(attributes, history), error: errorOf(attributes.inside('failure'), { message, code }) });
}

function callCanceled(message: string): Mapping {
  return (attributes, _event, history) =>
    fact('tool_call.failed', { ...named(attributes, history), interrupted: true, error: errorOf(attributes.inside('failure'), { message, code: 'CANCELED' }), details: attributes.decoded('details') });
}

/** A call is not over because somebody asked for its end. */
function cancelRequested(attributes: Attributes, { type }: HistoryEvent, history: History): MappedEvent {
  return fact('marker.recorded', { name: type, details: { ...named(attributes, history) } });
}

/** The call that an event is about, and its tool, from the event that scheduled it. */
function named(attributes: Attributes, history: History): { readonly tool_call_id: string; readonly tool?: string } {
  const scheduled = eventAt(history, attributes, 'scheduledEventId');
  // A history that begins in the middle: the number is all there is.
  if (scheduled === undefined) return { tool_call_id: `event-${textIn(attributes.peek('scheduledEventId')) ?? 'unknown'}` };
  const tool = toolIn(scheduled);
  return { tool_call_id: callOf(scheduled, history), ...(tool === undefined ? {} : { tool }) };
}

const callOf = ({ id }: HistoryEvent, { partNames }: History): string => partNames.get(id) ?? nexusId(id);

/** Nexus operations have no id of their own. */
const nexusId = (eventId: string): string => `nexus-${eventId}`;

const toolIn = ({ attributes }: HistoryEvent): string | undefined => wordIn(objectIn(attributes.activityType)?.name) ?? operationName(wordIn(attributes.service), wordIn(attributes.operation));

/** `service.operation`, as far as they are known. */
const operationName = (...words: readonly (string | undefined)[]): string | undefined => words.filter((word) => word !== undefined).join('.') || undefined;

const step = (scheduledEventId: string): { readonly step_id: string; readonly name: string } => ({ step_id: `workflow_task-${scheduledEventId}`, name: `workflow task ${scheduledEventId}` });

const stepOf = (attributes: Attributes): ReturnType<typeof step> => step(textIn(attributes.peek('scheduledEventId')) ?? 'unknown');
