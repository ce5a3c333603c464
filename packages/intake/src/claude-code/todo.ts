/**
 * To-do lists as tasks. `TodoWrite` hands over the whole list each time, so what changed is found by comparing with the list
 * before; `TaskCreate` and `TaskUpdate` name one item. Every item is a stream `task/<session>:<n>`, n in order of appearance.
 */
import type { Json, JsonObject } from '@refold/core';
import { known, listIn, objectIn, wordIn } from '../json-shape.ts';
import { agentActor } from './record-context.ts';
import type { RecordContext } from './record-context.ts';
import { agentRunId } from './session.ts';
import type { Todo } from './session.ts';

const priorities: { readonly [word: string]: string } = { high: 'P1', medium: 'P2', low: 'P3' };

/** Compares a whole list with the one before. Items that are not objects are left out and counted. */
export function mapTodoList(context: RecordContext, list: Json | undefined, causationId: string, index: number): void {
  for (const [place, value] of (listIn(list) ?? []).entries()) {
    const item = objectIn(value);
    const title = wordIn(item?.content) ?? wordIn(item?.subject);
    if (item === undefined || title === undefined) {
      context.report.itemsLeftOut++;
      continue;
    }
    settle(context, { native: wordIn(item.id) ?? title, title, status: wordIn(item.status) ?? 'pending', priority: priorities[wordIn(item.priority) ?? ''], part: `${index} todo ${place}`, causationId });
  }
}

/** The result of `TaskCreate` names the new item; the input of `TaskUpdate` says what became of it. */
export function mapTaskResult(context: RecordContext, tool: string, input: JsonObject, result: JsonObject | undefined, text: string, causationId: string): void {
  if (tool === 'TaskCreate') {
    const native = wordIn(objectIn(result?.task)?.id) ?? /#(\d+)/.exec(text)?.[1];
    const title = wordIn(input.subject) ?? wordIn(input.description);
    if (native !== undefined && title !== undefined) settle(context, { native, title, status: 'pending', priority: undefined, part: 'task', causationId });
    return;
  }
  const native = wordIn(input.taskId);
  const status = wordIn(input.status);
  if (native !== undefined && status !== undefined) settle(context, { native, title: wordIn(input.subject) ?? `Task ${native}`, status, priority: undefined, part: 'task', causationId });
}

interface Item {
  readonly native: string;
  readonly title: string;
  readonly status: string;
  readonly priority: string | undefined;
  readonly part: string;
  readonly causationId: string;
}

function settle(context: RecordContext, { native, title, status, priority, part, causationId }: Item): void {
  const { session, thread, commit } = context;
  const scope = thread.agentId === null ? '' : `${agentRunId(session, thread.agentId)}:`;
  const known_ = session.todos.get(scope + native);
  const todo: Todo = known_ ?? { number: [...session.todos.keys()].filter((key) => (scope === '' ? true : key.startsWith(scope))).length + 1, status };
  session.todos.set(scope + native, todo);
  const code = `${session.id}:${scope}${todo.number}`;
  const common = { stream: { type: 'task', id: code }, actor: agentActor(context), causationId, derived: 'to-do list' };
  if (known_ === undefined) commit.add(part, { ...common, type: 'task.created', data: known({ task_code: code, title, status, priority }) });
  else if (todo.status !== status) commit.add(part, { ...common, type: 'task.status_changed', data: { before: todo.status, after: status } });
  todo.status = status;
}
