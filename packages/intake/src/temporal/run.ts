/** The run itself: its start, its end, and the runs it continues or belongs to. */
import { wordIn } from '../json-shape.ts';
import type { Attributes } from './attributes.ts';
import { runIdIn } from './history.ts';
import type { History } from './history.ts';
import { errorOf, fact, runLinks } from './mapping.ts';
import type { MappedEvent, Mapping, Mappings } from './mapping.ts';

export const runMappings: Mappings = {
  WorkflowExecutionStarted: (attributes, _event, history) =>
    fact(
      'workflow.started',
      {
        name: attributes.name('workflowType'),
        workflow_id: attributes.text('workflowId'),
        task_queue: attributes.name('taskQueue'),
        attempt: attributes.count('attempt'),
        input: attributes.values('input'),
        cron_schedule: attributes.text('cronSchedule'),
        memo: attributes.decoded('memo'),
        search_attributes: attributes.decoded('searchAttributes'),
        last_result: attributes.value('lastCompletionResult'),
      },
      { refs: relatives(attributes, history) },
    ),
  WorkflowExecutionCompleted: (attributes) =>
    fact('workflow.completed', { result: attributes.value('result') }, { refs: runLinks({ continued_by: wordIn(attributes.peek('newExecutionRunId')) }) }),
  WorkflowExecutionFailed: (attributes) =>
    fact(
      'workflow.failed',
      { error: errorOf(attributes.inside('failure'), { message: 'The workflow failed.', code: 'FAILED' }) },
      { refs: runLinks({ continued_by: wordIn(attributes.peek('newExecutionRunId')) }) },
    ),
  WorkflowExecutionTimedOut: ended('TIMED_OUT', 'The workflow ran out of time.'),
  WorkflowExecutionTerminated: (attributes) =>
    fact('workflow.failed', { error: { message: attributes.text('reason') ?? 'The workflow was terminated.', code: 'TERMINATED' }, details: attributes.decoded('details') }),
  WorkflowExecutionCanceled: ended('CANCELED', 'The workflow was cancelled.'),
  WorkflowExecutionContinuedAsNew: continuedAsNew,
};

/** Where a run comes from. A run that was neither reset nor continued is the first of its chain. */
function relatives(attributes: Attributes, { runId }: History): ReturnType<typeof runLinks> {
  const other = (key: string): string | undefined => {
    const id = wordIn(attributes.peek(key));
    return id === runId ? undefined : id;
  };
  return runLinks({
    parent: runIdIn(attributes.peek('parentWorkflowExecution')),
    root: runIdIn(attributes.peek('rootWorkflowExecution')),
    continues: other('continuedExecutionRunId'),
    reset_of: other('originalExecutionRunId'),
    first: other('firstExecutionRunId'),
  });
}

function ended(code: string, message: string): Mapping {
  return (attributes) => fact('workflow.failed', { error: { message, code }, details: attributes.decoded('details') }, { refs: runLinks({ continued_by: wordIn(attributes.peek('newExecutionRunId')) }) });
}

/** This run is over, and the next one begins. */
function continuedAsNew(attributes: Attributes): MappedEvent {
  const name = attributes.name('workflowType');
  const nextRunId = attributes.text('newExecutionRunId');
  const completed = fact('workflow.completed', { result: attributes.value('lastCompletionResult') }, { refs: runLinks({ continued_by: nextRunId }) });
  if (nextRunId === undefined) return completed;
  return { ...completed, next: fact('child_run.started', { run: `workflow/${nextRunId}`, name, input: attributes.values('input') }) };
}
